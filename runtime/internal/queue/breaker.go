package queue

import (
	"math/rand/v2"
	"time"
)

const (
	minDelay  = 100 * time.Millisecond // before any resend
	maxDelay  = 30 * time.Second       // of our own accord
	maxFloor  = 5 * time.Minute        // when the endpoint asks
	holdDelay = time.Minute            // between probes of an endpoint that refuses the key
)

// A breaker is the state of the endpoint. While it is open nothing is sent before
// until, and then one request at a time: an outage costs one request an interval,
// however much waits (TestOutage).
type breaker struct {
	failures int // in a row; 0: closed
	until    time.Time
	asked    bool // until is the endpoint's wish
	hold     bool // the endpoint refuses the key: a probe risks one event
	hurried  bool // somebody waits for the end: pauses of our own accord are short
	era      uint64
}

// A Pause says that the endpoint failed and that delivery waits.
type Pause struct {
	Err     error
	Wait    time.Duration
	Hold    bool // the endpoint refuses the key
	Waiting int  // events
}

// fail records that a request begun in era failed. It reports false if the breaker
// opened or closed since: several requests that fail together are one failure.
func (b *breaker) fail(now time.Time, era uint64, v Verdict) bool {
	floor := min(max(v.After, 0), maxFloor)
	if era != b.era {
		if at := now.Add(floor); b.failures > 0 && floor > 0 && at.After(b.until) {
			b.until, b.asked = at, true
		}
		return false
	}
	delay := holdDelay
	switch {
	case v.Outcome == Hold:
	case b.hurried:
		delay = backoff(0, rand.Float64())
	default:
		delay = max(backoff(b.failures, rand.Float64()), v.Pace)
	}
	b.era++
	b.failures++
	b.hold = v.Outcome == Hold
	b.asked = floor >= delay
	b.until = now.Add(max(delay, floor))
	return true
}

// strain records that the endpoint took some events of a request begun in era and wants
// the others again: it works, but needs a pause.
func (b *breaker) strain(now time.Time, era uint64, v Verdict) bool {
	if era == b.era {
		b.failures = 0
	}
	return b.fail(now, era, v)
}

// succeed records that the endpoint works, and reports whether that closed the
// breaker. An answer to a request from before the failure says nothing about now.
func (b *breaker) succeed(era uint64) bool {
	if era != b.era || b.failures == 0 {
		return false
	}
	*b = breaker{era: b.era + 1, hurried: b.hurried}
	return true
}

// hurry ends a wait that is our own choice, and keeps those to come short.
func (b *breaker) hurry() {
	b.hurried = true
	if !b.asked {
		b.until = time.Time{}
	}
}

// backoff is the delay after n failures in a row before the last one, for a random
// u of [0,1): 0.1 s + U(0, 1 s·2ⁿ), at most 30 s. The random part is most of it, so
// that clients that failed together do not come back together.
func backoff(n int, u float64) time.Duration {
	spread := min(time.Second<<min(n, 5), maxDelay-minDelay)
	return minDelay + time.Duration(u*float64(spread))
}

// A sizeCap remembers that the endpoint takes no requests of more than bytes.
type sizeCap struct {
	bytes int
	until time.Time
}

// sizeCapFor is how long a 413 is remembered: a proxy's limit seldom changes, but
// one odd answer must not make requests small for ever.
const sizeCapFor = 10 * time.Minute

// limit returns the number of bytes that one request may hold now.
func (s sizeCap) limit(now time.Time, configured int) int {
	if now.Before(s.until) {
		return min(s.bytes, configured)
	}
	return configured
}
