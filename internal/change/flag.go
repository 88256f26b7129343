package change

import (
	"fmt"
	"slices"

	"github.com/phgen/phgen/schema"
)

// flags compares the flags.
func (c *comparer) flags() {
	key := func(f *schema.Flag) string { return f.Key }
	both, gone, come := byKey(c.old.Flags, c.new.Flags, key)
	here := func(f *schema.Flag, old, new schema.Pos) spot {
		return c.top(fmt.Sprintf("flag %q", f.Key), "flags."+f.Key, old, new)
	}
	for _, pair := range both {
		c.flag(here(pair[0], pair[0].Pos, pair[1].Pos), pair[0], pair[1])
	}
	for _, f := range come {
		c.added("PHB225", here(f, schema.Pos{}, f.Pos), "added")
	}
	renamed := renames(gone, come, key, flagShape)
	for _, f := range gone {
		x := c.removed("PHB121", here(f, f.Pos, schema.Pos{}), "removed")
		switch name := renamed[f.Key]; {
		case deprecatedUse(f.Deprecated) != "":
			x.Message += fmt.Sprintf("; it was deprecated in favour of %q", f.Deprecated.Use)
		case name != "":
			x.Hint = fmt.Sprintf("if it is now %q, keep both until no release reads the old one", name)
		}
	}
}

// flag compares a flag that both plans have.
func (c *comparer) flag(s spot, f, g *schema.Flag) {
	c.ident(s, f.Go, g.Go, f.Key, g.Key)
	if f.Kind != g.Kind {
		c.changed("PHB128", s, "kind changed from %s to %s", f.Kind, g.Kind)
	} else {
		c.values(s, "variant", "variants", f.Variants, g.Variants, "PHB122", "PHB226")
		if f.Default != g.Default {
			c.changed("PHB227", s, "default changed from %s to %s", orOff(f.Default), orOff(g.Default))
		}
	}
	c.payload(s, f, g)
	if f.Evaluate != g.Evaluate {
		c.changed("PHB228", s, "evaluate changed from %s to %s", f.Evaluate, g.Evaluate)
	}
	c.deprecation(s, f.Deprecated, g.Deprecated)
	if (f.Deprecated == nil) == (g.Deprecated == nil) && f.Status != g.Status {
		c.changed("PHB308", s, "status changed from %s to %s", f.Status, g.Status)
	}
	if f.Expires != g.Expires || dependencies(f) != dependencies(g) {
		c.changed("PHB309", s, "expires or depends_on changed")
	}
	c.docs(s, flagDocs(f), flagDocs(g))
}

func flagDocs(f *schema.Flag) []doc {
	return []doc{{"description", f.Description}, {"owner", f.Owner}, {"tags", setText(f.Tags)}}
}

func orOff(variant string) string {
	if variant == "" {
		return "off"
	}
	return fmt.Sprintf("%q", variant)
}

func dependencies(f *schema.Flag) string {
	var groups []string
	for _, g := range f.DependsGroups {
		groups = append(groups, g.Name)
	}
	return setText(keysOf(f.DependsPerson)) + "\n\n" + setText(groups)
}

// payload compares the payloads of a flag.
func (c *comparer) payload(s spot, f, g *schema.Flag) {
	s = s.part("the payload", "payload", s.old, s.pos)
	s.place = inPayload
	switch {
	case f.HasPayload && g.HasPayload:
		c.properties(s, f.Payload, g.Payload)
	case f.HasPayload:
		c.changed("PHB127", s, "payload removed")
	case g.HasPayload:
		c.changed("PHB229", s, "payload added")
	}
}

func experimentName(x *schema.Experiment) string { return x.Name }

// experiments compares the experiments.
func (c *comparer) experiments() {
	both, gone, come := byKey(c.old.Experiments, c.new.Experiments, experimentName)
	here := func(x *schema.Experiment, old, new schema.Pos) spot {
		return c.top(fmt.Sprintf("experiment %q", x.Name), "experiments."+x.Name, old, new)
	}
	for _, pair := range both {
		c.experiment(here(pair[0], pair[0].Pos, pair[1].Pos), pair[0], pair[1])
	}
	for _, x := range come {
		c.added("PHB241", here(x, schema.Pos{}, x.Pos), "added")
	}
	for _, x := range gone {
		c.removed("PHB161", here(x, x.Pos, schema.Pos{}), "removed")
	}
}

// experiment compares an experiment that both plans have.
func (c *comparer) experiment(s spot, x, y *schema.Experiment) {
	was, is := flagKey(x), flagKey(y)
	switch {
	case was != is:
		c.changed("PHB163", s, "flag changed from %s to %s", was, is)
	case x.Flag == nil: // else the flag says so
		c.values(s, "variant", "variants", x.Variants, y.Variants, "PHB162", "PHB242")
	}
	var keys []string
	if x.Control != y.Control {
		keys = append(keys, "control")
	}
	for _, m := range []struct {
		name     string
		old, new []*schema.Event
	}{{"primary", x.Primary, y.Primary}, {"secondary", x.Secondary, y.Secondary}, {"guardrail", x.Guardrail, y.Guardrail}} {
		if !slices.EqualFunc(m.old, m.new, func(a, b *schema.Event) bool { return a.Name == b.Name }) {
			keys = append(keys, m.name+" metrics")
		}
	}
	if len(keys) > 0 {
		c.changed("PHB243", s, "%s changed", enumeration(keys))
	}
	c.docs(s, experimentDocs(x), experimentDocs(y))
}

func flagKey(x *schema.Experiment) string {
	if x.Flag == nil {
		return "none"
	}
	return fmt.Sprintf("%q", x.Flag.Key)
}

func experimentDocs(x *schema.Experiment) []doc {
	return []doc{{"description", x.Description}, {"owner", x.Owner}, {"hypothesis", x.Hypothesis}}
}
