package queue

import (
	"math"
	"slices"
	"time"
)

// maxInFlight bounds the requests in flight. Their number is one at first and while
// the breaker is open, and grows by one with every success while a backlog stands.
const maxInFlight = 8

// dispatch is the one delivery loop. It ends when the queue is closed, or may rest, and
// every event is settled.
func (q *Queue) dispatch(done chan struct{}) {
	defer close(done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		q.mu.Lock()
		if (q.closed || q.resting) && q.settled() {
			rested := q.resting && !q.closed
			q.started = false
			q.mu.Unlock()
			if rested && q.cfg.Rested != nil {
				q.cfg.Rested()
			}
			return
		}
		now := time.Now()
		old := q.expire(now)
		var r *Request
		wait := time.Duration(0)
		if old == nil {
			r, wait = q.next(now)
			wait = min(wait, q.startLoad(now))
		}
		if r != nil {
			q.begin(r)
		}
		if q.idle.trim(now) {
			wait = min(wait, idleAfter)
		}
		q.mu.Unlock()

		switch {
		case old != nil:
			q.lose(old, Expired, nil)
		case r != nil:
			go q.deliver(r) // until Send returns, which it does when q.ctx ends
		default:
			timer.Reset(wait)
			select {
			case <-q.wake:
			case <-timer.C:
			}
		}
	}
}

// settled reports whether nothing is left to deliver. What an earlier process left on disk
// does not count.
func (q *Queue) settled() bool {
	return q.stats.Queued+q.stats.InFlight == 0 && (q.aborted || len(q.spills) == 0 && !q.loading)
}

// next chooses the next request, or says how long nothing is to be sent unless
// somebody wakes the dispatcher.
func (q *Queue) next(now time.Time) (*Request, time.Duration) {
	q.wakeAt, q.wanted = never, false
	rest := q.untilExpiry(now)
	if q.ctx.Err() != nil {
		return nil, rest
	}
	if len(q.inFlight) >= q.limit {
		return nil, rest
	}
	if wait := q.breaker.until.Sub(now); wait > 0 {
		return nil, min(wait, rest)
	}
	if r := q.retry(now); r != nil {
		return r, 0
	}
	if len(q.line) == 0 {
		q.wakeAt = tally{1, 1}
		return nil, rest
	}
	trigger := tally{q.cfg.BatchSize, q.cfg.BatchBytes}
	oldest := q.line[0]
	wait := oldest.at.Add(q.cfg.FlushEvery).Sub(now)
	if wait > 0 && !q.waiting.reaches(trigger) && oldest.epoch == q.epoch && !q.pressed && !q.closed {
		q.wakeAt = trigger
		return nil, min(wait, rest)
	}
	if r := q.gather(now); r != nil {
		return r, 0
	}
	q.wanted = true // what there is is on loan, for a moment
	return nil, rest
}

// limits returns what the next request may hold. An endpoint that refuses the key
// is probed with one event, because the probe is lost if the key is still refused.
func (q *Queue) limits(now time.Time) tally {
	t := tally{math.MaxInt, q.sizeCap.limit(now, q.cfg.BatchBytes)}
	if q.breaker.hold {
		t.events = 1
	}
	return t
}

// retry takes the oldest request that has to be sent again, cut to the limits.
func (q *Queue) retry(now time.Time) *Request {
	if len(q.retries) == 0 {
		return nil
	}
	r := q.retries[0]
	q.retries = slices.Delete(q.retries, 0, 1)
	limit := q.limits(now)
	for r.Events > 1 && (r.Events > limit.events || r.Bytes > limit.bytes) {
		head, tail := r.split(min(limit.events, (r.Events+1)/2))
		q.retries = slices.Insert(q.retries, 0, tail)
		r = head
	}
	return r
}

// gather makes a request of what waits, oldest first, skipping batches on loan. It
// returns nil if all of them are.
func (q *Queue) gather(now time.Time) *Request {
	limit := q.limits(now)
	r := &Request{Assembled: now}
	clear(q.seen)
	kept := q.line[:0]
	for i, b := range q.line {
		if b.lent {
			kept = append(kept, b)
			continue
		}
		all := r.take(b, limit, q.seen)
		if b.taken > 0 {
			q.shut(b)
		}
		if !all { // r is full
			kept = append(kept, q.line[i:]...)
			break
		}
	}
	clear(q.line[len(kept):])
	q.line = kept
	if r.Events == 0 {
		return nil
	}
	q.waiting.add(-r.Events, -r.Bytes)
	q.pressed = false
	return r
}

// shut makes b take no more events.
func (q *Queue) shut(b *Batch) {
	q.open = slices.DeleteFunc(q.open, func(o *Batch) bool { return o == b })
}

// begin counts r as in flight.
func (q *Queue) begin(r *Request) {
	if r.Number == 0 {
		q.numbered++
		r.Number = q.numbered
	}
	r.Try++
	r.Attempts++
	r.flying = true
	r.era = q.breaker.era
	q.inFlight[r] = struct{}{}
	q.stats.Queued -= uint64(r.Events)
	q.stats.InFlight += uint64(r.Events)
}

// deliver makes one attempt and applies its verdict.
func (q *Queue) deliver(r *Request) {
	start := time.Now()
	v := q.cfg.Send(q.ctx, r)
	took := time.Since(start)
	out := q.judge(r, v)
	if out.pause != nil && q.cfg.Paused != nil {
		q.cfg.Paused(*out.pause)
	}
	if out.resumed && q.cfg.Resumed != nil {
		q.cfg.Resumed()
	}
	for _, end := range out.ends {
		if end.fate != sent {
			q.lose(end.r, end.fate, end.err)
			continue
		}
		if q.cfg.Delivered != nil {
			q.cfg.Delivered(end.r, took)
		}
		q.settle(end.r, sent, nil)
	}
}

// expire removes what is older than MaxAge from what waits, and returns it as a
// request, or nil. A batch is as old as its first event, so one that stays open for
// long, in an outage, takes no more before the difference matters.
func (q *Queue) expire(now time.Time) *Request {
	old := new(Request)
	tooOld := func(at time.Time) bool { return now.Sub(at) >= q.cfg.MaxAge }
	q.retries = slices.DeleteFunc(q.retries, func(r *Request) bool {
		return tooOld(r.at) && r.shed(old, tooOld)
	})
	before := tally{old.Events, old.Bytes}
	q.line = slices.DeleteFunc(q.line, func(b *Batch) bool {
		if b.lent || !tooOld(b.at) {
			return false
		}
		q.shut(b)
		return old.take(b, never, nil)
	})
	q.waiting.add(before.events-old.Events, before.bytes-old.Bytes)
	q.open = slices.DeleteFunc(q.open, func(b *Batch) bool {
		return len(b.Entries) > 0 && now.Sub(b.at) >= q.cfg.MaxAge/64
	})
	if old.Events == 0 {
		return nil
	}
	return old
}

// untilExpiry returns the time until something that waits is too old. What is too old
// already is on loan, and looked at again when it is not.
func (q *Queue) untilExpiry(now time.Time) time.Duration {
	oldest := now
	for _, r := range q.retries {
		if r.at.Before(oldest) {
			oldest = r.at
		}
	}
	if len(q.line) > 0 && q.line[0].at.Before(oldest) {
		oldest = q.line[0].at
	}
	if left := q.cfg.MaxAge - now.Sub(oldest); left > 0 {
		return left
	}
	return time.Second
}
