package runtime

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Stats is one consistent view of what became of every event. At every instant
// Accepted = Sent + Lost + Queued + InFlight + Spooled.
type Stats struct {
	Accepted   uint64 // events that a capturing call took, or that were found in the spool
	Sent       uint64 // the endpoint confirmed them
	Lost       uint64 // given up after they were accepted
	Queued     uint64 // in memory, waiting for a request or for a retry
	InFlight   uint64 // in a request that has no answer yet
	Spooled    uint64 // on disk only; 0 without a spool
	Refused    uint64 // never accepted
	Violations uint64 // broken rules of the plan, of accepted and of refused events

	LostBy       map[string]uint64 // Lost by reason: rejected, server_drop, unconfirmed, too_large, expired, retries, shutdown_deadline, spool_corrupt
	RefusedBy    map[string]uint64 // Refused by reason, one for each error of TryCapture, opted_out, and rate_limited for exceptions
	ViolationsBy map[string]uint64 // Violations by event; "" for those of scopes, "…" for events beyond 1,000
}

// A refusal is why an event was not accepted.
type refusal uint8

const (
	refusedClosed refusal = iota
	refusedFull
	refusedTooLarge
	refusedDisabled
	refusedOptedOut
	refusedSampled
	refusedHook
	refusedInvalid
	refusedLimited
)

// refusals are the keys of Stats.RefusedBy.
var refusals = [...]string{
	refusedClosed:   "closed",
	refusedFull:     "queue_full",
	refusedTooLarge: "too_large",
	refusedDisabled: "disabled",
	refusedOptedOut: "opted_out",
	refusedSampled:  "sampled",
	refusedHook:     "before_send",
	refusedInvalid:  "invalid",
	refusedLimited:  "rate_limited",
}

// counters counts what never reaches the queue. The queue counts the rest.
type counters struct {
	refused [len(refusals)]atomic.Uint64

	mu         sync.Mutex
	violations map[string]uint64 // by event
}

const (
	maxCounted  = 1000 // events whose violations are counted apart (TestViolationsByIsBounded)
	otherEvents = "…"  // what the others are counted under
)

// refuse counts n events that were not accepted.
func (c *Client) refuse(why refusal, n uint64) { c.counters.refused[why].Add(n) }

// violated counts n violations of an event. Names that are made up at run time do not
// make the map grow without bound.
func (c *counters) violated(event string, n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.violations == nil {
		c.violations = make(map[string]uint64)
	}
	if _, ok := c.violations[event]; !ok && len(c.violations) >= maxCounted {
		event = otherEvents
	}
	c.violations[event] += n
}

// Stats counts what became of every event since New. The maps are the caller's, and
// never nil. A closed client counts on; a nil one counts nothing.
func (c *Client) Stats() Stats {
	if c == nil {
		return Stats{LostBy: map[string]uint64{}, RefusedBy: map[string]uint64{}, ViolationsBy: map[string]uint64{}}
	}
	s := Stats{
		LostBy:       make(map[string]uint64),
		RefusedBy:    make(map[string]uint64),
		ViolationsBy: make(map[string]uint64),
	}
	for _, l := range c.opened() {
		q := l.queue.Stats()
		s.Accepted += q.Accepted
		s.Sent += q.Sent
		s.Lost += q.Lost
		s.Queued += q.Queued
		s.InFlight += q.InFlight
		s.Spooled += q.Spooled
		for reason, n := range q.LostBy {
			s.LostBy[reason] += n
		}
	}
	for why, name := range refusals {
		if n := c.counters.refused[why].Load(); n > 0 {
			s.RefusedBy[name] = n
			s.Refused += n
		}
	}
	c.counters.mu.Lock()
	defer c.counters.mu.Unlock()
	maps.Copy(s.ViolationsBy, c.counters.violations)
	for _, n := range s.ViolationsBy {
		s.Violations += n
	}
	return s
}
