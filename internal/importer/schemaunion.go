package importer

import (
	"slices"
	"strings"
)

// oneOf reads the branches of anyOf or oneOf.
func (r *schemaReader) oneOf(list *value) (t *typ, nullable bool) {
	var branches []*value
	for _, b := range list.items {
		names, _ := r.typeNames(b)
		if b.is(objectKind) && b.first("type", "types") != nil && len(names) == 0 {
			nullable = true
			continue
		}
		if ref := b.at("$ref"); ref != nil {
			if target := r.resolve(ref); target.is(objectKind) && !r.busy[target] && target.at("properties") != nil {
				b = target
			}
		}
		branches = append(branches, b)
	}
	if len(branches) == 1 {
		t, inner := r.typ(branches[0])
		return t, nullable || inner
	}
	if t := r.constants(branches); t != nil {
		return t, nullable
	}
	if t := r.union(list, branches); t != nil {
		return t, nullable
	}
	t, _ = r.anything(list, list.key, "it may be one of several things")
	return t, nullable
}

// constants makes an enum of branches that are one string each, or nil.
func (r *schemaReader) constants(branches []*value) *typ {
	t := &typ{name: "enum"}
	for _, b := range branches {
		c := b.at("const")
		if !c.is(stringKind) {
			return nil
		}
		t.choices = append(t.choices, &choice{entity{noun: "value", name: c.text, from: c.place()}, text(b)})
	}
	if len(t.choices) == 0 {
		return nil
	}
	return t
}

// union makes a union of objects that one property tells apart, or nil.
func (r *schemaReader) union(list *value, branches []*value) *typ {
	discriminator := discriminatorOf(branches)
	if discriminator == "" {
		return nil
	}
	t := &typ{name: "union", discriminator: discriminator}
	loose := false // something is optional, which no variant can have
	for _, b := range branches {
		if !r.enter(b) {
			return nil
		}
		v := &variant{entity: entity{noun: "variant", name: tagOf(b, discriminator), from: b.place()}}
		for _, p := range r.fields(b) {
			if p.name == discriminator {
				continue
			}
			loose = loose || !p.required && p.typ.name != "const"
			v.fields = append(v.fields, p)
		}
		r.leave(b)
		t.variants = append(t.variants, v)
	}
	if !loose {
		return t
	}
	r.d.lose(list.place(), list.key, "variants of a union have no optional properties, so it is one object with the properties of all")
	kinds := &typ{name: "enum"}
	merged := &typ{name: "object", fields: []*property{{entity: entity{noun: "property", name: discriminator, from: list.place()}, typ: kinds, required: true}}}
	for _, v := range t.variants {
		kinds.choices = append(kinds.choices, &choice{entity: entity{noun: "value", name: v.name, from: v.from}})
		for _, p := range v.fields {
			p.required = false
		}
		merged.fields = r.d.join(merged.fields, v.fields)
	}
	return merged
}

// discriminatorOf is the property that has another string in each branch.
func discriminatorOf(branches []*value) string {
	if len(branches) < 2 {
		return ""
	}
	props := branches[0].at("properties")
	if props == nil {
		return ""
	}
	for _, key := range props.keys {
		var tags []string
		for _, b := range branches {
			if tag := tagOf(b, key); tag != "" && !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
		if len(tags) == len(branches) {
			return key
		}
	}
	return ""
}

// tagOf is the one string that a property of a branch can be, or "".
func tagOf(branch *value, key string) string {
	p := branch.at("properties", key)
	if c := p.at("const").str(); c != "" {
		return strings.TrimSpace(c)
	}
	if list := p.at("enum").list(); len(list) == 1 {
		return list[0].str()
	}
	return ""
}
