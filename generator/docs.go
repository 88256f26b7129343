package generator

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/phgen/phgen/schema"
)

// eventDoc documents the type of an event: everything that the plan says of it.
func (g *generator) eventDoc(e *schema.Event) *comment {
	c := doc(g.of(e)+"Event is the event "+quoted(e.Name)+".", e.Description)
	c.text(eventFacts(e)...)
	if len(e.Examples) > 0 {
		c.text("For example:")
		for _, x := range e.Examples {
			c.code(jsonValue(x))
		}
	}
	g.deprecateEvent(c, e)
	return c
}

// eventFacts are sentences about e, each of which begins with a word of ours.
func eventFacts(e *schema.Event) []string {
	var facts []string
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	if e.Status == "draft" {
		add("Draft.")
	}
	if e.Trigger != "" {
		add("Trigger: %s", e.Trigger)
	}
	if e.Owner != "" {
		add("Owner: %s.", e.Owner)
	}
	if len(e.Tags) > 0 {
		add("Tags: %s.", strings.Join(e.Tags, ", "))
	}
	if e.Since != "" {
		add("Since %s.", e.Since)
	}
	if e.Version > 1 {
		add("Version %d.", e.Version)
	}
	if len(e.Groups) > 0 {
		var list []string
		for _, x := range e.Groups {
			if x.Required {
				list = append(list, x.Group.Name+" (required)")
			} else {
				list = append(list, x.Group.Name)
			}
		}
		add("Groups: %s.", strings.Join(list, ", "))
	}
	if len(e.Idempotency) > 0 {
		var list []string
		for _, p := range e.Idempotency {
			list = append(list, quoted(p.Key))
		}
		add("Idempotent by %s.", strings.Join(list, ", "))
	}
	if e.Personless {
		add("It never creates a person profile.")
	}
	if s := e.Sampling; s.Rate != 1 {
		by := "event by event"
		if s.ByDistinctID {
			by = "user by user"
		}
		add("Sampled at %s, %s.", floatText(s.Rate), by)
	}
	for _, x := range e.Experiments {
		add("Experiment: %s.", x.Name)
	}
	return facts
}

// deprecateEvent adds a note that editors and linters show where e is used.
func (g *generator) deprecateEvent(c *comment, e *schema.Event) {
	if e.Status != "deprecated" && e.Deprecated == nil {
		return
	}
	d := e.Deprecated
	if d == nil {
		d = &schema.Deprecation{}
	}
	use := ""
	for _, other := range g.plan.Events {
		if d.Use != "" && other.Name == d.Use {
			use = g.of(other)
		}
	}
	deprecate(c, d, use)
}

// deprecate adds the paragraph that marks what c documents as deprecated. Use is
// the Go name of what replaces it; empty: as the plan names it, if it does.
func deprecate(c *comment, d *schema.Deprecation, use string) {
	if d == nil {
		return
	}
	if use == "" && d.Use != "" {
		use = quoted(d.Use)
	}
	var first []string
	if d.Since != "" {
		first = append(first, "since "+d.Since)
	}
	if use != "" {
		first = append(first, "use "+use+" instead")
	}
	sentences := []string{strings.Join(first, ", "), d.Note}
	if d.RemoveAfter != "" {
		sentences = append(sentences, "It will be removed after "+d.RemoveAfter+".")
	}
	if d.DualWrite {
		sentences = append(sentences, "Capturing either event sends both.")
	}
	if len(first) == 0 && d.Note == "" {
		sentences[0] = "the plan wants it no longer."
	}
	c.deprecated(sentences...)
}

// setterDoc documents the setter of x, which the sentence introduces.
func (r record) setterDoc(x field, sentence string) *comment {
	c := doc(append([]string{sentence}, facts(x.Property)...)...)
	use := ""
	for _, f := range r.fields {
		if x.Deprecated != nil && f.Key == x.Deprecated.Use {
			use = r.prefix + f.ident
			if f.Required {
				use = quoted(f.Key)
			}
		}
	}
	deprecate(c, x.Deprecated, use)
	return c
}

