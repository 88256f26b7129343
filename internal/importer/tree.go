package importer

import "github.com/phgen/phgen/internal/yamltext"

import "slices"

// tree is the plan as it is to be printed, without what is gone.
func (d *draft) tree() *node {
	root := mapping()
	root.raw("phgen", "1")
	plan := root.put("plan", mapping())
	plan.raw("name", yamltext.Quote(d.planName()))
	plan.say("description", d.description)

	owners := mapping()
	for _, o := range d.owners {
		if o.gone == "" {
			owners.add(o, mapping())
		}
	}
	root.section("owners", owners)
	types := mapping()
	for _, t := range d.types {
		if t.gone == "" {
			n := mapping()
			n.say("description", t.description)
			d.typ(n, t.typ)
			types.add(&t.entity, n)
		}
	}
	root.section("types", types)
	sets := mapping()
	for _, s := range d.sets {
		if s.gone == "" {
			sets.add(&s.entity, d.properties(s.properties))
		}
	}
	root.section("property_sets", sets)
	for _, part := range []struct {
		key  string
		list []*property
	}{{"context", d.context}, {"person", d.person}} {
		if list := d.properties(part.list); !list.empty() {
			root.put(part.key, mapping()).put("properties", list)
		}
	}
	groups := mapping()
	for _, g := range d.groups {
		if g.gone == "" {
			n := mapping()
			n.say("description", g.description)
			n.section("properties", d.properties(g.properties))
			groups.add(&g.entity, n)
		}
	}
	root.section("groups", groups)
	events := mapping()
	for _, e := range d.events {
		if e.gone == "" {
			events.add(&e.entity, d.eventNode(e))
		}
	}
	root.section("events", events)
	flags := mapping()
	for _, f := range d.flags {
		if f.gone == "" {
			flags.add(&f.entity, d.flagNode(f))
		}
	}
	root.section("flags", flags)
	return root
}

// add puts what e is under its name.
func (n *node) add(e *entity, item *node) {
	item.of, item.notes = e, e.notes
	n.put(e.name, item)
}

// planName is the plan's name as the language allows it.
func (d *draft) planName() string {
	if name := slug(d.name, '-'); name != "" {
		return name
	}
	return "imported"
}

func (d *draft) eventNode(e *event) *node {
	n := mapping()
	n.say("description", e.description)
	if e.owner != nil && e.owner.gone == "" {
		n.raw("owner", yamltext.Quote(e.owner.name))
	}
	n.list("tags", e.tags)
	if e.status != "" {
		n.raw("status", e.status)
	}
	n.say("deprecated", e.deprecated)
	var use, groups, person []string
	for _, s := range e.use {
		if s.gone == "" {
			use = append(use, s.name)
		}
	}
	for _, g := range e.groups {
		if g.gone == "" {
			groups = append(groups, g.name)
		}
	}
	for _, p := range e.person {
		if p.gone == "" {
			person = append(person, p.name)
		}
	}
	n.list("use", use)
	n.list("groups", groups)
	n.list("person", person)
	if e.extra {
		n.raw("extra_properties", "allow")
	}
	n.section("properties", d.properties(e.properties))
	goName(n, e.goName)
	return n
}

func goName(n *node, name string) {
	if name != "" {
		n.put("go", mapping()).raw("name", name)
	}
}

func (d *draft) flagNode(f *flag) *node {
	n := mapping()
	n.say("description", f.description)
	n.raw("kind", f.kind)
	variants := choices(f.variants)
	if !variants.empty() {
		n.put("variants", variants)
	}
	if f.fallback != "" {
		n.raw("default", f.fallback)
	}
	if f.kind == "remote_config" || len(f.payload) > 0 {
		payload := n.put("payload", mapping())
		payload.raw("type", "object")
		payload.put("properties", d.properties(f.payload))
	}
	goName(n, f.goName)
	return n
}

func (d *draft) properties(list []*property) *node {
	n := mapping()
	for _, p := range list {
		if p.gone == "" {
			n.add(&p.entity, d.property(p))
		}
	}
	return n
}

// property is a property in its short form, if it has one.
func (d *draft) property(p *property) *node {
	n := mapping()
	d.typ(n, p.typ)
	if p.required {
		n.raw("required", "true")
	}
	if p.nullable && !p.required {
		n.raw("nullable", "true")
	}
	if p.write != "" {
		n.raw("write", p.write)
	}
	n.say("description", p.description)
	n.say("deprecated", p.deprecated)
	for _, l := range p.other {
		if l.gone == "" {
			n.add(&l.entity, scalar(l.text))
		}
	}
	goName(n, p.goName)
	if n.keys[0] != "type" {
		return n
	}
	short := n.items[0].text
	switch {
	case len(n.keys) == 1:
		return scalar(short)
	case slices.Equal(n.keys, []string{"type", "required"}):
		return scalar(short + "!")
	case slices.Equal(n.keys, []string{"type", "nullable"}):
		return scalar(short + "?")
	}
	return n
}

// typ adds the keys of a type.
func (d *draft) typ(n *node, t *typ) {
	switch {
	case t.ref != nil && t.ref.gone != "":
		n.raw("type", "json")
		return
	case t.ref != nil:
		n.raw("type", t.ref.name)
		return
	}
	switch t.name {
	case "enum":
		values := choices(t.choices)
		if values.empty() { // none of them can be a value
			n.raw("type", "string")
			return
		}
		n.put("enum", values)
	case "const":
		n.raw("const", t.constant)
	case "union":
		n.put("union", mapping()).raw("discriminator", yamltext.Quote(t.discriminator))
		variants := n.put("variants", mapping())
		for _, v := range t.variants {
			if v.gone == "" {
				item := mapping()
				item.put("properties", d.properties(v.fields))
				goName(item, v.goName)
				variants.add(&v.entity, item)
			}
		}
	default:
		n.raw("type", t.name)
	}
	switch t.name {
	case "object":
		n.put("properties", d.properties(t.fields))
	case "array", "map":
		d.elem(n, map[string]string{"array": "of", "map": "values"}[t.name], t.elem)
	}
	for _, l := range t.limits {
		if l.gone == "" {
			n.add(&l.entity, scalar(l.text))
		}
	}
}

// elem adds the type of items.
func (d *draft) elem(n *node, key string, t *typ) {
	item := mapping()
	d.typ(item, t)
	if slices.Equal(item.keys, []string{"type"}) {
		item = item.items[0]
	}
	n.put(key, item)
}

// choices is a list of words, or a mapping if there is more to say about one.
func choices(list []*choice) *node {
	n := &node{kind: listKind}
	for _, c := range list {
		if c.gone == "" && (c.description != "" || c.goName != "") {
			n.kind = objectKind
		}
	}
	for _, c := range list {
		switch {
		case c.gone != "":
			continue
		case n.kind == listKind:
			n.items = append(n.items, &node{of: &c.entity, notes: c.notes, kind: stringKind, text: yamltext.Quote(c.name)})
			continue
		}
		item := mapping()
		item.say("description", c.description)
		goName(item, c.goName)
		n.add(&c.entity, item)
	}
	return n
}
