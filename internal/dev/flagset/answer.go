package flagset

import (
	"github.com/phgen/phgen/internal/flaganswer"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/runtime/flags"
)

// Answer returns what PostHog would answer to the request: the flags evaluated for a
// person and for groups who have the properties of the request and no others. As at
// PostHog inactive flags are left out, and one that depends on what is not known here, such
// as a static cohort or a group that the request does not name, failed.
func (s *Set) Answer(r sink.FlagRequest) []sink.Flag {
	s.mu.Lock()
	d := s.served.answers
	s.mu.Unlock()
	return flaganswer.Answer(d, r, nil)
}

// RemoteConfig returns the JSON of a flag's payload as remote config: that of true. It is
// empty if the flag has none or is set to false for everyone, and not ok if there is no
// such flag.
func (s *Set) RemoteConfig(key string) (payload []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.byKey[key]
	if f == nil {
		return nil, false
	}
	if f.everyone == false {
		return nil, true
	}
	def, _ := s.served.answers.Lookup(key)
	text, _ := def.Payload(flags.True)
	return []byte(text), true
}
