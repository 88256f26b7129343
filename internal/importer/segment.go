package importer

import (
	"strings"

	"github.com/phgen/phgen/internal/yamltext"
)

// segment reads tracking plans as Segment's APIs return them: that of today, with rules,
// and the one before, with rules.events.
func segment(d *draft, files []File) error {
	for _, f := range files {
		v, err := readJSON(d, f.Name, f.Text)
		if err != nil {
			return err
		}
		if data := v.at("data"); data != nil {
			v = data
		}
		plan := v
		if inner := v.at("trackingPlan"); inner != nil {
			plan = inner
		}
		d.describe(plan)
		rules := v.at("rules")
		if rules == nil {
			rules = plan.at("rules")
		}
		if rules == nil && v.is(listKind) {
			rules = v
		}
		switch {
		case rules.is(listKind):
			d.segmentRules(rules)
		case rules.at("events").is(listKind):
			d.segmentLegacy(rules)
		case plan == v:
			return &InputError{v.place(), `no tracking plan of Segment: there is no list under "rules" or "rules.events"`}
		}
		if next := v.at("pagination", "next"); next.is(stringKind) && next.text != "" {
			d.lose(next.place(), "next page", "the file is one page of several; import the others with it")
		}
	}
	return nil
}

// describe takes over what a file says of the plan as a whole.
func (d *draft) describe(v *value) {
	if name := v.first("display_name", "displayName", "name"); d.name == "" && name.is(stringKind) {
		d.name = name.text
	}
	if d.description == "" {
		d.description = v.at("description").str()
	}
}

// segmentRules reads rules of today's API.
func (d *draft) segmentRules(rules *value) {
	var common []*property
	for _, rule := range rules.items {
		schema := rule.at("jsonSchema")
		if !schema.is(objectKind) {
			d.lose(rule.place(), "rule "+yamltext.Quote(clip(rule.at("key").str())), "it has no jsonSchema")
			continue
		}
		r := newSchemaReader(d, schema)
		if strings.EqualFold(rule.at("type").str(), "common") {
			common = d.join(common, d.common(r, schema))
			continue
		}
		about := rule.at("description").str()
		if about == "" {
			about = schema.at("description").str()
		}
		d.add(r, call{method: rule.at("type").str(), name: rule.at("key").str(), from: rule, schema: schema, about: about, tags: labels(schema.at("labels"))})
		if version := rule.at("version"); version.is(numberKind) && version.text != "1" && version.text != "0" {
			d.lose(version.place(), "version "+version.text+" of "+yamltext.Quote(clip(rule.at("key").str())), "versions of a rule are one event; the first read stays")
		}
	}
	d.share("common", rules.place(), common)
}

// common are the properties of a rule for all calls.
func (d *draft) common(r *schemaReader, schema *value) []*property {
	d.person = d.join(d.person, person(d, r.part(schema, "traits")))
	d.person = d.join(d.person, person(d, r.part(schema, "context.traits")))
	r.envelope(schema, "properties", "traits", "context")
	return r.part(schema, "properties")
}

// segmentLegacy reads rules of the API before.
func (d *draft) segmentLegacy(rules *value) {
	for _, e := range rules.at("events").items {
		schema := e.at("rules")
		d.add(newSchemaReader(d, schema), call{
			method: "track", name: e.at("name").str(), from: e, schema: schema,
			about: e.at("description").str(), tags: labels(schema.at("labels")),
		})
	}
	for _, method := range []string{"identify", "group"} {
		if schema := rules.at(method); schema.at("properties") != nil {
			d.add(newSchemaReader(d, schema), call{method: method, from: schema, schema: schema})
		}
		for _, trait := range rules.at(method + "_traits").list() {
			d.legacyTrait(method, trait)
		}
	}
	if global := rules.at("global"); global.at("properties") != nil {
		r := newSchemaReader(d, global)
		d.share("common", global.place(), d.common(r, global))
	}
	rules.members(func(key string, item *value) {
		switch key {
		case "events", "identify", "group", "identify_traits", "group_traits", "global", "event_types":
		default:
			d.lose(item.place(), "rules "+yamltext.Quote(clip(key)), "the importer does not know them")
		}
	})
}

// legacyTrait reads a trait that stands alone, as a name or with a schema.
func (d *draft) legacyTrait(method string, trait *value) {
	name := trait.str()
	if name == "" {
		name = trait.at("name").str()
	}
	schema := trait.at("rules")
	if schema == nil {
		schema = trait
	}
	p := &property{entity: entity{noun: "property", name: name, from: trait.place()}, typ: plain("json")}
	if schema.is(objectKind) {
		p = newSchemaReader(d, schema).property(name, schema, false)
		p.from = trait.place()
	}
	if method == "identify" {
		d.person = d.join(d.person, []*property{p})
		return
	}
	g := d.group("group", trait.place())
	g.properties = d.join(g.properties, []*property{p})
}

// labels are tags made of a rule's labels.
func labels(v *value) []string {
	var tags []string
	v.members(func(key string, item *value) {
		if tag := slug(key+"-"+item.text, '-'); tag != "" {
			tags = append(tags, tag)
		}
	})
	return tags
}
