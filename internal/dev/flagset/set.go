// Package flagset is the feature flags that phgen dev serves: those of the plan and of a
// file of definitions, set for everyone or for one person while an application runs.
package flagset

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/phgen/phgen/internal/typo"
	"github.com/phgen/phgen/schema"
)

// ErrUnknownFlag says that a flag is neither in the plan nor in the file.
var ErrUnknownFlag = errors.New("no such flag")

// Bounds on what is set.
const (
	maxPeople   = 100      // per flag
	maxDocument = 60 << 20 // what is set may not make the document longer
)

// A Set is the flags that are served. Its zero value has none. It is safe for concurrent
// use, and nothing that it returns changes later.
type Set struct {
	mu      sync.Mutex
	plan    []*flag
	groups  []string // group types of the plan
	file    *file    // nil: none
	flags   []*flag  // the plan's in its order, then the file's
	byKey   map[string]*flag
	calls   calls
	served  served
	changed chan struct{} // nil: nobody waits
}

// New returns a set without flags.
func New() *Set {
	s := &Set{}
	s.merge()
	return s
}

// SetPlan makes the flags of p those of the plan from now on; nil has none. What was set
// stays as far as the flags still have such values.
//
// A boolean flag has its default, and so has a multivariate one. Without a default variant
// it is off, unless there is an experiment on it: then it is the control. Remote config is on.
// Payloads are made of the plan's defaults, else its examples; properties with neither are
// left out.
func (s *Set) SetPlan(p *schema.Plan) {
	planned, groups := plannedFlags(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan, s.groups = planned, groups
	s.merge()
	s.signal()
}

// SetFile makes the flags of doc, PostHog's document for local evaluation, those of the
// file from now on, which win over the plan's; nil has none. What was set stays as far as
// the flags still have such values. A document that cannot be used, or is longer than
// 8 MiB, changes nothing. Of any other the error is a *FileError about those of its flags
// that are malformed: they are served as they stand, and so is the rest.
func (s *Set) SetFile(name string, doc []byte) error {
	var read *file
	var malformed error
	if doc != nil {
		var err error
		if read, malformed, err = readFile(name, doc); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file = read
	s.merge()
	s.signal()
	return malformed
}

// merge makes the flags that are served of the plan's and the file's.
func (s *Set) merge() {
	before := s.byKey
	s.flags, s.byKey = nil, map[string]*flag{}
	add := func(f *flag) {
		own := *f
		if old := before[f.key]; old != nil {
			own.keep(old)
		}
		s.flags = append(s.flags, &own)
		s.byKey[f.key] = &own
	}
	for _, f := range s.plan {
		if filed := s.file.flag(f.key); filed != nil {
			own := *filed
			own.pos = f.pos
			if own.description == "" {
				own.description = f.description
			}
			f = &own
		}
		add(f)
	}
	if s.file != nil {
		for _, f := range s.file.flags {
			if s.byKey[f.key] == nil {
				add(f)
			}
		}
	}
	s.served = s.compile()
}

// Set gives a flag a value, for everyone or for the person with that distinct ID, whose
// own value wins. It is false, true or the key of a variant; nil takes back what was set.
// The error of a key that is not there is ErrUnknownFlag, that of another value names
// those that the flag can have. While a flag is set for a person, its holdout and its
// enrollment count for nobody.
func (s *Set) Set(key string, value any, person string) error {
	everyone := person == ""
	person = personID(person)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.byKey[key]
	switch {
	case f == nil:
		return s.unknown(key)
	case value != nil && !slices.Contains(f.values, value):
		return fmt.Errorf("flag %q cannot be %s: use %s", key, valueText(value), f.choices())
	case !everyone && person == "":
		return fmt.Errorf("flag %q is set for a person without a distinct ID: name one", key)
	}
	before := *f
	f.people = maps.Clone(f.people)
	f.set(value, person)
	if len(f.people) > maxPeople {
		*f = before
		return fmt.Errorf("flag %q is set for %d people: take back one of them", key, maxPeople)
	}
	next := s.compile()
	if len(next.text) > maxDocument && len(next.text) > len(s.served.text) {
		*f = before
		return fmt.Errorf("flag %q: the definitions become too long: take back something that was set", key)
	}
	s.served = next
	s.signal()
	return nil
}

// unknown names the flag that was meant, or those that there are.
func (s *Set) unknown(key string) error {
	keys := make([]string, len(s.flags))
	for i, f := range s.flags {
		keys[i] = f.key
	}
	const most = 10
	switch near := typo.Nearest(key, keys); {
	case near != "":
		return fmt.Errorf("flag %.200q: %w: did you mean %q?", key, ErrUnknownFlag, near)
	case len(keys) == 0:
		return fmt.Errorf("flag %.200q: %w: the plan has none", key, ErrUnknownFlag)
	case len(keys) > most:
		return fmt.Errorf("flag %.200q: %w: there are %q and %d more", key, ErrUnknownFlag, keys[:most], len(keys)-most)
	}
	return fmt.Errorf("flag %.200q: %w: there are %q", key, ErrUnknownFlag, keys)
}

// Reset takes back all that was set, and forgets what was called.
func (s *Set) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.flags {
		f.everyone, f.people = nil, nil
	}
	s.calls = calls{}
	s.served = s.compile()
	s.signal()
}

// Changed returns a channel that is closed at the next change of what Rows returns, and so
// of what Document does.
func (s *Set) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

func (s *Set) signal() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// personID is a distinct ID as PostHog reads it: its first 200 characters, without NUL.
func personID(id string) string {
	const most = 200
	var clean strings.Builder
	for n, r := range []rune(strings.ReplaceAll(id, "\x00", "")) {
		if n == most {
			break
		}
		clean.WriteRune(r) // U+FFFD for what is no UTF-8
	}
	return clean.String()
}
