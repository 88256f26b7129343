package queue

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// told returns what err tells: nothing if it is nil.
func told(err error) Undelivered {
	var u *Undelivered
	if !errors.As(err, &u) {
		return Undelivered{Err: err}
	}
	return *u
}

// A flush waits for what was accepted before it and for nothing else.
func TestFlushWhileCapturesGoOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 10}, slow(time.Second))
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
					_ = put(t.Context(), g.Queue, "later")
				}
			}
		}()
		pass(time.Minute)
		putN(t, g.Queue, "before", 1)
		before := time.Now()
		if err := g.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(before); took > 3*time.Second {
			t.Errorf("flush took %v, want at most 3s", took)
		}
		close(stop)
		<-stopped
		closeNow(g)
	})
}

// A flush waits neither for BatchSize nor for FlushEvery.
func TestFlushAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{FlushEvery: time.Hour}, deliverAll)
		putN(t, g.Queue, "a", 3)
		if err := g.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(g.start); took != 0 {
			t.Errorf("flush took %v, want no time", took)
		}
		closeNow(g)
	})
}

// What is accepted after the call is none of a flush's business, not even its loss.
func TestFlushIgnoresLaterLosses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 1}, func(ctx context.Context, r *Request) Verdict {
			for e := range r.Entries() {
				if e.Name == "slow" {
					return slow(time.Second)(ctx, r)
				}
			}
			return Verdict{Outcome: Isolate, Err: errDown}
		})
		g.limit = 2
		if err := put(t.Context(), g.Queue, "slow"); err != nil {
			t.Fatal(err)
		}
		flushed := make(chan error)
		go func() { flushed <- g.Flush(t.Context()) }()
		synctest.Wait()
		putN(t, g.Queue, "bad", 1)
		if err := <-flushed; err != nil {
			t.Errorf("flush: %v, want nil", err)
		}
		if s := checkStats(t, g.Queue); s.LostBy["rejected"] != 1 {
			t.Errorf("%+v, want one event rejected before the flush ended", s)
		}
		closeNow(g)
	})
}

func TestFlushNothing(t *testing.T) {
	g := newRig(Config{}, deliverAll)
	if n := testing.AllocsPerRun(100, func() {
		if err := g.Flush(t.Context()); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
	if err := g.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// A flush that ends early tells what it leaves, and leaves it.
func TestFlushEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 3}, refuseAll)
		putN(t, g.Queue, "a", 5)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		want := Undelivered{Events: 5, Bytes: 15, ByReason: map[string]uint64{"pending": 5}, Err: context.DeadlineExceeded}
		if diff := cmp.Diff(told(g.Flush(ctx)), want, cmpopts.EquateErrors()); diff != "" {
			t.Errorf("flush (-got +want):\n%s", diff)
		}
		if s := checkStats(t, g.Queue); s.Queued+s.InFlight != 5 {
			t.Errorf("%+v, want 5 queued", s)
		}
		closeNow(g)
	})
}

// A flush tells what was lost while it waited.
func TestFlushTellsLosses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{}, poisoned("a3"))
		putN(t, g.Queue, "a", 5)
		want := Undelivered{Events: 1, Bytes: 3, ByReason: map[string]uint64{"rejected": 1}, Err: errDown}
		if diff := cmp.Diff(told(g.Flush(t.Context())), want, cmpopts.EquateErrors()); diff != "" {
			t.Errorf("flush (-got +want):\n%s", diff)
		}
		if err := g.Flush(t.Context()); err != nil {
			t.Errorf("second flush: %v, want nil", err)
		}
		closeNow(g)
	})
}

// A batch on loan when Flush is called leaves when it is returned.
func TestFlushWaitsForLoans(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{}, deliverAll)
		putN(t, g.Queue, "a", 1)
		b, err := g.Open(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		flushed := make(chan error)
		go func() { flushed <- g.Flush(t.Context()) }()
		synctest.Wait()
		if len(g.seen().attempts) != 0 {
			t.Error("a batch on loan was sent")
		}
		g.Abandon(b)
		if err := <-flushed; err != nil {
			t.Error(err)
		}
		closeNow(g)
	})
}

