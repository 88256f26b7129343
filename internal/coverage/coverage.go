// Package coverage counts which parts of a tracking plan were used: its events, their
// properties, the values of its enums, its surveys, the variants of its flags and
// experiments. It is told of events one by one, whole ones or those that package shape has
// left the words of.
package coverage

import (
	"strings"

	"github.com/phgen/phgen/internal/shape"
	"github.com/phgen/phgen/schema"
)

// A Kind is what an item is.
type Kind string

// The kinds, in the order of reports.
const (
	Event             Kind = "event"
	Property          Kind = "property"
	Value             Kind = "value"              // of an enum, a choice of a question, or a variant of a union
	Survey            Kind = "survey"             // an event about one: shown, sent, dismissed
	Question          Kind = "question"           // the answer to one
	FlagVariant       Kind = "flag variant"       // true, false, or the key of one
	ExperimentVariant Kind = "experiment variant" // of an experiment without a flag
)

// Kinds returns all kinds, in the order of reports.
func Kinds() []Kind {
	return []Kind{Event, Property, Value, Survey, Question, FlagVariant, ExperimentVariant}
}

// An Item is one part of the plan that can be used.
type Item struct {
	Kind  Kind
	Name  string // "project_created", "project_created.source", "ProjectSource web", "nps sent"
	Owner string // of the event, survey, flag or experiment; empty for what several share
	Pos   schema.Pos
	Count int // how often it was seen
}

// A Coverage counts for one plan. It is not safe for concurrent use.
//
// Drafts and what is deprecated do not count: nobody is to use them. Nor do constants,
// which are always sent, and what pii drops, which never is.
type Coverage struct {
	Seen      int // events
	Unplanned int // of them, those that neither the plan nor PostHog's libraries have

	plan  *schema.Plan
	items []*Item

	events   map[string]*holder
	person   holder
	context  holder
	groups   map[string]*holder
	features map[string]*holder
	surveys  []survey

	// By key, or by the experiment's name, and variant.
	flags       map[string]map[string]*Item
	experiments map[string]map[string]*Item

	// Named types, and property sets, are one thing wherever they are used.
	properties map[*schema.Property]*Item
	values     map[*schema.EnumValue]*Item
	variants   map[*schema.Variant]*Item
	walked     map[*schema.Type]bool
}

// A holder is what has properties: an event, a group. Its item is nil if it is none.
type holder struct {
	item   *Item
	fields []field
}

type field struct {
	*schema.Property
	item *Item // nil if it does not count
}

// New returns the coverage of p by no event.
func New(p *schema.Plan) *Coverage {
	c := &Coverage{
		plan:        p,
		events:      make(map[string]*holder, len(p.Events)),
		groups:      map[string]*holder{},
		features:    map[string]*holder{},
		flags:       map[string]map[string]*Item{},
		experiments: map[string]map[string]*Item{},
		properties:  map[*schema.Property]*Item{},
		values:      map[*schema.EnumValue]*Item{},
		variants:    map[*schema.Variant]*Item{},
		walked:      map[*schema.Type]bool{},
	}
	c.plant()
	return c
}

// Items returns every part of the plan that can be used: events with their properties
// first, in the order of the plan, then what events share, then surveys, flags and
// experiments.
func (c *Coverage) Items() []*Item { return c.items }

// Add counts what one event uses. Its properties are as encoding/json decodes them.
func (c *Coverage) Add(event string, properties map[string]any) {
	c.Seen++
	if h := c.events[event]; h != nil {
		c.hold(h, properties)
	} else if !strings.HasPrefix(event, "$") && !isSurvey(event) {
		c.Unplanned++
	}
	c.hold(&c.context, properties)
	for _, bucket := range []string{"$set", "$set_once"} {
		if set, ok := properties[bucket].(map[string]any); ok {
			c.hold(&c.person, set)
		}
	}
	switch {
	case event == "$groupidentify":
		c.group(properties)
	case event == "$feature_flag_called":
		name, _ := properties["$feature_flag"].(string)
		c.variant(name, properties["$feature_flag_response"])
	case strings.HasPrefix(event, "$ai_"):
		c.feature(properties)
	case isSurvey(event):
		c.survey(event, properties)
	}
	for key, value := range properties {
		if flag, ok := strings.CutPrefix(key, "$feature/"); ok {
			c.variant(flag, value)
		}
	}
}

// hold counts a holder and those of its properties that object has.
func (c *Coverage) hold(h *holder, object map[string]any) {
	if h.item != nil {
		h.item.Count++
	}
	for _, f := range h.fields {
		key := f.Key
		if f.Type.Kind == schema.Money {
			key = f.MoneyKeys[0]
		}
		v, there := shape.Field(object, key)
		if !there {
			continue
		}
		if f.item != nil {
			f.item.Count++
		}
		c.value(f.Type, v)
	}
}

// value counts what a value uses of its type.
func (c *Coverage) value(t *schema.Type, v any) {
	switch v := v.(type) {
	case string:
		for _, word := range t.Values {
			if shape.Is(v, word.Value) {
				count(c.values[word])
			}
		}
	case []any:
		for _, item := range v {
			if t.Kind == schema.Array {
				c.value(t.Elem, item)
			}
		}
	case map[string]any:
		switch t.Kind {
		case schema.Map:
			for _, item := range v {
				c.value(t.Elem, item)
			}
		case schema.Object:
			c.object(t.Properties, v)
		case schema.Union:
			c.union(t, v)
		}
	}
}

func (c *Coverage) object(properties []*schema.Property, object map[string]any) {
	for _, p := range properties {
		key := p.Key
		if p.Type.Kind == schema.Money {
			key = p.MoneyKeys[0]
		}
		if v, there := shape.Field(object, key); there {
			count(c.properties[p])
			c.value(p.Type, v)
		}
	}
}

func (c *Coverage) union(t *schema.Type, object map[string]any) {
	name, _ := shape.Field(object, t.Discriminator)
	text, _ := name.(string)
	for _, v := range t.Variants {
		if shape.Is(text, v.Name) {
			count(c.variants[v])
			c.object(v.Properties, object)
		}
	}
}

func (c *Coverage) group(properties map[string]any) {
	name, _ := properties["$group_type"].(string)
	set, _ := properties["$group_set"].(map[string]any)
	for groupType, h := range c.groups {
		if shape.Is(name, groupType) {
			c.hold(h, set)
		}
	}
}

func (c *Coverage) feature(properties map[string]any) {
	name, _ := properties["ai_feature"].(string)
	for feature, h := range c.features {
		if shape.Is(name, feature) {
			c.hold(h, properties)
		}
	}
}

// variant counts a value that a flag or an experiment had.
func (c *Coverage) variant(name string, value any) {
	for _, of := range []map[string]map[string]*Item{c.flags, c.experiments} {
		variants := of[name]
		for other := range of {
			if variants == nil && shape.Is(name, other) {
				variants = of[other]
			}
		}
		countVariant(variants, value)
	}
}

func countVariant(variants map[string]*Item, value any) {
	switch v := value.(type) {
	case bool:
		word := "false"
		if v {
			word = "true"
		}
		count(variants[word])
	case string:
		for variant, item := range variants {
			if shape.Is(v, variant) {
				count(item)
			}
		}
	}
}

func count(item *Item) {
	if item != nil {
		item.Count++
	}
}
