// Package change tells what a change of a tracking plan means: for the Go source
// that calls generated code, for the data that is stored, and for what PostHog
// refuses from binaries that know the old plan.
//
// [Compare] walks two plans side by side. Each difference is one [Change] with
// the code of one [Cell], and the cell alone says how bad it is: no finding has a
// level of its own. A change of a named type or a property set is reported once,
// where it was made, with the events that it reaches. cells.go is the catalogue;
// cells/ holds the explanation of each code with an example that is its test.
package change

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

// A Change is one difference between two plans.
type Change struct {
	Code     string
	Subject  string     // what in the plan it belongs to: `event "project_created"`
	Path     string     // of what changed: "events.project_created.properties.name"
	Message  string     // what changed, without the subject
	Hint     string     // what to do about it, as an imperative; may be empty
	Pos      schema.Pos // in the new plan; of what is left around it for a removal
	OldPos   schema.Pos // in the old plan; zero for an addition
	Removed  bool       // OldPos is the place to look at
	Affected []string   // the events and the like that a shared type or set carries it to
}

// String is the subject and the message.
func (c Change) String() string { return c.Subject + ": " + c.Message }

// Cell is the kind of the change.
func (c Change) Cell() Cell {
	cell, _ := CellOf(c.Code)
	return cell
}

// Compare returns what makes the plan of new of that of old, section by section.
// Neither has findings. An old plan of no events is that of a plan that is new:
// everything in it was added.
func Compare(old, new *generator.Printer) []Change {
	c := &comparer{old: side{old.Plan, old}, new: side{new.Plan, new}}
	c.initialisms = setText(old.Plan.Go.Initialisms) == setText(new.Plan.Go.Initialisms)
	c.typeNames = renamedTypes(old.Plan, new.Plan)
	c.reach = reachOf(old.Plan)
	c.plan()
	c.types()
	c.sets()
	c.context()
	c.person()
	c.groups()
	c.events()
	c.flags()
	c.experiments()
	c.surveys()
	c.ai()
	c.reportInitialisms()
	return c.found
}

// A side is one of the two plans.
type side struct {
	*schema.Plan
	printer *generator.Printer
}

// A comparer collects what differs.
type comparer struct {
	old, new  side
	found     []Change
	typeNames map[string]string // old name to new name, of types that were renamed
	reach     reach
	respelt   []respelling

	initialisms bool // both plans have the same
}

// A place is where a property stands, which decides the code of a change.
type place uint8

const (
	inEvent   place = iota // PostHog checks it
	inField                // of an object, a variant, a group, the context or an AI feature
	inPerson               // of the person
	inPayload              // of a flag's payload, which is read and not sent
)

// A spot is where in the plans the comparer is.
type spot struct {
	subject string // `event "project_created"`
	path    string // "events.project_created"
	what    string // inside the subject, `property "name"`; empty: the subject itself
	pos     schema.Pos
	old     schema.Pos
	place   place
	homes   [2]string // what an inline type is named after, in each plan: the subject if empty
	reaches []string  // what a change here affects; nil: the subject alone
}

// part is a part of s. The place in the old plan is zero for what is new, that in
// the new plan for what is gone.
func (s spot) part(what, path string, old, new schema.Pos) spot {
	s.what, s.path, s.old = s.inside(what), s.path+"."+path, old
	if new.Line > 0 {
		s.pos = new
	}
	return s
}

// inside says what is a part of s, within the subject.
func (s spot) inside(what string) string {
	if s.what == "" {
		return what
	}
	return what + " of " + s.what
}

// changed reports something that both plans have.
func (c *comparer) changed(code string, s spot, format string, args ...any) *Change {
	return c.add(Change{Code: code, Pos: s.pos, OldPos: s.old}, s, format, args...)
}

// removed reports something that only the old plan has.
func (c *comparer) removed(code string, s spot, format string, args ...any) *Change {
	return c.add(Change{Code: code, Pos: s.pos, OldPos: s.old, Removed: true}, s, format, args...)
}

// added reports something that only the new plan has.
func (c *comparer) added(code string, s spot, format string, args ...any) *Change {
	return c.add(Change{Code: code, Pos: s.pos}, s, format, args...)
}

func (c *comparer) add(x Change, s spot, format string, args ...any) *Change {
	x.Subject, x.Path, x.Affected = s.subject, s.path, s.reaches
	x.Message = fmt.Sprintf(format, args...)
	c.found = append(c.found, x)
	return &c.found[len(c.found)-1]
}

