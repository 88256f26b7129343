// Package usage joins a plan with the places in Go code that use it: where each event is
// captured and each flag is read, and what nobody uses. The places come from
// internal/vet, which finds them by types.
package usage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/phgen/phgen/internal/vet"
	"github.com/phgen/phgen/schema"
)

// A Thing is an event or a flag, and where it is used.
type Thing struct {
	Name   string
	Owner  string
	Status string // active, draft, deprecated
	Pos    schema.Pos
	Places []Place // sorted
}

// A Place is one use in Go code.
type Place struct {
	File      string
	Line, Col int
	ByString  bool // its name is a string: vet reports that
}

// Unused reports whether somebody should look into why nothing uses t. A draft is not to be
// used yet, and what is deprecated no more.
func (t *Thing) Unused() bool { return len(t.Places) == 0 && t.Status == "active" }

// A Report is a plan and its uses, both in the order of the plan.
type Report struct {
	Events []Thing
	Flags  []Thing
}

// Of joins p with records.
func Of(p *schema.Plan, records []vet.Record) *Report {
	events, flags := map[string][]Place{}, map[string][]Place{}
	for i := range records {
		rec := &records[i]
		place := Place{File: rec.File, Line: rec.Line, Col: rec.Col, ByString: rec.Package == ""}
		if !place.ByString && !rec.Below(p.Go.ImportPath) {
			continue
		}
		switch rec.Kind {
		case vet.EventUsed, vet.EventSent:
			events[rec.Name] = append(events[rec.Name], place)
		case vet.FlagRead, vet.FlagAsked:
			flags[rec.Name] = append(flags[rec.Name], place)
		}
	}
	r := &Report{}
	for _, e := range p.Events {
		r.Events = append(r.Events, Thing{e.Name, e.Owner, e.Status, e.Pos, sorted(events[e.Name])})
	}
	for _, f := range p.Flags {
		r.Flags = append(r.Flags, Thing{f.Key, f.Owner, f.Status, f.Pos, sorted(flags[f.Key])})
	}
	return r
}

func sorted(places []Place) []Place {
	slices.SortFunc(places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return places
}

// Keep removes the things for which keep does not hold.
func (r *Report) Keep(keep func(t *Thing, event bool) bool) {
	r.Events = slices.DeleteFunc(r.Events, func(t Thing) bool { return !keep(&t, true) })
	r.Flags = slices.DeleteFunc(r.Flags, func(t Thing) bool { return !keep(&t, false) })
}

// A Stale is a flag that has outlived its use.
type Stale struct {
	*Thing
	Why []string // expired, deprecated, unread; at least one
}

// Stale returns the flags that expired before now, are deprecated, or are read nowhere.
func (r *Report) Stale(p *schema.Plan, now time.Time) []Stale {
	today := now.UTC().Format(time.DateOnly)
	var list []Stale
	for i := range r.Flags {
		t := &r.Flags[i]
		f := p.Flags[slices.IndexFunc(p.Flags, func(f *schema.Flag) bool { return f.Key == t.Name })]
		var why []string
		if f.Expires != "" && f.Expires < today {
			why = append(why, "expired on "+f.Expires)
		}
		if f.Status == "deprecated" {
			why = append(why, "deprecated")
		}
		if len(t.Places) == 0 && f.Status != "draft" {
			why = append(why, "never read")
		}
		if len(why) > 0 {
			list = append(list, Stale{t, why})
		}
	}
	return list
}

// String says why the flag is stale, and where it is still read.
func (s Stale) String() string {
	text := fmt.Sprintf("%s: flag %q: %s", s.Pos, s.Name, strings.Join(s.Why, ", "))
	switch n := len(s.Places); n {
	case 0:
		return text
	case 1:
		return text + "; read at " + s.Places[0].String()
	default:
		return fmt.Sprintf("%s; read at %s and %d more", text, s.Places[0], n-1)
	}
}
