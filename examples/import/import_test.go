package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// faults are what an endpoint on a bad day does to one request after another. Those that
// keep the events and yet look like failures make them arrive twice.
func faults(rounds int) []sink.Fault {
	var faults []sink.Fault
	for range rounds {
		faults = append(faults,
			sink.Fault{},
			sink.Fault{Status: 503, RetryAfter: "120"},
			sink.Fault{Status: 429, RetryAfter: "1"},
			sink.Fault{Status: 500, Keep: true},
			sink.Fault{},
			sink.Fault{Delay: 3 * time.Second},
			sink.Fault{Delay: time.Minute}, // longer than the client waits, and kept
			sink.Fault{Status: 413},
		)
	}
	return faults
}

func TestNothingIsLost(t *testing.T) {
	const orders, rounds = 100_000, 6
	synctest.Test(t, func(t *testing.T) {
		arrived := arrivals{count: map[string]int{}}
		endpoint := sink.New(sink.Config{Judge: arrived.add})
		defer endpoint.Close()
		endpoint.Inject(faults(rounds)...)
		cfg := ph.Config{
			APIKey:     "phc_test",
			Host:       "http://posthog.localhost",
			Transport:  endpoint,
			BatchBytes: 1 << 20, // requests enough to meet every fault
		}
		var stdout bytes.Buffer
		stats, err := importOrders(t.Context(), cfg, madeUp(orders), &stdout, io.Discard)
		if err != nil {
			t.Error(err)
		}
		if got, want := stdout.String(), "imported 100000 orders, lost 0\n"; got != want {
			t.Errorf("output: got %q, want %q", got, want)
		}
		if stats.Sent != orders || stats.Lost != 0 || stats.Refused != 0 || stats.Violations != 0 {
			t.Errorf("stats: got %+v, want %d sent and nothing lost or refused", stats, orders)
		}
		if got := len(arrived.count); got != orders {
			t.Errorf("%d different orders arrived, want %d", got, orders)
		}
		for o := range madeUp(orders) {
			if arrived.count[o.uuid().String()] == 0 {
				t.Fatalf("order %q never arrived", o.id)
			}
		}
		// That nothing was lost says little unless all the faults were met.
		seen := endpoint.Counters()
		if want := uint64(8 * rounds); seen.Requests <= want || seen.Events <= orders {
			t.Errorf("%d requests brought %d events, want more than %d requests and some events twice", seen.Requests, seen.Events, want)
		}
		for i, req := range endpoint.Requests() {
			body, err := req.Body()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(body[:200], []byte(`"historical_migration":true`)) {
				t.Fatalf("request %d is not marked as history: %s", i, body[:200])
			}
		}
	})
}

// arrivals counts how often each UUID arrived.
type arrivals struct {
	mu    sync.Mutex
	count map[string]int
}

func (a *arrivals) add(e sink.Event) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count[e.UUID]++
	return nil
}

// Two runs send the same events, so that PostHog has them once.
func TestRunAgain(t *testing.T) {
	endpoint := sink.New(sink.Config{})
	defer endpoint.Close()
	cfg := ph.Config{APIKey: "phc_test", Host: "http://posthog.localhost", Transport: endpoint}
	type event struct{ Name, UUID, DistinctID, Timestamp string }
	var runs [2][]event
	for i := range runs {
		if _, err := importOrders(t.Context(), cfg, readOrders("orders.csv", bytes.NewReader(sample)), io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
		for _, e := range endpoint.Events() {
			runs[i] = append(runs[i], event{e.Name, e.UUID, e.DistinctID, e.Timestamp})
		}
		endpoint.Reset()
	}
	if diff := cmp.Diff(runs[0], runs[1]); diff != "" {
		t.Errorf("the second run differs (-first +second):\n%s", diff)
	}
	want := event{
		Name:       "order_completed",
		UUID:       uuid.NewSHA1(namespace, []byte("order_completed order_1003")).String(),
		DistinctID: "user_ada",
		Timestamp:  "2025-03-02T17:40:00Z",
	}
	if len(runs[0]) != 5 || runs[0][2] != want {
		t.Errorf("got %+v, want five events, the third %+v", runs[0], want)
	}
}

func TestLoss(t *testing.T) {
	endpoint := sink.New(sink.Config{})
	defer endpoint.Close()
	endpoint.Down(400)
	cfg := ph.Config{APIKey: "phc_test", Host: "http://posthog.localhost", Transport: endpoint}
	var stdout bytes.Buffer
	_, err := importOrders(t.Context(), cfg, madeUp(3), &stdout, io.Discard)
	var undelivered *ph.UndeliveredError
	if !errors.As(err, &undelivered) || undelivered.Events != 3 {
		t.Errorf("got %v, want an error about 3 events", err)
	}
	if got, want := stdout.String(), "imported 0 orders, lost 3\n"; got != want {
		t.Errorf("output: got %q, want %q", got, want)
	}
}

// An interrupt ends an import that waits for room.
func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		endpoint := sink.New(sink.Config{})
		defer endpoint.Close()
		endpoint.Down(503)
		cfg := ph.Config{APIKey: "phc_test", Host: "http://posthog.localhost", Transport: endpoint, QueueSize: 100}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var stdout, stderr bytes.Buffer
		_, err := importOrders(ctx, cfg, madeUp(1000), &stdout, &stderr)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ph.ErrQueueFull) {
			t.Errorf("got %v, want that the context ended while the queue was full", err)
		}
		if got, want := stdout.String(), "imported 0 orders, lost 100\n"; got != want {
			t.Errorf("output: got %q, want %q", got, want)
		}
		if want := "\r100 orders read, 0 delivered\n"; !strings.HasSuffix(stderr.String(), want) {
			t.Errorf("progress: got %q at the end, want %q", stderr.String(), want)
		}
	})
}
