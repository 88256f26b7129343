package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// grace is how long Close waits, after its deadline, for requests to notice it.
const grace = 50 * time.Millisecond

// Pending is the reason of events that are still queued when a Flush ends early.
const Pending = "pending"

// Kept is the reason of events that Close leaves on disk.
const Kept fate = "spooled"

// An Undelivered error tells what Flush or Close waited for in vain.
type Undelivered struct {
	Events, Bytes int
	ByReason      map[string]uint64
	Err           error // why: of the ended context, else of the first loss; nil if nobody knows
}

func (u *Undelivered) Error() string { return fmt.Sprintf("%d events undelivered", u.Events) }

// add counts n events of so many bytes.
func (u *Undelivered) add(reason string, n, bytes int) {
	if u.ByReason == nil {
		u.ByReason = make(map[string]uint64)
	}
	u.Events += n
	u.Bytes += bytes
	u.ByReason[reason] += uint64(n)
}

// A watch waits until no event of an epoch up to last is left. Every flush begins
// an epoch: events accepted later do not prolong it.
type watch struct {
	last uint64
	lost Undelivered
	done chan struct{}
}

// watch begins to wait for all events up to epoch last.
func (q *Queue) watch(last uint64) *watch {
	w := &watch{last: last, done: make(chan struct{})}
	q.watches = append(q.watches, w)
	q.notify()
	return w
}

// pending counts what w still waits for.
func (q *Queue) pending(w *watch) tally {
	var sum tally
	for epoch, t := range q.live {
		if epoch <= w.last {
			sum.add(t.events, t.bytes)
		}
	}
	return sum
}

// report notes the loss of p with those who wait for it.
func (q *Queue) report(p part, how fate, err error) {
	for _, w := range q.watches {
		if p.b.epoch <= w.last {
			w.lost.add(string(how), p.hi-p.lo, p.size())
			w.lost.Err = cmp.Or(w.lost.Err, err)
		}
	}
}

// notify ends the watches that have nothing left to wait for.
func (q *Queue) notify() {
	q.watches = slices.DeleteFunc(q.watches, func(w *watch) bool {
		if q.pending(w).events > 0 {
			return false
		}
		close(w.done)
		return true
	})
}

// unwatch ends w and returns what it saw: nil if everything was delivered. err says
// why nobody waits any longer.
func (q *Queue) unwatch(w *watch, err error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := q.pending(w)
	q.watches = slices.DeleteFunc(q.watches, func(o *watch) bool { return o == w })
	if left.events > 0 {
		w.lost.add(Pending, left.events, left.bytes)
		w.lost.Err = err
	}
	if w.lost.Events == 0 {
		return nil
	}
	return &w.lost
}

// Waiting reports whether any event is not settled. What an earlier process left on disk
// does not count.
func (q *Queue) Waiting() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.live) > 0
}

// Flush sends what waits without regard to BatchSize and FlushEvery. It returns when
// every event accepted before the call is delivered or lost, or when ctx ends, and
// then tells what was not delivered as an *Undelivered.
func (q *Queue) Flush(ctx context.Context) error {
	q.mu.Lock()
	if len(q.live) == 0 { // nothing to wait for, which a flush after every request often finds
		q.mu.Unlock()
		return nil
	}
	w := q.watch(q.epoch)
	q.epoch++
	q.rouse()
	q.mu.Unlock()
	select {
	case <-w.done:
	case <-ctx.Done():
	}
	return q.unwatch(w, context.Cause(ctx))
}

// Close refuses new events and delivers the others until ctx ends, then gives up
// what is left. The queue has no goroutine when it returns. What was lost since the
// call is told as an *Undelivered; a second call returns nil at once.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil
	}
	q.closed = true
	q.dismiss()
	q.breaker.hurry()
	w := q.watch(math.MaxUint64)
	done := q.done
	if !q.started {
		done = w.done // nobody delivers, so there is nothing to deliver
	}
	if ctx.Err() != nil {
		q.cancel() // or the dispatcher, once roused, could begin a request before abort
	}
	q.rouse()
	q.mu.Unlock()

	var ended error
	for _, finished := range []chan struct{}{w.done, done} {
		select {
		case <-finished:
		case <-ctx.Done():
			if ended == nil {
				ended = context.Cause(ctx)
				q.abort(ended)
			}
			<-finished // nothing is left that could hold it up
		}
	}
	q.cancel()
	err := q.unwatch(w, nil)
	if u := (*Undelivered)(nil); errors.As(err, &u) && u.ByReason[string(Shutdown)]+u.ByReason[string(Kept)] > 0 {
		u.Err = ended
	}
	return err
}

// abort cancels the requests in flight and gives up every event.
func (q *Queue) abort(cause error) {
	q.mu.Lock()
	q.cancel()
	grounded := make(chan struct{})
	q.grounded = grounded
	q.land()
	q.mu.Unlock()
	select {
	case <-grounded:
	case <-time.After(grace):
	}
	rest, kept := q.remainder()
	if rest.Events > 0 {
		q.lose(rest, Shutdown, cause)
	}
	if kept.Events > 0 {
		q.keep(kept)
	}
}

// land tells abort that nothing is under way any more.
func (q *Queue) land() {
	if q.grounded != nil && len(q.inFlight) == 0 && !q.loading {
		close(q.grounded)
		q.grounded = nil
	}
}

// remainder takes every event that is not settled, those of requests that do not
// return included, and divides them into those that are lost now and those on disk.
func (q *Queue) remainder() (rest, kept *Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.aborted = true
	for r := range q.inFlight {
		q.requeue(r)
	}
	clear(q.inFlight)
	all := new(Request)
	for _, r := range q.retries {
		for _, p := range r.parts {
			all.add(p.b, p.lo, p.hi)
		}
	}
	for _, b := range q.line {
		all.take(b, never, nil)
	}
	var lost, safe []int
	i := 0
	for e := range all.Entries() {
		if e.Ticket == 0 {
			lost = append(lost, i)
		} else {
			safe = append(safe, i)
		}
		i++
	}
	for _, s := range q.spills { // what was never read back is safe, too
		for _, w := range q.watches {
			if s.epoch <= w.last {
				w.lost.add(string(Kept), s.events, s.bytes)
			}
		}
		q.track(s.epoch, -s.events, -s.bytes)
	}
	q.spills = nil
	q.retries, q.line, q.open, q.waiting, q.grounded = nil, nil, nil, tally{}, nil
	return all.with(lost), all.with(safe)
}
