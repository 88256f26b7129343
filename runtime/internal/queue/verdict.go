package queue

import (
	"math/bits"
	"slices"
	"time"
)

// An Outcome is what an attempt means for its events.
type Outcome uint8

// The outcomes.
const (
	Delivered Outcome = iota
	Retry             // the endpoint failed: the same request goes again, after a pause
	Split             // the request was too large: its halves go at once
	Isolate           // the endpoint refuses something in it: bisect until that stands alone
	Hold              // the endpoint refuses the key: these events are lost, the others wait
)

// A Verdict is the result of one attempt.
type Verdict struct {
	Outcome Outcome
	After   time.Duration // of Retry and Hold: wait at least so long; at most maxFloor counts
	Err     error         // why it was not delivered
}

// A fate is how a request ends: sent, or the reason why it is lost.
type fate string

const (
	undecided fate = ""
	sent      fate = "sent"
)

// A ruling is what a verdict did.
type ruling struct {
	fate    fate
	pause   *Pause // the breaker opened
	resumed bool   // the breaker closed
}

// judge applies v to r: it changes the breaker, and either queues r again, whole or
// in halves, or says that it ends.
func (q *Queue) judge(r *Request, v Verdict) ruling {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, ok := q.inFlight[r]; !ok {
		return ruling{} // lost already: Close's deadline passed while it was in flight
	}
	delete(q.inFlight, r)
	if q.grounded != nil && len(q.inFlight) == 0 {
		close(q.grounded)
	}
	var out ruling
	now := time.Now()
	switch {
	case q.ctx.Err() != nil: // an attempt cut short says nothing about the endpoint
	case v.Outcome == Retry || v.Outcome == Hold:
		if q.breaker.fail(now, r.era, v) {
			q.limit = 1
			out.pause = &Pause{Err: v.Err, Wait: q.breaker.until.Sub(now), Hold: q.breaker.hold, Waiting: int(q.stats.Queued + q.stats.InFlight)}
		}
	default:
		out.resumed = q.breaker.succeed(r.era)
	}
	out.fate = q.rule(r, v.Outcome, now)
	if out.fate == undecided {
		q.rouse()
	}
	return out
}

// rule says how r ends, or queues it again.
func (q *Queue) rule(r *Request, o Outcome, now time.Time) fate {
	switch o {
	case Delivered:
		if r.isolation != nil {
			r.isolation.renew()
		}
		backlog := len(q.retries) > 0 || q.waiting.reaches(tally{q.cfg.BatchSize, q.cfg.BatchBytes})
		if backlog && q.breaker.failures == 0 {
			q.limit = min(q.limit+1, maxInFlight)
		}
		return sent
	case Retry:
		if q.cfg.MaxRetries >= 0 && r.Attempts > q.cfg.MaxRetries {
			return Retries
		}
		q.requeue(r)
	case Split:
		if r.Events == 1 {
			return TooLarge
		}
		q.sizeCap = sizeCap{r.Bytes / 2, now.Add(sizeCapFor)}
		q.halve(r)
	case Isolate:
		if r.isolation == nil {
			r.isolation = newIsolation(r.Events)
		}
		if r.Events == 1 || !r.isolation.spend() {
			return Rejected
		}
		q.halve(r)
	case Hold:
		return Rejected
	}
	return undecided
}

// halve queues r again as two requests. What made it fail was its content, so the
// attempt does not count.
func (q *Queue) halve(r *Request) {
	r.Attempts--
	head, tail := r.split((r.Events + 1) / 2)
	q.requeue(tail)
	q.requeue(head)
}

// requeue puts r, which was in flight, in front of what is not older.
func (q *Queue) requeue(r *Request) {
	r.flying = false
	q.stats.InFlight -= uint64(r.Events)
	q.stats.Queued += uint64(r.Events)
	i := slices.IndexFunc(q.retries, func(o *Request) bool { return !o.at.Before(r.at) })
	if i < 0 {
		i = len(q.retries)
	}
	q.retries = slices.Insert(q.retries, i, r)
}

// lose ends r without delivery.
func (q *Queue) lose(r *Request, reason fate, err error) {
	if q.cfg.Lost != nil {
		loss := Loss{Entries: slices.Collect(r.Entries()), Bytes: r.Bytes, Reason: string(reason), Err: err}
		q.cfg.Lost(loss)
	}
	q.settle(r, reason, err)
}

// settle accounts for the end of r and frees its room. err is why it was lost, if
// somebody knows.
func (q *Queue) settle(r *Request, how fate, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := uint64(r.Events)
	if r.flying {
		q.stats.InFlight -= n
	} else {
		q.stats.Queued -= n
	}
	if how == sent {
		q.stats.Sent += n
	} else {
		q.stats.lose(string(how), n)
	}
	for _, p := range r.parts {
		q.release(p, how, err)
	}
	q.free(tally{r.Events, r.Bytes})
	q.rouse()
}

// release tells those who wait for p's events that they are settled.
func (q *Queue) release(p part, how fate, err error) {
	if how != sent {
		q.report(p, how, err)
	}
	t := q.live[p.b.epoch]
	t.add(p.lo-p.hi, -p.size())
	if t.events == 0 {
		delete(q.live, p.b.epoch)
		q.notify()
	}
	p.b.live -= p.hi - p.lo
	if p.b.live == 0 && !q.aborted { // after an abort somebody may still read or hold it
		q.idle.put(p.b)
	}
}

// An isolation is the search for the events that a healthy endpoint refuses. All
// requests that came of one share it.
//
// It may make as many extra requests as finding one bad event takes, 2·log2 n, and
// as many again after every delivery. An endpoint that refuses everything, a wrong
// address say, therefore costs few requests a batch (TestRefuseEverything).
type isolation struct{ budget, full int }

func newIsolation(events int) *isolation {
	n := 2 * bits.Len(uint(events-1))
	return &isolation{budget: n, full: n}
}

// spend takes the two requests of a bisection from the budget, or reports false.
func (i *isolation) spend() bool {
	if i.budget < 2 {
		return false
	}
	i.budget -= 2
	return true
}

func (i *isolation) renew() { i.budget = i.full }
