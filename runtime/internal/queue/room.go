package queue

import (
	"context"
	"fmt"
	"slices"
)

// A waiter is a caller that waits for room. Room that becomes free is handed to
// waiters in the order they came, so that freeing some wakes only those it is for.
type waiter struct {
	need  tally
	ready chan struct{} // closed when need is reserved, or err set
	err   error
}

// fits reports whether need more fits into the bounds.
func (q *Queue) fits(need tally) bool {
	return q.used.events+need.events <= q.cfg.Events && q.used.bytes+need.bytes <= q.cfg.Bytes
}

// reserve takes room for need. It is called with q locked, and unlocks it while it
// waits.
func (q *Queue) reserve(ctx context.Context, need tally) error {
	if q.closed {
		return ErrClosed
	}
	if len(q.waiters) == 0 && q.fits(need) {
		q.used.add(need.events, need.bytes)
		return nil
	}
	q.press()
	if !q.cfg.Block || need.events > q.cfg.Events || need.bytes > q.cfg.Bytes {
		return ErrFull
	}
	w := &waiter{need: need, ready: make(chan struct{})}
	q.waiters = append(q.waiters, w)
	q.mu.Unlock()
	var ended error // made without the lock: the cause's text is other people's code
	select {
	case <-w.ready:
	case <-ctx.Done():
		ended = fmt.Errorf("%w: %w", ErrFull, context.Cause(ctx))
	}
	q.mu.Lock()
	if i := slices.Index(q.waiters, w); i >= 0 {
		q.waiters = slices.Delete(q.waiters, i, i+1)
		q.grant() // those behind w may need less
		return ended
	}
	if w.err == nil && q.closed { // granted, and then closed: nobody would send the event
		q.free(need)
		return ErrClosed
	}
	return w.err // nil if granted; ctx came too late
}

// free gives room back.
func (q *Queue) free(t tally) {
	q.used.add(-t.events, -t.bytes)
	q.grant()
}

// grant hands free room to the waiters in front.
func (q *Queue) grant() {
	for len(q.waiters) > 0 && q.fits(q.waiters[0].need) {
		w := q.waiters[0]
		q.waiters = slices.Delete(q.waiters, 0, 1)
		q.used.add(w.need.events, w.need.bytes)
		close(w.ready)
	}
}

// press makes what waits for BatchSize or FlushEvery leave now, because events are
// refused for lack of room.
func (q *Queue) press() {
	if !q.pressed {
		q.pressed = true
		q.rouse()
	}
}

// dismiss ends every wait for room.
func (q *Queue) dismiss() {
	for _, w := range q.waiters {
		w.err = ErrClosed
		close(w.ready)
	}
	q.waiters = nil
}
