package dev

import (
	"github.com/phgen/phgen/internal/sink"
)

// rejudgeStep is how many events are judged anew between two looks at the store.
const rejudgeStep = 256

// A rejudged is an event that is kept with what another plan says of it.
type rejudged struct {
	seq  uint64
	path string
	raw  []byte
	judgement
}

// rejudge has p judge the events that were kept when it became the plan, the newest ones
// first. It ends early when p is no longer the plan.
func (s *Store) rejudge(p *plan) {
	s.mu.Lock()
	high := s.kept.last()
	s.mu.Unlock()
	for {
		step := s.outdated(p, &high)
		if len(step) == 0 {
			s.judged(p)
			return
		}
		events := make([]sink.Event, 0, len(step))
		for i := range step {
			event, err := sink.ParseEvent(step[i].path, step[i].raw)
			if err != nil {
				continue // it was taken once, so there is none
			}
			step[i].judgement = p.assess(event)
			events = append(events, event)
		}
		if !s.replace(p, step) {
			return
		}
		p.cover(events)
	}
}

// outdated returns the next events to judge, down from high, which it lowers.
func (s *Store) outdated(p *plan, high *uint64) []rejudged {
	s.mu.Lock()
	defer s.mu.Unlock()
	var step []rejudged
	for ; s.plan == p && *high >= s.kept.first && len(step) < rejudgeStep; *high-- {
		if e := s.kept.entry(*high); e != nil && e.planning < p.number {
			step = append(step, rejudged{seq: *high, path: s.kept.words.text(e.path), raw: e.raw})
		}
	}
	return step
}

// replace puts the new judgements in place of the old ones; it reports false if p is no
// longer the plan.
func (s *Store) replace(p *plan, step []rejudged) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plan != p {
		return false
	}
	for _, r := range step {
		e := s.kept.entry(r.seq)
		if e == nil || r.verdict == "" {
			continue
		}
		before := s.kept.row(r.seq)
		s.kept.judge(e, r.judgement, p.number)
		s.tally.change(before, s.kept.row(r.seq))
	}
	s.kept.fit() // the new findings may be longer
	s.revision++
	s.change()
	return true
}

// judged tells that p has judged all that is kept.
func (s *Store) judged(p *plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plan == p {
		s.plans++
		s.change()
	}
}
