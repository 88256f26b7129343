package generator

import (
	"fmt"
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
		add("Idempotent: its UUID is made of %s.", enumeration(list))
	}
	if e.Personless {
		add("It never creates a person profile.")
	}
	if s := e.Sampling; s.Rate != 1 {
		by := "event by event"
		if s.ByDistinctID {
			by = "user by user"
		}
		add("Sampled at a rate of %s, %s.", floatText(s.Rate), by)
	}
	switch e.OnInvalid {
	case schema.DropProperty:
		add("An invalid property is left out.")
	case schema.DropEvent:
		add("It is refused if a property is invalid.")
	}
	if e.Twin != nil && (e.Deprecated == nil || !e.Deprecated.DualWrite) {
		add("It is sent a second time, as %s.", quoted(e.Twin.Name))
	}
	for _, x := range e.Experiments {
		add("Experiment: %s.", x.Name)
	}
	return facts
}

// enumeration joins words as people do.
func enumeration(list []string) string {
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
	return strings.Join(list, "")
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
	deprecate(c, d, g.successor(e))
}

// successor is the Go name of the event that replaces e; empty: none does.
func (g *generator) successor(e *schema.Event) string {
	if e.Deprecated == nil || e.Deprecated.Use == "" {
		return ""
	}
	for _, other := range g.plan.Events {
		if other.Name == e.Deprecated.Use {
			return g.of(other)
		}
	}
	return ""
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
	if len(first) == 0 && d.Note == "" {
		first = append(first, "the plan no longer wants it")
	}
	sentences := []string{upperFirst(strings.Join(first, ", ")), d.Note}
	if d.RemoveAfter != "" {
		sentences = append(sentences, "It will be removed after "+d.RemoveAfter+".")
	}
	if d.DualWrite {
		sentences = append(sentences, "Capturing either event sends both.")
	}
	c.deprecated(sentences...)
}

// setterDoc documents the setter of x, which the clause introduces.
func (r record) setterDoc(x field, clause string) *comment {
	c := doc(append([]string{clause + onlyOnce(x)}, facts(x.Property)...)...)
	r.deprecateSetter(c, x)
	return c
}

// nullDoc documents the setter that makes x null, which the clause introduces.
func (r record) nullDoc(x field, clause string) *comment {
	c := doc(clause+onlyOnce(x), "Null says that there is none.")
	r.deprecateSetter(c, x)
	return c
}

func onlyOnce(x field) string {
	if x.Write == schema.WriteSetOnce {
		return ", unless the person has it already"
	}
	return ""
}

func (r record) deprecateSetter(c *comment, x field) {
	use := ""
	for _, f := range r.fields {
		if x.Deprecated != nil && f.Key == x.Deprecated.Use && !f.Required {
			use = r.prefix + f.ident
		}
	}
	deprecate(c, x.Deprecated, use)
}

// constructorDoc documents a constructor: what it returns, and what the plan says
// of its parameters.
func (r record) constructorDoc(sentences ...string) *comment {
	return r.paramDocs(doc(sentences...))
}

// paramDocs adds what the plan says of the required fields.
func (r record) paramDocs(c *comment) *comment {
	for _, f := range r.fields {
		if !f.Required {
			continue
		}
		said := facts(f.Property)
		if d := f.Deprecated; d != nil {
			said = append(said, "It is deprecated.", d.Note)
			if d.Use != "" {
				said = append(said, "It gives way to "+quoted(d.Use)+".")
			}
		}
		c.param(f.param, said)
	}
	return c
}

// param adds what is said of one parameter, if anything is.
func (c *comment) param(name string, said []string) *comment {
	if len(said) == 0 {
		return c
	}
	return c.item(append([]string{name + ":"}, said...)...)
}

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
