package dev

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/schema"
)

// A holder is an object of an event for which the plan has properties.
type holder struct {
	prefix     string // of their paths
	properties []*schema.Property
	sent       map[string]any
}

// holders returns what the plan has for an event: its own properties first.
func (p *plan) holders(event sink.Event) []holder {
	within := func(key string) map[string]any {
		object, _ := event.Properties[key].(map[string]any)
		return object
	}
	var list []holder
	add := func(prefix string, properties []*schema.Property, sent map[string]any) {
		if len(properties) > 0 {
			list = append(list, holder{prefix, properties, sent})
		}
	}
	buckets := func(properties []*schema.Property) {
		for _, bucket := range []schema.Write{schema.WriteSet, schema.WriteSetOnce} {
			var of []*schema.Property
			for _, property := range properties {
				if property.Write == bucket {
					of = append(of, property)
				}
			}
			add("$"+string(bucket)+".", of, within("$"+string(bucket)))
		}
	}
	planned := p.events[event.Name]
	switch {
	case planned != nil:
		add("", planned.Properties, event.Properties)
		add("", p.Context, event.Properties)
		buckets(planned.Person)
	case event.Name == "$identify" || event.Name == "$set":
		buckets(p.Person)
	case event.Name == "$groupidentify":
		for _, g := range p.Groups {
			if g.Name == event.Properties["$group_type"] {
				add("$group_set.", g.Properties, within("$group_set"))
			}
		}
	case strings.HasPrefix(event.Name, "$ai_"):
		for _, f := range p.AI.Features {
			if f.Name == event.Properties["ai_feature"] {
				add("", f.Properties, event.Properties)
				add("", p.Context, event.Properties)
			}
		}
	}
	return list
}

// planned tells of one property whether it was sent as planned.
func planned(h holder, p *schema.Property, found []Finding) Planned {
	key := p.Key
	if p.Type.Kind == schema.Money {
		key = p.MoneyKeys[0]
	}
	_, sent := h.sent[key]
	row := Planned{
		Key: h.prefix + key, Type: typeText(p.Type), Required: p.Required, Description: p.Description,
		Plan: place(p.Pos), Sent: sent, Valid: true,
	}
	if p.Nullable {
		row.Type += " or null"
	}
	if p.Deprecated != nil {
		row.Deprecated = cmp.Or(strings.TrimPrefix(instead(p.Deprecated), ": "), "deprecated")
	}
	for _, f := range found {
		if concerns(f.Path, row.Key) || p.Type.Kind == schema.Money && f.Path == h.prefix+p.MoneyKeys[1] {
			row.Valid = false
		}
	}
	return row
}

// concerns reports whether path is that of key or of something in it.
func concerns(path, key string) bool {
	rest, ok := strings.CutPrefix(path, key)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// plannedGroups tells of the groups that the plan lists for an event.
func (p *plan) plannedGroups(event sink.Event, found []Finding) []Planned {
	planned := p.events[event.Name]
	if planned == nil {
		return nil
	}
	groups, _ := event.Properties["$groups"].(map[string]any)
	var list []Planned
	for _, g := range planned.Groups {
		_, sent := groups[g.Group.Name]
		row := Planned{
			Key: "$groups." + g.Group.Name, Type: "group", Required: g.Required, Description: g.Group.Description,
			Plan: place(g.Group.Pos), Sent: sent, Valid: true,
		}
		for _, f := range found {
			if f.Path == row.Key {
				row.Valid = false
			}
		}
		list = append(list, row)
	}
	return list
}

// typeText says a type in a few words: "array of LineItem".
func typeText(t *schema.Type) string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Kind == schema.Array:
		return "array of " + typeText(t.Elem)
	case t.Kind == schema.Map:
		return "map of " + typeText(t.Elem)
	case t.Kind == schema.Const:
		return fmt.Sprintf("always %s", t.Const.Text)
	case t.Kind == schema.Enum:
		values := make([]string, len(t.Values))
		for i, v := range t.Values {
			values[i] = v.Value
		}
		return cut("one of "+strings.Join(values, ", "), maxText)
	}
	return string(t.Kind)
}
