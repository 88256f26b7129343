// Package importer drafts a plan from what other tools, and Go code that calls
// posthog-go, know of a product's events. What a plan cannot say is listed, never
// dropped in silence, and the draft is always a valid plan: what would keep it from
// being one is left out and listed, too.
package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A File is one file to be converted.
type File struct {
	Name string
	Text []byte
}

// Options are what the files do not say.
type Options struct {
	Name string // of the plan; empty: as the files have it
}

// A Place is where something stands in what was imported.
type Place struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"` // from 1; 0: the file as a whole
	Col  int    `json:"col,omitempty"`  // in characters, from 1
	Path string `json:"path,omitempty"` // keys on the way, as in rules.0.key
}

// String is file:line:col.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// A Loss is something that the plan does not say, or says otherwise.
type Loss struct {
	Place
	What string `json:"what"`
	Why  string `json:"why"`
}

// String is "file:line:col: path: what: why".
func (l Loss) String() string {
	var parts []string
	for _, s := range []string{l.Place.String(), l.Path, l.What, l.Why} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ": ")
}

// A Result is a draft.
type Result struct {
	Plan   []byte
	Losses []Loss // sorted by place
	Events int
	Flags  int
}

// A fileFormat is one that files are read in.
type fileFormat struct {
	name    string
	about   string
	convert func(*draft, []File) error
}

// formats are in the order in which help lists them.
var formats = []fileFormat{
	{"jsonschema", "JSON Schema: a file for each event, or one with $defs", jsonSchemas},
	{"segment", "a tracking plan of Segment Protocols, from its API", segment},
	{"rudderstack", "a tracking plan of RudderStack, from its API or the YAML of rudder-cli", rudderstack},
	{"openfeature", "the flag manifest of the OpenFeature CLI", openFeature},
	{"posthog", "event and property definitions and property groups, from PostHog's API", posthog},
}

// Formats are the formats of files, and what each is.
func Formats() (names, about []string) {
	for _, f := range formats {
		names, about = append(names, f.name), append(about, f.about)
	}
	return names, about
}

// Convert drafts a plan from files of one format. An [*InputError] says that a file is
// not of that format.
func Convert(name string, files []File, o Options) (*Result, error) {
	i := slices.IndexFunc(formats, func(f fileFormat) bool { return f.name == name })
	if i < 0 {
		return nil, fmt.Errorf("unknown format %q", name)
	}
	d := newDraft()
	if err := formats[i].convert(d, files); err != nil {
		return nil, err
	}
	return d.finish(name, o)
}

// finish makes the plan of what was read.
func (d *draft) finish(format string, o Options) (*Result, error) {
	if o.Name != "" {
		d.name = o.Name
	}
	text, err := d.settle(format)
	if err != nil {
		return nil, err
	}
	losses := slices.Clone(d.losses)
	slices.SortStableFunc(losses, func(a, b Loss) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col)
	})
	r := &Result{Plan: text, Losses: slices.Compact(losses)}
	for _, e := range d.events {
		if e.gone == "" {
			r.Events++
		}
	}
	for _, f := range d.flags {
		if f.gone == "" {
			r.Flags++
		}
	}
	return r, nil
}
