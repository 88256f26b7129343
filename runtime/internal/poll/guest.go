package poll

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// A guest is a function of somebody else's.
type guest struct {
	name    string
	running atomic.Bool
	told    string // the last report about it; "" if it went well since
}

// guests are all there are.
type guests struct{ fetch, shouldFetch, load, store, close, onChange guest }

func (g *guests) name() {
	g.fetch.name = "loading flag definitions"
	g.shouldFetch.name = "asking the definition cache whose turn it is"
	g.load.name = "reading the definition cache"
	g.store.name = "writing the definition cache"
	g.close.name = "closing the definition cache"
	g.onChange.name = "telling of new flag definitions"
}

// A guestError says what a guest did.
type guestError struct {
	name string
	err  error
}

func (e *guestError) Error() string { return e.name + ": " + e.err.Error() }
func (e *guestError) Unwrap() error { return e.err }

// bounded returns a context that ends after d, with a cause that says so.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, &overdueError{d})
}

// An overdueError says that a call took too long.
type overdueError struct{ after time.Duration }

func (e *overdueError) Error() string   { return fmt.Sprintf("no answer within %v", e.after) }
func (e *overdueError) Is(t error) bool { return t == context.DeadlineExceeded }

var (
	errBusy = errors.New("the last call has not returned yet")
	errExit = errors.New("it ended its goroutine")
)

// ask calls f, of the guest g, in a goroutine of its own and waits until ctx ends. The
// answer of a call that nobody waits for any more is dropped.
func ask[T any](ctx context.Context, p *Poller, g *guest, f func(context.Context) (T, error)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	var none T
	if !g.running.CompareAndSwap(false, true) {
		return none, errBusy
	}
	done := make(chan answer, 1)
	p.wg.Add(1)
	go func() { // until f returns
		defer p.wg.Done()
		a := answer{err: errExit}
		defer func() {
			if v := recover(); v != nil {
				a = answer{err: fmt.Errorf("panic: %v", v)}
			}
			g.running.Store(false)
			done <- a
		}()
		a.v, a.err = f(ctx)
	}()
	select {
	case a := <-done:
		if a.err != nil && ctx.Err() != nil {
			a.err = context.Cause(ctx) // the same text, whoever says it first
		}
		return a.v, a.err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// report reports what a guest did wrong, unless that is what it did the last time.
func (p *Poller) report(g *guest, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	p.mu.Lock()
	news := text != "" && text != g.told
	g.told = text
	p.mu.Unlock()
	if news && p.cfg.Report != nil {
		defer func() { _ = recover() }() // there is nobody left to tell
		p.cfg.Report(&guestError{g.name, err})
	}
}

// The changes are what OnChange is to be told.
type changes struct {
	untold  bool
	telling bool
}

// changed tells OnChange of the current state, soon.
func (p *Poller) changed() {
	if p.cfg.OnChange == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changes.untold = true
	if !p.changes.telling {
		p.changes.telling = true
		p.wg.Add(1)
		go p.tell() // until there is nothing to tell
	}
}

func (p *Poller) tell() {
	defer p.wg.Done()
	for {
		p.mu.Lock()
		if !p.changes.untold {
			p.changes.telling = false
			p.mu.Unlock()
			return
		}
		p.changes.untold = false
		p.mu.Unlock()
		_, err := ask(context.Background(), p, &p.guests.onChange, func(context.Context) (struct{}, error) {
			p.cfg.OnChange(p.State())
			return struct{}{}, nil
		})
		p.report(&p.guests.onChange, err)
	}
}
