package queue

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		n    int
		u    float64
		want time.Duration
	}{
		{0, 0, 100 * time.Millisecond},
		{0, 0.5, 600 * time.Millisecond},
		{3, 1, 8100 * time.Millisecond},
		{5, 1, 30 * time.Second}, // the cap
		{1000, 0, 100 * time.Millisecond},
		{1000, 1, 30 * time.Second},
	} {
		if got := backoff(c.n, c.u); got != c.want {
			t.Errorf("backoff(%d, %v) = %v, want %v", c.n, c.u, got, c.want)
		}
	}
}

// A day without the endpoint costs few requests and no event.
func TestOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		up := time.Now().Add(24 * time.Hour)
		g := newRig(Config{MaxAge: 48 * time.Hour}, func(context.Context, *Request) Verdict {
			if time.Now().Before(up) {
				return Verdict{Outcome: Retry, Err: errDown}
			}
			return Verdict{}
		})
		for i := range 24 * 60 {
			putN(t, g.Queue, fmt.Sprint(i, "."), 5)
			pass(time.Minute)
			checkStats(t, g.Queue)
		}
		if n := len(g.seen().attempts); n < 4_000 || n > 7_000 {
			t.Errorf("%d attempts in 24 h, want 4,000 to 7,000", n)
		}
		if g.seen().peak != 1 {
			t.Errorf("%d attempts at once, want 1", g.seen().peak)
		}
		pass(time.Minute)
		if s := checkStats(t, g.Queue); s.Sent != 24*60*5 {
			t.Errorf("sent %d, want %d", s.Sent, 24*60*5)
		}
		if g.seen().resumed != 1 {
			t.Errorf("resumed %d times, want 1", g.seen().resumed)
		}
		closeNow(g)
	})
}

// Low traffic in an outage must not cost a buffer for every event.
func TestOutageMemory(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{}, refuseAll)
		for range 2_000 {
			putN(t, g.Queue, "a", 1)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := g.Flush(ctx); err == nil {
				t.Fatal("flush in an outage returned nil")
			}
			cancel()
		}
		g.Queue.mu.Lock()
		n := len(g.line)
		g.Queue.mu.Unlock()
		if n > 10 {
			t.Errorf("2,000 events lie in %d batches, want at most 10", n)
		}
		closeNow(g)
	})
}

func TestRetryAfter(t *testing.T) {
	for after, want := range map[time.Duration][2]time.Duration{
		0:                {100 * time.Millisecond, 1100 * time.Millisecond},
		-time.Hour:       {100 * time.Millisecond, 1100 * time.Millisecond},
		20 * time.Second: {20 * time.Second, 20 * time.Second},
		time.Hour:        {5 * time.Minute, 5 * time.Minute}, // clamped
	} {
		bubble(t, func(t *testing.T) {
			answers := []Verdict{{Outcome: Retry, After: after, Err: errDown}, {}}
			g := newRig(Config{BatchSize: 1}, func(context.Context, *Request) Verdict {
				v := answers[0]
				answers = answers[1:]
				return v
			})
			putN(t, g.Queue, "a", 1)
			pass(time.Hour)
			at := g.times()
			if len(at) != 2 || at[1] < want[0] || at[1] > want[1] {
				t.Errorf("after %v: attempts at %v, want the second within %v", after, at, want)
			}
			closeNow(g)
		})
	}
}

// Requests that fail together are one failure, and the longest wish counts.
func TestFailTogether(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var fail atomic.Bool
		var failed atomic.Int64
		g := newRig(Config{BatchSize: 1, BatchBytes: 4}, func(ctx context.Context, r *Request) Verdict {
			v := slow(time.Second)(ctx, r)
			if fail.Load() {
				return Verdict{Outcome: Retry, After: time.Duration(failed.Add(1)) * 8 * time.Second, Err: errDown}
			}
			return v
		})
		putN(t, g.Queue, "a", 99)
		pass(8500 * time.Millisecond)
		fail.Store(true)
		before := len(g.seen().attempts)
		pass(time.Second)
		if n := len(g.seen().pauses); n != 1 {
			t.Errorf("%d pauses, want 1", n)
		}
		if n := g.seen().active; n != 0 {
			t.Errorf("%d requests in flight while the breaker is open, want 0", n)
		}
		pass(63 * time.Second)
		if n := len(g.seen().attempts) - before; n != 0 {
			t.Errorf("%d attempts within 64s, which one answer asked for, want 0", n)
		}
		pass(time.Second)
		if n := len(g.seen().attempts) - before; n != 1 {
			t.Errorf("%d attempts after the pause, want one probe", n)
		}
		closeNow(g)
	})
}

