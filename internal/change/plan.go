package change

import (
	"fmt"
	"slices"
	"strings"

	"github.com/phgen/phgen/schema"
)

// plan compares what is of the plan as a whole.
func (c *comparer) plan() {
	old, new := c.old.Plan, c.new.Plan
	root := spot{subject: "the plan", pos: schema.Pos{File: new.File}, old: schema.Pos{File: old.File}}
	at := func(path string) spot {
		s := root
		s.path = path
		return s
	}
	if old.File == "" {
		return // there was no plan
	}
	if old.Go.Out != new.Go.Out {
		s := at("go.out")
		s.pos, s.old = c.goPos(c.new), c.goPos(c.old)
		c.changed("PHB131", s, "generated packages moved from %q to %q", old.Go.Out, new.Go.Out)
	}
	if old.Go.SplitOwner != new.Go.SplitOwner {
		s := at("go.split")
		s.pos, s.old = c.goPos(c.new), c.goPos(c.old)
		c.changed("PHB131", s, "events moved between the package tracking and one for each owner")
	}
	c.docs(at("plan"), []doc{{"name", old.Name}, {"description", old.Description}}, []doc{{"name", new.Name}, {"description", new.Description}})
	var settings []string
	for _, x := range []struct {
		key      string
		old, new string
	}{
		{"naming", namingText(old.Naming), namingText(new.Naming)},
		{"go.initialisms", setText(old.Go.Initialisms), setText(new.Go.Initialisms)},
		{"owners", ownersText(old.Owners), ownersText(new.Owners)},
		{"defaults", fmt.Sprint(old.Defaults), fmt.Sprint(new.Defaults)},
		{"include", strings.Join(old.Include, "\n"), strings.Join(new.Include, "\n")},
	} {
		if x.old != x.new {
			settings = append(settings, x.key)
		}
	}
	if len(settings) > 0 {
		c.changed("PHB305", at("plan"), "%s changed", enumeration(settings))
	}
	if reordered(old.Events, new.Events, eventName) {
		c.changed("PHB302", at("events"), "the order of the events changed")
	}
}

func namingText(n schema.Naming) string {
	text := ""
	for _, rules := range []*schema.NamingRules{n.Events, n.Properties} {
		if rules == nil {
			text += "none;"
			continue
		}
		text += fmt.Sprintf("%+v;", *rules) // maps print sorted
	}
	return text
}

// setText is the text of a list whose order means nothing.
func setText(list []string) string {
	return strings.Join(slices.Sorted(slices.Values(list)), "\n")
}

func ownersText(list []*schema.Owner) string {
	var all []string
	for _, o := range list {
		all = append(all, fmt.Sprintf("%q %q %q %q %q", o.Name, o.Slack, o.Email, o.Description, o.Codeowners))
	}
	return setText(all)
}

// types compares the named types.
func (c *comparer) types() {
	both, gone, come := byKey(c.old.Types, c.new.Types, typeName)
	here := func(t *schema.Type, old, new schema.Pos) spot {
		s := spot{subject: fmt.Sprintf("type %q", t.Name), path: "types." + t.Name, old: old, pos: new, place: inField}
		s.reaches = c.reach.types[t.Name]
		if c.reach.direct[t.Name] {
			s.place = inEvent
		}
		if new.Line == 0 {
			s.pos = schema.Pos{File: c.new.File}
		}
		return s
	}
	for _, pair := range both {
		c.namedType(here(pair[0], pair[0].Pos, pair[1].Pos), pair[0], pair[1])
	}
	byName := map[string]*schema.Type{}
	for _, t := range come {
		byName[t.Name] = t
	}
	for _, t := range gone {
		switch u := byName[c.typeNames[t.Name]]; {
		case u != nil && declares(t):
			delete(byName, u.Name)
			c.changed("PHB110", here(t, t.Pos, u.Pos), "the Go type is called %s now", u.Name).
				Hint = "keep the old name: it is that of the Go type"
			c.namedType(here(t, t.Pos, u.Pos), t, u)
		case u != nil:
			delete(byName, u.Name)
			c.changed("PHB307", here(t, t.Pos, u.Pos), "called %q now", u.Name)
			c.namedType(here(t, t.Pos, u.Pos), t, u)
		case declares(t):
			c.removed("PHB148", here(t, t.Pos, schema.Pos{}), "removed, and with it the Go type")
		default:
			c.removed("PHB307", here(t, t.Pos, schema.Pos{}), "removed")
		}
	}
	for _, t := range come {
		switch s := here(t, schema.Pos{}, t.Pos); {
		case byName[t.Name] == nil: // the new name of another
		case declares(t):
			c.added("PHB224", s, "added")
		default:
			c.added("PHB307", s, "added")
		}
	}
}

