package schema

import (
	"strconv"
)

// featureFlags compiles the section flags.
func (c *compiler) featureFlags() {
	entries := c.sections["flags"].entries
	for _, e := range entries {
		c.flags[e.name()] = &Flag{Pos: e.key.pos(), Key: e.name()}
	}
	c.each("flags", func(e *entry) {
		c.shaped(e.key, flagName)
		f, v := c.flags[e.name()], e.value
		f.Kind = c.text(v, "kind")
		f.Description = c.prose(v, "description")
		f.Owner = c.ownerOf(v, c.plan.Defaults.Owner)
		f.Tags = c.strings(v, "tags")
		f.Status = c.word(v, "status", "active")
		f.Deprecated = c.deprecation(v)
		f.Go = c.goName(v)
		f.Expires = c.day(v, "expires")
		if n := v.at("expires"); n != nil {
			f.ExpiresPos = n.pos()
		}
		c.flagStatus(v, f)
		c.flagKind(e, f)
		c.dependsOn(v.at("depends_on"), f)
		c.payload(e, f)
		c.plan.Flags = append(c.plan.Flags, f)
	})
	beside := siblings{
		known:      func(key string) bool { return c.flags[key] != nil },
		names:      c.sections["flags"].names,
		deprecated: func(key string) bool { return c.flags[key].Deprecated != nil },
	}
	for _, e := range entries {
		c.entry(e, func() { c.sibling(e.value, c.flags[e.name()].Deprecated, e.name(), beside) })
	}
}

// flagStatus lets deprecated imply the status.
func (c *compiler) flagStatus(v *node, f *Flag) {
	if f.Deprecated == nil {
		return
	}
	if n := v.at("status"); n != nil && n.text != "deprecated" {
		c.report(n.pos(), "PH221", "remove it: deprecated says the status", "the flag %q is deprecated, but its status is %q", f.Key, n.text)
	}
	f.Status = "deprecated"
}

// flagKind reads what depends on the kind of a flag.
func (c *compiler) flagKind(e *entry, f *Flag) {
	v := e.value
	refuse := func(keys ...string) {
		for _, key := range keys {
			if k, _ := v.pair(key); k != nil {
				c.report(k.pos(), "PH401", "remove it, or choose another kind", "%q does not apply to a flag of kind %q", key, f.Kind)
			}
		}
	}
	if f.Kind == "" && v.at("variants") == nil {
		return // of any kind
	}
	if f.Kind == "remote_config" {
		refuse("variants", "default", "evaluate")
		return
	}
	f.Evaluate = c.word(v, "evaluate", "local_first")
	d := v.at("default")
	if f.Kind == "boolean" {
		refuse("variants")
		f.Default = "false"
		if d != nil {
			if _, err := d.boolean(); err != nil {
				c.report(d.pos(), "PH402", "write true or false", "the default of %q is %s", f.Key, d.what())
			}
			f.Default = d.text
		}
		return
	}
	c.unsettled[f] = !c.variants(e, f)
	switch {
	case c.unsettled[f] && d != nil && d.tag == strTag:
	case d == nil || d.tag == boolTag && d.text == "false":
	case d.tag != strTag || !hasChoice(f.Variants, d.text):
		c.report(d.pos(), "PH402", choose(d.text, f.Variants), "the default %q of %q is no variant", d.text, f.Key)
	default:
		f.Default = d.text
	}
}

// variants reads the variants of a multivariate flag. It reports whether they are
// known.
func (c *compiler) variants(e *entry, f *Flag) bool {
	n := e.value.at("variants")
	if n == nil {
		if !e.value.hides("variants") {
			c.report(e.key.pos(), "PH401", "add variants", "the multivariate flag %q has no variants", f.Key)
		}
		return false
	}
	before := c.found.seen
	f.Variants = c.choices(n, "PH401", "variant", &variantName)
	c.siblingChoices(n, f.Variants)
	return c.found.seen == before && !n.torn()
}

// dependsOn reads what local evaluation of a flag needs.
func (c *compiler) dependsOn(n *node, f *Flag) {
	c.listed(n, "person", "PH206", func(n *node, name string) {
		if e := c.refers("person", n, name, "PH206"); e != nil {
			f.DependsPerson = append(f.DependsPerson, c.person[name])
		}
	})
	c.listed(n, "groups", "PH204", func(n *node, name string) {
		if e := c.refers("groups", n, name, "PH204"); e != nil {
			f.DependsGroups = append(f.DependsGroups, c.groups[name])
		}
	})
}

// payload reads the shape of a flag's payload.
func (c *compiler) payload(e *entry, f *Flag) {
	n := e.value.at("payload")
	if n == nil {
		if f.Kind == "remote_config" && !e.value.hides("payload") {
			c.report(e.key.pos(), "PH403", "add payload", "the remote config %q has no payload", f.Key)
		}
		return
	}
	f.HasPayload = true
	f.Payload = c.properties(n.at("properties"), inPayload)
}

// payloadProperty checks what is special to a property of a payload.
func (c *compiler) payloadProperty(v *node, p *Property, in place) {
	if what := c.payloadMisfit(p.Type); what != "" {
		c.report(p.Pos, "PH404", "write scalars, enums, arrays, maps, json and inline objects", "%q is %s, which no payload can hold", p.Key, what)
		return
	}
	switch n := v.at("default"); {
	case n != nil:
		p.Default = c.value(n, p.Type, false)
	case p.Required && in != inPayloadValue && !v.hides("default"):
		c.report(p.Pos, "PH403", "add default", "%q is required but has no default to build the plan's own payload from", p.Key)
	}
}

// payloadMisfit says what in t no payload can hold; empty if all can be.
func (c *compiler) payloadMisfit(t *Type) string {
	if c.unsound(t) {
		return ""
	}
	switch {
	case t.Kind == Money:
		return "money"
	case t.Kind == Const, t.Kind == Union:
		return "a " + string(t.Kind)
	case t.Kind == Object && t.Name != "":
		return "the named object " + strconv.Quote(t.Name)
	case t.Elem != nil:
		if what := c.payloadMisfit(t.Elem); what != "" || t.Name == "" {
			return what
		}
		return c.payloadMisfitIn(t.Elem)
	}
	return ""
}

// payloadMisfitIn is payloadMisfit for the properties of an object within a
// named type, which was compiled without a payload in view.
func (c *compiler) payloadMisfitIn(t *Type) string {
	for _, p := range t.Properties {
		what := c.payloadMisfit(p.Type)
		if what == "" {
			what = c.payloadMisfitIn(leaf(p.Type))
		}
		if what != "" {
			return what
		}
	}
	return ""
}
