package docs

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/phgen/phgen/schema"
)

// A schemaWriter writes the parts of one event's schema.
type schemaWriter struct {
	closed bool            // unplanned fields are wrong
	defs   map[string]bool // the named types that are referred to
}

// fields describes the fields of an object.
func (w *schemaWriter) fields(properties []*schema.Property) body {
	var b body
	for _, p := range properties {
		if p.Type.Kind == schema.Money {
			b.money(p)
			continue
		}
		pii := piiOf(p)
		if pii != nil && pii.Action == "drop" {
			b.properties.set(p.Key, false)
			continue
		}
		b.properties.set(p.Key, w.property(p, pii))
		if p.Required || p.Type.Kind == schema.Const {
			b.required = append(b.required, p.Key)
		}
	}
	return b
}

func (w *schemaWriter) property(p *schema.Property, pii *schema.PII) object {
	s := notes(p)
	t := p.Type
	// What is treated or cut is no longer what its named type says.
	byName := t.Name != "" && p.OnInvalid != schema.Truncate && (pii == nil || pii.Action == "allow" || pii == t.PII)
	var form object
	if byName {
		form = w.reference(t)
	} else {
		form = w.form(t, pii, p.OnInvalid == schema.Truncate)
	}
	if p.Nullable {
		form = orNull(form)
	}
	s = append(s, form...)
	if example := p.Example; example != nil && (pii == nil || pii.Action == "allow") && t.Kind != schema.Const {
		s.set("examples", []any{wireValue(t, pii, example)})
	}
	return s
}

// notes are the words about a property.
func notes(p *schema.Property) object {
	var s object
	if p.Description != "" {
		s.set("description", p.Description)
	}
	if p.Deprecated != nil {
		s.set("deprecated", true)
	}
	return s
}

func (w *schemaWriter) reference(t *schema.Type) object {
	w.defs[t.Name] = true
	return object{{"$ref", "#/$defs/types/" + t.Name}}
}

// orNull accepts null as well.
func orNull(form object) object {
	for i, f := range form {
		if kind, ok := f.Value.(string); ok && f.Key == "type" {
			form = slices.Clone(form)
			form[i].Value = []string{kind, "null"}
			if j := slices.IndexFunc(form, func(f field) bool { return f.Key == "enum" }); j >= 0 {
				form[j].Value = append(slices.Clone(form[j].Value.([]any)), nil)
			}
			return form
		}
	}
	if len(form) == 0 {
		return form // which is anything
	}
	return object{{"anyOf", []object{form, {{"type", "null"}}}}}
}

// money describes the two keys of an amount: both, neither, or null twice.
func (b *body) money(p *schema.Property) {
	amount, currency := p.MoneyKeys[0], p.MoneyKeys[1]
	if pii := piiOf(p); pii != nil && pii.Action == "drop" {
		b.properties.set(amount, false)
		b.properties.set(currency, false)
		return
	}
	number := append(notes(p), field{"type", "number"}, field{"$comment", "no more decimals than the currency has"})
	code := append(object{{"type", "string"}}, forms[schema.Currency]...)
	if p.Nullable {
		number, code = orNull(number), orNull(code)
		null := func(key string) object { return object{{"properties", object{{key, object{{"type", "null"}}}}}} }
		not := func(key string) object {
			return object{{"properties", object{{key, object{{"not", object{{"type", "null"}}}}}}}}
		}
		b.all = append(b.all, object{{"anyOf", []object{
			{{"allOf", []object{null(amount), null(currency)}}},
			{{"allOf", []object{not(amount), not(currency)}}},
		}}})
	}
	b.properties.set(amount, number)
	b.properties.set(currency, code)
	b.together.set(amount, []string{currency})
	b.together.set(currency, []string{amount})
	if p.Required {
		b.required = append(b.required, amount, currency)
	}
}

