package phredis_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/phgen/phgen/runtime/phredis"
	"github.com/redis/go-redis/v9"
)

// The holder renews its lease however seldom its client polls.
func TestLeaseIsRenewed(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	a, b := server.cache(phredis.Hasty(time.Second, time.Minute)), server.cache()
	wantFetch(t, "a", a, true)
	for range 3 {
		before := client.PTTL(t.Context(), a.LeaseKey()).Val()
		until(t, "a renewal", func(ctx context.Context) bool {
			now := client.PTTL(ctx, a.LeaseKey()).Val()
			renewed := now > before
			before = now
			return renewed
		})
	}
	wantFetch(t, "b", b, false)
}

// The lease of a holder that is cut off, or dead, runs out.
func TestLeaseRunsOut(t *testing.T) {
	server := startRedis(t)
	client := connect(server.addr)
	a, b := newCache(t, client, phredis.Hasty(50*time.Millisecond, time.Minute)), server.cache()
	wantFetch(t, "a", a, true)
	client.Close()
	until(t, "b takes the lease", func(ctx context.Context) bool {
		should, err := b.ShouldFetch(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return should
	})
}

// A holder gives the lease up after a while, whatever its fetches came to, and may take it
// again if nobody else wants it.
func TestTenureEnds(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	a, b := server.cache(phredis.Hasty(time.Minute, 20*time.Millisecond)), server.cache()
	gone := func(ctx context.Context) bool { return client.Exists(ctx, a.LeaseKey()).Val() == 0 }
	for range 2 {
		wantFetch(t, "a", a, true)
		until(t, "a gives the lease up", gone)
	}
	wantFetch(t, "b", b, true)
	wantFetch(t, "a", a, false)
}

// A holder that has lost its lease to somebody does not renew that one's.
func TestLostLease(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	a := server.cache(phredis.Hasty(time.Second, time.Minute))
	wantFetch(t, "a", a, true)
	const left = 900 * time.Millisecond // in which a would renew its own twice
	client.Set(t.Context(), a.LeaseKey(), "somebody", left)
	before := left
	until(t, "the lease of somebody else runs out", func(ctx context.Context) bool {
		now, err := client.PTTL(ctx, a.LeaseKey()).Result()
		if err != nil || now > before {
			t.Fatalf("the lease lasts another %v, %v; before it was %v", now, err, before)
		}
		before = now
		return now < 0 // it is gone
	})
	wantFetch(t, "a", a, true)
}

// A poll renews the lease, too, and many of them need no more than one goroutine.
func TestPollsRenew(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	a := server.cache()
	wantFetch(t, "a", a, true)
	client.PExpire(t.Context(), a.LeaseKey(), 3*time.Second)
	before := runtime.NumGoroutine()
	for range 50 {
		wantFetch(t, "a", a, true)
	}
	if left := client.PTTL(t.Context(), a.LeaseKey()).Val(); left < 5*time.Second {
		t.Errorf("the lease lasts another %v, want 15s or nearly", left)
	}
	until(t, "the goroutines of 50 polls end", func(context.Context) bool { return runtime.NumGoroutine() < before+10 })
}

// A held is a Redis client's hook that keeps the first command from being sent.
type held struct{ reached, release chan struct{} }

func (h *held) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *held) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		select {
		case h.reached <- struct{}{}:
			<-h.release
		default:
		}
		return next(ctx, cmd)
	}
}

func (h *held) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// A poll that takes the lease while Close is under way does not keep it.
func TestCloseDuringPoll(t *testing.T) {
	server := startRedis(t)
	h := &held{reached: make(chan struct{}, 1), release: make(chan struct{})}
	client := server.client()
	client.AddHook(h)
	c := newCache(t, client)
	polled, closed := make(chan error, 1), make(chan error, 1)
	go func() { // until the hook lets it
		should, err := c.ShouldFetch(t.Context())
		if should {
			t.Error("ShouldFetch = true")
		}
		polled <- err
	}()
	until(t, "the poll is under way", func(context.Context) bool { return len(h.reached) == 1 })
	go func() { closed <- c.Close(t.Context()) }() // until the poll is over
	until(t, "Close is under way", func(ctx context.Context) bool {
		_, err := c.Load(ctx)
		return errors.Is(err, phredis.ErrClosed)
	})
	close(h.release)
	if err := <-polled; !errors.Is(err, phredis.ErrClosed) {
		t.Errorf("ShouldFetch = %v, want %v", err, phredis.ErrClosed)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close = %v", err)
	}
	wantFetch(t, "another", server.cache(), true)
}

// The three calls of a client, at once, with Close amidst them: nothing is left behind.
func TestConcurrentUse(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	for range 20 {
		c := server.cache()
		var wg sync.WaitGroup
		allowed := func(err error) {
			if err != nil && !errors.Is(err, phredis.ErrClosed) {
				t.Error(err)
			}
		}
		for range 4 {
			wg.Go(func() {
				_, err := c.ShouldFetch(t.Context())
				allowed(err)
				allowed(c.Store(t.Context(), []byte("{}")))
				_, err = c.Load(t.Context())
				allowed(err)
			})
		}
		wg.Go(func() { allowed(c.Close(t.Context())) })
		wg.Go(func() { allowed(c.Close(t.Context())) })
		wg.Wait()
		if n := client.Exists(t.Context(), c.LeaseKey()).Val(); n != 0 {
			t.Fatal("the lease outlives Close")
		}
	}
}
