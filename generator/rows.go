package generator

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// quoted is the only way text of a plan gets into generated code as a value.
func quoted(s string) string { return strconv.Quote(s) }

// jsonText is s as JSON text.
func jsonText(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// jsonKey is a wire key as the runtime writes it: JSON text without its quotes.
func jsonKey(s string) string {
	text := jsonText(s)
	return text[1 : len(text)-1]
}

// A row is one Prop in the making.
type row struct {
	key        string
	typ        *schema.Type
	moneyKeys  [2]string
	onInvalid  schema.OnInvalid
	idempotent int
	pii        *schema.PII
	nested     bool // its key is none of the event's own
}

// rowOf is the row of a property.
func rowOf(p *schema.Property) row {
	r := row{key: p.Key, typ: p.Type, onInvalid: p.OnInvalid, pii: p.PII}
	if p.Type.Kind == schema.Money {
		r.key, r.moneyKeys = p.MoneyKeys[0], p.MoneyKeys
	}
	return r
}

// code is the row as the elements of a composite literal.
func (r row) code(g *generator) jen.Code {
	var v []jen.Code
	add := func(source ...string) { v = append(v, expr(source...)) }
	name := func(field string, value *jen.Statement) {
		if value != nil {
			v = append(v, jen.Id(field+":").Add(value))
		}
	}
	t := r.typ
	if r.key != "" {
		add("Key: ", quoted(jsonKey(r.key)))
	}
	if r.nested {
		add("Nested: true")
	}
	if r.moneyKeys[1] != "" {
		add("Currency: ", quoted(jsonKey(r.moneyKeys[1])))
	}
	name("OnInvalid", onInvalids[r.onInvalid])
	if r.idempotent > 0 {
		add("Idempotent: ", strconv.Itoa(r.idempotent))
	}
	name("Format", formats[t.Kind])
	if t.StripQuery {
		add("StripQuery: true")
	}
	if rule := ruleOf(t); rule != nil {
		if t.Name != "" {
			add(rule.field, ": &", g.rules[t])
		} else {
			v = append(v, jen.Id(rule.field+": &").Add(rule.value))
		}
	}
	if t.MaxBytes != nil {
		add("MaxBytes: ", strconv.Itoa(*t.MaxBytes))
	}
	switch t.Kind {
	case schema.Enum:
		add("Enum: &", g.vars[t])
	case schema.Duration:
		if t.Unit != "ms" {
			name("Unit", units[t.Unit])
		}
	case schema.Const:
		add("Const: ", quoted(constText(t.Const)))
	}
	v = append(v, r.piiCode()...)
	return elements(v)
}

func (r row) piiCode() []jen.Code {
	if r.pii == nil || piiActions[r.pii.Action] == nil {
		return nil
	}
	code := []jen.Code{jen.Id("PII:").Add(piiActions[r.pii.Action])}
	switch {
	case r.pii.Action == "hash":
		code = append(code, expr("PIIKind: ", quoted(r.pii.Kind)))
	case r.pii.Action == "truncate" && kinds[r.typ.Kind].base == "string":
		code = append(code, expr("Keep: ", strconv.Itoa(r.pii.Keep)))
	}
	return code
}

// constText is the JSON literal of a const.
func constText(v *schema.Value) string {
	switch v.Kind {
	case schema.Int:
		return strconv.FormatInt(v.Int, 10)
	case schema.Float:
		text, err := json.Marshal(v.Float)
		if err != nil {
			return "null" // a plan holds finite numbers only
		}
		return string(text)
	case schema.Bool:
		return strconv.FormatBool(v.Bool)
	}
	return jsonText(v.Text)
}

// A rule is the one set of bounds that a type can have.
type rule struct {
	field string // of ph.Prop
	value *jen.Statement
}

// ruleOf is nil for a type without bounds.
func ruleOf(t *schema.Type) *rule {
	switch {
	case t.MinLength != nil || t.MaxLength != nil || t.Pattern != "":
		v := countBounds("MinLength", t.MinLength, "MaxLength", t.MaxLength)
		if t.Pattern != "" {
			v = append(v, jen.Id("Pattern: &").Add(phPattern).Values(expr("Expr: ", quoted(t.Pattern))))
		}
		return &rule{"Text", phTextRule.Clone().Values(v...)}
	case t.MinInt != nil || t.MaxInt != nil:
		low, high := jen.Qual("math", "MinInt64"), jen.Qual("math", "MaxInt64")
		if t.MinInt != nil {
			low = expr(strconv.FormatInt(*t.MinInt, 10))
		}
		if t.MaxInt != nil {
			high = expr(strconv.FormatInt(*t.MaxInt, 10))
		}
		return &rule{"Ints", phIntRule.Clone().Values(jen.Id("Min:").Add(low), jen.Id("Max:").Add(high))}
	case t.Min != nil || t.Max != nil:
		low, high := jen.Op("-").Qual("math", "MaxFloat64"), jen.Qual("math", "MaxFloat64")
		if t.Min != nil {
			low = expr(floatText(*t.Min))
		}
		if t.Max != nil {
			high = expr(floatText(*t.Max))
		}
		return &rule{"Floats", phFloatRule.Clone().Values(jen.Id("Min:").Add(low), jen.Id("Max:").Add(high))}
	case t.MinItems != nil || t.MaxItems != nil:
		return &rule{"Items", phItemRule.Clone().Values(countBounds("Min", t.MinItems, "Max", t.MaxItems)...)}
	}
	return nil
}

func countBounds(low string, least *int, high string, most *int) []jen.Code {
	var v []jen.Code
	if least != nil {
		v = append(v, expr(low, ": ", strconv.Itoa(*least)))
	}
	if most != nil {
		v = append(v, expr(high, ": ", strconv.Itoa(*most)))
	}
	return v
}

func floatText(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// A table is the Props of one spec: one row for each value that a visitor writes.
type table struct {
	g     *generator
	extra bool // properties outside the plan may stand beside the event's own: rows say which are nested
	rows  []jen.Code
}

// add appends r and tells its place.
func (t *table) add(r row) int {
	r.nested = r.nested && t.extra
	t.rows = append(t.rows, r.code(t.g))
	return len(t.rows) - 1
}

// spec declares the variable name: an EventSpec with fields and the table's rows.
func (t *table) spec(name string, fields ...jen.Code) jen.Code {
	if len(t.rows) > 0 {
		rows := jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, t.rows...)
		fields = append(fields, jen.Id("Props: []").Add(phProp).Add(rows))
	}
	body := jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, fields...)
	return jen.Line().Var().Id(name).Op("=").Add(phEventSpec).Add(body)
}
