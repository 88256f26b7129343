package queue

import (
	"fmt"
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
	Garbled           // the answer is none: the same request goes once more, after a pause
	Mixed             // each event has an outcome of its own: Delivered, Retry or Drop
	Drop              // of one event: the endpoint took the request and threw the event away
)

// A Verdict is the result of one attempt.
type Verdict struct {
	Outcome Outcome
	After   time.Duration // of Retry, Hold and Mixed: the endpoint wants a pause of so long; at most maxFloor counts
	Pace    time.Duration // of Retry: a sensible pause; Close does not keep to it
	Err     error         // why it was not delivered
	Each    []Single      // of Mixed: one for each event, in their order
}

// A Single is what an attempt means for one event.
type Single struct {
	Outcome Outcome // Delivered, Retry or Drop
	Err     error   // why it was not delivered
}

// A fate is how a request ends: sent, or the reason why it is lost.
type fate string

const (
	undecided fate = ""
	sent      fate = "sent"
)

// A ruling is what a verdict did.
type ruling struct {
	ends    []end  // what it settled
	pause   *Pause // the breaker opened
	resumed bool   // the breaker closed
}

// An end is a request that is over, or the part of one.
type end struct {
	r    *Request
	fate fate
	err  error // why it is lost
}

// judge applies v to r: it changes the breaker, and queues r again, whole or in parts, or
// says how it ends.
func (q *Queue) judge(r *Request, v Verdict) ruling {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, ok := q.inFlight[r]; !ok {
		return ruling{} // lost already: Close's deadline passed while it was in flight
	}
	delete(q.inFlight, r)
	q.land()
	var out ruling
	now := time.Now()
	if q.ctx.Err() == nil { // an attempt cut short says nothing about the endpoint
		out.pause, out.resumed = q.sense(r, v, now)
	}
	if v.Outcome == Mixed && len(v.Each) == r.Events {
		out.ends = q.ruleEach(r, v)
	} else if fate := q.rule(r, v.Outcome, now); fate != undecided {
		out.ends = []end{{r, fate, v.Err}}
	}
	if len(out.ends) == 0 {
		q.rouse()
	}
	return out
}

// sense tells the breaker what v says about the endpoint.
func (q *Queue) sense(r *Request, v Verdict, now time.Time) (pause *Pause, resumed bool) {
	opened := false
	switch v.Outcome {
	case Retry, Hold, Garbled:
		opened = q.breaker.fail(now, r.era, v)
	case Mixed:
		again, settled := false, false
		for _, s := range v.Each {
			again = again || s.Outcome == Retry
			settled = settled || s.Outcome != Retry
		}
		switch {
		case again && settled:
			opened = q.breaker.strain(now, r.era, v)
		case again:
			opened = q.breaker.fail(now, r.era, v)
		default:
			return nil, q.breaker.succeed(r.era)
		}
	default:
		return nil, q.breaker.succeed(r.era)
	}
	if !opened {
		return nil, false
	}
	q.limit = 1
	return &Pause{Err: v.Err, Wait: q.breaker.until.Sub(now), Hold: q.breaker.hold, Waiting: int(q.stats.Queued + q.stats.InFlight)}, false
}

// rule says how r ends, or queues it again.
func (q *Queue) rule(r *Request, o Outcome, now time.Time) fate {
	switch o {
	case Delivered:
		q.thrive(r)
		return sent
	case Retry:
		return q.again(r)
	case Garbled:
		if r.garbled {
			return Unsure
		}
		r.garbled = true
		return q.again(r)
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
		if q.cfg.Spool == nil {
			return Rejected
		}
		r.Attempts-- // it waits for another key, not for the endpoint
		q.requeue(r)
	default: // a Mixed that does not say what became of each event
		return Rejected
	}
	return undecided
}

// ruleEach says how the events of r end that a Mixed verdict settles, and queues the
// others again.
func (q *Queue) ruleEach(r *Request, v Verdict) []end {
	var taken, again []int
	dropped := map[string][]int{} // by what the endpoint says
	var causes []error
	for i, s := range v.Each {
		switch s.Outcome {
		case Delivered:
			taken = append(taken, i)
		case Retry:
			again = append(again, i)
		default:
			text := fmt.Sprint(s.Err)
			if dropped[text] == nil {
				causes = append(causes, s.Err)
			}
			dropped[text] = append(dropped[text], i)
		}
	}
	var ends []end
	if len(taken) > 0 {
		q.thrive(r)
		ends = append(ends, end{r.with(taken), sent, nil})
	}
	for _, err := range causes {
		ends = append(ends, end{r.with(dropped[fmt.Sprint(err)]), Dropped, err})
	}
	if len(again) > 0 {
		rest := r.with(again)
		if fate := q.again(rest); fate != undecided {
			ends = append(ends, end{rest, fate, v.Err})
		}
	}
	return ends
}

// thrive notes that the endpoint took events of r.
func (q *Queue) thrive(r *Request) {
	if r.isolation != nil {
		r.isolation.renew()
	}
	backlog := len(q.retries) > 0 || q.waiting.reaches(tally{q.cfg.BatchSize, q.cfg.BatchBytes})
	if backlog && q.breaker.failures == 0 {
		q.limit = min(q.limit+1, maxInFlight)
	}
}

// again queues r for a resend, unless it has had too many.
func (q *Queue) again(r *Request) fate {
	if q.cfg.MaxRetries >= 0 && r.Attempts > q.cfg.MaxRetries {
		return Retries
	}
	q.requeue(r)
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
		loss := Loss{Entries: slices.Collect(r.Entries()), Events: r.Events, Bytes: r.Bytes, Reason: string(reason), Err: err}
		q.cfg.Lost(loss)
	}
	q.settle(r, reason, err)
}

// settle accounts for the end of r and frees its room. err is why it was lost, if
// somebody knows.
func (q *Queue) settle(r *Request, how fate, err error) {
	if q.cfg.Spool != nil {
		for _, p := range r.parts {
			q.cfg.Spool.Settle(p.b.Entries[p.lo:p.hi])
		}
	}
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
	q.track(p.b.epoch, p.lo-p.hi, -p.size())
	if q.live[p.b.epoch] == nil {
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
