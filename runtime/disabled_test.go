package runtime

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// A client that is disabled refuses what comes, delivers what came before, and then keeps
// neither a goroutine nor a connection. Enabled again it works.
func TestSetDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := bubbleGoroutines()
		p := newPostHog()
		c, ctx := p.client(t, Config{FlushEvery: 5 * time.Second})
		for round := range 3 {
			Capture(ctx, "e", nil)
			CaptureAI(ctx, "ai", nil)
			c.SetDisabled(true)
			c.SetDisabled(true)
			for _, call := range []func() (uuid.UUID, error){
				func() (uuid.UUID, error) { return TryCapture(ctx, "refused", nil) },
				func() (uuid.UUID, error) { return small(projectID, "x", 1).TryCapture(ctx) },
				func() (uuid.UUID, error) { return untyped(ctx, &untypedAI, "refused", nil, nil) },
			} {
				if id, err := call(); id != uuid.Nil || !errors.Is(err, ErrDisabled) {
					t.Errorf("round %d: got %v and %v, want ErrDisabled", round, id, err)
				}
			}
			time.Sleep(5 * time.Second)
			synctest.Wait()
			n := uint64(round + 1)
			if s := c.Stats(); s.Accepted != 2*n || s.Sent != 2*n || s.RefusedBy["disabled"] != 3*n || s.Refused != 3*n {
				t.Errorf("round %d: %+v, want %d accepted and sent, %d disabled", round, s, 2*n, 3*n)
			}
			if got := bubbleGoroutines() - before; got != 0 {
				t.Errorf("round %d: %d goroutines are left", round, got)
			}
			c.SetDisabled(false)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// What was accepted is delivered even if the endpoint fails for a while.
func TestSetDisabledDuringOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := bubbleGoroutines()
		p := newPostHog()
		p.status[pathV0] = 503
		c, ctx := p.client(t, Config{})
		Capture(ctx, "e", nil)
		c.SetDisabled(true)
		time.Sleep(time.Hour)
		p.mu.Lock()
		p.status[pathV0] = 0
		p.mu.Unlock()
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := bubbleGoroutines() - before; got != 0 || c.Stats().Sent != 1 {
			t.Errorf("%d goroutines are left and %+v, want the event sent", got, c.Stats())
		}
		_ = c.Close(t.Context())
	})
}

// connections counts those of a server that are open.
type connections struct {
	mu   sync.Mutex
	open map[net.Conn]bool
	most int
	gone chan struct{} // takes a value whenever one is closed
}

func (c *connections) watch(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open[conn] = true
		c.most = max(c.most, len(c.open))
	case http.StateClosed, http.StateHijacked:
		delete(c.open, conn)
		c.gone <- struct{}{}
	}
}

// Over real connections: none stays open.
func TestSetDisabledClosesConnections(t *testing.T) {
	for _, protocol := range []Protocol{V0, V1} {
		conns := &connections{open: map[net.Conn]bool{}, gone: make(chan struct{}, 100)}
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(`{"results":{}}`)) }))
		s.Config.ConnState = conns.watch
		s.Start()
		defer s.Close()
		c, err := New(Config{APIKey: "phc_k", Host: s.URL, Protocol: protocol, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		ctx := With(t.Context(), UseClient(c), User("u_1"))
		for round := range 2 {
			Capture(ctx, "e", nil)
			CaptureAI(ctx, "ai", nil)
			if err := c.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.SetDisabled(true)
			for range 2 {
				select {
				case <-conns.gone:
				case <-time.After(10 * time.Second):
					t.Fatalf("round %d: connections are still open", round)
				}
			}
			c.SetDisabled(false)
		}
		conns.mu.Lock()
		if len(conns.open) != 0 || conns.most != 2 {
			t.Errorf("%d connections are open, of %d, want 0 of 2", len(conns.open), conns.most)
		}
		conns.mu.Unlock()
		_ = c.Close(t.Context())
	}
}