// differs reports whether compare finds anything. What it finds is dropped.
func (c *comparer) differs(compare func(*comparer)) bool {
	probe := *c
	probe.found, probe.respelt = nil, nil
	compare(&probe)
	return len(probe.found)+len(probe.respelt) > 0
}

// A respelling is an identifier that go.initialisms changed.
type respelling struct {
	subject, old, new string
}

// ident compares the identifiers of one name that both plans have. It reports
// whether they differ.
func (c *comparer) ident(s spot, old, new schema.GoName, oldName, newName string) bool {
	if old.Name == new.Name && oldName == newName && (old.Name != "" || c.initialisms) {
		return false
	}
	was, is := c.old.printer.Ident(old, oldName), c.new.printer.Ident(new, newName)
	switch {
	case was == is:
		return false
	case old.Name == "" && new.Name == "" && oldName == newName:
		c.respelt = append(c.respelt, respelling{s.subject, was, is})
	default:
		x := c.changed("PHB110", s, "the Go name%s changed from %s to %s", s.suffix(), was, is)
		x.Hint = fmt.Sprintf("keep the old one with go: {name: %s}", was)
	}
	return true
}

// reportInitialisms reports once what go.initialisms did to many names.
func (c *comparer) reportInitialisms() {
	if len(c.respelt) == 0 {
		return
	}
	var pairs, subjects []string
	for _, r := range c.respelt {
		pairs = append(pairs, r.old+" is now "+r.new)
		subjects = append(subjects, r.subject)
	}
	pairs, subjects = distinct(pairs), distinct(subjects)
	s := spot{subject: "the plan", path: "go.initialisms", pos: c.goPos(c.new), old: c.goPos(c.old), reaches: subjects}
	x := c.changed("PHB110", s, "%s changed through go.initialisms: %s", count(len(pairs), "Go name"), some(pairs, "; "))
	x.Hint = "keep old names with go: {name: …}, or leave the list of initialisms as it was"
}

// goPos is the place of the section go, or the plan if it has none.
func (c *comparer) goPos(s side) schema.Pos {
	if s.Go.Pos.Line > 0 {
		return s.Go.Pos
	}
	return schema.Pos{File: s.File}
}

// quoted is a list of names between quotes.
func quoted(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, fmt.Sprintf("%q", name))
	}
	return enumeration(all)
}

// distinct drops repetitions, keeping the first of each.
func distinct(list []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		defer func() { seen[s] = true }()
		return seen[s]
	})
}

// some lists the first few of a list that may be long.
func some(list []string, separator string) string {
	const few = 3
	if len(list) <= few {
		return strings.Join(list, separator)
	}
	return strings.Join(list[:few], separator) + separator + fmt.Sprintf("and %d more", len(list)-few)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// byKey pairs two lists by their keys: what both have in the order of the new
// one, what only the old one has, what only the new one has.
func byKey[T any](old, new []T, key func(T) string) (both [][2]T, gone, come []T) {
	if sameKeys(old, new, key) { // as nearly always
		both = make([][2]T, len(new))
		for i := range new {
			both[i] = [2]T{old[i], new[i]}
		}
		return both, nil, nil
	}
	at := make(map[string]T, len(old))
	for _, x := range old {
		at[key(x)] = x
	}
	kept := make(map[string]bool, len(new))
	for _, y := range new {
		k := key(y)
		if x, ok := at[k]; ok {
			both = append(both, [2]T{x, y})
			kept[k] = true
		} else {
			come = append(come, y)
		}
	}
	for _, x := range old {
		if !kept[key(x)] {
			gone = append(gone, x)
		}
	}
	return both, gone, come
}

func sameKeys[T any](old, new []T, key func(T) string) bool {
	return slices.EqualFunc(old, new, func(x, y T) bool { return key(x) == key(y) })
}

// reordered reports whether the keys that both lists have stand in another order.
func reordered[T any](old, new []T, key func(T) string) bool {
	if sameKeys(old, new, key) {
		return false
	}
	both, _, _ := byKey(old, new, key)
	position := make(map[string]int, len(old))
	for i, x := range old {
		position[key(x)] = i
	}
	return !slices.IsSortedFunc(both, func(a, b [2]T) int { return cmp.Compare(position[key(a[0])], position[key(b[0])]) })
}
