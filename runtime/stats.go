package runtime

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Stats is one consistent view of what became of every event. At every instant
// Accepted = Sent + Lost + Queued + InFlight + Spooled.
type Stats struct {
	Accepted   uint64 // events that a capturing call took
	Sent       uint64 // the endpoint confirmed them
	Lost       uint64 // given up after they were accepted
	Queued     uint64 // in memory, waiting for a request or for a retry
	InFlight   uint64 // in a request that has no answer yet
	Spooled    uint64 // on disk only; 0 without a spool
	Refused    uint64 // never accepted
	Violations uint64 // broken rules of the plan, of accepted and of refused events

	LostBy    map[string]uint64 // Lost by reason: rejected, too_large, expired, retries, shutdown_deadline
	RefusedBy map[string]uint64 // Refused by reason, one for each error of TryCapture and opted_out
}

// The reasons for which an event is refused: keys of Stats.RefusedBy.
const (
	refusedClosed   = "closed"
	refusedFull     = "queue_full"
	refusedTooLarge = "too_large"
	refusedDisabled = "disabled"
	refusedOptedOut = "opted_out"
	refusedSampled  = "sampled"
	refusedHook     = "before_send"
	refusedInvalid  = "invalid"
)

// counters counts what never reaches the queue. The queue counts the rest.
type counters struct {
	violations atomic.Uint64

	mu      sync.Mutex
	refused map[string]uint64
}

// refuse counts n events that were not accepted.
func (c *Client) refuse(reason string, n uint64) {
	c.counters.mu.Lock()
	defer c.counters.mu.Unlock()
	if c.counters.refused == nil {
		c.counters.refused = make(map[string]uint64)
	}
	c.counters.refused[reason] += n
}

// Stats counts what became of every event since New. The maps are the caller's.
// A nil client counts nothing.
func (c *Client) Stats() Stats {
	if c == nil {
		return Stats{LostBy: map[string]uint64{}, RefusedBy: map[string]uint64{}}
	}
	q := c.queue.Stats()
	s := Stats{
		Accepted:   q.Accepted,
		Sent:       q.Sent,
		Lost:       q.Lost,
		Queued:     q.Queued,
		InFlight:   q.InFlight,
		Violations: c.counters.violations.Load(),
		LostBy:     q.LostBy,
		RefusedBy:  make(map[string]uint64),
	}
	c.counters.mu.Lock()
	defer c.counters.mu.Unlock()
	maps.Copy(s.RefusedBy, c.counters.refused)
	for _, n := range s.RefusedBy {
		s.Refused += n
	}
	return s
}
