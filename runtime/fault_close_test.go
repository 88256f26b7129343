package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// A taker is a far that answers every protocol, with what V1 calls success.
type taker struct{ far }

func (f *taker) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := f.far.RoundTrip(r)
	if res != nil {
		res.Body = io.NopCloser(strings.NewReader(`{"results":{}}`))
	}
	return res, err
}

// A hundred goroutines that capture while the client is closed each hear whether their
// event was taken, and every taken one arrives.
func TestFaultProducersDuringClose(t *testing.T) {
	const iterations, producers = 200, 100
	for i := range iterations {
		s := setups[i%len(setups)]
		f := new(taker)
		cfg := Config{APIKey: "phc_k", Transport: f, Compression: NoCompression, Protocol: s.protocol, BatchSize: 10 + i, Logger: slog.New(slog.DiscardHandler)}
		if s.spooled {
			spoolOn(t, faultfs.New().Process())
			cfg.SpoolDir, cfg.OnFull = "/spool", Spill
		}
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx := With(t.Context(), UseClient(c), User("u_1"))
		var begun, done sync.WaitGroup
		var mu sync.Mutex
		var accepted []uuid.UUID
		var refused atomic.Int64
		closing := make(chan struct{})
		for p := range producers {
			begun.Add(1)
			done.Go(func() {
				begun.Done()
				if p%2 == 0 {
					<-closing
				}
				for range 3 {
					how := &untypedEvent
					if s.ai && p%3 > 0 {
						how = &untypedAI
					}
					id, err := untyped(ctx, how, "e", nil, nil)
					switch {
					case err == nil && id != uuid.Nil:
						mu.Lock()
						accepted = append(accepted, id)
						mu.Unlock()
					case errors.Is(err, ErrClosed) && id == uuid.Nil:
						refused.Add(1)
					default:
						t.Errorf("got %v and %v, want a uuid or ErrClosed", id, err)
					}
				}
			})
		}
		begun.Wait()
		close(closing)
		if err := c.Close(context.Background()); err != nil {
			t.Errorf("iteration %d: Close: %v", i, err)
		}
		done.Wait()
		st := balance(t, c)
		if st.Accepted != uint64(len(accepted)) || st.Sent != st.Accepted || st.Refused != uint64(refused.Load()) || st.RefusedBy["closed"] != st.Refused {
			t.Errorf("iteration %d: %+v, want %d sent and %d refused", i, st, len(accepted), refused.Load())
		}
		for _, id := range accepted {
			if f.took[id.String()] != 1 {
				t.Errorf("iteration %d: event %s arrived %d times", i, id, f.took[id.String()])
			}
		}
	}
}

// A closed client refuses every kind of event, and every other call returns at once.
func TestFaultCallsAfterClose(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		b.capture(10, "e")
		for i := range 3 { // closes of a closed client cost nothing
			start := time.Now()
			if err := b.Close(t.Context()); err != nil {
				t.Errorf("Close %d: %v", i, err)
			}
			if took := time.Since(start); took > 0 {
				t.Errorf("Close %d took %v", i, took)
			}
		}
		b.wantAll()
		requests := b.requests()
		calls := 0
		for name, call := range map[string]func() error{
			"TryCapture":    func() error { _, err := TryCapture(b.ctx, "e", nil); return err },
			"typed":         func() error { _, err := small(projectID, "x", 1).TryCapture(b.ctx); return err },
			"Capture":       func() error { Capture(b.ctx, "e", nil); return ErrClosed },
			"CaptureAttrs":  func() error { CaptureAttrs(b.ctx, "e", Int("a", 1)); return ErrClosed },
			"CaptureAI":     func() error { CaptureAI(b.ctx, "e", nil); return ErrClosed },
			"Identify":      func() error { Identify(b.ctx, Props{"a": 1}, nil); return ErrClosed },
			"Alias":         func() error { Alias(b.ctx, "a", "b"); return ErrClosed },
			"GroupIdentify": func() error { GroupIdentify(b.ctx, "org", "o", nil); return ErrClosed },
			"Pageview":      func() error { Pageview(b.ctx, "https://a.b"); return ErrClosed },
		} {
			if err := call(); !errors.Is(err, ErrClosed) {
				t.Errorf("%s after Close: %v, want ErrClosed", name, err)
			}
			calls++
			if st := b.stats(); st.RefusedBy["closed"] != uint64(calls) || st.Refused != uint64(calls) {
				t.Errorf("%s after Close: %+v, want %d refused", name, st, calls)
			}
		}
		b.SetDisabled(true)
		b.SetDisabled(false)
		if err := b.Flush(t.Context()); err != nil {
			t.Errorf("Flush after Close: %v", err)
		}
		time.Sleep(time.Hour)
		if n := b.requests(); n != requests {
			t.Errorf("%d requests after Close", n-requests)
		}
		b.end()
	})
}

