package judge

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/phgen/phgen/schema"
)

// properties compares what was sent under planned keys; prefix is the path of
// the object that holds them, closed by a dot.
func (r *report) properties(prefix string, planned []*schema.Property, sent map[string]any) {
	for _, p := range planned {
		r.property(prefix, p, sent)
	}
}

// property compares one planned property with the object that should hold it.
func (r *report) property(prefix string, p *schema.Property, sent map[string]any) {
	pii := piiOf(p.Type, p.PII)
	if p.Type.Kind == schema.Money {
		r.money(prefix, p, pii, sent)
		return
	}
	path := prefix + p.Key
	v, there := sent[p.Key]
	switch {
	case pii != nil && pii.Action == "drop":
		if there {
			r.add(path, "pii", "sent, but the plan says drop")
		}
	case !there && p.Type.Kind == schema.Const:
		r.add(path, "const", "missing")
	case !there && p.Required && pii != nil && pii.Action == "hash":
		r.add(path, "required", "missing; a hashed property is left out while the client has no PIIKey")
	case !there && p.Required:
		r.add(path, "required", "missing")
	case !there:
	case v == nil && (p.Nullable || p.Type.Kind == schema.JSON): // null is one JSON value
	case v == nil:
		r.add(path, "nullable", "null")
	default:
		r.value(path, p.Type, pii, v, p.OnInvalid == schema.Truncate)
	}
}

// piiOf returns what is said of a property, or else of its type.
func piiOf(t *schema.Type, own *schema.PII) *schema.PII {
	if own != nil {
		return own
	}
	return t.PII
}

// money compares the two keys of an amount: both, neither, or null twice.
func (r *report) money(prefix string, p *schema.Property, pii *schema.PII, sent map[string]any) {
	amountKey, currencyKey := p.MoneyKeys[0], p.MoneyKeys[1]
	amount, there := sent[amountKey]
	currency, both := sent[currencyKey]
	switch {
	case pii != nil && pii.Action == "drop":
		if there || both {
			r.add(prefix+amountKey, "pii", "sent, but the plan says drop")
		}
	case !there && !both:
		if p.Required {
			r.add(prefix+amountKey, "required", "missing")
		}
	case !there:
		r.add(prefix+amountKey, "type", "missing beside its currency")
	case !both:
		r.add(prefix+currencyKey, "type", "missing beside its amount")
	case amount == nil && currency == nil:
		if !p.Nullable {
			r.add(prefix+amountKey, "nullable", "null")
		}
	default:
		r.amount(prefix+amountKey, prefix+currencyKey, amount, currency)
	}
}

// unplanned reports the keys of sent, in their order, that the plan does not
// have there.
func (r *report) unplanned(prefix string, sent map[string]any, planned func(key string) bool) {
	if !r.strict {
		return
	}
	var extra []string
	for key := range sent {
		if !planned(key) {
			extra = append(extra, key)
		}
	}
	slices.Sort(extra)
	for _, key := range extra {
		r.add(prefix+key, "extra_properties", "not in the plan")
	}
}

func hasKey(properties []*schema.Property, key string) bool {
	return slices.ContainsFunc(properties, func(p *schema.Property) bool {
		return slices.Contains(wireKeys(p), key)
	})
}

// object compares the fields of an object.
func (r *report) object(path string, properties []*schema.Property, v any) {
	fields, ok := v.(map[string]any)
	if !ok {
		r.add(path, "type", "no object")
		return
	}
	r.properties(path+".", properties, fields)
	r.unplanned(path+".", fields, func(key string) bool { return hasKey(properties, key) })
}

// union compares an object whose discriminator names its variant.
func (r *report) union(path string, t *schema.Type, v any) {
	fields, ok := v.(map[string]any)
	if !ok {
		r.add(path, "type", "no object")
		return
	}
	at := path + "." + t.Discriminator
	name, ok := fields[t.Discriminator].(string)
	if !ok {
		r.add(at, "discriminator", "missing or no string")
		return
	}
	i := slices.IndexFunc(t.Variants, func(v *schema.Variant) bool { return v.Name == name })
	if i < 0 {
		r.add(at, "variants", "not one of the variants")
		return
	}
	properties := t.Variants[i].Properties
	r.properties(path+".", properties, fields)
	r.unplanned(path+".", fields, func(key string) bool {
		return key == t.Discriminator || hasKey(properties, key)
	})
}

// array compares every item; pii acts on each.
func (r *report) array(path string, t *schema.Type, pii *schema.PII, v any) {
	items, ok := v.([]any)
	if !ok {
		r.add(path, "type", "no array")
		return
	}
	r.items(path, t, len(items))
	for i, item := range items {
		r.item(path+"["+strconv.Itoa(i)+"]", t.Elem, pii, item)
	}
}

// mapping compares every value of a map; its keys are data.
func (r *report) mapping(path string, t *schema.Type, pii *schema.PII, v any) {
	entries, ok := v.(map[string]any)
	if !ok {
		r.add(path, "type", "no object")
		return
	}
	r.items(path, t, len(entries))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		r.item(path+"."+cut(key, maxKey), t.Elem, pii, entries[key])
	}
}

func (r *report) items(path string, t *schema.Type, n int) {
	if t.MinItems != nil && n < *t.MinItems {
		r.add(path, "min_items", fmt.Sprintf("fewer than %d items", *t.MinItems))
	}
	if t.MaxItems != nil && n > *t.MaxItems {
		r.add(path, "max_items", fmt.Sprintf("more than %d items", *t.MaxItems))
	}
}

func (r *report) item(path string, t *schema.Type, pii *schema.PII, v any) {
	if v == nil && t.Kind != schema.JSON {
		r.add(path, "nullable", "null")
		return
	}
	r.value(path, t, piiOf(t, pii), v, false)
}