// A client that was made disabled opens nothing until it is enabled.
func TestSetDisabledOfDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPostHog()
		c, ctx := p.client(t, Config{Disabled: true, Host: "http://ph.test"})
		if _, err := TryCapture(ctx, "e", nil); !errors.Is(err, ErrDisabled) || c.main != nil {
			t.Errorf("got %v, want ErrDisabled and no lane", err)
		}
		if err := c.Flush(t.Context()); err != nil {
			t.Errorf("Flush: %v", err)
		}
		c.SetDisabled(true)
		c.SetDisabled(false)
		if _, err := TryCapture(ctx, "e", nil); err != nil {
			t.Errorf("enabled: %v", err)
		}
		if err := c.Close(t.Context()); err != nil || len(p.took[pathV0]) != 1 {
			t.Errorf("Close: %v, %v arrived, want 1", err, p.took)
		}
		if s := c.Stats(); s.Accepted != 1 || s.Sent != 1 || s.RefusedBy["disabled"] != 1 {
			t.Errorf("%+v, want 1 sent, 1 refused", s)
		}
	})
}

// Some clients stay as they are.
func TestSetDisabledHasNoEffect(t *testing.T) {
	var none *Client
	none.SetDisabled(true)
	none.SetDisabled(false)

	keyless, err := New(Config{Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	broken, err := New(Config{APIKey: "phc_k", BatchSize: -1})
	if err == nil {
		t.Fatal("New took a negative BatchSize")
	}
	for name, c := range map[string]*Client{"keyless": keyless, "broken": broken} {
		c.SetDisabled(false)
		if _, err := TryCapture(With(t.Context(), UseClient(c)), "e", nil); !errors.Is(err, ErrDisabled) {
			t.Errorf("%s: %v, want ErrDisabled", name, err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Errorf("%s: Close: %v", name, err)
		}
	}

	for _, disabled := range []bool{false, true} {
		p := newPostHog()
		c, ctx := p.client(t, Config{Disabled: disabled})
		_ = c.Close(t.Context())
		for _, set := range []bool{true, false, true, false} {
			c.SetDisabled(set)
			if _, err := TryCapture(ctx, "e", nil); !errors.Is(err, ErrClosed) || len(c.opened()) > 1 {
				t.Errorf("made disabled %v, closed, SetDisabled(%v): %v, want ErrClosed", disabled, set, err)
			}
		}
	}
}

// An event that meets SetDisabled half-way is delivered, and its goroutine ends.
func TestSetDisabledHalfway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := bubbleGoroutines()
		p := newPostHog()
		c, ctx := p.client(t, Config{})
		for _, foreign := range []bool{false, true} {
			c.SetDisabled(false)
			w := begin(ctx, &untypedEvent, "e", nil, foreign)
			c.SetDisabled(true)
			synctest.Wait()
			if _, err := w.End(); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := bubbleGoroutines() - before; got != 0 || c.Stats().Sent != 2 {
			t.Errorf("%d goroutines are left and %+v, want 2 sent", got, c.Stats())
		}
		_ = c.Close(t.Context())
	})
}

// SetDisabled may race with everything.
func TestSetDisabledRace(t *testing.T) {
	p := newPostHog()
	c, ctx := p.client(t, Config{Disabled: true, FlushEvery: time.Millisecond, QueueSize: 1 << 20})
	var all, switching sync.WaitGroup
	var mu sync.Mutex
	accepted := uint64(0)
	stop := make(chan struct{})
	for n := range 2 {
		switching.Go(func() {
			for i := n; ; i++ {
				select {
				case <-stop:
					return
				default:
					c.SetDisabled(i%2 == 0)
				}
			}
		})
	}
	for range 4 {
		all.Go(func() {
			n := uint64(0)
			for i := range 500 {
				var err error
				switch i % 3 {
				case 0:
					_, err = TryCapture(ctx, "e", nil)
				case 1:
					_, err = untyped(ctx, &untypedAI, "ai", nil, nil)
				default:
					_, err = small(projectID, "x", 1).TryCapture(ctx)
				}
				if err == nil {
					n++
				} else if !errors.Is(err, ErrDisabled) {
					t.Error(err)
				}
				c.Stats()
			}
			mu.Lock()
			accepted += n
			mu.Unlock()
		})
	}
	all.Wait()
	close(stop)
	switching.Wait()
	c.SetDisabled(true)
	if err := c.Flush(context.Background()); err != nil {
		t.Error(err)
	}
	if s := c.Stats(); s.Accepted != accepted || s.Sent != accepted || s.Accepted+s.RefusedBy["disabled"] != 2000 {
		t.Errorf("%+v, want %d accepted and sent, and the rest of 2000 disabled", s, accepted)
	}
	if err := c.Close(context.Background()); err != nil {
		t.Error(err)
	}
}