func TestRetryOldestFirst(t *testing.T) {
	q := New(Config{})
	now := time.Now()
	for _, age := range []time.Duration{2, 1, 3, 2} {
		q.requeue(&Request{at: now.Add(-age)})
	}
	var ages []time.Duration
	for _, r := range q.retries {
		ages = append(ages, now.Sub(r.at))
	}
	if diff := cmp.Diff(ages, []time.Duration{3, 2, 2, 1}); diff != "" {
		t.Errorf("ages (-got +want):\n%s", diff)
	}
}

// An answer to a request from before the failure does not close the breaker.
func TestStaleSuccess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 1}, func(ctx context.Context, r *Request) Verdict {
			for e := range r.Entries() {
				if e.Name == "slow" {
					return slow(10*time.Second)(ctx, r)
				}
			}
			return Verdict{Outcome: Retry, After: time.Minute, Err: errDown}
		})
		g.limit = 2
		if err := put(t.Context(), g.Queue, "slow"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		putN(t, g.Queue, "a", 1)
		pass(59 * time.Second)
		if s := checkStats(t, g.Queue); s.Sent != 1 {
			t.Errorf("%+v, want the slow event sent", s)
		}
		if diff := cmp.Diff(g.times(), []time.Duration{0, 0}); diff != "" {
			t.Errorf("attempts within the pause (-got +want):\n%s", diff)
		}
		closeNow(g)
	})
}

// While the key is refused, one event a minute is risked; the others wait.
func TestHold(t *testing.T) {
	bubble(t, func(t *testing.T) {
		good := time.Now().Add(150 * time.Second)
		g := newRig(Config{BatchSize: 10}, func(context.Context, *Request) Verdict {
			if time.Now().Before(good) {
				return Verdict{Outcome: Hold, Err: errDown}
			}
			return Verdict{}
		})
		putN(t, g.Queue, "a", 10)
		synctest.Wait()
		putN(t, g.Queue, "b", 500)
		pass(10 * time.Minute)
		want := []time.Duration{0, time.Minute, 2 * time.Minute, 3 * time.Minute}
		if got := g.times()[:4]; !slices.Equal(got, want) {
			t.Errorf("first attempts at %v, want %v", got, want)
		}
		if diff := cmp.Diff(g.sizes(), []int{10, 1, 1, 1, 497}); diff != "" {
			t.Errorf("sizes (-got +want):\n%s", diff)
		}
		if diff := cmp.Diff(checkStats(t, g.Queue), Stats{Accepted: 510, Sent: 498, Lost: 12, LostBy: map[string]uint64{"rejected": 12}}); diff != "" {
			t.Errorf("stats (-got +want):\n%s", diff)
		}
		closeNow(g)
	})
}

// An endpoint that takes ten events a request gets all of them.
func TestSplit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{}, func(_ context.Context, r *Request) Verdict {
			if r.Events > 10 {
				return Verdict{Outcome: Split, Err: errDown}
			}
			return Verdict{}
		})
		putN(t, g.Queue, "a", 100)
		pass(time.Second)
		if s := checkStats(t, g.Queue); s.Sent != 100 {
			t.Errorf("sent %d, want 100", s.Sent)
		}
		first := len(g.seen().attempts)
		putN(t, g.Queue, "b", 100)
		pass(time.Second)
		if sizes := g.sizes()[first:]; slices.Max(sizes) > 10 {
			t.Errorf("sizes after the limit is known: %v, want at most 10", sizes)
		}
		pass(sizeCapFor)
		second := len(g.seen().attempts)
		putN(t, g.Queue, "c", 100)
		pass(time.Second)
		if got := g.sizes()[second]; got != 100 {
			t.Errorf("first size after %v: %d, want 100", sizeCapFor, got)
		}
		closeNow(g)
	})
}

