package flagset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/phgen/phgen/runtime/flags"
)

// MaxFile is how many bytes a file of definitions may have.
const MaxFile = 8 << 20

const maxFlags = 10_000 // of a file

// A FileError says which flags or cohorts of a file of definitions are malformed. The file
// is in use all the same.
type FileError struct {
	File     string
	Problems []flags.Problem
}

// Error has a line for each problem, 20 at most.
func (e *FileError) Error() string {
	const most = 20
	var lines []string
	for _, p := range e.Problems[:min(len(e.Problems), most)] {
		lines = append(lines, fmt.Sprintf("%s: %v", e.File, p.Err))
	}
	if more := len(e.Problems) - most; more > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more problems", e.File, more))
	}
	return strings.Join(lines, "\n")
}

// A file is what a document of definitions holds.
type file struct {
	flags    []*flag // in the order of their keys
	byKey    map[string]*flag
	groups   map[int]string
	cohorts  json.RawMessage // nil: none
	minimal  bool
	matching json.RawMessage // property_matching_version; nil: not said
}

// flag returns the flag with a key, nil if there is none or no file.
func (f *file) flag(key string) *flag {
	if f == nil {
		return nil
	}
	return f.byKey[key]
}

// readFile reads a document. The second error is about the whole of it, the first one
// about parts.
func readFile(name string, doc []byte) (read *file, malformed, err error) {
	if len(doc) > MaxFile {
		return nil, nil, fmt.Errorf("%s: %d bytes are more than %d", name, len(doc), MaxFile)
	}
	parsed, err := flags.Parse(doc)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if parsed.Len() > maxFlags {
		return nil, nil, fmt.Errorf("%s: %d flags are more than %d", name, parsed.Len(), maxFlags)
	}
	top := decoded(doc)
	var list []json.RawMessage
	_ = json.Unmarshal(top["flags"], &list) // which it is: the document was parsed
	read = &file{
		byKey:    map[string]*flag{},
		groups:   parsed.GroupTypes(),
		cohorts:  top["cohorts"],
		minimal:  parsed.Minimal(),
		matching: top["property_matching_version"],
	}
	problems := parsed.Problems()
	broken := map[string]bool{}
	for _, p := range problems {
		broken[p.Key] = p.Key != ""
	}
	for _, raw := range list {
		f := filedFlag(raw)
		if f.malformed = broken[f.key]; f.malformed {
			f.values, f.standard = valuesOf(nil), nil
		}
		if _, served := parsed.Lookup(f.key); served {
			read.byKey[f.key] = f // of several the last
		}
	}
	for _, f := range read.byKey {
		read.flags = append(read.flags, f)
	}
	slices.SortFunc(read.flags, func(a, b *flag) int { return strings.Compare(a.key, b.key) })
	if len(problems) > 0 {
		malformed = &FileError{File: name, Problems: problems}
	}
	return read, malformed, nil
}

// A filedCondition is what is looked at of a condition.
type filedCondition struct {
	Properties []json.RawMessage `json:"properties"`
	Rollout    *float64          `json:"rollout_percentage"`
	Variant    string            `json:"variant"`
	Group      *int              `json:"aggregation_group_type_index"`
}

// filedFlag is the flag of a definition, which may be malformed: that is found out by who
// evaluates it, so errors are none here.
func filedFlag(raw json.RawMessage) *flag {
	d := decoded(raw)
	f := &flag{source: "file", raw: raw}
	_ = json.Unmarshal(d["key"], &f.key)
	_ = json.Unmarshal(d["name"], &f.description)
	filters := decoded(d["filters"])
	var m multivariate
	_ = json.Unmarshal(filters["multivariate"], &m)
	f.values = valuesOf(m.Variants)
	if string(d["active"]) == "true" {
		f.standard = constant(filters, m.Variants)
	} else {
		f.standard = false
	}
	return f
}

// constant is the value that an active flag has for everybody; nil if that cannot be seen.
func constant(filters fields, variants []variant) any {
	for _, name := range []string{"holdout", "holdout_groups", "super_groups", "feature_enrollment", "aggregation_group_type_index"} {
		if given(filters[name]) {
			return nil
		}
	}
	var conditions []filedCondition
	_ = json.Unmarshal(filters["groups"], &conditions)
	if len(conditions) == 0 {
		return false
	}
	first := conditions[0]
	isVariant := func(v variant) bool { return v.Key == first.Variant }
	switch {
	case len(first.Properties) > 0, first.Rollout != nil && *first.Rollout < 100, first.Group != nil:
		return nil
	case len(variants) == 0:
		return true
	case slices.ContainsFunc(variants, isVariant):
		return first.Variant
	case variants[0].Rollout >= 100:
		return variants[0].Key
	}
	return nil
}

// given reports whether a field is there and not null.
func given(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
