package importer

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// rudderstack reads tracking plans of RudderStack: JSON of its API, or the YAML files of
// rudder-cli.
func rudderstack(d *draft, files []File) error {
	c := &catalog{d: d}
	for _, f := range files {
		if ext := strings.ToLower(path.Ext(f.Name)); ext == ".yaml" || ext == ".yml" {
			v, err := readYAML(f.Name, f.Text)
			if err == nil {
				err = c.add(v)
			}
			if err != nil {
				return err
			}
			continue
		}
		v, err := readJSON(d, f.Name, f.Text)
		if err == nil {
			err = d.rudderPlan(v)
		}
		if err != nil {
			return err
		}
	}
	c.convert()
	return nil
}

// rudderPlan reads a plan of the API, or a page of its events.
func (d *draft) rudderPlan(v *value) error {
	if v.is(objectKind) {
		d.describe(v)
	}
	events := v.first("events", "data")
	if rules := v.at("rules", "events"); rules != nil {
		events = rules
	}
	if v.is(listKind) {
		events = v
	}
	if inner := events.at("events"); inner != nil {
		events = inner
	}
	if !events.is(listKind) {
		return &InputError{v.place(), `no tracking plan of RudderStack: there is no list under "events", "data" or "rules.events"`}
	}
	for _, e := range events.items {
		d.rudderEvent(e)
	}
	if total := v.at("total"); total.is(numberKind) {
		if n, err := strconv.Atoi(total.text); err == nil && n > len(events.items) {
			d.lose(total.place(), "other pages", "the file has "+strconv.Itoa(len(events.items))+" of "+total.text+" events; import the others with it")
		}
	}
	return nil
}

func (d *draft) rudderEvent(e *value) {
	method := e.first("eventType", "event_type", "type").str()
	schema := e.first("rules", "jsonSchema", "schema")
	c := call{method: method, name: strings.TrimSpace(e.at("name").str()), from: e, schema: schema, about: e.at("description").str()}
	if category := e.first("category", "categoryName"); category != nil {
		name := category.str()
		if name == "" {
			name = category.at("name").str()
		}
		if tag := slug(name, '-'); tag != "" {
			c.tags = []string{tag}
		}
	}
	r := newSchemaReader(d, schema)
	if schema.at("properties") != nil && dig(schema, "properties") == nil && dig(schema, "traits") == nil && dig(schema, "context") == nil {
		d.flat(r, c)
	} else {
		d.add(r, c)
	}
	d.listed(r, c, e.at("properties"))
	if extra := e.first("additionalProperties", "allowUnplanned"); extra.yes() {
		if known := d.index[c.name]; known != nil {
			known.extra = true
		}
	}
}

// flat reads a schema that is of the properties themselves.
func (d *draft) flat(r *schemaReader, c call) {
	list := r.fields(c.schema)
	r.unused(c.schema, "type", "properties", "required", "additionalProperties")
	c.schema = nil
	d.add(r, c)
	d.place(c, list)
}

// place gives properties to what a call is about.
func (d *draft) place(c call, list []*property) {
	switch strings.ToLower(c.method) {
	case "identify":
		d.person = d.join(d.person, person(d, list))
	case "group":
		g := d.group("group", c.from.place())
		g.properties = d.join(g.properties, list)
	case "page", "screen":
		e := d.index[map[string]string{"page": "$pageview", "screen": "$screen"}[strings.ToLower(c.method)]]
		e.properties = d.join(e.properties, list)
	default:
		if e := d.index[c.name]; e != nil {
			e.properties = d.join(e.properties, list)
		}
	}
}

// listed reads properties that stand in a list, each with its name, type and constraints.
func (d *draft) listed(r *schemaReader, c call, list *value) {
	var props []*property
	for _, v := range list.list() {
		name := v.at("name").str()
		if name == "" {
			d.lose(v.place(), "property", "it has no name")
			continue
		}
		schema := flattened(v)
		p := r.property(name, schema, v.at("required").yes())
		p.from = v.place()
		props = append(props, p)
	}
	d.place(c, props)
}

// catalogKeys are keys of a property that are about its place in a catalogue.
var catalogKeys = []string{"id", "name", "required", "config", "propConfig", "prop_config", "createdAt", "updatedAt", "createdBy", "updatedBy", "workspaceId", "version", "source"}

// flattened is the schema of a property whose constraints stand below a key of their own,
// in the spelling of JSON Schema.
func flattened(v *value) *value {
	s := &value{file: v.file, line: v.line, col: v.col, parent: v.parent, key: v.key, kind: objectKind}
	add := func(key string, item *value) {
		if i := slices.Index(s.keys, key); i >= 0 {
			s.items[i] = item
			return
		}
		s.keys, s.items = append(s.keys, key), append(s.items, item)
	}
	v.members(func(key string, item *value) {
		if !slices.Contains(catalogKeys, key) {
			add(spelling(key), item)
		}
	})
	for _, key := range []string{"config", "propConfig", "prop_config"} {
		v.at(key).members(func(key string, item *value) { add(spelling(key), item) })
	}
	return s
}

// spelling turns min_length into minLength, and leaves what has no such name.
func spelling(key string) string {
	words := strings.Split(key, "_")
	for i, w := range words[1:] {
		if w != "" {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}
