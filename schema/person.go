package schema

// propertySets compiles the section property_sets.
func (c *compiler) propertySets() {
	for _, e := range c.sections["property_sets"].entries {
		c.sets[e.name()] = &PropertySet{Pos: e.key.pos(), Name: e.name()}
	}
	c.each("property_sets", func(e *entry) {
		c.shaped(e.key, setName)
		set := c.sets[e.name()]
		set.Properties = c.properties(e.value, inSet)
		c.later = append(c.later, func() {
			c.distinctWire(set.Properties)
			c.contextClash(set.Properties)
		})
		c.plan.Sets = append(c.plan.Sets, set)
	})
}

// contextProperties compiles the section context.
func (c *compiler) contextProperties() {
	c.plan.Context = c.scattered("context", inContext, c.context)
}

// personProperties compiles the section person.
func (c *compiler) personProperties() {
	c.plan.Person = c.scattered("person", inPerson, c.person)
}

// scattered compiles a section whose entries are properties of one thing.
func (c *compiler) scattered(key string, in place, byKey map[string]*Property) []*Property {
	var list []*Property
	entries := c.sections[key].entries
	for _, e := range entries {
		byKey[e.name()] = &Property{Pos: e.key.pos(), Key: e.name(), Type: &Type{Kind: String}}
	}
	c.each(key, func(e *entry) {
		p := c.property(e.key, e.value, in)
		byKey[e.name()] = p
		list = append(list, p)
	})
	beside := siblings{
		known:      func(name string) bool { return byKey[name] != nil },
		names:      c.sections[key].names,
		deprecated: func(name string) bool { return byKey[name].Deprecated != nil },
	}
	for _, e := range entries {
		c.entry(e, func() { c.sibling(e.value, byKey[e.name()].Deprecated, e.name(), beside) })
	}
	c.distinctWire(list)
	return list
}

// groupTypes compiles the section groups.
func (c *compiler) groupTypes() {
	entries := c.sections["groups"].entries
	if len(entries) > maxGroups {
		c.report(entries[maxGroups].key.pos(), "PH223", "remove some", "%d groups; PostHog allows %d", len(entries), maxGroups)
	}
	for _, e := range entries {
		c.groups[e.name()] = &Group{Pos: e.key.pos(), Name: e.name(), Key: &Type{Pos: e.key.pos(), Kind: String}}
	}
	c.each("groups", func(e *entry) {
		c.wireName(e.key, "group", e.name())
		g, v := c.groups[e.name()], e.value
		g.Description = c.prose(v, "description")
		g.Owner = c.ownerOf(v, c.plan.Defaults.Owner)
		g.Go = c.goName(v)
		g.Properties = c.properties(v.at("properties"), inGroup)
		c.groupKey(v.at("key"), g.Key)
		c.later = append(c.later, func() { c.distinctWire(g.Properties) })
		c.plan.Groups = append(c.plan.Groups, g)
	})
}

// groupKey reads the type of a group's key into t.
func (c *compiler) groupKey(n *node, t *Type) {
	if n == nil {
		return
	}
	t.Pos = n.pos()
	stated := n
	switch n.kind {
	case listNode:
		c.report(n.pos(), "PH223", "write string, int or uuid", "a group key cannot be an array")
		return
	case mappingNode:
		for _, k := range n.keys {
			switch k.text {
			case "required", "nullable", "deprecated", "on_invalid", "write", "default", "const", "go":
				c.report(k.pos(), "PH116", "remove it", "%q does not apply to a group key", k.text)
			case "pii":
				c.report(k.pos(), "PH502", "remove it; PostHog joins groups by this key", "a group key cannot have pii")
			}
		}
		if stated = n.at("type"); stated == nil {
			if !n.hides("type") {
				c.report(n.pos(), "PH223", "add type: string, int or uuid", "the group key does not say its type")
			}
			return
		}
	}
	switch Kind(stated.text) {
	case String, Int, UUID:
	case "string!", "int!", "uuid!", "string?", "int?", "uuid?":
		c.report(stated.pos(), "PH115", "write the type alone", "%q has a marker; a group key is always required", stated.text)
		return
	default:
		c.report(stated.pos(), "PH223", "write string, int or uuid", "%q is no type of a group key", clip(stated.text))
		return
	}
	t.Kind = Kind(stated.text)
	if n.kind == mappingNode {
		c.typeForm(n, t, inGroup)
		t.Description = c.prose(n, "description")
		c.later = append(c.later, func() {
			if ex := n.at("example"); ex != nil {
				t.Example = c.value(ex, t, false)
			}
		})
	}
}
