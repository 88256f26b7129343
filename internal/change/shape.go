package change

import (
	"fmt"
	"strings"

	"github.com/phgen/phgen/schema"
)

// A shape is a text that two things have in common if callers and readers could
// take one for the other but for their names.

func propertyShape(p *schema.Property) string {
	return fmt.Sprintf("%t %t %s", p.Required, p.Nullable, typeShape(p.Type))
}

func typeShape(t *schema.Type) string {
	if t.Name != "" {
		return t.Name
	}
	return anonymousShape(t)
}

// anonymousShape is the shape of t whatever its name.
func anonymousShape(t *schema.Type) string {
	var b strings.Builder
	b.WriteString(string(t.Kind))
	switch t.Kind {
	case schema.Const:
		b.WriteString(valueText(t.Const))
	case schema.Duration:
		b.WriteString(t.Unit)
	case schema.Array, schema.Map:
		b.WriteString("(" + typeShape(t.Elem) + ")")
	case schema.Enum:
		for _, v := range t.Values {
			fmt.Fprintf(&b, " %q", v.Value)
		}
	case schema.Object:
		b.WriteString(listShape(t.Properties))
	case schema.Union:
		fmt.Fprintf(&b, " %q", t.Discriminator)
		for _, v := range t.Variants {
			fmt.Fprintf(&b, " %q", v.Name)
			b.WriteString(variantShape(v))
		}
	}
	return b.String()
}

func variantShape(v *schema.Variant) string { return listShape(v.Properties) }

// listShape is the shape of a list of properties, keys included.
func listShape(list []*schema.Property) string {
	var b strings.Builder
	b.WriteByte('{')
	for _, p := range list {
		fmt.Fprintf(&b, "%q %s,", p.Key, propertyShape(p))
	}
	b.WriteByte('}')
	return b.String()
}

func flagShape(f *schema.Flag) string {
	return f.Kind + anonymousShape(&schema.Type{Kind: schema.Enum, Values: f.Variants}) + listShape(f.Payload)
}

// renames pairs what went with what came if they are of one shape, and no third
// thing is. The result is the new name by the old one.
func renames[T any](gone, come []T, name, shape func(T) string) map[string]string {
	byShape := map[string][2][]string{}
	for side, list := range [][]T{gone, come} {
		for _, x := range list {
			names := byShape[shape(x)]
			names[side] = append(names[side], name(x))
			byShape[shape(x)] = names
		}
	}
	out := map[string]string{}
	for _, names := range byShape {
		if len(names[0]) == 1 && len(names[1]) == 1 {
			out[names[0][0]] = names[1][0]
		}
	}
	return out
}

func typeName(t *schema.Type) string { return t.Name }

// renamedTypes finds the named types of old that are called otherwise in new.
func renamedTypes(old, new *schema.Plan) map[string]string {
	_, gone, come := byKey(old.Types, new.Types, typeName)
	return renames(gone, come, typeName, anonymousShape)
}

// valueText is a value as a plan could spell it on one line.
func valueText(v *schema.Value) string {
	switch {
	case v == nil:
		return "none"
	case v.Null:
		return "null"
	case v.Currency != "":
		return v.Text + " " + v.Currency
	case v.Kind == schema.Array:
		var items []string
		for _, x := range v.List {
			items = append(items, valueText(x))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case len(v.Fields) > 0 || v.Kind == schema.Object || v.Kind == schema.Map || v.Kind == schema.Union:
		var fields []string
		for _, f := range v.Fields {
			fields = append(fields, fmt.Sprintf("%q: %s", f.Key, valueText(f.Value)))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case v.Kind == schema.Int, v.Kind == schema.Float, v.Kind == schema.Bool, v.Kind == schema.Duration:
		return v.Text
	}
	return fmt.Sprintf("%q", v.Text)
}
