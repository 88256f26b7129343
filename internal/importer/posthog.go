package importer

import (
	"slices"
	"strings"

	"github.com/phgen/phgen/internal/yamltext"
)

// posthog reads what PostHog's API lists: event definitions, property definitions, groups
// of properties, and which event has which. Each file holds one or several lists.
func posthog(d *draft, files []File) error {
	x := &posthogReader{d: d, events: map[string]*event{}, sets: map[string]*set{}, attached: map[string]bool{}}
	for _, f := range files {
		v, err := readJSON(d, f.Name, f.Text)
		if err != nil {
			return err
		}
		if !x.collect(v) {
			return &InputError{v.place(), `nothing of PostHog's: a list, or an object with "results", "event_definitions", "property_definitions", "property_groups" or "event_schemas"`}
		}
	}
	for _, v := range x.eventRows {
		x.event(v)
	}
	for _, v := range x.groupRows {
		x.group(v)
	}
	for _, v := range x.schemaRows {
		x.attach(v)
	}
	x.loose()
	return nil
}

type posthogReader struct {
	d                                          *draft
	eventRows, groupRows, schemaRows, propRows []*value
	events                                     map[string]*event // by id
	sets                                       map[string]*set   // by id
	attached                                   map[string]bool   // property names that stand in a set
}

// collect sorts rows by what they look like.
func (x *posthogReader) collect(v *value) bool {
	if v.is(objectKind) {
		known := false
		for _, key := range []string{"results", "event_definitions", "events", "property_definitions", "properties", "property_groups", "schema_property_groups", "event_schemas"} {
			if list := v.at(key); list.is(listKind) {
				known = true
				x.rows(list)
			}
		}
		if next := v.at("next"); next.is(stringKind) {
			x.d.lose(next.place(), "next page", "the file is one page of several; import the others with it")
		}
		return known
	}
	x.rows(v)
	return v.is(listKind)
}

func (x *posthogReader) rows(list *value) {
	for _, v := range list.items {
		switch {
		case v.at("event_definition") != nil && (v.at("property_group") != nil || v.at("property_group_id") != nil):
			x.schemaRows = append(x.schemaRows, v)
		case v.at("properties").is(listKind) && v.at("name") != nil:
			x.groupRows = append(x.groupRows, v)
		case v.at("property_type") != nil || v.at("is_numerical") != nil:
			x.propRows = append(x.propRows, v)
		case v.at("name").str() != "":
			x.eventRows = append(x.eventRows, v)
		default:
			x.d.lose(v.place(), "row", "it is no definition that the importer knows")
		}
	}
}

func (x *posthogReader) event(v *value) {
	name := v.at("name").str()
	if strings.HasPrefix(name, "$") && name != "$pageview" && name != "$pageleave" && name != "$screen" {
		x.d.lose(v.place(), "event "+yamltext.Quote(clip(name)), "it is PostHog's own, which its library sends")
		return
	}
	e, fresh := x.d.event(name, v.place())
	if !fresh {
		x.d.lose(v.place(), e.what(), "it stands twice")
	}
	e.description = v.at("description").str()
	e.tags = tags(v)
	switch {
	case v.at("hidden").yes():
		e.deprecated = "hidden in PostHog"
	case v.at("verified").is(boolKind) && !v.at("verified").yes():
		e.status = "draft"
	}
	if owner := v.at("owner"); owner.is(objectKind) {
		if email := owner.at("email").str(); email != "" {
			name, _, _ := strings.Cut(email, "@")
			e.owner = x.d.owner(name, owner.place())
		}
	}
	if mode := v.at("enforcement_mode").str(); mode != "" && mode != "allow" {
		x.d.lose(v.at("enforcement_mode").place(), "enforcement of "+e.what(), "what PostHog refuses is set there")
	}
	if primary := v.first("primary_property", "promoted_property"); primary != nil {
		x.d.lose(primary.place(), "primary property of "+e.what(), "a plan does not have it yet")
	}
	x.events[id(v)] = e
}

// id is what other rows refer to a row by.
func id(v *value) string {
	if i := v.at("id"); i.is(stringKind) || i.is(numberKind) {
		return i.text
	}
	return v.at("name").str()
}

func tags(v *value) []string {
	var list []string
	for _, t := range v.at("tags").list() {
		if tag := slug(t.str(), '-'); tag != "" && !slices.Contains(list, tag) {
			list = append(list, tag)
		}
	}
	return list
}

