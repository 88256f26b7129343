package phtest

import (
	"encoding/json"

	"github.com/phgen/phgen/internal/sink"
)

// SetFlag makes the server answer with the flag: true, false, or the key of a
// variant as a string. It replaces what was set for the same people before, and wins
// over definitions. Another kind of value, or a payload that has no JSON, fails the
// test at once.
func (s *Server) SetFlag(key string, value any, opts ...FlagOption) {
	s.t.Helper()
	no := false
	f := flag{Flag: sink.Flag{Key: key, ID: 1, Version: 1, HasExperiment: &no, Reason: "no_condition_match", Condition: -1}}
	switch v := value.(type) {
	case bool:
		f.Enabled = v
	case string:
		f.Enabled, f.Variant = true, v
	}
	if !f.Enabled && value != false || value == "" {
		s.t.Fatalf("phtest: flag %q: %#v is no value of a flag; use true, false or the key of a variant", key, value)
	}
	if f.Enabled {
		f.Reason, f.Condition = "condition_match", 0
	}
	for _, opt := range opts {
		opt(&f)
	}
	if f.err != nil {
		s.t.Fatalf("phtest: payload of flag %q: %v", key, f.err)
	}
	s.sink.SetFlag(f.Flag, f.people...)
}

// RemoveFlag takes back all that SetFlag said about the flag. It does nothing if that
// is nothing.
func (s *Server) RemoveFlag(key string) { s.sink.RemoveFlag(key) }

// A FlagOption says more about a flag that [Server.SetFlag] sets. Options combine; of
// two that say the same the last one counts. A flag without any is for everyone, has
// no payload and no experiment, ID and version 1, and a reason that fits its value.
type FlagOption func(*flag)

type flag struct {
	sink.Flag
	people []string // distinct IDs; none: everyone
	err    error
}

// For makes the flag one of these people only. What is set for a person wins over
// what is set for everyone.
func For(distinctIDs ...string) FlagOption {
	return func(f *flag) { f.people = distinctIDs }
}

// Payload gives the flag the JSON of v as its payload, which travels as a string that
// holds JSON, as at PostHog.
func Payload(v any) FlagOption {
	text, err := payload(v)
	return func(f *flag) { f.Payload, f.err = text, err }
}

// payload returns a JSON string that holds the JSON of v.
func payload(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return json.Marshal(string(text))
}

// Reason says why the flag has its value: a code such as "out_of_rollout_bound", and
// the number of the condition that decided, from 0; -1 is none.
func Reason(code string, condition int) FlagOption {
	return func(f *flag) { f.Reason, f.Condition = code, condition }
}

// Metadata gives the flag a numeric ID and a version.
func Metadata(id, version int64) FlagOption {
	return func(f *flag) { f.ID, f.Version = id, version }
}

// Experiment makes the flag that of an experiment, whose events are never minimal.
func Experiment() FlagOption {
	return func(f *flag) { yes := true; f.HasExperiment = &yes }
}

// Failed makes the server say that it could not evaluate the flag, whatever its value,
// and therefore not all of the flags.
func Failed() FlagOption { return func(f *flag) { f.Failed = true } }

// LimitFlags makes the project's quota of flag requests used up, or not any more:
// replies hold no flag and say why, and definitions meet 402.
func (s *Server) LimitFlags(on bool) { s.sink.LimitFlags(on) }

// FailFlags makes replies say that not all flags could be computed, or not any more.
func (s *Server) FailFlags(on bool) { s.sink.FailFlags(on) }

// MinimalFlagEvents makes replies with flags allow minimal events about them, or not
// any more. Definitions say it themselves.
func (s *Server) MinimalFlagEvents(on bool) { s.sink.MinimalFlagEvents(on) }

// LegacyFlags makes replies with flags have the shape of older servers, or not any
// more: values and payloads, but no reasons, no metadata and no ID of the request.
func (s *Server) LegacyFlags(on bool) { s.sink.LegacyFlags(on) }

// Secret answers 401 to every request for definitions or remote config without that
// secret key from now on, which revokes all others. With an empty one, as in the
// beginning, any will do, but not none.
func (s *Server) Secret(key string) { s.sink.Secret(key) }

// SetRemoteConfig makes the JSON of v the remote config of a flag. A value that has
// no JSON fails the test at once.
func (s *Server) SetRemoteConfig(key string, v any) {
	s.t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		s.t.Fatalf("phtest: remote config %q: %v", key, err)
	}
	s.sink.SetRemoteConfig(key, text)
}
