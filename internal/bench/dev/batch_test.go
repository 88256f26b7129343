//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/phgen/phgen/examples"
	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/schema"
)

// A batch counts what the plan says of its events, and each event has a UUID of its own.
func TestBatch(t *testing.T) {
	plan, findings := schema.Parse("tracking-plan.yaml", examples.Plan)
	if plan == nil {
		t.Fatal(findings)
	}
	store := dev.NewStore(dev.Config{Plan: plan, PlanFile: "tracking-plan.yaml"})
	server := sink.New(sink.Config{Observe: func(x sink.Exchange) { store.Add(x) }})
	defer server.Close()
	b, err := newBatch(time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC), 10)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[uuid.UUID]bool{}
	var want dev.Counts
	for n := range 3 {
		b.number(uint64(n) * batchSize)
		var body struct {
			Batch []struct{ UUID uuid.UUID }
		}
		if err := json.Unmarshal(b.body, &body); err != nil {
			t.Fatal(err)
		}
		for _, e := range body.Batch {
			ids[e.UUID] = true
		}
		post(t, server, b.body)
		want.OK += b.counts.OK
		want.Unplanned += b.counts.Unplanned
		want.Invalid += b.counts.Invalid
	}
	if got := store.Summary().Counts; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if len(ids) != 3*batchSize {
		t.Errorf("got %d UUIDs, want %d", len(ids), 3*batchSize)
	}
}

func TestBusiest(t *testing.T) {
	start := time.Now()
	var r reader
	for _, ms := range []int{0, 100, 900, 1000, 1050, 1099, 2500} {
		r.at = append(r.at, start.Add(time.Duration(ms)*time.Millisecond))
	}
	for within, want := range map[time.Duration]int{time.Second: 5, time.Minute: 7, time.Nanosecond: 1} {
		if got := r.busiest(within); got != want {
			t.Errorf("within %v: got %d, want %d", within, got, want)
		}
	}
	if got := new(reader).busiest(time.Second); got != 0 {
		t.Errorf("nothing: got %d", got)
	}
}

// post hands a batch to the sink.
func post(t *testing.T, server http.Handler, body []byte) {
	t.Helper()
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/batch/", bytes.NewReader(body)))
	if w.Code != http.StatusOK {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
}
