package importer

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/phgen/phgen/internal/yamltext"
)

// jsonSchemas reads JSON Schemas of events: one a file, or several below $defs.
func jsonSchemas(d *draft, files []File) error {
	for _, f := range files {
		v, err := readJSON(d, f.Name, f.Text)
		if err != nil {
			return err
		}
		if !v.is(objectKind) {
			return &InputError{v.place(), "a schema is an object, this is " + v.kind.String()}
		}
		r := newSchemaReader(d, v)
		if v.at("properties") != nil || v.at("allOf") != nil {
			r.schemaEvent(eventTitle(v, f.Name), v)
			continue
		}
		events, names := r.bundle()
		if len(events) == 0 {
			return &InputError{v.place(), `no schema of an event: it has neither "properties" nor "$defs"`}
		}
		for i, e := range events {
			r.schemaEvent(names[i], e)
		}
	}
	return nil
}

// eventTitle names the event of a file.
func eventTitle(v *value, file string) string {
	if title := v.at("title").str(); title != "" {
		return strings.TrimSpace(title)
	}
	name := path.Base(strings.ReplaceAll(file, `\`, "/"))
	name = strings.TrimSuffix(name, ".json")
	return strings.TrimSuffix(name, ".schema")
}

// schemaEvent reads the schema of an event. It may be of the event's properties, or of an
// object that holds the event's name and its properties.
func (r *schemaReader) schemaEvent(name string, v *value) {
	if inner := v.at("properties", "properties"); v.at("properties", "event") != nil && inner.at("properties") != nil {
		if constant := v.at("properties", "event", "const").str(); constant != "" {
			name = constant
		}
		if inner.at("description") == nil {
			e := r.event(name, inner)
			e.description = text(v)
			return
		}
		v = inner
	}
	r.event(name, v)
}

// bundle are the schemas of events in a file of several: those that oneOf or anyOf lists,
// or else all below $defs that no other refers to.
func (r *schemaReader) bundle() (events []*value, names []string) {
	for _, choice := range append(r.root.at("oneOf").list(), r.root.at("anyOf").list()...) {
		target := choice
		if ref := choice.at("$ref"); ref != nil {
			target = r.resolve(ref)
		}
		if target.is(objectKind) {
			name := target.at("title").str()
			if name == "" {
				name = target.key
			}
			events, names = append(events, target), append(names, name)
		}
	}
	if len(events) > 0 {
		return events, names
	}
	used := map[*value]bool{}
	r.references(r.root, used, 0)
	for _, section := range []string{"$defs", "definitions"} {
		r.root.at(section).members(func(key string, item *value) {
			if item.at("properties") != nil && !used[item] {
				name := key
				if title := item.at("title").str(); title != "" {
					name = title
				}
				events, names = append(events, item), append(names, name)
			}
		})
	}
	return events, names
}

// references collects what $ref leads to.
func (r *schemaReader) references(v *value, used map[*value]bool, depth int) {
	v.members(func(key string, item *value) {
		if key == "$ref" && item.is(stringKind) {
			if target := r.resolve(item); target != nil {
				used[target] = true
			}
		}
	})
	for _, item := range v.items {
		r.references(item, used, depth+1)
	}
}

// event reads a schema of an event's properties.
func (r *schemaReader) event(name string, v *value) *event {
	e, fresh := r.d.event(name, v.place())
	if !fresh {
		r.d.lose(v.place(), e.what(), "it is there already, at "+e.from.String()+"; both are one now")
	}
	if e.description == "" {
		e.description = v.at("description").str()
	}
	if r.enter(v) {
		e.properties = r.d.join(e.properties, r.fields(v))
		r.leave(v)
	}
	if v.at("additionalProperties").yes() {
		e.extra = true
	}
	if v.at("deprecated").yes() {
		e.deprecated = "deprecated in the schema"
	}
	r.unused(v, "type", "properties", "required", "additionalProperties", "allOf", "deprecated")
	return e
}

// A schemaReader turns the schemas of one file into types.
type schemaReader struct {
	d     *draft
	root  *value
	named map[*value]*namedType
	busy  map[*value]bool
	depth int
	work  int
}

// Bounds of what one file may ask for: refs repeat what they lead to.
const (
	maxSchemas     = 50_000
	maxSchemaDepth = 20 // a plan nests no deeper than 64 levels, some for each object
)

func newSchemaReader(d *draft, root *value) *schemaReader {
	return &schemaReader{d: d, root: root, named: map[*value]*namedType{}, busy: map[*value]bool{}}
}

// silent are keywords that say nothing about values.
var silent = []string{"$schema", "$id", "id", "$comment", "$anchor", "$defs", "definitions", "title", "description", "labels", "readOnly", "writeOnly"}

// reasons say why a keyword has no place in a plan.
var reasons = map[string]string{
	"default":           "an event sends no value that its caller did not give",
	"multipleOf":        "a plan cannot ask for multiples",
	"uniqueItems":       "a plan cannot ask for items that differ",
	"patternProperties": "names of properties by pattern are not planned",
	"propertyNames":     "names of properties by pattern are not planned",
	"not":               "a plan says what values are, not what they are not",
	"if":                "a plan has no conditions", "then": "a plan has no conditions", "else": "a plan has no conditions",
	"dependencies": "a plan has no conditions", "dependentRequired": "a plan has no conditions", "dependentSchemas": "a plan has no conditions",
	"additionalProperties": "the object has the planned properties and no others",
	"exclusiveMinimum":     "bounds of a plan include their value, so it is a bound no more",
	"exclusiveMaximum":     "bounds of a plan include their value, so it is a bound no more",
}

// unused lists the keywords of v that nothing was made of.
func (r *schemaReader) unused(v *value, used ...string) {
	v.members(func(key string, item *value) {
		if slices.Contains(used, key) || slices.Contains(silent, key) {
			return
		}
		why := reasons[key]
		if why == "" {
			why = "the plan has nothing to say it with"
		}
		if item.kind == boolKind && item.text == "false" {
			return // what is switched off
		}
		r.d.lose(item.place(), "keyword "+strconv.Quote(clip(key)), why)
	})
}

// resolve is what a $ref of this file leads to, or nil.
func (r *schemaReader) resolve(ref *value) *value {
	rest, ok := strings.CutPrefix(ref.str(), "#")
	if !ok {
		return nil
	}
	v := r.root
	for _, part := range strings.Split(rest, "/")[1:] {
		part = strings.NewReplacer("~1", "/", "~0", "~", "%20", " ", "%24", "$").Replace(part)
		if v.is(listKind) {
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v.items) {
				return nil
			}
			v = v.items[i]
			continue
		}
		v = v.at(part)
	}
	return v
}

// fields are the properties of the schema of an object, those of allOf included.
func (r *schemaReader) fields(v *value) []*property {
	required := map[string]bool{}
	for _, key := range v.at("required").list() {
		required[key.str()] = true
	}
	var list []*property
	v.at("properties").members(func(key string, item *value) {
		list = r.d.join(list, []*property{r.property(key, item, required[key])})
		delete(required, key)
	})
	for _, part := range v.at("allOf").list() {
		if ref := part.at("$ref"); ref != nil {
			target := r.resolve(ref)
			if target == nil || r.busy[target] {
				r.d.lose(ref.place(), "reference "+strconv.Quote(clip(ref.str())), "it leads nowhere in this file, or to itself")
				continue
			}
			part = target
		}
		if r.enter(part) {
			inner := r.fields(part)
			for _, p := range inner {
				p.required = p.required || required[p.name]
				delete(required, p.name)
			}
			list = r.d.join(list, inner)
			r.leave(part)
		}
	}
	for _, key := range v.at("required").list() {
		if name := key.str(); required[name] {
			list = append(list, &property{entity: entity{noun: "property", name: name, from: key.place(),
				notes: []string{"required, but no schema says what it is"}}, typ: plain("json"), required: true})
			r.d.lose(key.place(), "property "+strconv.Quote(clip(name)), "it is required but has no schema, so it takes any JSON")
			delete(required, name)
		}
	}
	return list
}

// enter begins the work on a schema unless it was begun further out, or there is too much.
func (r *schemaReader) enter(v *value) bool {
	if r.busy[v] || r.work > maxSchemas || r.depth > maxSchemaDepth {
		return false
	}
	r.work++
	r.depth++
	r.busy[v] = true
	return true
}

func (r *schemaReader) leave(v *value) {
	r.depth--
	delete(r.busy, v)
}

// text is what a schema says to people.
func text(v *value) string {
	if d := v.at("description").str(); d != "" {
		return d
	}
	return v.at("title").str()
}

// property reads the schema of one property.
func (r *schemaReader) property(key string, v *value, required bool) *property {
	p := &property{entity: entity{noun: "property", name: key, from: v.place()}, required: required, description: text(v)}
	p.typ, p.nullable = r.typ(v)
	if v.at("deprecated").yes() {
		p.deprecated = "deprecated in the schema"
	}
	if p.typ.name == "const" {
		p.required, p.nullable, p.deprecated = false, false, ""
		return p
	}
	if p.required && p.nullable {
		p.required = false
		r.d.lose(p.from, p.what(), "it is required but may be null, which PostHog counts as missing, so it is optional")
	}
	example := v.at("example")
	if list := v.first("examples").list(); example == nil && len(list) > 0 {
		example = list[0]
	}
	switch {
	case example == nil || example.kind == nullKind:
	case example.kind == listKind || example.kind == objectKind:
		r.d.lose(example.place(), "example of "+p.what(), "only examples of single values are kept")
	default:
		p.also("example", scalarText(example), example.place())
	}
	return p
}

// scalarText writes a scalar as YAML.
func scalarText(v *value) string {
	if v.kind == stringKind {
		return yamltext.Quote(v.text)
	}
	return v.text
}