// declares reports whether t is a Go type of its own.
func declares(t *schema.Type) bool {
	return t.Kind == schema.Enum || t.Kind == schema.Object || t.Kind == schema.Union || t.Go.Named
}

// namedType compares two named types, whatever their names.
func (c *comparer) namedType(s spot, t, u *schema.Type) {
	old, new := *t, *u
	old.Name, new.Name = "", "" // compare what is behind them
	if c.typ(s, &old, &new) && aliasName(t) != aliasName(u) {
		c.changed("PHB143", s, "Go type changed from %s to %s", orKind(aliasName(t), t), orKind(aliasName(u), u))
	}
	if actionOf(t.PII) != actionOf(u.PII) || t.PII != nil && u.PII != nil {
		s.what = "every property of the type"
		c.pii(s, &schema.Property{Type: &old, PII: t.PII}, &schema.Property{Type: &new, PII: u.PII})
		s.what = ""
	}
	c.deprecation(s, t.Deprecated, u.Deprecated)
	c.docs(s, typeDocs(t), typeDocs(u))
}

func typeDocs(t *schema.Type) []doc {
	return []doc{{"description", t.Description}, {"example", valueText(t.Example)}}
}

// aliasName is the Go type that go: named makes of an alias; empty: none.
func aliasName(t *schema.Type) string {
	switch {
	case !t.Go.Named:
		return ""
	case t.Go.NamedAs != "":
		return t.Go.NamedAs
	}
	return t.Name
}

func orKind(name string, t *schema.Type) string {
	if name == "" {
		return "that of " + typeText(&schema.Type{Kind: t.Kind, Elem: t.Elem})
	}
	return name
}

// context compares the context properties.
func (c *comparer) context() {
	s := spot{subject: "the context", path: "context", pos: schema.Pos{File: c.new.File}, place: inField}
	c.properties(s, c.old.Context, c.new.Context)
}

// person compares the person properties.
func (c *comparer) person() {
	s := spot{subject: "the person", path: "person", pos: schema.Pos{File: c.new.File}, place: inPerson}
	c.properties(s, c.old.Person, c.new.Person)
}

// groups compares the group types.
func (c *comparer) groups() {
	both, gone, come := byKey(c.old.Groups, c.new.Groups, func(g *schema.Group) string { return g.Name })
	here := func(g *schema.Group, old, new schema.Pos) spot {
		return c.top(fmt.Sprintf("group %q", g.Name), "groups."+g.Name, old, new)
	}
	for _, pair := range both {
		g, h := pair[0], pair[1]
		s := here(g, g.Pos, h.Pos)
		s.place = inField
		c.ident(s, g.Go, h.Go, g.Name, h.Name)
		if g.Key.Kind != h.Key.Kind {
			c.changed("PHB136", s, "key changed from %s to %s", g.Key.Kind, h.Key.Kind)
		} else {
			c.constraints(s.part("key", "key", g.Key.Pos, h.Key.Pos), g.Key, h.Key)
		}
		c.properties(s, g.Properties, h.Properties)
		c.parameters(s, c.old.params(g.Properties), c.new.params(h.Properties))
		c.docs(s, []doc{{"description", g.Description}, {"owner", g.Owner}}, []doc{{"description", h.Description}, {"owner", h.Owner}})
	}
	for _, g := range come {
		c.added("PHB223", here(g, schema.Pos{}, g.Pos), "added")
	}
	for _, g := range gone {
		c.removed("PHB111", here(g, g.Pos, schema.Pos{}), "removed")
	}
}

// top is the place of an entry of a section.
func (c *comparer) top(subject, path string, old, new schema.Pos) spot {
	if new.Line == 0 {
		new = schema.Pos{File: c.new.File}
	}
	return spot{subject: subject, path: path, old: old, pos: new}
}
