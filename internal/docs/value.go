package docs

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/phgen/phgen/schema"
)

// An object is a JSON object whose fields keep their order.
type object []field

type field struct {
	Key   string
	Value any
}

func (o *object) set(key string, value any) { *o = append(*o, field{key, value}) }

// plain is a value of the plan as written there.
func plain(v *schema.Value) any {
	if v.Null {
		return nil
	}
	switch v.Kind {
	case schema.Bool:
		return v.Bool
	case schema.Int, schema.Float, schema.Duration:
		return json.Number(v.Text)
	case schema.Money:
		return object{{"amount", json.Number(v.Text)}, {"currency", v.Currency}}
	case schema.Array:
		items := make([]any, 0, len(v.List))
		for _, item := range v.List {
			items = append(items, plain(item))
		}
		return items
	case schema.Object, schema.Map, schema.Union:
		fields := make(object, 0, len(v.Fields))
		for _, f := range v.Fields {
			fields.set(f.Key, plain(f.Value))
		}
		return fields
	}
	return v.Text
}

// wire is an example of an event as its properties are sent: constants added, money in two
// keys, personal values treated. A hash is that of nobody.
func wire(e *schema.Event, example *schema.Value) object {
	sent := wireFields(e.Properties, example)
	groups := object{}
	for _, g := range e.Groups {
		if g.Required {
			groups.set(g.Group.Name, groupKey(g.Group))
		}
	}
	if len(groups) > 0 {
		sent.set("$groups", groups)
	}
	if e.Personless {
		sent.set("$process_person_profile", false)
	}
	return sent
}

// groupKey is an example of a group's key, which is text on the wire.
func groupKey(g *schema.Group) string {
	switch {
	case g.Key != nil && g.Key.Example != nil:
		return g.Key.Example.Text
	case g.Key != nil && g.Key.Kind == schema.Int:
		return "1"
	case g.Key != nil && g.Key.Kind == schema.UUID:
		return exampleUUID
	}
	return g.Name + "_1"
}

const (
	exampleUUID = "0190c8a4-1111-7222-8333-444455556666"
	exampleHash = "0123456789abcdef0123456789abcdef"
)

// wireFields are the properties that a value gives, in the order of the plan.
func wireFields(properties []*schema.Property, given *schema.Value) object {
	values := map[string]*schema.Value{}
	for _, f := range given.Fields {
		values[f.Key] = f.Value
	}
	sent := object{}
	for _, p := range properties {
		v, there := values[p.Key]
		pii := piiOf(p)
		switch {
		case p.Type.Kind == schema.Const:
			sent.set(p.Key, plain(p.Type.Const))
		case !there, pii != nil && pii.Action == "drop":
		case p.Type.Kind == schema.Money && v.Null:
			sent.set(p.MoneyKeys[0], nil)
			sent.set(p.MoneyKeys[1], nil)
		case p.Type.Kind == schema.Money:
			sent.set(p.MoneyKeys[0], json.Number(v.Text))
			sent.set(p.MoneyKeys[1], v.Currency)
		default:
			sent.set(p.Key, wireValue(p.Type, pii, v))
		}
	}
	return sent
}

func wireValue(t *schema.Type, pii *schema.PII, v *schema.Value) any {
	if v.Null {
		return nil
	}
	switch t.Kind {
	case schema.Array:
		items := make([]any, 0, len(v.List))
		for _, item := range v.List {
			items = append(items, wireValue(t.Elem, inner(pii, t.Elem), item))
		}
		return items
	case schema.Map:
		entries := map[string]any{} // which encoding/json sorts
		for _, f := range v.Fields {
			entries[f.Key] = wireValue(t.Elem, inner(pii, t.Elem), f.Value)
		}
		return entries
	case schema.Object:
		return wireFields(t.Properties, v)
	case schema.Union:
		return wireUnion(t, v)
	case schema.Timestamp:
		if at, err := time.Parse(time.RFC3339Nano, v.Text); err == nil {
			return treated(t.Kind, pii, at.UTC().Format(time.RFC3339Nano))
		}
	case schema.UUID:
		return treated(t.Kind, pii, strings.ToLower(v.Text))
	case schema.URL:
		text := v.Text
		if i := strings.IndexAny(text, "?#"); t.StripQuery && i >= 0 {
			text = text[:i]
		}
		return treated(t.Kind, pii, text)
	}
	if text, ok := plain(v).(string); ok {
		return treated(t.Kind, pii, text)
	}
	if pii != nil && pii.Action == "hash" {
		return exampleHash
	}
	if pii != nil && pii.Action == "truncate" {
		return json.Number(oneDecimal(v.Text))
	}
	return plain(v)
}

func inner(pii *schema.PII, t *schema.Type) *schema.PII {
	if pii != nil {
		return pii
	}
	return t.PII
}

func wireUnion(t *schema.Type, v *schema.Value) object {
	for _, variant := range t.Variants {
		if len(v.Fields) > 0 && v.Fields[0].Value.Text == variant.Name {
			return append(object{{t.Discriminator, variant.Name}}, wireFields(variant.Properties, v)...)
		}
	}
	return object{}
}

// oneDecimal cuts a number as pii truncate does.
func oneDecimal(number string) string {
	whole, fraction, ok := strings.Cut(number, ".")
	if !ok || len(fraction) <= 1 {
		return number
	}
	return whole + "." + fraction[:1]
}

// treated is what pii leaves of a text.
func treated(kind schema.Kind, pii *schema.PII, text string) string {
	if pii == nil {
		return text
	}
	switch pii.Action {
	case "hash":
		return exampleHash
	case "mask":
		return masked(kind, text)
	case "truncate":
		return truncated(kind, pii, text)
	}
	return text
}

func masked(kind schema.Kind, text string) string {
	runes := []rune(text)
	if local, domain, ok := strings.Cut(text, "@"); kind == schema.Email && ok && local != "" && domain != "" {
		return string(runes[:1]) + "***@" + domain
	}
	if len(runes) < 8 {
		return "***"
	}
	return "***" + string(runes[len(runes)-4:])
}

func truncated(kind schema.Kind, pii *schema.PII, text string) string {
	switch kind {
	case schema.IP:
		if strings.Contains(text, ":") {
			return "2001:db8::"
		}
		return text[:strings.LastIndexByte(text, '.')] + ".0"
	case schema.Date:
		return text[:4] + "-01-01"
	case schema.Timestamp:
		return text[:4] + "-01-01T00:00:00Z"
	}
	keep := pii.Keep
	if keep == 0 {
		keep = 3
	}
	if utf8.RuneCountInString(text) <= keep {
		return text
	}
	return string([]rune(text)[:keep])
}
