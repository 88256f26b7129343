package sink

import (
	"encoding/json"
	"fmt"
	"slices"
)

// A Flag is one flag of a reply as it stands there.
type Flag struct {
	Key     string
	Enabled bool
	Variant string // of an enabled flag; empty: none

	// Payload is JSON: at PostHog always a string that holds JSON once more, such as
	// "\"{}\"". What is no JSON is sent as a string, and nil as null.
	Payload json.RawMessage

	ID, Version   int64
	HasExperiment *bool  // nil leaves it out, as older servers do
	Reason        string // a code, such as "condition_match"
	Condition     int    // that decided, from 0; less than 0: none
	Failed        bool   // says that the flag could not be evaluated
}

// descriptions are what the server says to people beside a code.
var descriptions = map[string]string{
	"no_condition_match":      "No matching condition set",
	"out_of_rollout_bound":    "Out of rollout bound",
	"no_group_type":           "No group type",
	"super_condition_value":   "Super condition value",
	"holdout_condition_value": "Holdout condition value",
	"flag_disabled":           "Feature flag is disabled",
}

// description explains the reason to people; empty if nothing is to be said.
func (f Flag) description() string {
	if f.Reason == "condition_match" && f.Condition >= 0 {
		return fmt.Sprintf("Matched condition set %d", f.Condition+1)
	}
	return descriptions[f.Reason]
}

// value is the flag in one value, as older servers send it.
func (f Flag) value() any {
	if f.Enabled && f.Variant != "" {
		return f.Variant
	}
	return f.Enabled
}

// payload is the JSON of the payload.
func (f Flag) payload() json.RawMessage {
	if f.Payload == nil || json.Valid(f.Payload) {
		return f.Payload
	}
	return marshal(string(f.Payload))
}

// A flagSet is what a sink knows about flags.
type flagSet struct {
	order       []string                   // keys, in the order in which they were set first
	values      map[string]map[string]Flag // by key, then distinct ID; "" is everyone
	answer      func(FlagRequest) []Flag
	definitions document
	configs     map[string][]byte // payloads of remote config by key
	replies     uint64            // that named themselves
}

// SetFlag makes replies about these distinct IDs hold the flag, or those about
// everyone if none is named. What was set for one person wins over what was set for
// everyone, whichever came later.
func (s *Sink) SetFlag(f Flag, distinctIDs ...string) {
	f.Payload = slices.Clone(f.Payload)
	if len(distinctIDs) == 0 {
		distinctIDs = []string{""}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flags.values == nil {
		s.flags.values = map[string]map[string]Flag{}
	}
	if s.flags.values[f.Key] == nil {
		s.flags.values[f.Key] = map[string]Flag{}
		s.flags.order = append(s.flags.order, f.Key)
	}
	for _, id := range distinctIDs {
		s.flags.values[f.Key][id] = f
	}
}

// RemoveFlag takes back all that SetFlag said about the key.
func (s *Sink) RemoveFlag(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.flags.values, key)
	s.flags.order = slices.DeleteFunc(s.flags.order, func(k string) bool { return k == key })
}

// AnswerFlags asks f for the flags of every reply, where those of SetFlag win. Nil
// asks nobody. Requests call it concurrently.
func (s *Sink) AnswerFlags(f func(FlagRequest) []Flag) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flags.answer = f
}

// LimitFlags makes the quota of flag requests used up: replies say so and hold no
// flag, and definitions meet 402.
func (s *Sink) LimitFlags(on bool) { s.set(func(c *conditions) { c.limited = on }) }

// FailFlags makes replies say that not all flags could be computed. A flag that
// failed makes its own reply say so anyway.
func (s *Sink) FailFlags(on bool) { s.set(func(c *conditions) { c.failing = on }) }

// MinimalFlagEvents makes replies allow small $feature_flag_called events.
func (s *Sink) MinimalFlagEvents(on bool) { s.set(func(c *conditions) { c.minimal = on }) }

// LegacyFlags makes every reply have the shape of older servers, whatever version
// the request names.
func (s *Sink) LegacyFlags(on bool) { s.set(func(c *conditions) { c.legacy = on }) }

// flagsFor returns the flags of the reply to a request, in the order of the answer
// and then of their first setting.
func (s *Sink) flagsFor(r FlagRequest) []Flag {
	s.mu.Lock()
	ask := s.flags.answer
	set := make([]Flag, 0, len(s.flags.order))
	for _, key := range s.flags.order {
		f, ok := s.flags.values[key][r.DistinctID]
		if !ok {
			f, ok = s.flags.values[key][""]
		}
		if ok {
			set = append(set, f)
		}
	}
	s.mu.Unlock()
	var answered []Flag
	if ask != nil { // without the lock: it may use the sink
		answered = ask(r)
	}
	at := map[string]int{} // in all, which must not hold a key twice
	var all []Flag
	for _, f := range slices.Concat(answered, set) {
		if r.Keys != nil && !slices.Contains(r.Keys, f.Key) {
			continue
		}
		if i, ok := at[f.Key]; ok {
			all[i] = f
			continue
		}
		at[f.Key] = len(all)
		all = append(all, f)
	}
	return all
}
