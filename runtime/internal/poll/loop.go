package poll

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/phgen/phgen/runtime/internal/flagapi"
)

// A flight is one attempt to load. All who want one while it lasts share it.
type flight struct {
	done chan struct{} // closed when it ended
	err  error         // valid then
}

func newFlight() *flight { return &flight{done: make(chan struct{})} }

// run is the loop: the only goroutine that loads.
func (p *Poller) run() {
	defer p.end()
	timer := time.NewTimer(p.cfg.Every)
	defer timer.Stop()
	for {
		p.load()
		timer.Reset(p.rest(time.Now()))
		select {
		case <-timer.C:
		case <-p.wake:
		case <-p.ctx.Done():
			return
		}
	}
}

// load makes one attempt.
func (p *Poller) load() {
	f := p.begin(time.Now())
	var err error
	func() {
		defer func() {
			if v := recover(); v != nil { // a mistake of ours must not end the loop
				err = fmt.Errorf("panic: %v", v)
			}
		}()
		err = p.refresh()
	}()
	if p.ctx.Err() != nil {
		err = ErrClosed
	} else {
		p.note(err)
	}
	p.finish(f, err)
}

// begin takes the flight that waits, or a new one.
func (p *Poller) begin(now time.Time) *flight {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.wake:
	default:
	}
	if p.flight == nil {
		p.flight = newFlight()
	}
	p.attempt = now
	return p.flight
}

func (p *Poller) finish(f *flight, err error) {
	p.mu.Lock()
	p.flight = nil
	p.mu.Unlock()
	f.err = err
	close(f.done)
	select {
	case <-p.first:
	default:
		close(p.first)
	}
}

// join returns the flight in progress, or one that the loop is to make.
func (p *Poller) join(now time.Time) (*flight, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, ErrClosed
	case p.cfg.Fetch == nil && p.cfg.Cache == nil:
		return nil, ErrNoSource
	case p.flight != nil:
		return p.flight, nil
	}
	if rest := p.backoff.until.Sub(now); rest > 0 {
		return nil, fmt.Errorf("no attempt for another %v: %w", rest.Round(time.Millisecond), p.backoff.err)
	}
	p.flight = newFlight()
	p.wake <- struct{}{} // there is room: a token stands for a flight
	return p.flight, nil
}

// note remembers how an attempt ended.
func (p *Poller) note(err error) {
	p.mu.Lock()
	p.err = err
	if err == nil {
		p.success = time.Now()
	}
	p.mu.Unlock()
	p.report(&p.guests.fetch, err)
}

// end ends the flight that the loop will not make, and waits for all that it began.
func (p *Poller) end() {
	p.mu.Lock()
	f := p.flight
	p.mu.Unlock()
	if f != nil {
		p.finish(f, ErrClosed)
	}
	p.closeCache()
	p.wg.Wait()
	close(p.gone)
}

// A backoff is what an endpoint that refuses has earned.
type backoff struct {
	refusals int // in a row
	until    time.Time
	err      error // the last refusal
}

const (
	maxBackoff    = time.Minute
	maxRetryAfter = 5 * time.Minute
)

// answered takes note of an answer of Fetch, or of none.
func (p *Poller) answered(err error, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var status *flagapi.StatusError
	if err == nil {
		p.backoff = backoff{}
	}
	if !errors.As(err, &status) {
		return
	}
	pause := min(status.RetryAfter, maxRetryAfter)
	switch status.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		p.backoff.refusals++
		pause = max(pause, p.backoff.pause(p.cfg.Every))
	}
	if pause > 0 {
		p.backoff.until, p.backoff.err = now.Add(pause), err
	}
}

// pause returns every, doubled with each refusal. The loop never sleeps less than every.
func (b *backoff) pause(every time.Duration) time.Duration {
	pause := every
	for i := 0; i < b.refusals && pause < maxBackoff; i++ {
		pause *= 2
	}
	return min(pause, maxBackoff)
}

// rest returns how long the loop sleeps.
func (p *Poller) rest(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(p.cfg.Every, p.backoff.until.Sub(now))
}