// constructorDoc documents a constructor: what it makes, and what the plan says
// of its parameters.
func (r record) constructorDoc(sentences ...string) *comment {
	c := doc(sentences...)
	for _, f := range r.fields {
		if !f.Required {
			continue
		}
		said := facts(f.Property)
		if f.Deprecated != nil {
			said = append(said, "It is deprecated.", f.Deprecated.Note)
		}
		if len(said) > 0 {
			c.item(append([]string{f.param + ":"}, said...)...)
		}
	}
	return c
}

// facts are sentences about the values of p, its description first.
func facts(p *schema.Property) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if p.Description != "" {
		all = append(all, p.Description)
	}
	t := p.Type
	all = append(all, bounds(t)...)
	if t.Elem != nil {
		for _, s := range bounds(t.Elem) {
			add("Each item: %s", lowerFirst(s))
		}
	}
	switch {
	case t.Kind == schema.Money:
		add("Sent as %s and %s.", quoted(p.MoneyKeys[0]), quoted(p.MoneyKeys[1]))
	case t.Kind == schema.Duration:
		add("Sent in %s.", t.Unit)
	case t.StripQuery:
		add("Sent without its query and fragment.")
	}
	switch p.OnInvalid {
	case schema.Truncate:
		add("What is longer is cut.")
	case schema.DropProperty:
		add("Left out if it is invalid.")
	case schema.DropEvent:
		add("The event is refused if it is invalid.")
	}
	if p.PII != nil {
		add("Personal (%s): %s.", p.PII.Kind, piiWords[p.PII.Action])
	}
	if p.Example != nil {
		add("For example %s.", jsonValue(p.Example))
	}
	return all
}

var piiWords = map[string]string{
	"allow":    "sent as given",
	"hash":     "sent as a keyed hash",
	"mask":     "sent masked",
	"truncate": "sent truncated",
	"drop":     "never sent",
}

// bounds says which values of type t are valid.
func bounds(t *schema.Type) []string {
	var all []string
	add := func(least, most, unit string) {
		switch {
		case least != "" && most != "" && least != most:
			all = append(all, fmt.Sprintf("From %s to %s%s.", least, most, unit))
		case least != "" && most != "":
			all = append(all, fmt.Sprintf("Exactly %s%s.", least, unit))
		case least != "":
			all = append(all, fmt.Sprintf("At least %s%s.", least, unit))
		case most != "":
			all = append(all, fmt.Sprintf("At most %s%s.", most, unit))
		}
	}
	add(number(t.MinLength), number(t.MaxLength), " characters")
	add(number(t.MinInt), number(t.MaxInt), "")
	unit := ""
	if t.Kind == schema.Duration {
		unit = " " + t.Unit
	}
	add(number(t.Min), number(t.Max), unit)
	add(number(t.MinItems), number(t.MaxItems), " items")
	add("", number(t.MaxBytes), " bytes of JSON")
	if t.Pattern != "" {
		all = append(all, "Matches "+quoted(t.Pattern)+".")
	}
	return all
}

// number is the text of a bound; empty: there is none.
func number[N int | int64 | float64](n *N) string {
	if n == nil {
		return ""
	}
	return floatOrInt(*n)
}

func floatOrInt[N int | int64 | float64](n N) string {
	if f, ok := any(n).(float64); ok {
		return floatText(f)
	}
	return strconv.FormatInt(int64(n), 10)
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// jsonValue is a value of the plan as JSON text.
func jsonValue(v *schema.Value) string {
	switch {
	case v.Null:
		return "null"
	case v.Kind == schema.Array:
		var items []string
		for _, x := range v.List {
			items = append(items, jsonValue(x))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case len(v.Fields) > 0 || v.Kind == schema.Object || v.Kind == schema.Map || v.Kind == schema.Union:
		var fields []string
		for _, f := range v.Fields {
			fields = append(fields, jsonText(f.Key)+": "+jsonValue(f.Value))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case v.Kind == schema.Money:
		return v.Text + " " + v.Currency
	case v.Kind == schema.Int || v.Kind == schema.Float || v.Kind == schema.Bool || v.Kind == schema.Duration:
		return v.Text
	}
	return jsonText(v.Text)
}