// Close delivers through failures, as long as its context lives.
func TestCloseRetries(t *testing.T) {
	bubble(t, func(t *testing.T) {
		up := time.Now().Add(20 * time.Second)
		g := newRig(Config{}, func(context.Context, *Request) Verdict {
			if time.Now().Before(up) {
				return Verdict{Outcome: Retry, Err: errDown}
			}
			return Verdict{}
		})
		putN(t, g.Queue, "a", 5)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		if err := g.Close(ctx); err != nil {
			t.Error(err)
		}
		if s := checkStats(t, g.Queue); s.Sent != 5 {
			t.Errorf("%+v, want 5 sent", s)
		}
		if err := put(t.Context(), g.Queue, "b"); !errors.Is(err, ErrClosed) {
			t.Errorf("put after Close: %v, want ErrClosed", err)
		}
		if err := g.Close(ctx); err != nil {
			t.Errorf("second Close: %v, want nil", err)
		}
	})
}

// A wait of our own choice ends when Close begins; one the endpoint asked for does not.
func TestCloseHurries(t *testing.T) {
	for after, want := range map[time.Duration]uint64{0: 5, time.Minute: 0} {
		bubble(t, func(t *testing.T) {
			var up atomic.Bool
			g := newRig(Config{BatchSize: 5}, func(context.Context, *Request) Verdict {
				if up.Load() {
					return Verdict{}
				}
				return Verdict{Outcome: Retry, After: after, Err: errDown}
			})
			putN(t, g.Queue, "a", 5)
			pass(10 * time.Minute)
			up.Store(true)
			ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
			defer cancel()
			err := g.Close(ctx)
			if s := checkStats(t, g.Queue); s.Sent != want || (err == nil) != (want == 5) {
				t.Errorf("Retry-After %v: %+v, error %v, want %d sent", after, s, err, want)
			}
		})
	}
}

// Pauses of our own choice stay short while Close waits, however long the outage was and
// whatever their pace.
func TestCloseKeepsHurrying(t *testing.T) {
	for _, pace := range []time.Duration{0, time.Minute} {
		bubble(t, func(t *testing.T) {
			up := time.Now().Add(time.Hour + 5*time.Second)
			g := newRig(Config{BatchSize: 5}, func(context.Context, *Request) Verdict {
				if time.Now().Before(up) {
					return Verdict{Outcome: Retry, Pace: pace, Err: errDown}
				}
				return Verdict{}
			})
			putN(t, g.Queue, "a", 5)
			pass(time.Hour)
			if n := len(g.seen().attempts); pace > 0 && (n < 60 || n > 61) {
				t.Errorf("%d attempts in an hour, want one a minute", n)
			}
			start := time.Now()
			if err := g.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
			if took := time.Since(start); took > 5*time.Second+minDelay+time.Second {
				t.Errorf("pace %v: Close took %v, want about 5s", pace, took)
			}
		})
	}
}

