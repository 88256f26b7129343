package runtime

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// A guestHandler is a log handler that runs code of its own.
type guestHandler struct{ do func(slog.Record) }

func (guestHandler) Enabled(context.Context, slog.Level) bool        { return true }
func (h guestHandler) Handle(_ context.Context, r slog.Record) error { h.do(r); return nil }
func (h guestHandler) WithAttrs([]slog.Attr) slog.Handler            { return h }
func (h guestHandler) WithGroup(string) slog.Handler                 { return h }

// guests counts calls of everything of the user's that a client runs, and runs do in each.
type guests struct {
	delivered, lost, violation, logger atomic.Int64
	panics                             atomic.Int64 // that the log tells of
}

// invite gives cfg guests that run do.
func (g *guests) invite(cfg *Config, do func()) {
	cfg.OnDelivered = func(Delivered) { g.delivered.Add(1); do() }
	cfg.OnLost = func(LostEvent) { g.lost.Add(1); do() }
	cfg.OnViolation = func(Violation) { g.violation.Add(1); do() }
	cfg.Logger = slog.New(guestHandler{func(r slog.Record) {
		g.logger.Add(1)
		if r.Message == "callback panicked" {
			g.panics.Add(1)
			return
		}
		do()
	}})
}

// all reports whether every guest was called.
func (g *guests) all() bool {
	return g.delivered.Load() > 0 && g.lost.Load() > 0 && g.violation.Load() > 0 && g.logger.Load() > 0
}

// trouble gives every guest a reason to be called: an event that breaks a rule, and one
// that is lost, whose uuid it returns.
func (b *bench) trouble() uuid.UUID {
	b.sink.Poison("poison")
	b.capture(1, "e", InGroup("org", ""))
	return b.capture(1, "poison")
}

// Whatever panics, the process lives and every other event is delivered.
func TestFaultGuestsPanic(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		g := new(guests)
		b := newBench(t, s, func(c *Config) {
			g.invite(c, func() { panic("boom") })
			c.BeforeSend = func(m *Message) bool {
				if m.Event == "unwanted" {
					panic("boom")
				}
				return true
			}
		})
		lost := b.trouble()
		for range 10 {
			b.captureProps("e", Props{"v": panics{}, "w": map[string]any{"x": panics{}}})
			for range 2 {
				if _, err := TryCapture(b.ctx, "unwanted", nil); err == nil {
					t.Error("an event was accepted whose BeforeSend panicked")
				}
			}
			b.capture(3, "e")
			b.pass(time.Second)
		}
		b.pass(time.Minute)
		b.wantAll(lost)
		if st := b.stats(); st.RefusedBy["before_send"] != 20 || st.ViolationsBy["e"] == 0 {
			t.Errorf("%+v, want 20 refused by BeforeSend, and a violation", st)
		}
		if !g.all() || g.panics.Load() == 0 {
			t.Errorf("not every guest was called, or no panic was logged: %+v", g)
		}
		b.end()
	})
}

// A logger that panics even when it is told of panics is no worse.
func TestFaultLoggerPanics(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s, func(c *Config) {
			c.OnDelivered = func(Delivered) { panic("boom") }
			c.Logger = slog.New(panickingHandler{})
			c.Debug = true
		})
		lost := b.trouble()
		b.capture(100, "e")
		b.pass(time.Minute)
		b.wantAll(lost)
		b.end()
	})
}

// Guests that never return cost neither events nor time: 10,000 events are delivered at
// once, and Close returns.
func TestFaultGuestsBlock(t *testing.T) {
	for _, s := range []setup{{"v0", V0, false, false}, {"v1 with a spool", V1, false, true}} {
		inSetup(t, s, func(t *testing.T, s setup) {
			hang := make(chan struct{})
			g := new(guests)
			b := newBench(t, s, func(c *Config) {
				c.Debug = true // so that the logger has much to say
				g.invite(c, func() { <-hang })
			})
			lost := b.trouble()
			start := time.Now()
			for range 20 {
				b.capture(500, "e")
				if err := b.Flush(t.Context()); err != nil && !strings.Contains(err.Error(), "1 rejected") {
					t.Error(err)
				}
			}
			if took := time.Since(start); took > 0 {
				t.Errorf("delivery took %v, want no time", took)
			}
			b.wantAll(lost)
			start = time.Now()
			if err := b.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("Close took %v, want at most 1s", took)
			}
			close(hang)
			synctest.Wait()
		})
	}
}

// Guests may call the client, BeforeSend and the logger too.
func TestFaultGuestsCallTheClient(t *testing.T) {
	for name, call := range map[string]func(ctx context.Context, c *Client){
		"Flush": func(ctx context.Context, c *Client) { _ = c.Flush(ctx) },
		"Close": func(_ context.Context, c *Client) { _ = c.Close(context.Background()) },
		"Stats": func(_ context.Context, c *Client) { c.Stats() },
		"capture": func(ctx context.Context, c *Client) {
			_, _ = TryCapture(ctx, "from a guest", nil)
			CaptureAI(ctx, "from a guest", nil)
		},
		"SetDisabled": func(_ context.Context, c *Client) { c.SetDisabled(false) },
	} {
		t.Run(name, func(t *testing.T) {
			inSetups(t, func(t *testing.T, s setup) {
				var b *bench
				var calls atomic.Int64
				do := func() {
					if calls.Add(1) < 50 { // what is captured is told of, too
						ctx, cancel := context.WithTimeout(b.ctx, time.Second)
						defer cancel()
						call(ctx, b.Client)
					}
				}
				g := new(guests)
				b = newBench(t, s, func(c *Config) {
					g.invite(c, do)
					c.BeforeSend = func(m *Message) bool {
						if m.Event == "asks" {
							do()
						}
						return true
					}
				})
				b.sink.Poison("poison")
				Capture(b.ctx, "e", nil, InGroup("org", ""))
				for _, event := range []string{"e", "asks", "poison", "e"} {
					Capture(b.ctx, event, nil)
					CaptureAI(b.ctx, event, nil)
				}
				b.pass(time.Minute)
				_ = b.Close(t.Context())
				time.Sleep(time.Minute)
				synctest.Wait()
				if st := b.stats(); st.Queued+st.InFlight > 0 || st.Sent == 0 || calls.Load() < 3 {
					t.Errorf("%+v after %d calls", st, calls.Load())
				}
			})
		})
	}
}

// A log handler may call the client, also about a lane that is just being opened.
func TestFaultLoggerCallsTheClient(t *testing.T) {
	inSetup(t, setups[3], func(t *testing.T, s setup) {
		var b *bench
		told := 0
		b = newBench(t, s, func(c *Config) {
			c.Logger = slog.New(guestHandler{func(r slog.Record) {
				if b != nil && strings.HasPrefix(r.Message, "Config.SpoolDir") {
					told++
					b.Stats()
				}
			}})
		})
		b.process.Kill() // so that the lane of CaptureAI has no disk
		CaptureAI(b.ctx, "e", nil)
		b.pass(time.Minute)
		if told != 1 {
			t.Errorf("told %d times, want once", told)
		}
		_ = b.Close(t.Context())
	})
}

// New survives a log handler that panics.
func TestFaultLoggerPanicsInNew(t *testing.T) {
	c, err := New(Config{APIKey: "phc_k", Host: "http://ph.test", Logger: slog.New(panickingHandler{}), SuperProperties: Props{"a": make(chan int)}})
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close(t.Context())
}
