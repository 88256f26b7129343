package docs

import (
	"fmt"
	"path"
	"slices"

	"github.com/phgen/phgen/schema"
)

// SchemaFolder has the JSON Schemas of events, files whose names end in SchemaSuffix.
const (
	SchemaFolder = "events"
	SchemaSuffix = ".schema.json"
)

const dialect = "https://json-schema.org/draft/2020-12/schema"

// schemas are the JSON Schemas of the events, a file each.
func schemas(p *schema.Plan) ([]File, error) {
	var files []File
	for _, e := range p.Events {
		data, err := indented(append(object{{"$schema", dialect}, {"$comment", mark}}, eventSchema(p, e)...))
		if err != nil {
			return nil, fmt.Errorf("event %q: %w", e.Name, err)
		}
		files = append(files, File{path.Join(SchemaFolder, slug(e.Name, false)+SchemaSuffix), data})
	}
	return files, nil
}

// bundle is all of them as one file.
func bundle(p *schema.Plan) ([]byte, error) {
	events := object{}
	for _, e := range p.Events {
		// An $id of its own makes each what its own references are about.
		events.set(e.Name, append(object{{"$id", slug(e.Name, false) + SchemaSuffix}}, eventSchema(p, e)...))
	}
	return indented(object{{"$schema", dialect}, {"$comment", mark}, {"title", p.Name + " " + p.Version}, {"$defs", events}})
}

// eventSchema describes the properties of an event as they are sent: after pii, with the
// groups and person properties that are sent among them. It accepts what internal/judge
// does; where JSON Schema has no words it is more lenient and says so in a $comment.
func eventSchema(p *schema.Plan, e *schema.Event) object {
	w := schemaWriter{closed: !e.ExtraProperties, defs: map[string]bool{}}
	s := object{{"title", e.Name}}
	if e.Description != "" {
		s.set("description", e.Description)
	}
	if e.Status == "deprecated" {
		s.set("deprecated", true)
	}
	s.set("type", "object")
	body := w.fields(e.Properties)
	body.dollars(&w, p, e)
	s = append(s, body.keywords()...)
	s.set("patternProperties", object{{`^\$`, true}})
	if len(p.Context) > 0 {
		s.set("$ref", "#/$defs/context")
	}
	if w.closed {
		s.set("if", object{{"required", []string{"$context_tags"}}})
		s.set("then", object{{"$comment", "tags of scopes, which $context_tags lists, may have any name"}, {"additionalProperties", true}})
		s.set("unevaluatedProperties", false)
	}
	if len(e.Examples) > 0 && !slices.ContainsFunc(e.Groups, keyUnknown) {
		var examples []object
		for _, example := range e.Examples {
			examples = append(examples, wire(e, example))
		}
		s.set("examples", examples)
	}
	defs := object{}
	if len(p.Context) > 0 {
		context := w.fields(p.Context)
		defs.set("context", append(object{{"type", "object"}}, context.keywords()...))
	}
	if named := w.definitions(p); len(named) > 0 {
		defs.set("types", named)
	}
	if len(defs) > 0 {
		s.set("$defs", defs)
	}
	return s
}

// keyUnknown reports whether the plan does not tell a good key of a group that an event
// must have.
func keyUnknown(g schema.EventGroup) bool {
	return g.Required && g.Group.Key != nil && g.Group.Key.Pattern != "" && g.Group.Key.Example == nil
}

// A body is what the schema of an object says about its fields.
type body struct {
	properties object
	required   []string
	together   object // dependentRequired
	all        []object
}

func (b *body) keywords() object {
	var s object
	if len(b.properties) > 0 {
		s.set("properties", b.properties)
	}
	if len(b.required) > 0 {
		s.set("required", b.required)
	}
	if len(b.together) > 0 {
		s.set("dependentRequired", b.together)
	}
	if len(b.all) > 0 {
		s.set("allOf", b.all)
	}
	return s
}

// dollars adds the groups and person properties of an event, and the profile it must not
// make.
func (b *body) dollars(w *schemaWriter, p *schema.Plan, e *schema.Event) {
	for _, bucket := range []schema.Write{schema.WriteSet, schema.WriteSetOnce} {
		var listed []*schema.Property
		for _, property := range e.Person {
			if property.Write == bucket {
				optional := *property
				optional.Required = false
				listed = append(listed, &optional)
			}
		}
		fields := w.fields(listed)
		s := append(object{{"type", []string{"object", "null"}}}, fields.keywords()...)
		b.properties.set("$"+string(bucket), append(s, field{"patternProperties", object{{`^\$`, true}}}, field{"additionalProperties", false}))
	}
	groups := object{}
	var required []string
	for _, g := range p.Groups {
		groups.set(g.Name, groupKeySchema(g))
	}
	for _, g := range e.Groups {
		if g.Required {
			required = append(required, g.Group.Name)
		}
	}
	s := object{{"type", []string{"object", "null"}}}
	if len(required) > 0 {
		s = object{{"type", "object"}}
		b.required = append(b.required, "$groups")
	}
	s.set("properties", groups)
	if len(required) > 0 {
		s.set("required", required)
	}
	s.set("additionalProperties", false)
	b.properties.set("$groups", s)
	if e.Personless {
		b.properties.set("$process_person_profile", object{{"const", false}})
		b.required = append(b.required, "$process_person_profile")
	}
}

// groupKeySchema is that of a key, which is text on the wire whatever its type.
func groupKeySchema(g *schema.Group) object {
	s := object{}
	if g.Description != "" {
		s.set("description", g.Description)
	}
	s.set("type", "string")
	switch {
	case g.Key != nil && g.Key.Kind == schema.Int:
		s.set("pattern", `^[+-]?[0-9]+$`)
	case g.Key != nil && g.Key.Kind == schema.UUID:
		s = append(s, forms[schema.UUID]...)
	default:
		text := object{}
		if g.Key != nil {
			text = textSchema(g.Key, false)
		}
		s = append(s, text...)
		if g.Key == nil || g.Key.MinLength == nil || *g.Key.MinLength == 0 {
			s.set("minLength", 1)
		}
	}
	return s
}

// definitions are the named types that were referred to, and those that they refer to.
func (w *schemaWriter) definitions(p *schema.Plan) object {
	written := map[string]object{}
	for more := true; more; {
		more = false
		for _, t := range p.Types {
			if w.defs[t.Name] && written[t.Name] == nil {
				s := object{}
				if t.Description != "" {
					s.set("description", t.Description)
				}
				written[t.Name] = append(s, w.form(t, t.PII, false)...)
				more = true
			}
		}
	}
	defs := object{}
	for _, t := range p.Types {
		if s := written[t.Name]; s != nil {
			defs.set(t.Name, s)
		}
	}
	return defs
}