// group reads a group of properties, which becomes a property set.
func (x *posthogReader) group(v *value) *set {
	if s := x.sets[id(v)]; s != nil {
		return s
	}
	name := v.at("name").str()
	s := &set{entity: entity{noun: "property set", name: slug(name, '_'), from: v.place()}}
	if text := v.at("description").str(); text != "" {
		s.note(text)
	}
	for _, p := range v.at("properties").items {
		s.properties = x.d.join(s.properties, []*property{x.property(p)})
	}
	x.d.sets = append(x.d.sets, s)
	x.sets[id(v)] = s
	for _, e := range v.at("events").list() {
		if target := x.events[id(e)]; target != nil {
			x.use(target, s)
		}
	}
	return s
}

func (x *posthogReader) use(e *event, s *set) {
	if slices.Contains(e.use, s) {
		return
	}
	for _, other := range e.use {
		for _, p := range other.properties {
			if hasProperty(s.properties, p.name) {
				x.d.lose(s.from, "property set "+yamltext.Quote(s.name)+" on "+e.what(), "property "+yamltext.Quote(p.name)+" is in "+yamltext.Quote(other.name)+" as well")
				return
			}
		}
	}
	e.use = append(e.use, s)
}

// postHogTypes are the types of properties that PostHog knows.
var postHogTypes = map[string]string{
	"string": "string", "numeric": "float", "boolean": "bool", "datetime": "timestamp", "object": "json", "duration": "duration",
}

func (x *posthogReader) property(v *value) *property {
	p := &property{
		entity: entity{noun: "property", name: v.at("name").str(), from: v.place()}, description: v.at("description").str(),
		required: v.at("is_required").yes() || v.at("required").yes(), typ: plain("json"),
	}
	x.attached[p.name] = true
	word := v.first("property_type", "type").str()
	switch name := postHogTypes[strings.ToLower(word)]; {
	case strings.EqualFold(word, "array"):
		p.typ = &typ{name: "array", elem: plain("json")}
		p.note("say what its items are")
	case name == "duration":
		p.typ.name = name
		p.typ.limit("unit", "s", v.place())
	case name != "":
		p.typ.name = name
	case v.at("is_numerical").yes():
		p.typ.name = "float"
	default:
		x.d.lose(v.place(), p.what(), "PostHog does not know its type, so it takes any JSON")
	}
	return p
}

// attach reads that an event has a group of properties.
func (x *posthogReader) attach(v *value) {
	definition := v.at("event_definition")
	key := definition.str()
	if definition.is(objectKind) {
		key = id(definition)
		if x.events[key] == nil {
			x.event(definition)
		}
	} else if definition.is(numberKind) {
		key = definition.text
	}
	e := x.events[key]
	var s *set
	if group := v.at("property_group"); group.is(objectKind) {
		s = x.group(group)
	} else {
		s = x.sets[v.first("property_group_id", "property_group").str()]
	}
	if e == nil || s == nil {
		x.d.lose(v.place(), "event schema", "its event or its property group is not in the files")
		return
	}
	x.use(e, s)
}

// loose reads definitions of properties that stand in no group of properties.
func (x *posthogReader) loose() {
	found := &set{entity: entity{noun: "property set", name: "unassigned", notes: []string{"PostHog does not say which events have these; move them to theirs"}}}
	for _, v := range x.propRows {
		name := v.at("name").str()
		switch {
		case strings.HasPrefix(name, "$"):
			x.d.lose(v.place(), "property "+yamltext.Quote(clip(name)), "it is PostHog's own, which its library sends")
		case isWord(v, "person", "2"):
			x.d.person = x.d.join(x.d.person, person(x.d, []*property{x.property(v)}))
		case isWord(v, "group", "3"):
			g := x.d.group("group", v.place())
			g.note("name the type of the group as your code sends it, such as company")
			g.properties = x.d.join(g.properties, []*property{x.property(v)})
		case x.attached[name]:
		default:
			found.properties = append(found.properties, x.property(v))
		}
	}
	if len(found.properties) > 0 {
		found.from = found.properties[0].from
		x.d.sets = append(x.d.sets, found)
	}
}

// isWord reports whether a definition is of a type, which is a word or a number.
func isWord(v *value, word, number string) bool {
	t := v.at("type")
	return t.str() == word || t.is(numberKind) && t.text == number
}
