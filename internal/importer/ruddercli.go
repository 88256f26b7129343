package importer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/phgen/phgen/internal/yamltext"
)

// A catalog is what the YAML files of rudder-cli say together: properties, events, types
// and plans refer to each other by kind and id.
type catalog struct {
	d          *draft
	plans      []*value
	properties map[string]*value
	events     map[string]*value
	types      map[string]*value
	categories map[string]*value

	named map[*value]*namedType
	busy  map[*value]bool
	r     *schemaReader
}

// add reads one file.
func (c *catalog) add(v *value) error {
	spec := v.at("spec")
	if !spec.is(objectKind) {
		return &InputError{v.place(), `no resource of rudder-cli: there is no mapping under "spec"`}
	}
	if c.properties == nil {
		c.properties, c.events = map[string]*value{}, map[string]*value{}
		c.types, c.categories = map[string]*value{}, map[string]*value{}
	}
	switch kind := v.at("kind").str(); kind {
	case "properties":
		c.list(c.properties, spec.first("properties"))
	case "events":
		c.list(c.events, spec.first("events"))
	case "custom-types":
		c.list(c.types, spec.first("types"))
	case "categories":
		c.list(c.categories, spec.first("categories"))
	case "tp", "tracking-plan", "tracking-plans":
		c.plans = append(c.plans, spec)
	default:
		c.d.lose(v.at("kind").place(), "kind "+yamltext.Quote(clip(kind)), "it is no part of a tracking plan")
	}
	return nil
}

func (c *catalog) list(m map[string]*value, list *value) {
	for _, v := range list.list() {
		if key := v.at("id").str(); key != "" {
			if first := m[key]; first != nil {
				c.d.lose(v.place(), "id "+yamltext.Quote(clip(key)), "it is there already, at "+first.place().String())
				continue
			}
			m[key] = v
		} else {
			c.d.lose(v.place(), "resource", "it has no id")
		}
	}
}

// target is what a reference leads to: "#/events/group/id" or "#event:id".
func target(m map[string]*value, ref string) *value {
	if i := strings.LastIndexAny(ref, "/:"); strings.HasPrefix(ref, "#") && i >= 0 {
		return m[ref[i+1:]]
	}
	return nil
}

// isType reports whether a text refers to a custom type.
func isType(text string) bool {
	return strings.HasPrefix(text, "#/custom-types/") || strings.HasPrefix(text, "#custom-type:")
}

func (c *catalog) convert() {
	if len(c.plans) == 0 && len(c.events) > 0 {
		c.d.lose(Place{}, "events", "no file has a tracking plan, which says what belongs to them")
	}
	c.named, c.busy = map[*value]*namedType{}, map[*value]bool{}
	c.r = newSchemaReader(c.d, nil)
	for _, p := range c.plans {
		c.d.describe(p)
		for _, rule := range p.at("rules").list() {
			c.rule(rule)
		}
	}
}

// rule reads one event of a plan.
func (c *catalog) rule(rule *value) {
	ref := rule.first("event")
	text := ref.str()
	if ref.is(objectKind) {
		text = ref.first("$ref", "event").str()
	}
	e := target(c.events, text)
	if e == nil {
		c.d.lose(rule.place(), "rule", "its event "+yamltext.Quote(clip(text))+" is in none of the files")
		return
	}
	call := call{method: e.first("event_type", "eventType", "type").str(), name: strings.TrimSpace(e.at("name").str()), from: rule, about: e.at("description").str()}
	if category := target(c.categories, e.at("category").str()); category != nil {
		if tag := slug(category.at("name").str(), '-'); tag != "" {
			call.tags = []string{tag}
		}
	}
	c.d.add(c.r, call)
	section := cmp.Or(ref.first("identity_section", "identitySection").str(), rule.first("identity_section").str())
	switch section {
	case "context.traits":
		c.d.person = c.d.join(c.d.person, person(c.d, c.members(rule)))
	default:
		c.d.place(call, c.members(rule))
	}
	if planned := c.d.index[call.name]; planned != nil && (ref.at("allow_unplanned").yes() || rule.first("allow_unplanned", "additionalProperties", "additional_properties").yes()) {
		planned.extra = true
	}
}