// Of closes that run at once one waits, and the others return.
func TestFaultCloseAtOnce(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		b.every(&sink.Fault{Delay: 3 * time.Second})
		b.capture(10, "e")
		var waited, returned atomic.Int64
		var wg sync.WaitGroup
		start := time.Now()
		for range 10 {
			wg.Go(func() {
				if err := b.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if time.Since(start) == 3*time.Second {
					waited.Add(1)
				} else if time.Since(start) == 0 {
					returned.Add(1)
				}
			})
		}
		wg.Wait()
		if waited.Load() != 1 || returned.Load() != 9 {
			t.Errorf("%d closes waited and %d returned at once, want 1 and 9", waited.Load(), returned.Load())
		}
		b.wantAll()
	})
}

// A flush ends although captures never do, and tells of an outage what is pending.
func TestFaultFlushDuringCaptures(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					case <-time.After(5 * time.Millisecond):
						if b.setup.ai {
							CaptureAI(b.ctx, "e", nil)
						} else {
							Capture(b.ctx, "e", nil)
						}
					}
				}
			})
		}
		b.every(&sink.Fault{Delay: 20 * time.Millisecond})
		time.Sleep(time.Second)
		for range 5 {
			start, before := time.Now(), b.stats().Accepted
			if err := b.Flush(t.Context()); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took > 100*time.Millisecond {
				t.Errorf("Flush took %v, want at most 100ms", took)
			}
			if st := b.stats(); st.Sent < before {
				t.Errorf("%+v after a flush, want %d sent or more", st, before)
			}
		}
		b.every(&sink.Fault{Status: 503})
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var u *UndeliveredError
		if err := b.Flush(short); !errors.As(err, &u) || u.Events == 0 || u.ByReason["pending"] != uint64(u.Events) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Flush in an outage: %v, want pending events", err)
		}
		close(stop)
		wg.Wait()
		b.every(nil)
		if err := b.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if st := b.stats(); st.Sent != st.Accepted || len(b.arrived) != int(st.Sent) {
			t.Errorf("%+v and %d arrived, want all", st, len(b.arrived))
		}
	})
}

// A flush of nothing makes no request and takes no time, whatever the endpoint does.
func TestFaultFlushEmpty(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		b.capture(1, "e")
		if err := b.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		b.sink.Break(sink.Hung)
		start, requests := time.Now(), b.requests()
		for range 1000 {
			if err := b.Flush(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took > 0 || b.requests() != requests {
			t.Errorf("1,000 flushes of nothing took %v and %d requests", took, b.requests()-requests)
		}
		b.wantAll()
		b.end()
	})
}

// When the spool is full beside memory, or its disk fails, the outage costs what was
// refused and nothing that was taken; faults of disk and endpoint together are no worse.
func TestFaultSpoolAndEndpoint(t *testing.T) {
	for name, faults := range map[string]faultfs.Faults{
		"healthy": {}, "full": {Size: 30_000}, "read-only": {ReadOnly: true}, "fsync fails": {Syncs: 3}, "write fails": {Writes: 3}, "removal fails": {Removes: 3},
	} {
		for _, status := range []int{401, 404, 429, 503} {
			t.Run(fmt.Sprint(name, " and ", status), func(t *testing.T) {
				for _, s := range []setup{{"v0", V0, false, true}, {"v1", V1, false, true}} {
					inSetup(t, s, func(t *testing.T, s setup) {
						b := newBench(t, s, func(c *Config) { c.QueueSize = 50 })
						b.every(&sink.Fault{Status: status})
						b.disk.Fail(faults)
						var accepted []uuid.UUID
						for range 10 {
							for range 20 {
								if id, err := TryCapture(b.ctx, "e", Props{"text": text500}); err == nil {
									accepted = append(accepted, id)
								} else if !errors.Is(err, ErrQueueFull) {
									t.Errorf("refused: %v", err)
								}
								b.stats()
							}
							b.pass(5 * time.Second)
						}
						b.disk.Fail(faultfs.Faults{})
						b.every(nil)
						b.pass(3 * time.Minute)
						b.accepted = accepted
						b.wantArrived()
						if st := b.stats(); st.Sent != uint64(len(accepted)) || st.Accepted+st.Refused != 200 {
							t.Errorf("%+v, want %d of 200 sent", st, len(accepted))
						}
						if err := b.Close(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
			})
		}
	}
}

// No goroutine is left of a client that was closed in any of these states.
func TestFaultCloseLeavesNothing(t *testing.T) {
	for name, prepare := range map[string]func(b *bench){
		"never used": func(*bench) {},
		"idle":       func(b *bench) { b.capture(1, "e"); b.pass(time.Hour) },
		"waiting":    func(b *bench) { b.capture(1, "e") },
		"in backoff": func(b *bench) {
			b.every(&sink.Fault{Status: http.StatusBadGateway})
			b.capture(1, "e")
			b.pass(time.Hour)
		},
		"in flight": func(b *bench) { b.sink.Break(sink.Hung); b.capture(1, "e"); b.pass(2 * time.Second) },
		"disabled":  func(b *bench) { b.capture(1, "e"); b.SetDisabled(true) },
	} {
		t.Run(name, func(t *testing.T) {
			inSetups(t, func(t *testing.T, s setup) {
				b := newBench(t, s, func(c *Config) { c.Logger = slog.New(slog.DiscardHandler) })
				prepare(b)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_ = b.Close(ctx)
				b.stats()
				synctest.Wait() // a bubble does not end while a goroutine is left
			})
		})
	}
}