// form describes the values of a type. cut says that on_invalid is truncate.
func (w *schemaWriter) form(t *schema.Type, pii *schema.PII, cut bool) object {
	if pii != nil && pii.Action != "allow" && t.Kind != schema.Array && t.Kind != schema.Map {
		return treatedForm(t.Kind, pii)
	}
	var s object
	switch t.Kind {
	case schema.Const:
		return object{{"const", plain(t.Const)}}
	case schema.Int:
		s = bounds(object{{"type", "integer"}}, t)
	case schema.Float, schema.Duration:
		s = bounds(object{{"type", "number"}}, t)
		if t.Kind == schema.Duration {
			s.comment("in " + t.Unit)
		}
	case schema.Bool:
		return object{{"type", "boolean"}}
	case schema.JSON:
		return object{}
	case schema.Array:
		s = object{{"type", "array"}, {"items", w.item(t.Elem, pii)}}
		s = limit(limit(s, "minItems", t.MinItems), "maxItems", t.MaxItems)
	case schema.Map:
		s = object{{"type", "object"}, {"additionalProperties", w.item(t.Elem, pii)}}
		s = limit(limit(s, "minProperties", t.MinItems), "maxProperties", t.MaxItems)
	case schema.Object:
		s = w.object(nil, t.Properties)
	case schema.Union:
		s = w.union(t)
	default:
		s = append(object{{"type", "string"}}, textSchema(t, cut)...)
	}
	if t.MaxBytes != nil {
		s.comment(fmt.Sprintf("at most %d bytes of JSON", *t.MaxBytes))
	}
	return s
}

// item describes the items of an array or map; pii acts on each.
func (w *schemaWriter) item(t *schema.Type, pii *schema.PII) object {
	if pii == nil {
		pii = t.PII
	}
	if t.Name != "" && (pii == nil || pii.Action == "allow" || pii == t.PII) {
		return w.reference(t)
	}
	return w.form(t, pii, false)
}

// object describes an object; first are fields in front of the properties.
func (w *schemaWriter) object(first object, properties []*schema.Property) object {
	b := w.fields(properties)
	b.properties = append(slices.Clip(first), b.properties...)
	for i := len(first) - 1; i >= 0; i-- {
		b.required = slices.Insert(b.required, 0, first[i].Key)
	}
	s := append(object{{"type", "object"}}, b.keywords()...)
	if w.closed {
		s.set("additionalProperties", false)
	}
	return s
}

func (w *schemaWriter) union(t *schema.Type) object {
	var variants []object
	for _, v := range t.Variants {
		s := object{}
		if v.Description != "" {
			s.set("description", v.Description)
		}
		variants = append(variants, append(s, w.object(object{{t.Discriminator, object{{"const", v.Name}}}}, v.Properties)...))
	}
	return object{{"oneOf", variants}}
}

func bounds(s object, t *schema.Type) object {
	if t.MinInt != nil {
		s.set("minimum", *t.MinInt)
	}
	if t.MaxInt != nil {
		s.set("maximum", *t.MaxInt)
	}
	if t.Min != nil {
		s.set("minimum", number(*t.Min))
	}
	if t.Max != nil {
		s.set("maximum", number(*t.Max))
	}
	return s
}

// number writes a whole number without an exponent as long as it is short.
func number(f float64) any {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return int64(f)
	}
	return f
}

func limit(s object, keyword string, n *int) object {
	if n != nil {
		s.set(keyword, *n)
	}
	return s
}

// textSchema describes what is a string on the wire, but for its type. What was cut need
// not satisfy what the sender checked before.
func textSchema(t *schema.Type, cut bool) object {
	if t.Kind == schema.Enum {
		var words []any
		for _, v := range t.Values {
			words = append(words, v.Value)
		}
		return object{{"enum", words}}
	}
	s := slices.Clone(forms[t.Kind])
	if t.StripQuery {
		s.also(object{{"pattern", `^[^?#]*$`}})
	}
	if t.MaxLength != nil && !s.has("maxLength") {
		s.set("maxLength", *t.MaxLength)
	} else {
		s.also(limit(object{}, "maxLength", t.MaxLength))
	}
	checked := limit(object{}, "minLength", t.MinLength)
	switch {
	case t.Pattern == "":
	case portable(t.Pattern):
		checked.set("pattern", t.Pattern)
	default:
		s.comment("matches " + t.Pattern + " in the syntax of RE2")
	}
	switch {
	case t.StripQuery || len(checked) == 0:
	case cut && t.MaxLength != nil:
		s.also(object{{"anyOf", []object{checked, {{"minLength", *t.MaxLength}}}}})
	case s.has("pattern"):
		s.also(checked)
	default:
		s = append(s, checked...)
	}
	return s
}

