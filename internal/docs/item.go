package docs

import (
	"strconv"
	"strings"

	"github.com/phgen/phgen/schema"
)

// An item is one entry of the catalogue: an event, a flag, a named type.
type item struct {
	Kind        string     `json:"k"` // a word of sections
	Name        string     `json:"n"`
	Description string     `json:"x,omitempty"`
	Owner       string     `json:"o,omitempty"`
	Tags        []string   `json:"t,omitempty"`
	Status      string     `json:"s,omitempty"` // empty: active
	Deprecated  string     `json:"d,omitempty"`
	Use         string     `json:"u,omitempty"` // what to use instead of something deprecated
	Facts       []fact     `json:"f,omitempty"`
	Values      []value    `json:"v,omitempty"` // of an enum, a flag, an experiment
	Rows        []row      `json:"p,omitempty"`
	Questions   []question `json:"q,omitempty"`
	Examples    []string   `json:"e,omitempty"` // JSON
	Position    schema.Pos `json:"-"`
	Plan        string     `json:"l,omitempty"` // file:line in the plan
}

// A fact is a line of an item. Its links name items.
type fact struct {
	Name  string   `json:"n"`
	Text  string   `json:"x,omitempty"`
	Links []string `json:"l,omitempty"` // kind/name
}

type value struct {
	Name        string `json:"n"`
	Description string `json:"x,omitempty"`
	Deprecated  string `json:"d,omitempty"`
}

// A row is one property of an item, those inside it behind it.
type row struct {
	Key         string   `json:"k"`
	Depth       int      `json:"d,omitempty"`
	Type        string   `json:"t"`
	Named       string   `json:"r,omitempty"` // the named type in it
	Required    bool     `json:"q,omitempty"`
	Nullable    bool     `json:"z,omitempty"`
	Constraints []string `json:"c,omitempty"`
	Values      []value  `json:"v,omitempty"`
	Description string   `json:"x,omitempty"`
	PII         string   `json:"p,omitempty"`
	Deprecated  string   `json:"o,omitempty"`
	Example     string   `json:"e,omitempty"` // JSON
	Set         string   `json:"s,omitempty"` // the property set it comes from
	Write       string   `json:"w,omitempty"` // of a person property

	path string      // with what encloses it
	pii  *schema.PII // its own or its type's
}

type question struct {
	ID          string   `json:"i"`
	Key         string   `json:"k"`
	Text        string   `json:"x,omitempty"`
	Type        string   `json:"t"`
	Required    bool     `json:"q,omitempty"`
	Description string   `json:"d,omitempty"`
	Constraints []string `json:"c,omitempty"`
	Values      []value  `json:"v,omitempty"`
	PII         string   `json:"p,omitempty"`

	pii *schema.PII
}

// A section is a kind of items.
type section struct {
	Kind, Title string
}

// sections are in the order of pages.
var sections = []section{
	{"event", "Events"},
	{"flag", "Flags"},
	{"experiment", "Experiments"},
	{"survey", "Surveys"},
	{"ai", "AI features"},
	{"person", "Person properties"},
	{"context", "Context"},
	{"group", "Groups"},
	{"type", "Types"},
}

// items lists the plan, section by section.
func items(p *schema.Plan) []item {
	var list []item
	add := func(kind, name string, it item) {
		it.Kind, it.Name = kind, name
		list = append(list, it)
	}
	for _, e := range p.Events {
		add("event", e.Name, eventItem(e))
	}
	for _, f := range p.Flags {
		add("flag", f.Key, flagItem(f))
	}
	for _, x := range p.Experiments {
		add("experiment", x.Name, experimentItem(x))
	}
	for _, s := range p.Surveys {
		add("survey", s.Key, surveyItem(s))
	}
	for _, f := range p.AI.Features {
		add("ai", f.Name, item{Description: f.Description, Owner: f.Owner, Tags: f.Tags, Rows: rows(f.Properties, nil)})
	}
	if len(p.Person) > 0 {
		add("person", "person", item{Description: "What is known of a person.", Rows: rows(p.Person, nil)})
	}
	if len(p.Context) > 0 {
		add("context", "context", item{Description: "What a scope may set once for all its events.", Rows: rows(p.Context, nil)})
	}
	for _, g := range p.Groups {
		add("group", g.Name, groupItem(g))
	}
	for _, t := range p.Types {
		add("type", t.Name, typeItem(t))
	}
	return list
}

