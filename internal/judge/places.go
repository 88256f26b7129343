package judge

import (
	"slices"
	"strings"

	"github.com/phgen/phgen/schema"
)

// Places find what the path of a [Problem] is in the plan. They are safe for concurrent
// use.
type Places struct {
	plan   *schema.Plan
	events map[string]*schema.Event
}

// NewPlaces returns the places of p.
func NewPlaces(p *schema.Plan) *Places {
	events := make(map[string]*schema.Event, len(p.Events))
	for _, e := range p.Events {
		events[e.Name] = e
	}
	return &Places{p, events}
}

// Of returns the place of the innermost thing on the way to path that the plan has; the
// zero Pos if it has none. An empty path is the event itself.
func (p *Places) Of(event, path string) schema.Pos {
	if bucket, rest, ok := strings.Cut(path, "."); ok {
		switch bucket {
		case "$set", "$set_once", "$unset":
			return nearest(p.plan.Person, rest, schema.Pos{})
		case "$groups":
			return p.group(rest)
		}
	}
	e := p.events[event]
	if e == nil {
		return schema.Pos{}
	}
	return nearest(slices.Concat(e.Properties, p.plan.Context), path, e.Pos)
}

func (p *Places) group(name string) schema.Pos {
	for _, g := range p.plan.Groups {
		if g.Name == name {
			return g.Pos
		}
	}
	return schema.Pos{}
}

// nearest follows path through properties. Of what they do not have it is otherwise.
func nearest(properties []*schema.Property, path string, otherwise schema.Pos) schema.Pos {
	for _, p := range properties {
		for _, key := range wireKeys(p) {
			rest, ok := strings.CutPrefix(path, key)
			switch {
			case !ok:
			case rest == "":
				return p.Pos
			case rest[0] == '.' || rest[0] == '[':
				return inside(p.Type, rest, p.Pos)
			}
		}
	}
	return otherwise
}

// inside follows the rest of a path, which begins with a dot or a bracket.
func inside(t *schema.Type, rest string, otherwise schema.Pos) schema.Pos {
	for t.Kind == schema.Array {
		_, behind, ok := strings.Cut(rest, "]")
		if !ok {
			return otherwise
		}
		t, rest = t.Elem, behind
	}
	rest = strings.TrimPrefix(rest, ".")
	switch t.Kind {
	case schema.Object:
		return nearest(t.Properties, rest, otherwise)
	case schema.Union:
		for _, v := range t.Variants {
			if pos := nearest(v.Properties, rest, schema.Pos{}); pos.Line > 0 {
				return pos
			}
		}
	}
	return otherwise
}
