package change

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/phgen/phgen/schema"
)

func propertyKey(p *schema.Property) string { return p.Key }

// properties compares two lists of properties that stand in one place.
func (c *comparer) properties(s spot, old, new []*schema.Property) {
	both, gone, come := byKey(old, new, propertyKey)
	for _, pair := range both {
		c.property(c.propertySpot(s, pair[0], pair[1]), pair[0], pair[1])
	}
	for _, p := range come {
		c.propertyAdded(c.propertySpot(s, nil, p), p)
	}
	for _, p := range gone {
		c.propertyRemoved(c.propertySpot(s, p, nil), p, c.renamed(p, gone, come))
	}
	if reordered(optional(old), optional(new), propertyKey) {
		c.changed("PHB302", s, "the order of the properties%s changed", s.suffix())
	}
}

// suffix is " of" and what is meant inside the subject, or nothing.
func (s spot) suffix() string {
	if s.what == "" {
		return ""
	}
	return " of " + s.what
}

// optional are the properties of list that are no parameters.
func optional(list []*schema.Property) []*schema.Property {
	return slices.DeleteFunc(slices.Clone(list), func(p *schema.Property) bool { return p.Required })
}

// propertySpot is the place of a property in s; one of old and new may be nil.
func (c *comparer) propertySpot(s spot, old, new *schema.Property) spot {
	var oldPos, newPos schema.Pos
	key := ""
	if old != nil {
		oldPos, key = old.Pos, old.Key
	}
	if new != nil {
		newPos, key = new.Pos, new.Key
	}
	noun := "property"
	if s.place == inPayload || s.what != "" {
		noun = "field"
	}
	return s.part(noun+" "+strconv.Quote(key), "properties."+key, oldPos, newPos)
}

// propertyAdded reports a property that only the new plan has.
func (c *comparer) propertyAdded(s spot, p *schema.Property) {
	switch {
	case p.Type.Kind == schema.Const:
		c.added("PHB203", s, "constant %s added: always %s", s.what, valueText(p.Type.Const))
	case s.place == inPayload && p.Required:
		x := c.added("PHB126", s, "required %s added: payloads without it are no longer used, and the plan's defaults take their place", s.what)
		x.Hint = "add it with required: false"
	case s.place == inPayload:
		c.added("PHB230", s, "optional %s added", s.what)
	case s.place == inPerson:
		c.added("PHB221", s, "%s added", s.what)
	case p.Required && s.place == inEvent:
		c.added("PHB103", s, "required %s added", s.what).Hint = "add it with required: false"
	case p.Required:
		c.added("PHB137", s, "required %s added", s.what).Hint = "add it with required: false"
	default:
		c.added("PHB202", s, "optional %s added", s.what)
	}
}

// propertyRemoved reports a property that only the old plan has. If renamed is not
// empty, that is what it seems to be called now.
func (c *comparer) propertyRemoved(s spot, p *schema.Property, renamed string) {
	code := "PHB102"
	switch {
	case p.Type.Kind == schema.Const:
		code = "PHB138"
	case s.place == inPayload:
		code = "PHB123"
	case s.place == inPerson:
		code = "PHB134"
	}
	x := c.removed(code, s, "%s removed", s.what)
	switch use := deprecatedUse(p.Deprecated); {
	case use != "":
		x.Message += fmt.Sprintf("; it was deprecated in favour of %q", use)
	case renamed != "" && s.place != inPayload:
		x.Hint = fmt.Sprintf("if it is now %q, keep it beside that, deprecated with use: %q", renamed, renamed)
	case renamed != "":
		x.Hint = fmt.Sprintf("if it is now %q, keep both until nobody reads the old one", renamed)
	}
}

func deprecatedUse(d *schema.Deprecation) string {
	if d == nil {
		return ""
	}
	return d.Use
}

// renamed is the key of what p seems to be called now: the one property that came,
// among as many as went, that is like p but for its key.
func (c *comparer) renamed(p *schema.Property, gone, come []*schema.Property) string {
	like := func(list []*schema.Property) (alike []*schema.Property) {
		for _, q := range list {
			if propertyShape(p) == propertyShape(q) {
				alike = append(alike, q)
			}
		}
		return alike
	}
	if alike := like(come); len(alike) == 1 && len(like(gone)) == 1 {
		return alike[0].Key
	}
	return ""
}

// property compares a property that both plans have.
func (c *comparer) property(s spot, p, q *schema.Property) {
	if p.Type.Kind == schema.Const || q.Type.Kind == schema.Const {
		c.constant(s, p, q)
		return
	}
	respelt := c.ident(s, p.Go, q.Go, p.Key, q.Key)
	c.required(s, p, q)
	c.nullable(s, p, q)
	if c.typ(s, p.Type, q.Type) && !respelt {
		c.goType(s, p, q)
	}
	if p.OnInvalid != q.OnInvalid {
		c.changed("PHB208", s, "on_invalid of %s changed from %s to %s", s.what, orInherit(p.OnInvalid), orInherit(q.OnInvalid))
	}
	if !inherited(p, p.PII) || !inherited(q, q.PII) {
		c.pii(s, p, q)
	}
	c.write(s, p, q)
	c.moneyKeys(s, p, q)
	if s.place == inPayload && valueText(p.Default) != valueText(q.Default) {
		c.changed("PHB231", s, "default of %s changed from %s to %s", s.what, valueText(p.Default), valueText(q.Default))
	}
	c.deprecation(s, p.Deprecated, q.Deprecated)
	c.docs(s, ownDocs(p), ownDocs(q))
}

