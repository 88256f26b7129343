// Package verify compares the captured events in files with a tracking plan, and says
// where in the file and where in the plan they differ.
package verify

import (
	"errors"
	"fmt"
	"io"

	"github.com/phgen/phgen/internal/eventfile"
	"github.com/phgen/phgen/internal/judge"
	"github.com/phgen/phgen/internal/typo"
	"github.com/phgen/phgen/schema"
)

// The rules of findings that are about no key of the plan.
const (
	Unplanned  = "unplanned"
	Unreadable = "unreadable"
)

// A Finding is one way in which a file differs from the plan. It never holds a value of
// an event.
type Finding struct {
	File string
	eventfile.Place
	Event   string     // its name; empty if it could not be read
	Path    string     // of the property: "items[3].sku"; empty for the whole event
	Rule    string     // the key of the plan that is broken, or one of the words above
	Message string     // "longer than 200 characters"
	Plan    schema.Pos // what the event breaks; zero if the plan has nothing of the kind
}

// Counts say how many events were seen.
type Counts struct {
	Events     int `json:"events"` // those that could be read
	Valid      int `json:"valid"`
	Invalid    int `json:"invalid"`
	Unplanned  int `json:"unplanned"`
	Unreadable int `json:"unreadable"` // parts of a file that hold no event
}

// Clean reports whether nothing was found.
func (c Counts) Clean() bool { return c.Invalid+c.Unplanned+c.Unreadable == 0 }

// A Verifier compares files with one plan. It is not safe for concurrent use.
type Verifier struct {
	Counts Counts // of all files so far
	judge  *judge.Judge
	places *judge.Places
	names  []string
	near   map[string]string // names of unplanned events to those that may be meant
}

// New returns a verifier of p.
func New(p *schema.Plan) *Verifier {
	v := &Verifier{judge: judge.New(p), places: judge.NewPlaces(p), near: map[string]string{}}
	for _, e := range p.Events {
		v.names = append(v.names, e.Name)
	}
	return v
}

// File reads the events of a file and calls found for each finding, in the order of the
// file. It ends early with the error of found, or with one of reading.
func (v *Verifier) File(name string, r io.Reader, found func(Finding) error) error {
	events, err := eventfile.NewReader(r)
	if err != nil {
		return err
	}
	for {
		e, err := events.Next()
		var bad *eventfile.Unreadable
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			v.Counts.Unreadable++
			err = found(Finding{File: name, Place: bad.Place, Rule: Unreadable, Message: bad.Reason})
		case err == nil:
			err = v.event(name, e, found)
		}
		if err != nil {
			return err
		}
	}
}

func (v *Verifier) event(file string, e eventfile.Event, found func(Finding) error) error {
	v.Counts.Events++
	verdict := v.judge.Judge(e.Name, e.Properties)
	switch {
	case verdict.OK:
		v.Counts.Valid++
		return nil
	case verdict.Unplanned:
		v.Counts.Unplanned++
		return found(Finding{File: file, Place: e.Place, Event: e.Name, Rule: Unplanned, Message: "not an event of the plan" + v.didYouMean(e.Name)})
	}
	v.Counts.Invalid++
	for _, p := range verdict.Problems {
		place := e.Place
		place.Line, place.Col = e.Locate(p.Path)
		err := found(Finding{
			File: file, Place: place, Event: e.Name, Path: p.Path, Rule: p.Rule, Message: p.Message,
			Plan: v.places.Of(e.Name, p.Path),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// maxNear bounds the names for which the one meant is remembered: they come from the
// file, and looking for it takes a walk through the plan.
const maxNear = 1_000

func (v *Verifier) didYouMean(name string) string {
	near, known := v.near[name]
	if !known && len(v.near) < maxNear {
		near = typo.Nearest(name, v.names)
		v.near[name] = near
	}
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}
