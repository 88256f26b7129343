package runtime

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// A call of Config.Sync returns when its event is delivered.
func TestSyncDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, protocol := range []Protocol{V0, V1} {
			p := newPostHog()
			c, ctx := p.client(t, Config{Sync: true, Protocol: protocol, FlushEvery: time.Hour, MaxAge: 2 * time.Hour})
			start := time.Now()
			pair := probe{&EventSpec{Name: "old", Twin: "new", Props: []Prop{{Key: "a"}}}, typedInt}
			for i, call := range []func() (uuid.UUID, error){
				func() (uuid.UUID, error) { return TryCapture(ctx, "untyped", Props{"a": 1}) },
				func() (uuid.UUID, error) { return small(projectID, "x", 1).TryCapture(ctx) },
				func() (uuid.UUID, error) { return CaptureAttrs(ctx, "attrs"), nil },
				func() (uuid.UUID, error) { return CaptureAI(ctx, "ai", nil), nil },
				func() (uuid.UUID, error) { return pair.TryCapture(ctx) },
			} {
				id, err := call()
				if id == uuid.Nil || err != nil {
					t.Errorf("call %d: got %v and %v, want it delivered", i, id, err)
				}
				if s := c.Stats(); s.Sent != s.Accepted || s.Sent < uint64(i+1) {
					t.Errorf("call %d returned with %+v, want all sent", i, s)
				}
			}
			if took := time.Since(start); took != 0 {
				t.Errorf("calls took %v, want nothing: they do not wait for FlushEvery", took)
			}
			path := pathV0
			if protocol == V1 {
				path = pathV1
			}
			if diff := cmp.Diff(p.took[path], []string{"untyped", "project_created", "attrs", "old", "new"}); diff != "" {
				t.Errorf("events (-got +want):\n%s", diff)
			}
			_ = c.Close(t.Context())
		}
	})
}

// A call that ends early says that its event is pending; it is delivered all the same.
func TestSyncEndsEarly(t *testing.T) {
	for name, tt := range map[string]struct {
		timeout time.Duration // of the call's context; 0: none
		want    time.Duration
	}{
		"context":     {2 * time.Second, 2 * time.Second},
		"no deadline": {0, 7 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPostHog()
			p.status[pathV0] = 503
			c, ctx := p.client(t, Config{Sync: true, RequestTimeout: 7 * time.Second})
			if tt.timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, tt.timeout)
				defer cancel()
			}
			start := time.Now()
			id, err := TryCapture(ctx, "e", nil)
			var u *UndeliveredError
			if !errors.As(err, &u) || u.Events != 1 || u.Bytes == 0 || u.ByReason["pending"] != 1 || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v, want one event pending at the deadline", name, err)
			}
			if id == uuid.Nil {
				t.Errorf("%s: no uuid beside the error", name)
			}
			if took := time.Since(start); took != tt.want {
				t.Errorf("%s: the call took %v, want %v", name, took, tt.want)
			}
			p.mu.Lock()
			p.status[pathV0] = 0
			p.mu.Unlock()
			if err := c.Flush(t.Context()); err != nil || len(p.took[pathV0]) != 1 {
				t.Errorf("%s: Flush: %v, %v arrived, want the event", name, err, p.took)
			}
			_ = c.Close(t.Context())
		})
	}
	synctest.Test(t, func(t *testing.T) {
		p := newPostHog()
		c, ctx := p.client(t, Config{Sync: true})
		ended, cancel := context.WithCancel(ctx)
		cancel()
		id, err := TryCapture(ended, "e", nil)
		if id == uuid.Nil || !errors.Is(err, context.Canceled) {
			t.Errorf("context that had ended: got %v and %v, want context.Canceled beside a uuid", id, err)
		}
		if err := c.Close(t.Context()); err != nil || len(p.took[pathV0]) != 1 {
			t.Errorf("Close: %v, %v arrived, want the event", err, p.took)
		}
	})
}