// At the deadline the requests in flight are cancelled and every event that is left
// is lost, once, by name.
func TestCloseDeadline(t *testing.T) {
	for name, answer := range map[string]func(context.Context, *Request) Verdict{
		"obedient": slow(time.Hour),
		"deaf": func(_ context.Context, r *Request) Verdict {
			time.Sleep(time.Hour)
			for p := range r.Pieces() { // still there
				if !strings.HasPrefix(string(p), ",a0,a1,a2") {
					t.Errorf("piece %q after Close, want the first events", p)
				}
			}
			return Verdict{}
		},
		"down": refuseAll,
	} {
		bubble(t, func(t *testing.T) {
			g := newRig(Config{BatchSize: 3}, answer)
			putN(t, g.Queue, "a", 5)
			synctest.Wait()
			b, err := g.Open(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			before := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			want := Undelivered{Events: 5, Bytes: 15, ByReason: map[string]uint64{"shutdown_deadline": 5}, Err: context.DeadlineExceeded}
			if diff := cmp.Diff(told(g.Close(ctx)), want, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("%s: Close (-got +want):\n%s", name, diff)
			}
			if took := time.Since(before); took > time.Second+100*time.Millisecond {
				t.Errorf("%s: Close took %v, want at most 1.1s", name, took)
			}
			var names []string
			for _, l := range g.seen().lost {
				for _, e := range l.Entries {
					names = append(names, e.Name)
				}
			}
			less := func(a, b string) bool { return a < b }
			if diff := cmp.Diff(names, []string{"a0", "a1", "a2", "a3", "a4"}, cmpopts.SortSlices(less)); diff != "" {
				t.Errorf("%s: lost (-got +want):\n%s", name, diff)
			}
			b.Buf = append(b.Buf, ",late"...)
			if err := g.Commit(t.Context(), b, &[2]Entry{{Name: "late", End: len(b.Buf)}}, 1); !errors.Is(err, ErrClosed) {
				t.Errorf("%s: Commit after Close: %v, want ErrClosed", name, err)
			}
			pass(2 * time.Hour) // a late answer changes nothing
			if s := checkStats(t, g.Queue); s.Lost != 5 {
				t.Errorf("%s: %+v, want 5 lost", name, s)
			}
			if len(g.seen().pauses) > 0 && name == "obedient" {
				t.Error("a cancelled request was taken for a failure of the endpoint")
			}
		})
	}
}

// A batch that never comes back, because its borrower panicked, holds nobody up beyond
// the end of a context, and its events are accounted for.
func TestLeakedBatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 3}, deliverAll)
		putN(t, g.Queue, "a", 2)
		if b, err := g.Open(t.Context(), 1); err != nil || len(b.Entries) != 2 {
			t.Fatalf("lent %+v, %v, want the batch of two events", b, err)
		}
		putN(t, g.Queue, "b", 2)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		want := Undelivered{Events: 2, Bytes: 6, ByReason: map[string]uint64{Pending: 2}, Err: context.DeadlineExceeded}
		if diff := cmp.Diff(told(g.Flush(ctx)), want, cmpopts.EquateErrors()); diff != "" {
			t.Errorf("Flush (-got +want):\n%s", diff)
		}
		putN(t, g.Queue, "c", 5) // the others are delivered as ever
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		want.ByReason = map[string]uint64{"shutdown_deadline": 2}
		if diff := cmp.Diff(told(g.Close(ctx)), want, cmpopts.EquateErrors()); diff != "" {
			t.Errorf("Close (-got +want):\n%s", diff)
		}
		if took := time.Since(start); took > 2*time.Minute+100*time.Millisecond {
			t.Errorf("Flush and Close took %v, want two minutes", took)
		}
		if s := checkStats(t, g.Queue); s.Sent != 7 || s.Lost != 2 {
			t.Errorf("%+v, want 7 sent and 2 lost", s)
		}
	})
}

// A context that has ended discards what is queued.
func TestCloseEndedContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{}, slow(time.Second))
		putN(t, g.Queue, "a", 5)
		closeNow(g)
		if s := checkStats(t, g.Queue); s.Lost != 5 || s.LostBy["shutdown_deadline"] != 5 {
			t.Errorf("%+v, want 5 lost at the deadline", s)
		}
	})
}

// A lazyContext has ended, and takes its time to say so: whoever was woken meanwhile runs.
type lazyContext struct{ context.Context }

func (c lazyContext) Done() <-chan struct{} {
	pass(time.Millisecond)
	return c.Context.Done()
}

// Nothing is sent for somebody who has no time left, whoever runs first.
func TestCloseEndedContextSendsNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{}, deliverAll)
		putN(t, g.Queue, "a", 5)
		pass(0) // the dispatcher waits for more
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		want := Undelivered{Events: 5, Bytes: 15, ByReason: map[string]uint64{"shutdown_deadline": 5}, Err: context.Canceled}
		if diff := cmp.Diff(told(g.Close(lazyContext{ctx})), want, cmpopts.EquateErrors()); diff != "" {
			t.Errorf("Close (-got +want):\n%s", diff)
		}
		if n := len(g.seen().attempts); n != 0 {
			t.Errorf("%d attempts, want none", n)
		}
	})
}