// inherited reports whether pii is that of the property's named type.
func inherited(p *schema.Property, pii *schema.PII) bool {
	return pii == nil || p.Type.Name != "" && pii == p.Type.PII
}

func orInherit(o schema.OnInvalid) string {
	if o == schema.Inherit {
		return "nothing"
	}
	return string(o)
}

// ownDocs is what a property says of itself and its named type does not.
func ownDocs(p *schema.Property) []doc {
	d := []doc{{"description", p.Description}, {"example", valueText(p.Example)}}
	if p.Type.Name != "" && p.Description == p.Type.Description {
		d[0].text = ""
	}
	return d
}

// constant compares two properties one of which is constant.
func (c *comparer) constant(s spot, p, q *schema.Property) {
	switch was, is := p.Type.Const, q.Type.Const; {
	case was == nil:
		code := "PHB142"
		if s.place == inEvent && postHogType(p.Type) != postHogType(q.Type) {
			code = "PHB106"
		}
		c.changed(code, s, "%s became the constant %s", s.what, valueText(is))
	case is == nil && q.Required:
		c.changed("PHB139", s, "%s is no longer the constant %s, but required", s.what, valueText(was))
	case is == nil:
		c.changed("PHB235", s, "%s is no longer the constant %s, but optional", s.what, valueText(was))
	case postHogType(p.Type) != postHogType(q.Type):
		c.changed("PHB145", s, "constant %s changed from %s to %s, which PostHog takes for another type", s.what, valueText(was), valueText(is))
	case valueText(was) != valueText(is):
		c.changed("PHB144", s, "constant %s changed from %s to %s", s.what, valueText(was), valueText(is))
	}
	c.docs(s, ownDocs(p), ownDocs(q))
}

// required compares whether the caller must give the property.
func (c *comparer) required(s spot, p, q *schema.Property) {
	switch {
	case p.Required == q.Required:
	case q.Required && s.place == inPayload:
		c.changed("PHB125", s, "%s made required: payloads without it are no longer used, and the plan's defaults take their place", s.what)
	case s.place == inPayload:
		c.changed("PHB232", s, "%s made optional", s.what)
	case q.Required && s.place == inEvent:
		c.changed("PHB104", s, "%s made required", s.what)
	case q.Required:
		c.changed("PHB139", s, "%s made required", s.what)
	default:
		c.changed("PHB105", s, "%s made optional: a method sets it now, and no parameter", s.what)
	}
}

func (c *comparer) nullable(s spot, p, q *schema.Property) {
	switch {
	case p.Nullable == q.Nullable:
	case s.place == inPayload && q.Nullable:
		c.changed("PHB303", s, "%s made nullable", s.what)
	case s.place == inPayload:
		c.changed("PHB233", s, "%s no longer nullable", s.what)
	case q.Nullable:
		c.changed("PHB206", s, "%s made nullable", s.what)
	default:
		c.changed("PHB108", s, "%s no longer nullable", s.what)
	}
}

// write compares the bucket of a person property.
func (c *comparer) write(s spot, p, q *schema.Property) {
	switch {
	case s.place != inPerson || p.Write == q.Write:
	case q.Write == schema.WriteUnset:
		c.changed("PHB135", s, "%s retired: it can only be unset", s.what)
	case p.Write == schema.WriteUnset:
		c.changed("PHB222", s, "%s can be set again", s.what)
	default:
		c.changed("PHB112", s, "write of %s changed from %s to %s", s.what, p.Write, q.Write)
	}
}

func (c *comparer) moneyKeys(s spot, p, q *schema.Property) {
	if p.Type.Kind != schema.Money || q.Type.Kind != schema.Money || p.MoneyKeys == q.MoneyKeys {
		return
	}
	code := "PHB146"
	if p.Required && q.Required && s.place == inEvent {
		code = "PHB147"
	}
	c.changed(code, s, "wire keys of %s changed from %q and %q to %q and %q", s.what, p.MoneyKeys[0], p.MoneyKeys[1], q.MoneyKeys[0], q.MoneyKeys[1])
}

// deprecation compares what deprecated says of something.
func (c *comparer) deprecation(s spot, old, new *schema.Deprecation) {
	switch {
	case old == nil && new == nil:
	case old == nil:
		text := strings.TrimSpace(s.what + " deprecated")
		if new.Use != "" {
			text += fmt.Sprintf(" in favour of %q", new.Use)
		}
		if new.RemoveAfter != "" {
			text += ", to be removed after " + new.RemoveAfter
		}
		c.changed("PHB210", s, "%s", text)
	case new == nil:
		c.changed("PHB308", s, "%s", strings.TrimSpace(s.what+" no longer deprecated"))
	default:
		c.docs(s, deprecationDocs(old), deprecationDocs(new))
	}
}

func deprecationDocs(d *schema.Deprecation) []doc {
	return []doc{{"since", d.Since}, {"use", d.Use}, {"remove_after", d.RemoveAfter}, {"note", d.Note}}
}

// A doc is a key that only people read.
type doc struct{ key, text string }

// docs reports which of some documentation changed. Both lists have the same keys.
func (c *comparer) docs(s spot, old, new []doc) {
	var keys []string
	for i := range old {
		if old[i].text != new[i].text {
			keys = append(keys, old[i].key)
		}
	}
	if len(keys) > 0 {
		c.changed("PHB301", s, "%s%s changed", enumeration(keys), s.suffix())
	}
}

// enumeration is "a", "a and b" or "a, b and c".
func enumeration(list []string) string {
	text := ""
	for i, s := range list {
		switch {
		case i == 0:
			text = s
		case i == len(list)-1:
			text += " and " + s
		default:
			text += ", " + s
		}
	}
	return text
}
