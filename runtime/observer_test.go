package runtime

import (
	"bytes"
	"context"
	"log/slog"
	goruntime "runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// quietClient returns a client that only logs, to the returned buffer. The buffer may
// be read when the observer is idle.
func quietClient() (*Client, *bytes.Buffer) {
	var out bytes.Buffer
	c := &Client{cfg: Config{Logger: slog.New(slog.NewTextHandler(&out, nil))}}
	c.observe = &observer{c: c}
	return c, &out
}

func TestObserverKeepsOrder(t *testing.T) {
	c, _ := quietClient()
	var got []int
	for i := range 100 {
		c.observe.later(func() { got = append(got, i) })
	}
	c.observe.drain(t.Context())
	for i, n := range got {
		if i != n {
			t.Fatalf("observation %d ran as number %d", n, i)
		}
	}
	if len(got) != 100 {
		t.Errorf("%d observations ran, want 100", len(got))
	}
}

func TestObserverSurvivesPanics(t *testing.T) {
	c, out := quietClient()
	ran := false
	c.observe.later(func() { panic("boom") })
	c.observe.later(func() { ran = true })
	c.observe.drain(t.Context())
	if !ran {
		t.Error("what came behind a panic did not run")
	}
	if !strings.Contains(out.String(), "panic=boom") {
		t.Errorf("log %q, want the panic", out)
	}
}

type panickingHandler struct{ slog.Handler }

func (panickingHandler) Enabled(context.Context, slog.Level) bool { panic("boom") }

func TestObserverSurvivesItsLogger(t *testing.T) {
	c, _ := quietClient()
	c.cfg.Logger = slog.New(panickingHandler{})
	c.observe.later(func() { panic("boom") })
	c.observe.drain(t.Context())
}

// A slow callback misses observations, and the log says how many.
func TestObserverMisses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, out := quietClient()
		ran := 0
		slow := func() { ran++; time.Sleep(time.Millisecond) }
		c.observe.later(slow)
		synctest.Wait() // the first is taken at once
		for range maxObservations + 500 {
			c.observe.later(slow)
		}
		c.observe.drain(t.Context())
		if ran != maxObservations+1 {
			t.Errorf("%d observations ran, want %d", ran, maxObservations+1)
		}
		if !strings.Contains(out.String(), "missed_observations=500") {
			t.Errorf("log %q, want 500 missed", out)
		}
	})
}

// Close waits for callbacks as long as they make progress.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := quietClient()
		for range 100 {
			c.observe.later(func() { time.Sleep(80 * time.Millisecond) })
		}
		start := time.Now()
		c.observe.drain(t.Context())
		if took := time.Since(start); took != 8*time.Second {
			t.Errorf("drain took %v, want 8s", took)
		}

		hang := make(chan struct{})
		c.observe.later(func() { <-hang })
		start = time.Now()
		c.observe.drain(t.Context())
		if took := time.Since(start); took > 2*observerGrace {
			t.Errorf("drain of a callback that hangs took %v, want at most %v", took, 2*observerGrace)
		}
		close(hang)
		synctest.Wait()

		for range 100 { // they get on, but ctx has ended
			c.observe.later(func() { time.Sleep(80 * time.Millisecond) })
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		start = time.Now()
		c.observe.drain(ended)
		if took := time.Since(start); took > observerGrace {
			t.Errorf("drain beyond its context took %v, want at most %v", took, observerGrace)
		}
		time.Sleep(10 * time.Second)
	})
}

// A callback that ends its goroutine, as FailNow of package testing does, ends no other.
func TestObserverSurvivesGoexit(t *testing.T) {
	c, _ := quietClient()
	ran := false
	c.observe.later(goruntime.Goexit)
	c.observe.later(func() { ran = true })
	c.observe.drain(t.Context())
	if !ran {
		t.Error("what came behind a Goexit did not run")
	}
}
