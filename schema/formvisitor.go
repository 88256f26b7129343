package schema

// A formPlace is where a type can be written in a short and in a long form.
type formPlace uint8

const (
	propertyForm formPlace = iota
	itemForm               // what an array or a map holds: T alone
	groupKeyForm           // T alone
)

// A formVisitor is called for each value in a plan file that has a short and a
// long form, with the key before it. It reports whether it is done with the value;
// otherwise what is inside is visited, too.
type formVisitor func(k, v *node, at formPlace) (done bool)

// file visits a plan file, in the order of its text.
func (visit formVisitor) file(root *node) {
	for i, k := range root.keys {
		v := root.items[i]
		switch k.text {
		case "context", "person":
			visit.properties(v.at("properties"))
			continue
		case "ai":
			v = v.at("features")
		}
		if v != nil && v.kind == mappingNode {
			for _, entry := range v.items {
				visit.entry(k.text, entry)
			}
		}
	}
}

// entry visits one entry of a section.
func (visit formVisitor) entry(section string, v *node) {
	switch section {
	case "types":
		visit.inside(v)
	case "property_sets":
		visit.properties(v)
	case "events", "ai":
		visit.properties(v.at("properties"))
	case "flags":
		visit.properties(v.at("payload").at("properties"))
	case "groups":
		for i, k := range v.keys {
			switch k.text {
			case "key":
				visit.one(k, v.items[i], groupKeyForm)
			case "properties":
				visit.properties(v.items[i])
			}
		}
	}
}

// properties visits a mapping of properties, which may be nil.
func (visit formVisitor) properties(n *node) {
	if n == nil {
		return
	}
	for i, k := range n.keys {
		visit.one(k, n.items[i], propertyForm)
	}
}

func (visit formVisitor) one(k, v *node, at formPlace) {
	if !visit(k, v, at) {
		visit.inside(v)
	}
}

// inside visits what a long form holds.
func (visit formVisitor) inside(n *node) {
	for i, k := range n.keys {
		v := n.items[i]
		switch k.text {
		case "properties":
			visit.properties(v)
		case "of", "values":
			visit.one(k, v, itemForm)
		case "variants":
			for _, variant := range v.items {
				visit.properties(variant.at("properties"))
			}
		}
	}
}
