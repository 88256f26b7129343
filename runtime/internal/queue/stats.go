package queue

import "maps"

// Stats is one consistent view: Accepted = Sent + Lost + Queued + InFlight + Spooled.
type Stats struct {
	Accepted, Sent, Lost, Queued, InFlight uint64

	Spooled uint64 // on disk only

	LostBy map[string]uint64
}

// Stats counts what became of every event. The map is the caller's.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.stats
	s.LostBy = make(map[string]uint64, len(q.stats.LostBy))
	maps.Copy(s.LostBy, q.stats.LostBy)
	return s
}

// lose counts n events as lost.
func (s *Stats) lose(reason string, n uint64) {
	if s.LostBy == nil {
		s.LostBy = make(map[string]uint64)
	}
	s.Lost += n
	s.LostBy[reason] += n
}
