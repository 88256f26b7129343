package docs

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/phgen/phgen/schema"
)

// typeText says a type in a few words: "array of LineItem".
func typeText(t *schema.Type) string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Kind == schema.Array:
		return "array of " + typeText(t.Elem)
	case t.Kind == schema.Map:
		return "map of " + typeText(t.Elem)
	case t.Kind == schema.Const:
		return "constant"
	}
	return string(t.Kind)
}

// namedIn is the named type in t: itself, or that of its items.
func namedIn(t *schema.Type) string {
	for t.Name == "" && t.Elem != nil {
		t = t.Elem
	}
	return t.Name
}

// constraints lists what a value of t must satisfy, in the words of the plan. Those of a
// named type stand with it.
func constraints(t *schema.Type) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if t.Kind == schema.Const {
		add("always %s", wireText(t.Const))
	}
	if t.Unit != "" && t.Kind == schema.Duration {
		add("in %s", t.Unit)
	}
	span(&list, "length", intText(t.MinLength), intText(t.MaxLength))
	span(&list, "items", intText(t.MinItems), intText(t.MaxItems))
	span(&list, "", boundText(t.MinInt, t.Min), boundText(t.MaxInt, t.Max))
	if t.MaxBytes != nil {
		add("at most %d bytes", *t.MaxBytes)
	}
	if t.Pattern != "" {
		add("matches %s", t.Pattern)
	}
	if t.StripQuery {
		add("query and fragment are cut off")
	}
	if t.Kind == schema.Union {
		add("variant in %q", t.Discriminator)
	}
	if t.Elem != nil && t.Elem.Name == "" {
		for _, c := range constraints(t.Elem) {
			add("each: %s", c)
		}
	}
	return list
}

// span adds a lower and an upper bound.
func span(list *[]string, what, low, high string) {
	if what != "" {
		what += " "
	}
	switch {
	case low != "" && high != "":
		*list = append(*list, what+low+" to "+high)
	case low != "":
		*list = append(*list, what+"at least "+low)
	case high != "":
		*list = append(*list, what+"at most "+high)
	}
}

func intText(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func boundText(i *int64, f *float64) string {
	switch {
	case i != nil:
		return strconv.FormatInt(*i, 10)
	case f != nil:
		return strconv.FormatFloat(*f, 'g', -1, 64)
	}
	return ""
}

// piiOf returns what is said of a property, or else of its type.
func piiOf(p *schema.Property) *schema.PII {
	if p.PII != nil {
		return p.PII
	}
	return p.Type.PII
}

// piiText says how a personal value is treated.
func piiText(pii *schema.PII) string {
	if pii == nil {
		return ""
	}
	text := pii.Kind + ", " + pii.Action
	if pii.Basis != "" {
		text += ", " + pii.Basis
	}
	return text
}

// deprecation says since when, what to use instead and until when.
func deprecation(d *schema.Deprecation) string {
	if d == nil {
		return ""
	}
	text := "deprecated"
	if d.Since != "" {
		text += " since " + d.Since
	}
	if d.Use != "" {
		text += "; use " + d.Use
	}
	if d.DualWrite {
		text += " (capturing either sends both)"
	}
	if d.RemoveAfter != "" {
		text += "; goes after " + d.RemoveAfter
	}
	if d.Note != "" {
		text += "; " + d.Note
	}
	return text
}

// exampleText is the example of a property, as JSON has it.
func exampleText(p *schema.Property) string {
	v := cmp.Or(p.Example, p.Type.Example)
	if v == nil {
		return ""
	}
	return wireText(v)
}

// wireText is a value of the plan as JSON.
func wireText(v *schema.Value) string {
	text, err := compact(plain(v))
	if err != nil {
		return "" // a plan holds no value without JSON
	}
	return string(text)
}
