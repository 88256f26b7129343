package runtime

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// Over real connections: an endpoint that takes ten events a request and refuses one
// event costs that event and nothing else, and one connection serves all of it.
func TestLoopback(t *testing.T) {
	var conns, took atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Batch []struct{ Event string }
		}
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		if err := json.NewDecoder(z).Decode(&body); err != nil {
			t.Error(err)
		}
		if len(body.Batch) > 10 {
			http.Error(w, "too many", http.StatusRequestEntityTooLarge)
			return
		}
		if slices.ContainsFunc(body.Batch, func(e struct{ Event string }) bool { return e.Event == "e42" }) {
			http.Error(w, "bad event", http.StatusBadRequest)
			return
		}
		took.Add(int64(len(body.Batch)))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	defer s.Close()

	var lost []LostEvent
	c, err := New(Config{APIKey: "phc_k", Host: s.URL, Logger: slog.New(slog.DiscardHandler), FlushEvery: time.Hour, BatchSize: 1000,
		OnLost: func(l LostEvent) { lost = append(lost, l) }})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if err := enqueue(c, fmt.Sprint("e", i)); err != nil {
			t.Fatal(err)
		}
	}
	err = c.Close(t.Context())
	if u, ok := err.(*UndeliveredError); !ok || u.Events != 1 || u.ByReason["rejected"] != 1 {
		t.Errorf("Close: %v, want one event rejected", err)
	}
	if n := took.Load(); n != 99 {
		t.Errorf("endpoint took %d events, want 99", n)
	}
	if len(lost) != 1 || lost[0].Event != "e42" || lost[0].Reason != "rejected" || lost[0].Err == nil {
		t.Errorf("lost %+v, want e42", lost)
	}
	if n := conns.Load(); n > 8 {
		t.Errorf("%d connections, want at most one for each request in flight", n)
	}
}