func TestSplitGiant(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 3}, func(_ context.Context, r *Request) Verdict {
			for e := range r.Entries() {
				if e.Name == "a1" {
					return Verdict{Outcome: Split, Err: errDown}
				}
			}
			return Verdict{}
		})
		putN(t, g.Queue, "a", 3)
		pass(time.Second)
		if diff := cmp.Diff(checkStats(t, g.Queue), Stats{Accepted: 3, Sent: 2, Lost: 1, LostBy: map[string]uint64{"too_large": 1}}); diff != "" {
			t.Errorf("stats (-got +want):\n%s", diff)
		}
		if len(g.seen().lost) != 1 || g.seen().lost[0].Entries[0].Name != "a1" {
			t.Errorf("lost %v, want a1", g.seen().lost)
		}
		closeNow(g)
	})
}

// poisoned refuses every request that holds one of names.
func poisoned(names ...string) func(context.Context, *Request) Verdict {
	return func(_ context.Context, r *Request) Verdict {
		for e := range r.Entries() {
			if slices.Contains(names, e.Name) {
				return Verdict{Outcome: Isolate, Err: errDown}
			}
		}
		return Verdict{}
	}
}

// One bad event costs itself and at most 2·log2 n requests, wherever it is.
func TestIsolate(t *testing.T) {
	const n = 100
	for i := range n {
		bubble(t, func(t *testing.T) {
			bad := fmt.Sprint("a", i)
			g := newRig(Config{BatchSize: n}, poisoned(bad))
			putN(t, g.Queue, "a", n)
			pass(time.Second)
			if s := checkStats(t, g.Queue); s.Sent != n-1 || s.LostBy["rejected"] != 1 {
				t.Errorf("%s is bad: %+v, want 99 sent and 1 rejected", bad, s)
			}
			if len(g.seen().lost) != 1 || g.seen().lost[0].Entries[0].Name != bad {
				t.Errorf("lost %v, want %s", g.seen().lost, bad)
			}
			if got, want := len(g.seen().attempts), 1+2*bits.Len(n-1); got > want {
				t.Errorf("%s is bad: %d requests, want at most %d", bad, got, want)
			}
			closeNow(g)
		})
	}
}

func TestIsolateSeveral(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{}, poisoned("a0", "a1", "a50", "a99"))
		putN(t, g.Queue, "a", 100)
		pass(time.Second)
		if s := checkStats(t, g.Queue); s.Sent != 96 || s.LostBy["rejected"] != 4 {
			t.Errorf("%+v, want 96 sent and 4 rejected", s)
		}
		closeNow(g)
	})
}

// An endpoint that refuses whatever comes is not asked about every event.
func TestRefuseEverything(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 1000}, func(context.Context, *Request) Verdict { return Verdict{Outcome: Isolate, Err: errDown} })
		putN(t, g.Queue, "a", 1000)
		pass(time.Second)
		if s := checkStats(t, g.Queue); s.LostBy["rejected"] != 1000 {
			t.Errorf("%+v, want 1000 rejected", s)
		}
		if n := len(g.seen().attempts); n > 1+2*10 {
			t.Errorf("%d requests, want at most 21", n)
		}
		closeNow(g)
	})
}

func TestMaxRetries(t *testing.T) {
	for retries, want := range map[int]int{0: 1, 1: 2, 3: 4} {
		bubble(t, func(t *testing.T) {
			g := newRig(Config{BatchSize: 1}, refuseAll)
			g.cfg.MaxRetries = retries
			putN(t, g.Queue, "a", 1)
			pass(time.Hour)
			if n := len(g.seen().attempts); n != want {
				t.Errorf("MaxRetries %d: %d attempts, want %d", retries, n, want)
			}
			if s := checkStats(t, g.Queue); s.LostBy["retries"] != 1 {
				t.Errorf("MaxRetries %d: %+v, want one lost", retries, s)
			}
			closeNow(g)
		})
	}
}

// The halves of a request that was too large have all its retries left.
func TestSplitIsNoRetry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		failed := map[string]bool{}
		g := newRig(Config{BatchSize: 2, MaxRetries: 1}, func(_ context.Context, r *Request) Verdict {
			if r.Events > 1 {
				return Verdict{Outcome: Split, Err: errDown}
			}
			for e := range r.Entries() {
				if !failed[e.Name] {
					failed[e.Name] = true
					return Verdict{Outcome: Retry, Err: errDown}
				}
			}
			return Verdict{}
		})
		putN(t, g.Queue, "a", 2)
		pass(time.Hour)
		if s := checkStats(t, g.Queue); s.Sent != 2 {
			t.Errorf("%+v, want 2 sent", s)
		}
		closeNow(g)
	})
}
