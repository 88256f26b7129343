package phtest

import (
	"context"
	"testing"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

func TestServer(t *testing.T) {
	srv := NewServer(t)
	srv.Reply(503, Times(2), RetryAfter("0"))
	srv.Reply(0, Reset(10))
	srv.Reply(0, Delay(time.Millisecond))
	client, err := ph.New(ph.Config{APIKey: "phc_x", Host: srv.URL, FlushEvery: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	id, err := ph.TryCapture(ph.With(t.Context(), ph.UseClient(client), ph.User("u")), "movie played", ph.Props{"n": 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := srv.Wait(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if err := client.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
	events := srv.Events()
	if len(events) != 1 || events[0].UUID() != id || events[0].DistinctID() != "u" {
		t.Fatalf("got %v, want one event with uuid %s", events, id)
	}
	if got := srv.Requests(); got != 4 {
		t.Errorf("got %d requests, want 4: two refused, one reset, one good", got)
	}
}
