package flagset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A flag is one that is served, and how it is set.
type flag struct {
	key         string
	description string
	source      string          // "plan" or "file"
	pos         string          // in the plan; empty: it is not there
	raw         json.RawMessage // its definition when nothing is set
	malformed   bool            // raw
	values      []any           // that it can be set to
	standard    any             // its value when nothing is set; nil: it depends on the person

	everyone any            // nil: not set
	people   map[string]any // by distinct ID; replaced, never changed
}

// set sets the value for a person, or for everyone if there is none. Nil takes it back.
func (f *flag) set(value any, person string) {
	switch {
	case person == "":
		f.everyone = value
	case value == nil:
		delete(f.people, person)
	default:
		if f.people == nil {
			f.people = map[string]any{}
		}
		f.people[person] = value
	}
}

// keep takes over what is set of an earlier flag with the same key.
func (f *flag) keep(old *flag) {
	if slices.Contains(f.values, old.everyone) {
		f.everyone = old.everyone
	}
	for person, value := range old.people {
		if slices.Contains(f.values, value) {
			f.set(value, person)
		}
	}
}

// isSet reports whether anything is set.
func (f *flag) isSet() bool { return f.everyone != nil || len(f.people) > 0 }

// valuesOf are those of a flag with these variants.
func valuesOf(variants []variant) []any {
	if len(variants) == 0 {
		return []any{false, true}
	}
	values := []any{false}
	for _, v := range variants {
		if !slices.Contains(values, any(v.Key)) {
			values = append(values, v.Key)
		}
	}
	return values
}

// choices are the flag's values in words.
func (f *flag) choices() string {
	texts := make([]string, len(f.values))
	for i, v := range f.values {
		texts[i] = valueText(v)
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " or " + texts[last]
}

// valueText is a value in an error.
func valueText(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%.200q", v)
	case bool:
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("a %T", v)
}
