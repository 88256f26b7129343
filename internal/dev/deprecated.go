package dev

import (
	"fmt"
	"strings"

	"github.com/phgen/phgen/schema"
)

// deprecations find what an event uses although the plan says that it is to go.
type deprecations struct {
	events   map[string]*schema.Event
	groups   map[string][]*schema.Property
	features map[string][]*schema.Property
	person   []*schema.Property
	context  []*schema.Property
	some     map[*schema.Type]bool // whether anything in a type is deprecated
}

func newDeprecations(p *schema.Plan) *deprecations {
	d := &deprecations{
		events: map[string]*schema.Event{}, groups: map[string][]*schema.Property{},
		features: map[string][]*schema.Property{}, some: map[*schema.Type]bool{},
	}
	for _, e := range p.Events {
		if e.Status == "deprecated" || len(d.among(e.Properties)) > 0 {
			d.events[e.Name] = e
		}
	}
	for _, g := range p.Groups {
		d.groups[g.Name] = d.among(g.Properties)
	}
	for _, f := range p.AI.Features {
		d.features[f.Name] = d.among(f.Properties)
	}
	d.person, d.context = d.among(p.Person), d.among(p.Context)
	return d
}

// among returns those of properties in which anything is deprecated.
func (d *deprecations) among(properties []*schema.Property) []*schema.Property {
	var found []*schema.Property
	for _, p := range properties {
		if p.Deprecated != nil || d.in(p.Type) {
			found = append(found, p)
		}
	}
	return found
}

// in reports whether anything in a type is deprecated. No type contains itself.
func (d *deprecations) in(t *schema.Type) bool {
	if t == nil {
		return false
	}
	some, known := d.some[t]
	if known {
		return some
	}
	some = t.Deprecated != nil || d.in(t.Elem) || len(d.among(t.Properties)) > 0
	for _, v := range t.Values {
		some = some || v.Deprecated != nil
	}
	for _, v := range t.Variants {
		some = len(d.among(v.Properties)) > 0 || some
	}
	d.some[t] = some
	return some
}

// used says what deprecated thing an event uses first, and how many more; nothing if it
// uses none.
func (d *deprecations) used(event string, properties map[string]any) string {
	u := uses{deprecations: d}
	if e := d.events[event]; e != nil {
		if e.Status == "deprecated" {
			u.note(fmt.Sprintf("event %q", e.Name), e.Deprecated)
		}
		u.properties("", e.Properties, properties)
	}
	u.properties("", d.context, properties)
	for _, bucket := range []string{"$set", "$set_once"} {
		if set, ok := properties[bucket].(map[string]any); ok {
			u.properties(bucket+".", d.person, set)
		}
	}
	switch {
	case event == "$groupidentify":
		name, _ := properties["$group_type"].(string)
		set, _ := properties["$group_set"].(map[string]any)
		u.properties("$group_set.", d.groups[name], set)
	case strings.HasPrefix(event, "$ai_"):
		name, _ := properties["ai_feature"].(string)
		u.properties("", d.features[name], properties)
	}
	if u.count > 1 {
		return fmt.Sprintf("%s (and %d more)", u.first, u.count-1)
	}
	return u.first
}

// uses collect what is used of what is deprecated.
type uses struct {
	*deprecations
	first string
	count int
}

func (u *uses) note(what string, d *schema.Deprecation) {
	if u.count++; u.count > 1 {
		return
	}
	u.first = cut(what+instead(d), maxText)
}

// instead says what to use in place of what is deprecated, in the plan's words.
func instead(d *schema.Deprecation) string {
	switch {
	case d == nil:
		return ""
	case d.Use != "":
		return fmt.Sprintf(": use %q", d.Use)
	case d.Note != "":
		return ": " + d.Note
	}
	return ""
}

func (u *uses) properties(prefix string, planned []*schema.Property, sent map[string]any) {
	for _, p := range planned {
		key := p.Key
		if p.Type.Kind == schema.Money {
			key = p.MoneyKeys[0]
		}
		v, there := sent[key]
		if !there {
			continue
		}
		if p.Deprecated != nil {
			u.note(fmt.Sprintf("property %q", prefix+key), p.Deprecated)
		}
		u.value(prefix+key, p.Type, v)
	}
}

func (u *uses) value(path string, t *schema.Type, v any) {
	if !u.some[t] {
		return
	}
	switch v := v.(type) {
	case string:
		for _, word := range t.Values {
			if word.Value == v && word.Deprecated != nil {
				u.note(fmt.Sprintf("value %q of %q", word.Value, path), word.Deprecated)
			}
		}
	case []any:
		for _, item := range v {
			if t.Kind == schema.Array {
				u.value(path, t.Elem, item)
			}
		}
	case map[string]any:
		switch t.Kind {
		case schema.Map:
			for _, item := range v {
				u.value(path, t.Elem, item)
			}
		case schema.Object:
			u.properties(path+".", t.Properties, v)
		case schema.Union:
			name, _ := v[t.Discriminator].(string)
			for _, variant := range t.Variants {
				if variant.Name == name {
					u.properties(path+".", variant.Properties, v)
				}
			}
		}
	}
}