func (o object) has(key string) bool {
	return slices.ContainsFunc(o, func(f field) bool { return f.Key == key })
}

// comment adds what JSON Schema has no words for.
func (o *object) comment(text string) {
	for i, f := range *o {
		if f.Key == "$comment" {
			(*o)[i].Value = f.Value.(string) + "; " + text
			return
		}
	}
	o.set("$comment", text)
}

// also adds a schema that has to hold, too.
func (o *object) also(s object) {
	if len(s) == 0 {
		return
	}
	for i, f := range *o {
		if f.Key == "allOf" {
			(*o)[i].Value = append(f.Value.([]object), s)
			return
		}
	}
	o.set("allOf", []object{s})
}

// forms are the kinds that are strings of a form. The patterns are what the judge takes:
// format alone is only a note to many readers.
var forms = map[schema.Kind]object{
	schema.Timestamp: {{"format", "date-time"}, {"pattern", `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$`}},
	schema.Date:      {{"format", "date"}, {"pattern", `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`}},
	schema.UUID: {{"format", "uuid"}, {"pattern", `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`},
		{"not", object{{"const", "00000000-0000-0000-0000-000000000000"}}}},
	schema.URL:      {{"format", "iri"}, {"pattern", `^[A-Za-z][A-Za-z0-9+.-]*://[^/?#@\s\x00-\x1f\x7f]+([/?#][^\s\x00-\x1f\x7f]*)?$`}},
	schema.Email:    {{"format", "idn-email"}, {"pattern", `^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$`}, {"maxLength", 254}},
	schema.IP:       {{"pattern", `^([0-9.]+|[0-9a-f:]+)$`}, {"anyOf", []object{{{"format", "ipv4"}}, {{"format", "ipv6"}}}}},
	schema.Country:  {{"pattern", `^[A-Z]{2}$`}},
	schema.Currency: {{"pattern", `^[A-Z]{3}$`}},
	schema.Locale:   {{"pattern", `^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`}},
}

// treatedForm describes what pii leaves of a value.
func treatedForm(kind schema.Kind, pii *schema.PII) object {
	pattern := func(p, comment string) object {
		return object{{"type", "string"}, {"pattern", p}, {"$comment", "personal data: " + comment}}
	}
	switch {
	case pii.Action == "hash":
		return pattern(`^[0-9a-f]{32}$`, "a keyed hash of the value")
	case pii.Action == "mask" && kind == schema.Email:
		return pattern(`^([^\n]\*\*\*@[\s\S]+|\*\*\*([\s\S]{4})?)$`, "masked")
	case pii.Action == "mask":
		return pattern(`^\*\*\*([\s\S]{4})?$`, "masked")
	case kind == schema.Float:
		return object{{"type", "number"}, {"$comment", "personal data: at most one decimal"}}
	case kind == schema.IP:
		octet := `(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`
		return pattern(`^(`+octet+`\.`+octet+`\.`+octet+`\.0|([0-9a-f]{1,4}:){1,3}:|::)$`, "host bits are zero")
	case kind == schema.Date:
		return pattern(`^[0-9]{4}-01-01$`, "only the year counts")
	case kind == schema.Timestamp:
		return pattern(`^[0-9]{4}-01-01T00:00:00Z$`, "only the year counts")
	}
	keep := pii.Keep
	if keep == 0 {
		keep = 3
	}
	return object{{"type", "string"}, {"maxLength", keep}, {"$comment", "personal data: cut short"}}
}

// portable reports whether a pattern of RE2 means the same in the regular expressions of
// JavaScript, which are those of JSON Schema.
func portable(pattern string) bool {
	return !strings.Contains(strings.ReplaceAll(pattern, "(?:", ""), "(?") && !re2Only.MatchString(pattern)
}

// Character classes with a name, escapes that JavaScript has not, or has for something else.
var re2Only = regexp.MustCompile(`\[\[:|\\[^dDwWsSbBnrtfv0-9\\^$.*+?()\[\]{}|/]|\\[1-9]|\\0`)
