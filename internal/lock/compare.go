package lock

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

// Compare reports what a plan must not change unnoticed: functions that would
// take their arguments for others and compile all the same (PH701), and things
// that would get another Go name (PH702). What is new or gone, and what every
// call of it no longer compiles with, is no finding. Now has positions in the
// plan, old needs none. The findings are not sorted.
func Compare(old, now *Lock) schema.Diagnostics {
	c := comparison{
		renamed: map[string]bool{},
		seen:    map[schema.Pos]bool{},
		oldBase: namedTypes(old),
		newBase: namedTypes(now),
	}
	before := make(map[string]*generator.Offer, len(old.Offers))
	for i := range old.Offers {
		before[pathText(old.Offers[i].Path)] = &old.Offers[i]
	}
	for i := range now.Offers {
		x := &now.Offers[i]
		if was := before[pathText(x.Path)]; was != nil {
			c.names(was, x)
			c.swap(was, x)
		}
	}
	return c.found
}

// A comparison collects the findings of one Compare.
type comparison struct {
	renamed          map[string]bool // paths whose names changed, with those of the names made from them
	seen             map[schema.Pos]bool
	oldBase, newBase map[string]string // of Go types made by go: named
	found            schema.Diagnostics
}

// namedTypes are the base types of those that go: named makes.
func namedTypes(l *Lock) map[string]string {
	base := map[string]string{}
	for i := range l.Offers {
		if x := &l.Offers[i]; x.Path[0] == "named" {
			base[x.Name] = x.Type
		}
	}
	return base
}

const acceptFix = `or take the new one with --accept`

func (c *comparison) report(pos schema.Pos, code, message, fix string) {
	c.found = append(c.found, schema.Diagnostic{Pos: pos, Code: code, Message: message, Fix: fix})
}

// names reports what of x had another Go name, unless that follows from the new
// name of something around it: offers are sorted, so that was seen before.
func (c *comparison) names(was, x *generator.Offer) {
	path := pathText(x.Path)
	switch {
	case len(x.Path) > 1 && c.renamed[pathText(x.Path[:len(x.Path)-1])] || c.renamed[path]:
		c.renamed[path] = true
	case x.Name != was.Name:
		c.renamed[path] = true
		c.rename(x.Pos, what(x.Path), was.Name, x.Name)
	case x.Package != was.Package:
		c.report(x.Pos, "PH702", fmt.Sprintf("%s would move from package %s to package %s", what(x.Path), packageText(was.Package), packageText(x.Package)),
			"keep its package, "+acceptFix)
	default:
		c.slots(was, x)
	}
}

func (c *comparison) slots(was, x *generator.Offer) {
	before := map[string]generator.Slot{}
	for _, list := range [][]generator.Slot{was.Params, was.Parts} {
		for _, s := range list {
			before[s.Key] = s
		}
	}
	for _, list := range [][]generator.Slot{x.Params, x.Parts} {
		for _, s := range list {
			old, ok := before[s.Key]
			switch {
			case !ok:
			case s.Name != old.Name:
				c.renamed[pathText(append(x.Path[:len(x.Path):len(x.Path)], s.Key))] = true
				c.rename(s.Pos, slotText(x, s), old.Name, s.Name)
			case c.unnamed(old.Type, s.Type):
				c.rename(s.Pos, "the type of "+slotText(x, s), leaf(old.Type), leaf(s.Type))
			}
		}
	}
}

// rename reports a new Go name, once for each place of the plan: many events may
// use one property set.
func (c *comparison) rename(pos schema.Pos, what, old, now string) {
	if c.seen[pos] {
		return
	}
	c.seen[pos] = true
	c.report(pos, "PH702", fmt.Sprintf("the Go name of %s would change from %q to %q", what, old, now), "keep the old name with go, "+acceptFix)
}

// unnamed reports whether a Go type that go: named made would lose its name, and
// not because it is of another kind now.
func (c *comparison) unnamed(old, now string) bool {
	o, n := leaf(old), leaf(now)
	if c.oldBase[o] == "" || o == n || c.newBase[o] != "" || strings.TrimSuffix(old, o) != strings.TrimSuffix(now, n) {
		return false
	}
	return c.oldBase[o] == n || c.oldBase[o] == c.newBase[n]
}

// leaf is the type of the innermost items or values of a type.
func leaf(typ string) string { return typ[strings.LastIndexByte(typ, ']')+1:] }

// swap reports a function whose calls would still compile and mean something
// else.
func (c *comparison) swap(was, x *generator.Offer) {
	if was.Func == "" || x.Func == "" || len(was.Params) != len(x.Params) {
		return
	}
	silent := false
	var moved []string
	for i, s := range x.Params {
		old := was.Params[i]
		if c.constant(c.oldBase, old.Type) != c.constant(c.newBase, s.Type) {
			return // no call compiles
		}
		if old.Key != s.Key {
			silent = silent || old.Type == s.Type
			moved = append(moved, fmt.Sprintf("the %s is %q and would become %q", ordinal(i+1), old.Key, s.Key))
		}
	}
	if !silent {
		return
	}
	const most = 3
	if n := len(moved) - most; n > 0 {
		moved = append(moved[:most], fmt.Sprintf("%d more", n))
	}
	c.report(x.Pos, "PH701", fmt.Sprintf("calls of %s would compile as before, but mean something else: of its arguments, %s", x.Func, strings.Join(moved, ", ")),
		"put the required properties back into the old order, "+acceptFix)
}

// constant is what decides whether a call with constants compiles: types for
// which the same constants serve have the same.
func (c *comparison) constant(base map[string]string, typ string) string {
	if b := base[typ]; b != "" {
		typ = b
	}
	if typ == "float64" {
		return "int64"
	}
	return typ
}

func ordinal(n int) string {
	switch {
	case n%10 == 1 && n%100 != 11:
		return strconv.Itoa(n) + "st"
	case n%10 == 2 && n%100 != 12:
		return strconv.Itoa(n) + "nd"
	case n%10 == 3 && n%100 != 13:
		return strconv.Itoa(n) + "rd"
	}
	return strconv.Itoa(n) + "th"
}

// singular are the words for one entry of a section.
var singular = map[string]string{
	"events": "event", "types": "type", "groups": "group", "flags": "flag",
	"experiments": "experiment", "property_sets": "property set", "surveys": "survey", "ai": "AI feature",
}

// what names the thing at path in messages.
func what(path []string) string {
	switch {
	case len(path) == 1:
		return "the " + path[0]
	case len(path) == 2 && singular[path[0]] != "":
		return fmt.Sprintf("%s %q", singular[path[0]], path[1])
	}
	return pathText(path)
}

func slotText(x *generator.Offer, s generator.Slot) string {
	if s.Type == "" { // a value or variant
		return fmt.Sprintf("%q of %s", s.Key, what(x.Path))
	}
	return fmt.Sprintf("property %q of %s", s.Key, what(x.Path))
}

func packageText(owner string) string {
	if owner == "" {
		return "tracking"
	}
	return "tracking/" + owner
}
