// Package judge tells whether an event that was received is one that the
// tracking plan describes. It looks at the wire: at what pii, strip_query and
// truncate left of the values, not at what the sender's code was given.
package judge

import (
	"regexp"
	"slices"
	"strings"

	"github.com/phgen/phgen/schema"
)

// A Judge compares events with one plan. It is safe for concurrent use.
type Judge struct {
	plan     *schema.Plan
	events   map[string]*schema.Event
	groups   map[string]*schema.Group
	person   map[string]*schema.Property
	context  map[string]*schema.Property
	features map[string]*schema.Feature
	patterns map[string]*regexp.Regexp
}

// A Verdict says what is wrong with an event; OK means nothing.
type Verdict struct {
	OK        bool
	Unplanned bool      // the plan has no event of that name; nothing else was looked at
	Problems  []Problem // at most 1,000
}

// A Problem is one way in which an event breaks the plan. It never holds a value
// of the event.
type Problem struct {
	Path    string // of the property: "items[3].sku"; "$groups.organization"; empty for the whole event; long ones are cut
	Rule    string // the key of the plan that is broken: "max_length"; "type" when the value has the wrong form
	Message string // "longer than 200 characters"
}

// String says it on one line.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Rule + ": " + p.Message
	}
	return p.Path + ": " + p.Rule + ": " + p.Message
}

// New returns the judge of p.
func New(p *schema.Plan) *Judge {
	j := &Judge{
		plan:     p,
		events:   make(map[string]*schema.Event, len(p.Events)),
		groups:   make(map[string]*schema.Group, len(p.Groups)),
		person:   make(map[string]*schema.Property, len(p.Person)),
		context:  map[string]*schema.Property{},
		features: make(map[string]*schema.Feature, len(p.AI.Features)),
		patterns: map[string]*regexp.Regexp{},
	}
	for _, e := range p.Events {
		j.events[e.Name] = e
		j.compile(e.Properties)
	}
	for _, g := range p.Groups {
		j.groups[g.Name] = g
		j.compile(g.Properties)
		j.compileType(g.Key)
	}
	for _, f := range p.AI.Features {
		j.features[f.Name] = f
		j.compile(f.Properties)
	}
	for _, c := range p.Person {
		for _, key := range wireKeys(c) {
			j.person[key] = c
		}
	}
	for _, c := range p.Context {
		for _, key := range wireKeys(c) {
			j.context[key] = c
		}
	}
	j.compile(p.Person)
	j.compile(p.Context)
	return j
}

// compile collects the patterns of properties, nested ones included. The plan
// holds no cycle.
func (j *Judge) compile(properties []*schema.Property) {
	for _, p := range properties {
		j.compileType(p.Type)
	}
}

func (j *Judge) compileType(t *schema.Type) {
	if t == nil {
		return
	}
	if t.Pattern != "" && j.patterns[t.Pattern] == nil {
		j.patterns[t.Pattern] = regexp.MustCompile(t.Pattern) // the plan was compiled, so it is RE2
	}
	j.compileType(t.Elem)
	j.compile(t.Properties)
	for _, v := range t.Variants {
		j.compile(v.Properties)
	}
}

// wireKeys are the keys that a property has on the wire: two for money.
func wireKeys(p *schema.Property) []string {
	if p.Type.Kind == schema.Money {
		return p.MoneyKeys[:]
	}
	return []string{p.Key}
}

// Judge compares one event with the plan. Numbers among the properties must be
// json.Number, as a decoder with UseNumber leaves them; a float64 has no exact
// text and counts as the wrong type.
//
// Events that PostHog's libraries send by themselves, those with a $ and those of
// surveys, need no place in the plan; $identify, $set, $groupidentify and the
// features of $ai_* events are compared with the sections they belong to.
func (j *Judge) Judge(event string, properties map[string]any) Verdict {
	r := &report{Judge: j, strict: true}
	planned := j.events[event]
	switch {
	case planned != nil:
		r.event(planned, properties)
	case event == "$identify" || event == "$set":
		r.personUpdate(properties)
	case event == "$groupidentify":
		r.groupUpdate(properties)
	case strings.HasPrefix(event, "$ai_"):
		r.feature(properties)
	case strings.HasPrefix(event, "$") || slices.Contains(surveyEvents, event):
	default:
		return Verdict{Unplanned: true}
	}
	return Verdict{OK: len(r.problems) == 0, Problems: r.problems}
}

// Exempt reports whether a property of an event is one that PostHog's libraries send by
// themselves, and the plan need not have: it has a $, or comes with every event of a
// browser.
func Exempt(key string, properties map[string]any) bool {
	switch key {
	case "token", "distinct_id", "api_key":
		return true
	}
	return strings.HasPrefix(key, "$") || ofCampaign(key, properties)
}

var surveyEvents = []string{"survey shown", "survey sent", "survey dismissed", "survey abandoned"}

// A report collects the problems of one event.
type report struct {
	*Judge
	problems []Problem
	strict   bool // unplanned keys are problems
}

// What is said of one event is bounded: a hostile one breaks the plan a million times, and
// has keys of a megabyte.
const (
	maxProblems = 1_000
	maxPath     = 1_000 // bytes
	maxKey      = 300   // bytes of one that is data
)

func (r *report) add(path, rule, message string) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, Problem{Path: cut(path, maxPath), Rule: rule, Message: message})
	}
}

// cut returns the beginning of a text, of at most n bytes.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}

// event compares a planned capture event.
func (r *report) event(e *schema.Event, properties map[string]any) {
	r.strict = !e.ExtraProperties
	tags := contextTags(properties)
	r.properties("", e.Properties, properties)
	r.unplanned("", properties, func(key string) bool {
		return Exempt(key, properties) || tags[key] || r.context[key] != nil || hasKey(e.Properties, key)
	})
	r.contextProperties(properties)
	r.eventGroups(e, properties)
	r.eventPerson(e, properties)
	if e.Personless && properties["$process_person_profile"] != false {
		r.add("$process_person_profile", "person_profile", "not false, but the event never has a person profile")
	}
}

// contextTags are the keys that the sender's scopes have set.
func contextTags(properties map[string]any) map[string]bool {
	list, _ := properties["$context_tags"].([]any)
	tags := make(map[string]bool, len(list))
	for _, tag := range list {
		if key, ok := tag.(string); ok {
			tags[key] = true
		}
	}
	return tags
}

// feature compares the properties that an AI feature adds to its events.
func (r *report) feature(properties map[string]any) {
	name, ok := properties["ai_feature"].(string)
	if !ok {
		return // an AI call outside any feature
	}
	f := r.features[name]
	if f == nil {
		r.add("ai_feature", "features", "not a feature of the plan")
		return
	}
	r.properties("", f.Properties, properties)
	r.contextProperties(properties)
}
