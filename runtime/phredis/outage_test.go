package phredis_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/phgen/phgen/runtime/phredis"
)

// An outage is an error of every call. Afterwards the fleet goes on, although the server
// has forgotten everything.
func TestOutage(t *testing.T) {
	server := startRedis(t)
	a, b := server.cache(), server.cache()
	wantFetch(t, "a", a, true)
	mustStore(t, a, "before")

	server.kill()
	for _, c := range []*phredis.Cache{a, b} {
		if should, err := c.ShouldFetch(t.Context()); should || err == nil {
			t.Errorf("ShouldFetch during the outage = %t, %v, want false and an error", should, err)
		}
		if got, err := c.Load(t.Context()); got != nil || err == nil {
			t.Errorf("Load during the outage = %q, %v, want nil and an error", got, err)
		}
		if err := c.Store(t.Context(), []byte("during")); err == nil {
			t.Error("Store during the outage = <nil>, want an error")
		}
	}

	server.start()
	// Both fetched during the outage, in an order that nobody knows: the first one to
	// store is better than nothing, and the other does not overwrite what is there.
	mustStore(t, b, "b's")
	const want = "phredis: storing definitions: others are stored, and Redis did not say at the last ShouldFetch which are newer"
	if got := errorText(a.Store(t.Context(), []byte("a's"))); got != want {
		t.Errorf("a: Store = %s, want %s", got, want)
	}
	wantLoad(t, "after the outage", a, "b's")
	wantFetch(t, "b", b, true)
	mustStore(t, b, "b's new")
	wantFetch(t, "a", a, false)
	mustStore(t, a, "a's, still current")
	wantLoad(t, "after the next poll of a", b, "a's, still current")
}

// Numbers go on rising when the server has lost the last one.
func TestDataLoss(t *testing.T) {
	server := startRedis(t)
	a, b := server.cache(), server.cache()
	wantFetch(t, "a", a, true)
	server.kill()
	server.start()
	wantFetch(t, "b", b, true)
	mustStore(t, b, "new")
	mustStore(t, a, "old")
	wantLoad(t, "a", a, "new")
}

// A server that takes connections and says nothing costs no more than the context allows.
func TestCallsEndWithTheirContext(t *testing.T) {
	addr := muteServer(t)
	calls := []struct {
		name string
		call func(context.Context, *phredis.Cache) error
	}{
		{"ShouldFetch", func(ctx context.Context, c *phredis.Cache) error { _, err := c.ShouldFetch(ctx); return err }},
		{"Load", func(ctx context.Context, c *phredis.Cache) error { _, err := c.Load(ctx); return err }},
		{"Store", func(ctx context.Context, c *phredis.Cache) error { return c.Store(ctx, []byte("{}")) }},
		{"Close", func(ctx context.Context, c *phredis.Cache) error { return c.Close(ctx) }},
	}
	for _, tt := range calls {
		t.Run(tt.name, func(t *testing.T) {
			client := connect(addr)
			c := newCache(t, client)
			t.Cleanup(func() { client.Close() }) // before that of c, which then waits for nothing
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			began := time.Now()
			err := tt.call(ctx, c)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s = %v, want %v", tt.name, err, context.DeadlineExceeded)
			}
			if took := time.Since(began); took > patience {
				t.Errorf("%s took %v", tt.name, took)
			}
		})
		t.Run(tt.name+" with a context that has ended", func(t *testing.T) {
			client := connect(addr)
			defer client.Close()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := tt.call(ctx, phredis.New(client, apiKey)); !errors.Is(err, context.Canceled) {
				t.Errorf("%s = %v, want %v", tt.name, err, context.Canceled)
			}
		})
	}
}

// Close waits for what is under way, no longer than its context.
func TestCloseDuringCall(t *testing.T) {
	client := connect(muteServer(t))
	c := newCache(t, client)
	called := make(chan error, 1)
	patient, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { // until patient ends
		_, err := c.ShouldFetch(patient)
		called <- err
	}()
	until(t, "the call is under way", func(context.Context) bool { return client.PoolStats().TotalConns > 0 })

	ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if err := c.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close = %v, want %v", err, context.DeadlineExceeded)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Errorf("second Close = %v, want <nil>", err)
	}
	cancel()
	if err := <-called; !errors.Is(err, context.Canceled) {
		t.Errorf("ShouldFetch = %v, want %v", err, context.Canceled)
	}
	client.Close()
}

// The holder of a lease is told so by Close when the server is gone.
func TestCloseDuringOutage(t *testing.T) {
	server := startRedis(t)
	c := server.cache()
	wantFetch(t, "c", c, true)
	server.kill()
	if err := c.Close(t.Context()); err == nil {
		t.Error("Close = <nil>, want an error")
	}
	if err := c.Close(t.Context()); err != nil {
		t.Errorf("second Close = %v, want <nil>", err)
	}
}
