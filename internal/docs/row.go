package docs

import "github.com/phgen/phgen/schema"

// rows lists properties with what is inside them. from names the property set of those
// that come from one.
func rows(properties []*schema.Property, from map[*schema.Property]string) []row {
	return appendRows(nil, properties, from, "", 0)
}

func appendRows(list []row, properties []*schema.Property, from map[*schema.Property]string, prefix string, depth int) []row {
	for _, p := range properties {
		r := propertyRow(p, prefix, depth)
		r.Set = from[p]
		list = append(list, r)
		if p.Type.Name == "" {
			list = append(list, inside(p.Type, r.path, depth+1)...)
		}
	}
	return list
}

func propertyRow(p *schema.Property, prefix string, depth int) row {
	r := row{
		Key: p.Key, Depth: depth, Type: typeText(p.Type), Named: namedIn(p.Type),
		Required: p.Required, Nullable: p.Nullable, Description: p.Description,
		PII: piiText(piiOf(p)), Deprecated: deprecation(p.Deprecated), Example: exampleText(p),
		path: prefix + p.Key, pii: piiOf(p),
	}
	if p.Type.Name == "" {
		r.Constraints, r.Values = constraints(p.Type), values(enumIn(p.Type))
	}
	if p.Type.Kind == schema.Money {
		r.Constraints = append(r.Constraints, "sent as "+p.MoneyKeys[0]+" and "+p.MoneyKeys[1])
	}
	if p.OnInvalid != schema.Inherit {
		r.Constraints = append(r.Constraints, "invalid: "+string(p.OnInvalid))
	}
	if p.Write != "" && p.Write != schema.WriteSet {
		r.Write = string(p.Write)
	}
	if p.Default != nil {
		r.Constraints = append(r.Constraints, "default "+wireText(p.Default))
	}
	return r
}

// enumIn is the unnamed enum in t: itself, or that of its items.
func enumIn(t *schema.Type) []*schema.EnumValue {
	for t.Name == "" && t.Elem != nil {
		t = t.Elem
	}
	if t.Name != "" {
		return nil
	}
	return t.Values
}

// inside lists the properties in a value of t, which has no name of its own.
func inside(t *schema.Type, path string, depth int) []row {
	for t.Elem != nil {
		t = t.Elem
		path += "[]"
		if t.Name != "" {
			return nil
		}
	}
	prefix := path
	if prefix != "" {
		prefix += "."
	}
	list := appendRows(nil, t.Properties, nil, prefix, depth)
	for _, v := range t.Variants {
		list = append(list, row{Key: v.Name, Depth: depth, Type: "variant", Description: v.Description, path: prefix + v.Name})
		list = appendRows(list, v.Properties, nil, prefix+v.Name+".", depth+1)
	}
	return list
}
