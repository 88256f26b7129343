package dev

// Summary returns the state of things.
func (s *Store) Summary() Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := Summary{
		Run: s.run, Started: s.started, Last: s.kept.last(), Kept: s.kept.n, KeptBytes: s.kept.bytes(), Dropped: s.kept.dropped,
		Requests: s.requests.count, Refused: s.requests.refused, Replays: s.requests.replays,
		Plan: s.plan.state(),
	}
	sum.Plan.Error, sum.Plan.Revision = s.planError, s.plans
	s.tally.summary(&sum)
	return sum
}

// Coverage tells how much of the plan the events of this run have used. After another plan
// was set, those that are kept.
func (s *Store) Coverage() CoverageDoc { return s.current().coverage() }
