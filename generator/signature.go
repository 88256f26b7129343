package generator

import "github.com/phgen/phgen/schema"

// Ident is the identifier that a name of the plan becomes, without the prefix
// that an enum, a variant or an inline type puts before it: what go: says, else
// what plan-language §13 derives. It is empty for a name without one.
func (x *Printer) Ident(g schema.GoName, name string) string { return x.names.ident(g, name) }

// GoType is the Go type in which callers give a value of p, as generated code
// spells it: "uuid.UUID", "[]LineItem", "OrderID".
func (x *Printer) GoType(p *schema.Property) string {
	return x.names.goTypeText(p.Type, x.names.typeOf(p, p.Type))
}

// AnswerType is GoType of the answer to a question; empty if it has none.
func (x *Printer) AnswerType(q *schema.Question) string {
	p := x.names.answers[q]
	if p == nil {
		return ""
	}
	return x.GoType(p)
}

func (n *names) goTypeText(t *schema.Type, named string) string {
	if named != "" {
		return named
	}
	switch t.Kind {
	case schema.Array:
		return "[]" + n.goTypeText(t.Elem, n.typeOf(nil, t.Elem))
	case schema.Map:
		return "map[string]" + n.goTypeText(t.Elem, n.typeOf(nil, t.Elem))
	case schema.Enum, schema.Object, schema.Union:
		return n.of(t)
	}
	return typeTexts[t.Kind]
}

// typeTexts are the Go types of the kinds that have one for all plans.
var typeTexts = map[schema.Kind]string{
	schema.String:    "string",
	schema.URL:       "string",
	schema.Email:     "string",
	schema.Country:   "string",
	schema.Currency:  "string",
	schema.Locale:    "string",
	schema.Int:       "int64",
	schema.Float:     "float64",
	schema.Bool:      "bool",
	schema.Timestamp: "time.Time",
	schema.Date:      "ph.Date",
	schema.Duration:  "time.Duration",
	schema.UUID:      "uuid.UUID",
	schema.IP:        "netip.Addr",
	schema.Money:     "ph.Money",
	schema.JSON:      "ph.JSON",
}