// What the endpoint refuses is an error, for the call whose event it was and no other,
// however fast the answer comes.
func TestSyncTellsWhatIsLost(t *testing.T) {
	p := newPostHog()
	p.result = func(event string) string {
		if event == "bad" {
			return `{"result":"drop","details":"missing_event_name"}`
		}
		return `{"result":"ok"}`
	}
	c, ctx := p.client(t, Config{Sync: true, Protocol: V1, BatchSize: 1})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 500 {
			if id, err := TryCapture(ctx, "good", nil); id == uuid.Nil || err != nil {
				t.Errorf("good event: %v and %v", id, err)
			}
		}
	}()
	for range 500 {
		id, err := TryCapture(ctx, "bad", nil)
		var u *UndeliveredError
		if id == uuid.Nil || !errors.As(err, &u) || u.Events != 1 || u.ByReason["server_drop"] != 1 || u.Err == nil {
			t.Fatalf("bad event: got %v and %v, want it dropped by the server", id, err)
		}
	}
	<-done
	if n := len(c.main.syncs.calls); n != 0 {
		t.Errorf("%d calls are remembered, want 0", n)
	}
	_ = c.Close(t.Context())

	p = newPostHog()
	p.status[pathV0] = 400
	c, ctx = p.client(t, Config{Sync: true})
	pair := probe{&EventSpec{Name: "old", Twin: "new", Props: []Prop{{Key: "a"}}}, typedInt}
	var u *UndeliveredError
	if _, err := pair.TryCapture(ctx); !errors.As(err, &u) || u.ByReason["rejected"] != 2 || u.Events != 2 {
		t.Errorf("pair: %v, want 2 rejected", err)
	}
	if u != nil && uint64(u.Bytes) == 0 {
		t.Error("the error does not tell the bytes")
	}
	_ = c.Close(t.Context())
}

// What is refused was never waited for.
func TestSyncRefuses(t *testing.T) {
	p := newPostHog()
	c, ctx := p.client(t, Config{Sync: true})
	if _, err := TryCapture(ctx, "", nil); !errors.Is(err, ErrInvalid) {
		t.Errorf("no name: %v, want ErrInvalid", err)
	}
	w := begin(ctx, &untypedEvent, "late", nil, true)
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := w.End(); !errors.Is(err, ErrClosed) {
		t.Errorf("client closed in between: %v, want ErrClosed", err)
	}
	if n := len(c.main.syncs.calls); n != 0 {
		t.Errorf("%d calls are remembered, want 0", n)
	}
}

// Close ends the calls that wait.
func TestSyncMeetsClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPostHog()
		p.hang[pathV0] = make(chan struct{})
		c, ctx := p.client(t, Config{Sync: true, RequestTimeout: time.Hour, MaxAge: 2 * time.Hour})
		var err error
		go func() { _, err = TryCapture(ctx, "e", nil) }()
		synctest.Wait()
		closing, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = c.Close(closing)
		synctest.Wait()
		var u *UndeliveredError
		if !errors.As(err, &u) || u.ByReason["shutdown_deadline"] != 1 {
			t.Errorf("got %v, want the event lost at Close's deadline", err)
		}
	})
}

type capturingHandler struct {
	slog.Handler
	capture func()
}

func (h capturingHandler) Handle(context.Context, slog.Record) error { h.capture(); return nil }
func (h capturingHandler) Enabled(context.Context, slog.Level) bool  { return true }

type capturingMarshaler func()

func (f capturingMarshaler) MarshalJSON() ([]byte, error) { f(); return []byte("1"), nil }

// Whoever is called by the client may capture, and wait, without a deadlock.
func TestSyncFromCallbacks(t *testing.T) {
	for _, name := range []string{"OnDelivered", "OnLost", "OnViolation", "Logger", "BeforeSend", "Marshaler"} {
		synctest.Test(t, func(t *testing.T) {
			p := newPostHog()
			if name == "OnLost" || name == "Logger" {
				p.result = func(event string) string {
					if event == "outer" {
						return `{"result":"drop"}`
					}
					return `{"result":"ok"}`
				}
			}
			var ctx context.Context
			inner := 0
			call := func() {
				if inner++; inner > 3 {
					return
				}
				if id, err := TryCapture(ctx, "inner", nil); id == uuid.Nil || err != nil {
					t.Errorf("%s: inner call: %v and %v", name, id, err)
				}
			}
			cfg := Config{Sync: true, Protocol: V1}
			props := Props{}
			switch name {
			case "OnDelivered":
				cfg.OnDelivered = func(Delivered) { call() }
			case "OnLost":
				cfg.OnLost = func(LostEvent) { call() }
			case "OnViolation":
				cfg.OnViolation = func(Violation) { call() }
			case "Logger":
				cfg.Logger = slog.New(capturingHandler{slog.DiscardHandler, call})
			case "BeforeSend":
				cfg.BeforeSend = func(m *Message) bool {
					if m.Event == "outer" {
						call()
					}
					return true
				}
			case "Marshaler":
				props["m"] = capturingMarshaler(call)
			}
			var c *Client
			c, ctx = p.client(t, cfg)
			start := time.Now()
			_, _ = TryCapture(ctx, "outer", props, InGroup("org", ""))
			synctest.Wait()
			if err := c.Flush(t.Context()); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s: took %v", name, took)
			}
			if inner == 0 {
				t.Errorf("%s was not called", name)
			}
			_ = c.Close(t.Context())
		})
	}
}
