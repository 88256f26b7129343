package importer

import (
	"slices"
	"strings"

	"github.com/phgen/phgen/internal/yamltext"
)

// Segment and RudderStack plan calls, not events: the schema of a call holds that of its
// properties or traits.

// A call is one planned call.
type call struct {
	method string // track, identify, group, page, screen, common, alias
	name   string // of the event or the page
	from   *value
	schema *value
	about  string
	tags   []string
}

// add reads a call into the plan.
func (d *draft) add(r *schemaReader, c call) {
	method := strings.ToLower(c.method)
	switch method {
	case "track", "":
		if c.name == "" {
			d.lose(c.from.place(), "rule", "it has no name")
			return
		}
		d.addEvent(r, c.name, c, "properties")
	case "page", "screen":
		name := map[string]string{"page": "$pageview", "screen": "$screen"}[method]
		if c.name != "" {
			d.lose(c.from.place(), method+" "+yamltext.Quote(c.name), "pages are one event, "+name+"; send the name as a property")
		}
		d.addEvent(r, name, c, "properties")
	case "identify":
		traits := person(d, r.part(c.schema, "traits"))
		if traits == nil {
			traits = person(d, r.part(c.schema, "properties"))
		}
		d.person = d.join(d.person, traits)
		r.envelope(c.schema, "traits", "properties")
	case "group":
		g := d.group("group", c.from.place())
		g.note("name the type of the group as your code sends it, such as company")
		g.description = c.about
		g.properties = d.join(g.properties, r.part(c.schema, "traits"))
		r.envelope(c.schema, "traits")
	default:
		d.lose(c.from.place(), "rule of type "+yamltext.Quote(clip(c.method)), "PostHog has no such call")
	}
}

// addEvent reads a call that sends an event. Section is where its properties are.
func (d *draft) addEvent(r *schemaReader, name string, c call, section string) *event {
	e, fresh := d.event(name, c.from.place())
	if !fresh && name[0] != '$' {
		d.lose(c.from.place(), e.what(), "it is there already, at "+e.from.String()+"; both are one now")
	}
	if e.description == "" {
		e.description = c.about
	}
	e.tags = append(e.tags, c.tags...)
	slices.Sort(e.tags)
	e.tags = slices.Compact(e.tags)
	e.properties = d.join(e.properties, r.part(c.schema, section))
	inner := dig(c.schema, section)
	if inner.at("additionalProperties").yes() {
		e.extra = true
	}
	if traits := r.part(c.schema, "context.traits"); traits != nil {
		d.person = d.join(d.person, person(d, traits))
	}
	r.envelope(c.schema, section, "context")
	return e
}

// dig is the schema of a section of a call, such as context.traits.
func dig(schema *value, section string) *value {
	for _, key := range strings.Split(section, ".") {
		schema = schema.at("properties", key)
	}
	return schema
}

// part are the properties of a section of a call.
func (r *schemaReader) part(schema *value, section string) []*property {
	v := dig(schema, section)
	if !v.is(objectKind) {
		return nil
	}
	r.unused(v, "type", "properties", "required", "additionalProperties", "allOf", "deprecated")
	return r.fields(v)
}

// envelope lists what a call holds beside the sections that were read.
func (r *schemaReader) envelope(schema *value, read ...string) {
	schema.at("properties").members(func(key string, item *value) {
		if slices.Contains(read, key) && key != "context" {
			return
		}
		item.at("properties").members(func(inner string, field *value) {
			if key != "context" || inner != "traits" {
				r.d.lose(field.place(), key+" "+yamltext.Quote(clip(inner)), "fields outside properties and traits are the library's")
			}
		})
	})
	r.unused(schema, "type", "properties", "required", "additionalProperties")
}

// person makes properties of a person of traits: nobody is forced to give them.
func person(d *draft, list []*property) []*property {
	for _, p := range list {
		if p.required {
			d.lose(p.from, p.what(), "a person's properties are never required")
			p.required = false
		}
	}
	return list
}

// share makes a property set of what all events have in common. A key that an event has
// already stays the event's own, and then all events get theirs.
func (d *draft) share(name string, from Place, list []*property) {
	if len(list) == 0 {
		return
	}
	s := &set{entity: entity{noun: "property set", name: name, from: from}}
	for _, p := range list {
		owned := slices.ContainsFunc(d.events, func(e *event) bool { return hasProperty(e.properties, p.name) })
		if !owned {
			s.properties = append(s.properties, p)
			continue
		}
		for _, e := range d.events {
			if !hasProperty(e.properties, p.name) {
				own := *p
				e.properties = append(e.properties, &own)
			}
		}
	}
	if len(s.properties) == 0 {
		return
	}
	d.sets = append(d.sets, s)
	for _, e := range d.events {
		e.use = append(e.use, s)
	}
}

func hasProperty(list []*property, key string) bool {
	return slices.ContainsFunc(list, func(p *property) bool { return p.name == key })
}