func eventItem(e *schema.Event) item {
	it := item{Description: e.Description, Owner: e.Owner, Tags: e.Tags, Deprecated: deprecation(e.Deprecated)}
	if e.Status != "active" {
		it.Status = e.Status
	}
	if e.Deprecated != nil && e.Deprecated.Use != "" {
		it.Use = "event/" + e.Deprecated.Use
	}
	from := map[*schema.Property]string{}
	for _, set := range e.Use {
		for _, p := range set.Properties {
			from[p] = set.Name
		}
	}
	it.Rows = rows(e.Properties, from)
	it.Facts = eventFacts(e)
	for _, example := range e.Examples {
		if text, err := indented(wire(e, example)); err == nil { // a plan holds nothing without JSON
			it.Examples = append(it.Examples, strings.TrimSpace(string(text)))
		}
	}
	return it
}

func eventFacts(e *schema.Event) []fact {
	var facts []fact
	text := func(name, text string) {
		if text != "" {
			facts = append(facts, fact{Name: name, Text: text})
		}
	}
	links := func(name string, links []string) {
		if len(links) > 0 {
			facts = append(facts, fact{Name: name, Links: links})
		}
	}
	text("Trigger", e.Trigger)
	text("Since", e.Since)
	if e.Version > 1 {
		text("Revision", strconv.Itoa(e.Version))
	}
	var required, other, experiments []string
	for _, g := range e.Groups {
		if g.Required {
			required = append(required, "group/"+g.Group.Name)
		} else {
			other = append(other, "group/"+g.Group.Name)
		}
	}
	for _, x := range e.Experiments {
		experiments = append(experiments, "experiment/"+x.Name)
	}
	links("Required groups", required)
	links("Groups", other)
	text("Person properties", keys(e.Person))
	links("Experiments", experiments)
	text("Idempotency", keys(e.Idempotency))
	if e.Personless {
		text("Person profile", "never")
	}
	if e.Sampling.Rate > 0 && e.Sampling.Rate < 1 {
		by := "by event"
		if e.Sampling.ByDistinctID {
			by = "by person"
		}
		text("Sampling", strconv.FormatFloat(100*e.Sampling.Rate, 'g', 6, 64)+" %, "+by)
	}
	if e.ExtraProperties {
		text("Other properties", "allowed")
	}
	if e.OnInvalid != schema.Report {
		text("Invalid values", strings.ReplaceAll(string(e.OnInvalid), "_", " "))
	}
	return facts
}

func keys(properties []*schema.Property) string {
	var list []string
	for _, p := range properties {
		list = append(list, p.Key)
	}
	return strings.Join(list, ", ")
}

func groupItem(g *schema.Group) item {
	it := item{Description: g.Description, Owner: g.Owner, Rows: rows(g.Properties, nil)}
	key := "string"
	if g.Key != nil {
		key = strings.Join(append([]string{typeText(g.Key)}, constraints(g.Key)...), ", ")
		if g.Key.Description != "" {
			key += "; " + g.Key.Description
		}
	}
	it.Facts = append(it.Facts, fact{Name: "Key", Text: key})
	return it
}

func typeItem(t *schema.Type) item {
	it := item{Description: t.Description, Deprecated: deprecation(t.Deprecated), Values: values(t.Values)}
	if t.Deprecated != nil {
		it.Status = "deprecated"
	}
	unnamed := *t
	unnamed.Name = ""
	form := append([]string{typeText(&unnamed)}, constraints(t)...)
	it.Facts = append(it.Facts, fact{Name: "Form", Text: strings.Join(form, ", ")})
	if text := piiText(t.PII); text != "" {
		it.Facts = append(it.Facts, fact{Name: "Personal data", Text: text})
	}
	it.Rows = inside(&unnamed, "", 0)
	return it
}

func values(list []*schema.EnumValue) []value {
	var docs []value
	for _, v := range list {
		docs = append(docs, value{v.Value, v.Description, deprecation(v.Deprecated)})
	}
	return docs
}
