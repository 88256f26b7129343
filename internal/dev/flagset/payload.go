package flagset

import (
	"encoding/json"

	"github.com/phgen/phgen/schema"
)

// payloadOf is the JSON of a payload of the plan's own.
func payloadOf(properties []*schema.Property) []byte {
	text, _ := appendObject(nil, properties, nil)
	return text
}

// appendObject appends an object with the given fields, and with the defaults or else the
// examples of other properties. It reports how many fields that are.
func appendObject(dst []byte, properties []*schema.Property, given *schema.Value) ([]byte, int) {
	fields := 0
	dst = append(dst, '{')
	for _, p := range properties {
		v := valueOf(p, given)
		before := len(dst)
		if fields > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(dst, marshal(p.Key)...), ':')
		isObject := p.Type.Kind == schema.Object && (v == nil || !v.Null)
		inside := 0
		switch {
		case isObject:
			dst, inside = appendObject(dst, p.Type.Properties, v)
		case v != nil:
			dst = appendValue(dst, p.Type, v)
		}
		if v == nil && inside == 0 {
			dst = dst[:before]
			continue
		}
		fields++
	}
	return append(dst, '}'), fields
}

// valueOf is the value that a property has in a payload; nil if it has none.
func valueOf(p *schema.Property, given *schema.Value) *schema.Value {
	if given != nil {
		for _, f := range given.Fields {
			if f.Key == p.Key {
				return f.Value
			}
		}
	}
	switch {
	case p.Default != nil:
		return p.Default
	case p.Example != nil:
		return p.Example
	}
	return p.Type.Example
}

// appendValue appends a value of type t, or of any if t is nil.
func appendValue(dst []byte, t *schema.Type, v *schema.Value) []byte {
	var elem *schema.Type
	if t != nil {
		elem = t.Elem
	}
	switch {
	case v.Null:
		return append(dst, "null"...)
	case t != nil && t.Kind == schema.Object:
		dst, _ = appendObject(dst, t.Properties, v)
		return dst
	}
	switch v.Kind {
	case schema.Array:
		dst = append(dst, '[')
		for i, item := range v.List {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, elem, item)
		}
		return append(dst, ']')
	case schema.Object, schema.Map:
		dst = append(dst, '{')
		for i, f := range v.Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(append(append(dst, marshal(f.Key)...), ':'), elem, f.Value)
		}
		return append(dst, '}')
	case schema.Bool, schema.Int, schema.Float, schema.Duration:
		return append(dst, marshal(json.RawMessage(v.Text))...)
	}
	return append(dst, marshal(v.Text)...)
}
