package generator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/phgen/phgen/internal/typo"
	"github.com/phgen/phgen/schema"
)

// Only returns a Printer of a part of the plan, in which Check found no error:
// the events that some selector names, the flags likewise, and what these need.
// The person, the groups and the context belong to every part. A selector is
// tag:, owner: or event: with a name behind it. One that names nothing is an
// error, which says what it may have meant.
func (x *Printer) Only(selectors []string) (*Printer, error) {
	part, err := newPart(x.Plan, selectors)
	if err != nil {
		return nil, err
	}
	sub := NewPrinter(part.plan())
	sub.only = slices.Compact(slices.Sorted(slices.Values(selectors)))
	return sub, nil
}

// A part is what selectors choose of a plan.
type part struct {
	whole       *schema.Plan
	events      map[*schema.Event]bool
	flags       map[*schema.Flag]bool
	experiments map[*schema.Experiment]bool
	surveys     map[*schema.Survey]bool
	features    map[*schema.Feature]bool
	types       map[*schema.Type]bool
}

func newPart(p *schema.Plan, selectors []string) (*part, error) {
	s := &part{
		whole: p, events: map[*schema.Event]bool{}, flags: map[*schema.Flag]bool{},
		experiments: map[*schema.Experiment]bool{}, surveys: map[*schema.Survey]bool{}, features: map[*schema.Feature]bool{}, types: map[*schema.Type]bool{},
	}
	for _, selector := range selectors {
		if !s.choose(selector) {
			return nil, fmt.Errorf("%q selects nothing in the plan%s", selector, s.suggestion(selector))
		}
	}
	for e := range s.events {
		for _, x := range e.Experiments {
			s.experiments[x] = true
			if x.Flag != nil {
				s.flags[x.Flag] = true
			}
		}
	}
	return s, nil
}

// choose adds what one selector names, and reports whether it names anything.
func (s *part) choose(selector string) bool {
	found := false
	for _, e := range s.whole.Events {
		if slices.Contains(selectorsOf(e.Tags, e.Owner), selector) || selector == "event:"+e.Name {
			s.events[e], found = true, true
		}
	}
	for _, f := range s.whole.Flags {
		if slices.Contains(selectorsOf(f.Tags, f.Owner), selector) {
			s.flags[f], found = true, true
		}
	}
	for _, x := range s.whole.Surveys {
		if slices.Contains(selectorsOf(nil, x.Owner), selector) {
			s.surveys[x], found = true, true
		}
	}
	for _, f := range s.whole.AI.Features {
		if slices.Contains(selectorsOf(f.Tags, f.Owner), selector) {
			s.features[f], found = true, true
		}
	}
	return found
}

// selectorsOf are the selectors that name what has those tags and that owner.
func selectorsOf(tags []string, owner string) []string {
	var all []string
	for _, tag := range tags {
		all = append(all, "tag:"+tag)
	}
	if owner != "" {
		all = append(all, "owner:"+owner)
	}
	return all
}

// suggestion says what a selector may have meant.
func (s *part) suggestion(selector string) string {
	var all []string
	for _, e := range s.whole.Events {
		all = append(append(all, selectorsOf(e.Tags, e.Owner)...), "event:"+e.Name)
	}
	for _, f := range s.whole.Flags {
		all = append(all, selectorsOf(f.Tags, f.Owner)...)
	}
	for _, x := range s.whole.Surveys {
		all = append(all, selectorsOf(nil, x.Owner)...)
	}
	for _, f := range s.whole.AI.Features {
		all = append(all, selectorsOf(f.Tags, f.Owner)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if near := typo.Nearest(selector, all); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	kind, _, _ := strings.Cut(selector, ":")
	all = slices.DeleteFunc(all, func(other string) bool { return !strings.HasPrefix(other, kind+":") })
	const most = 10
	switch {
	case len(all) == 0:
		return fmt.Sprintf("; no event or flag has any %s", kind)
	case len(all) > most:
		return fmt.Sprintf("; it has %s and %d others", strings.Join(all[:most], ", "), len(all)-most)
	}
	return "; it has " + strings.Join(all, ", ")
}

// plan is the whole plan without what is not chosen.
func (s *part) plan() *schema.Plan {
	p := *s.whole
	p.Events = chosen(p.Events, s.events)
	p.Flags = chosen(p.Flags, s.flags)
	p.Experiments = chosen(p.Experiments, s.experiments)
	p.Surveys = chosen(p.Surveys, s.surveys)
	p.AI.Features = chosen(p.AI.Features, s.features)

	sets := map[*schema.PropertySet]bool{}
	for _, e := range p.Events {
		s.need(e.Properties)
		for _, set := range e.Use {
			sets[set] = true
		}
	}
	s.need(p.Context)
	s.need(p.Person)
	for _, g := range p.Groups {
		s.need(g.Properties)
	}
	for _, f := range p.Flags {
		s.need(f.Payload)
	}
	for _, f := range p.AI.Features {
		s.need(f.Properties)
	}
	p.Sets = chosen(p.Sets, sets)
	p.Types = chosen(p.Types, s.types)
	return &p
}

// need notes the types of properties, and those inside them.
func (s *part) need(list []*schema.Property) {
	for _, p := range list {
		s.needType(p.Type)
	}
}

func (s *part) needType(t *schema.Type) {
	if t == nil || s.types[t] {
		return
	}
	s.types[t] = true
	s.needType(t.Elem)
	s.need(t.Properties)
	for _, v := range t.Variants {
		s.need(v.Properties)
	}
}

// chosen are the elements of list that are in the set, in their order.
func chosen[T any](list []*T, set map[*T]bool) []*T {
	var some []*T
	for _, x := range list {
		if set[x] {
			some = append(some, x)
		}
	}
	return some
}