// members are the properties of a rule or a type, those of its variants included.
func (c *catalog) members(v *value) []*property {
	var list []*property
	for _, ref := range v.at("properties").list() {
		if p := c.property(ref); p != nil {
			list = c.d.join(list, []*property{p})
		}
	}
	for _, variants := range v.at("variants").list() {
		var more []*property
		for _, part := range variants.at("cases").list() {
			for _, ref := range part.at("properties").list() {
				if p := c.property(ref); p != nil {
					more = c.d.join(more, []*property{p})
				}
			}
		}
		fallback := variants.at("default")
		for _, ref := range append(fallback.at("properties").list(), fallback.list()...) {
			if p := c.property(ref); p != nil {
				more = c.d.join(more, []*property{p})
			}
		}
		for _, p := range more {
			p.required = false
		}
		c.d.lose(variants.place(), "variants by "+yamltext.Quote(clip(variants.at("discriminator").str())), "what each case requires is not planned: the properties of all cases are optional")
		list = c.d.join(list, more)
	}
	return list
}

// property reads a reference to a property, and what it adds.
func (c *catalog) property(ref *value) *property {
	text := ref.first("$ref", "property").str()
	v := target(c.properties, text)
	if v == nil {
		c.d.lose(ref.place(), "property "+yamltext.Quote(clip(text)), "it is in none of the files")
		return nil
	}
	name := v.at("name").str()
	nested := ref.at("properties").list()
	if c.busy[ref] || c.r.depth > maxSchemaDepth {
		c.d.lose(ref.place(), "property "+yamltext.Quote(clip(name)), "it is nested too deep")
		return nil
	}
	p := c.typed(name, v, ref.at("required").yes())
	p.from = ref.place()
	if len(nested) == 0 {
		return p
	}
	c.r.depth++
	fields := c.members(ref)
	c.r.depth--
	switch {
	case p.typ.name == "array":
		p.typ.elem = &typ{name: "object", fields: fields}
	case p.typ.ref == nil:
		p.typ = &typ{name: "object", fields: fields}
	}
	return p
}

// typed reads what a property or a custom type is.
func (c *catalog) typed(name string, v *value, required bool) *property {
	schema := flattened(v)
	t := schema.first("type", "types")
	if t.is(listKind) && len(t.items) == 1 {
		t = t.items[0]
	}
	if isType(t.str()) {
		p := &property{entity: entity{noun: "property", name: name, from: v.place()}, required: required, description: text(v)}
		p.typ = c.custom(t)
		return p
	}
	items := schema.first("itemTypes", "items")
	if i := slices.Index(schema.keys, "itemTypes"); i >= 0 {
		schema.keys, schema.items = slices.Delete(schema.keys, i, i+1), slices.Delete(schema.items, i, i+1)
	}
	p := c.r.property(name, schema, required)
	if p.typ.name == "array" && items != nil && !items.is(objectKind) {
		p.typ.elem = c.items(items)
	}
	return p
}

// items reads the types of an array's items.
func (c *catalog) items(v *value) *typ {
	list := v.list()
	if v.is(stringKind) {
		list = []*value{v}
	}
	if len(list) == 1 && isType(list[0].str()) {
		return c.custom(list[0])
	}
	schema := &value{file: v.file, line: v.line, col: v.col, parent: v.parent, key: v.key, kind: objectKind, keys: []string{"type"}, items: []*value{v}}
	return c.r.element(schema)
}

// custom reads a custom type: what is an enum or an object gets a name.
func (c *catalog) custom(ref *value) *typ {
	v := target(c.types, ref.str())
	switch {
	case v == nil:
		c.d.lose(ref.place(), "custom type "+yamltext.Quote(clip(ref.str())), "it is in none of the files, so it takes any JSON")
		return plain("json")
	case c.busy[v]:
		c.d.lose(ref.place(), "custom type "+yamltext.Quote(clip(ref.str())), "it leads back to itself, so it takes any JSON")
		return plain("json")
	case c.named[v] != nil:
		return &typ{ref: c.named[v]}
	}
	c.busy[v] = true
	defer delete(c.busy, v)
	name := v.at("name").str()
	own := *v
	var members *value
	if members = v.at("properties"); members.is(listKind) || v.at("variants") != nil {
		own.keys, own.items = without(v, "properties", "variants")
	}
	p := c.typed(name, &own, false)
	if members.is(listKind) && p.typ.ref == nil {
		p.typ = &typ{name: "object", fields: c.members(v)}
	}
	if p.nullable {
		c.d.lose(v.place(), "null in custom type "+yamltext.Quote(clip(name)), "a type of the plan is not null; its properties may be")
	}
	word := identifier(name)
	if p.typ.ref != nil || p.typ.name != "enum" && p.typ.name != "object" || word == "" || word[0] > 'Z' || word[0] < 'A' {
		return p.typ
	}
	n := c.r.name(v, word, p.typ)
	c.named[v] = n
	return &typ{ref: n}
}

// without are the keys and items of an object but some.
func without(v *value, keys ...string) (k []string, items []*value) {
	v.members(func(key string, item *value) {
		if !slices.Contains(keys, key) {
			k, items = append(k, key), append(items, item)
		}
	})
	return k, items
}
