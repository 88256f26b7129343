package flagset

import (
	"maps"
	"slices"

	"github.com/phgen/phgen/internal/dev"
)

// Rows returns the flags in the order of the plan, then the others of the file by key.
// The default of one that depends on the person is nil.
func (s *Set) Rows() []dev.FlagRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := make([]dev.FlagRow, len(s.flags))
	for i, f := range s.flags {
		c := s.calls[f.key]
		rows[i] = dev.FlagRow{
			Key:         f.key,
			Description: f.description,
			Values:      slices.Clone(f.values),
			Default:     f.standard,
			Source:      f.source,
			Everyone:    f.everyone,
			People:      maps.Clone(f.people),
			Plan:        f.pos,
			Called:      c.count,
			Answers:     c.clonedAnswers(),
		}
	}
	return rows
}
