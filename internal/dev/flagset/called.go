package flagset

import (
	"encoding/json"
	"maps"

	"github.com/phgen/phgen/internal/sink"
)

// Bounds on what is remembered of calls.
const (
	maxCalled  = 2000 // flags
	maxAnswers = 50   // of each, which the values of a plan's flag may exceed
	maxText    = 256  // bytes of a key or an answer
)

// calls are the calls of flags by key, whether or not there is such a flag.
type calls map[string]call

type call struct {
	count   uint64
	answers map[string]int // by JSON text
}

// Called counts a $feature_flag_called event; it does nothing with any other. Flags beyond
// the first 2,000 are not counted, nor are answers of a flag beyond its first 50 different
// ones, or of more than 256 bytes.
func (s *Set) Called(e sink.Event) {
	if e.Name != "$feature_flag_called" {
		return
	}
	key, _ := e.Properties["$feature_flag"].(string)
	if key == "" || len(key) > maxText {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, there := s.calls[key]
	if !there {
		if len(s.calls) == maxCalled {
			return
		}
		if s.calls == nil {
			s.calls = calls{}
		}
		c.answers = map[string]int{}
	}
	c.count++
	c.answer(e.Properties["$feature_flag_response"])
	s.calls[key] = c
	s.signal()
}

func (c *call) answer(v any) {
	switch v.(type) {
	case nil, bool, string, json.Number:
	default:
		return // no flag answers so
	}
	text := string(marshal(v))
	if _, there := c.answers[text]; len(text) <= maxText && (there || len(c.answers) < maxAnswers) {
		c.answers[text]++
	}
}

// clonedAnswers are a copy of the answers; nil if there are none.
func (c *call) clonedAnswers() map[string]int {
	if len(c.answers) == 0 {
		return nil
	}
	return maps.Clone(c.answers)
}
