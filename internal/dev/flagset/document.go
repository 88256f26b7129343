package flagset

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/phgen/phgen/runtime/flags"
)

// A served is the definitions as they are served.
type served struct {
	text    []byte
	answers *flags.Definitions // as PostHog itself evaluates them
}

// A document is what PostHog serves for local evaluation.
type document struct {
	Flags    []json.RawMessage `json:"flags"`
	Groups   map[int]string    `json:"group_type_mapping"`
	Cohorts  json.RawMessage   `json:"cohorts"`
	Minimal  bool              `json:"minimal_flag_called_events,omitempty"`
	Matching json.RawMessage   `json:"property_matching_version,omitempty"`
}

// Document returns the definitions for local evaluation. Its bytes change only with what
// the flags are; the caller must not change them.
func (s *Set) Document() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served.text
}

// compile makes what is served of the flags and what is set.
func (s *Set) compile() served {
	d := document{Flags: []json.RawMessage{}, Groups: map[int]string{}, Cohorts: json.RawMessage("{}")}
	for i, group := range s.groups {
		d.Groups[i] = group
	}
	if s.file != nil {
		d.Groups, d.Minimal, d.Matching = s.file.groups, s.file.minimal, s.file.matching
		if given(s.file.cohorts) {
			d.Cohorts = s.file.cohorts
		}
	}
	ordered := slices.SortedFunc(slices.Values(s.flags), func(a, b *flag) int { return strings.Compare(a.key, b.key) })
	remembers := false // PostHog, whom it gave which value
	for _, f := range ordered {
		raw := f.definition()
		remembers = remembers || bytes.Contains(raw, []byte(`"ensure_experience_continuity"`))
		d.Flags = append(d.Flags, raw)
	}
	own := served{text: marshal(d)}
	text := own.text
	if remembers {
		for i, raw := range d.Flags {
			d.Flags[i] = forgetful(raw)
		}
		text = marshal(d)
	}
	// What is served was parsed when it came, or is ours: only its length could be too much,
	// and that is bounded. Without definitions nothing is answered.
	own.answers, _ = flags.Parse(text)
	return own
}

// forgetful is a definition without experience continuity: nobody had another value
// before.
func forgetful(raw json.RawMessage) json.RawMessage {
	d := fields{}
	if json.Unmarshal(raw, &d) != nil {
		return raw // malformed, and nothing else
	}
	if _, there := d["ensure_experience_continuity"]; !there {
		return raw
	}
	delete(d, "ensure_experience_continuity")
	return marshal(d)
}

// marshal returns the JSON of a value that has one.
func marshal(v any) json.RawMessage {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // texts, numbers and valid JSON do not fail
	return bytes.TrimSuffix(text.Bytes(), []byte{'\n'})
}
