package coverage

import (
	"slices"

	"github.com/phgen/phgen/schema"
)

// plant makes the items of the plan.
func (c *Coverage) plant() {
	shared := map[*schema.Property]string{} // to the name of what is inside them
	for _, set := range c.plan.Sets {
		for _, p := range set.Properties {
			shared[p] = set.Name + "." + p.Key
		}
	}
	for _, e := range c.plan.Events {
		if e.Status == "draft" || e.Status == "deprecated" {
			c.events[e.Name] = &holder{} // planned, but not counted
			continue
		}
		h := &holder{item: c.add(Event, e.Name, e.Owner, e.Pos)}
		for _, p := range e.Properties {
			h.fields = append(h.fields, c.field(e.Name, e.Owner, p))
		}
		c.events[e.Name] = h
		for _, f := range h.fields {
			c.walkField(f, e.Name+"."+f.Key, shared)
		}
	}
	c.context = *c.shared("context", "", c.plan.Context)
	c.person = *c.shared("person", "", slices.DeleteFunc(slices.Clone(c.plan.Person), func(p *schema.Property) bool { return p.Write == schema.WriteUnset }))
	for _, g := range c.plan.Groups {
		c.groups[g.Name] = c.shared(g.Name, g.Owner, g.Properties)
	}
	for _, f := range c.plan.AI.Features {
		c.features[f.Name] = c.shared(f.Name, f.Owner, f.Properties)
	}
	c.plantSurveys()
	c.plantFlags()
	c.plantExperiments()
}

func (c *Coverage) shared(name, owner string, properties []*schema.Property) *holder {
	h := &holder{}
	for _, p := range properties {
		f := c.field(name, owner, p)
		h.fields = append(h.fields, f)
		c.walkField(f, name+"."+p.Key, nil)
	}
	return h
}

func (c *Coverage) add(kind Kind, name, owner string, pos schema.Pos) *Item {
	item := &Item{Kind: kind, Name: name, Owner: owner, Pos: pos}
	c.items = append(c.items, item)
	return item
}

func (c *Coverage) field(holder, owner string, p *schema.Property) field {
	if !counts(p) {
		return field{Property: p}
	}
	return field{p, c.add(Property, holder+"."+p.Key, owner, p.Pos)}
}

func counts(p *schema.Property) bool {
	return p.Type.Kind != schema.Const && p.Deprecated == nil && !dropped(p)
}

func dropped(p *schema.Property) bool {
	pii := p.PII
	if pii == nil {
		pii = p.Type.PII
	}
	return pii != nil && pii.Action == "drop"
}

// walkField makes the items inside a property's type.
func (c *Coverage) walkField(f field, name string, shared map[*schema.Property]string) {
	if f.item == nil {
		return
	}
	if of, ok := shared[f.Property]; ok {
		name = of
	}
	c.walk(f.Type, name)
}

func (c *Coverage) walk(t *schema.Type, name string) {
	if t.Name != "" {
		name = t.Name
	}
	if c.walked[t] {
		return
	}
	c.walked[t] = true
	for _, v := range t.Values {
		if v.Deprecated == nil {
			c.values[v] = c.add(Value, name+" "+v.Value, "", v.Pos)
		}
	}
	if t.Elem != nil {
		c.walk(t.Elem, name+"[]")
	}
	c.inside(t.Properties, name)
	for _, v := range t.Variants {
		c.variants[v] = c.add(Value, name+" "+v.Name, "", v.Pos)
		c.inside(v.Properties, name+"."+v.Name)
	}
}

// inside makes the items of an object's or variant's properties.
func (c *Coverage) inside(properties []*schema.Property, name string) {
	for _, p := range properties {
		if counts(p) {
			c.properties[p] = c.add(Property, name+"."+p.Key, "", p.Pos)
			c.walk(p.Type, name+"."+p.Key)
		}
	}
}

// plantFlags makes the items of flags with a value of their own: true and false, or the
// variants and off.
func (c *Coverage) plantFlags() {
	for _, f := range c.plan.Flags {
		if f.Status == "draft" || f.Status == "deprecated" || f.Kind == "remote_config" {
			continue
		}
		variants := map[string]*Item{}
		if f.Kind == "boolean" {
			variants["true"] = c.add(FlagVariant, f.Key+" true", f.Owner, f.Pos)
		}
		for _, v := range f.Variants {
			if v.Deprecated == nil {
				variants[v.Value] = c.add(FlagVariant, f.Key+" "+v.Value, f.Owner, v.Pos)
			}
		}
		variants["false"] = c.add(FlagVariant, f.Key+" false", f.Owner, f.Pos)
		c.flags[f.Key] = variants
	}
}

// plantExperiments makes the items of experiments whose variants are their own. Those of the
// others are their flags'.
func (c *Coverage) plantExperiments() {
	for _, x := range c.plan.Experiments {
		if x.Flag != nil {
			continue
		}
		variants := map[string]*Item{}
		for _, v := range x.Variants {
			variants[v.Value] = c.add(ExperimentVariant, x.Name+" "+v.Value, x.Owner, v.Pos)
		}
		c.experiments[x.Name] = variants
	}
}
