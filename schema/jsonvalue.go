package schema

// maxJSONDepth is that of a value of type json, as at run time.
const maxJSONDepth = 32

// wholeJSON reads a value of type json.
func (c *compiler) wholeJSON(n *node, t *Type) *Value {
	before := c.found.seen
	v := c.jsonValue(n)
	switch {
	case c.found.seen > before:
		return nil
	case n.depth() > maxJSONDepth:
		c.unfit(n, "", "a value of type %q is nested deeper than %d levels", t.label(), maxJSONDepth)
		return nil
	}
	return c.sized(n, t, v)
}

// depth is the number of mappings and lists around the innermost value of n.
func (n *node) depth() int {
	inner := 0
	for _, item := range n.items {
		inner = max(inner, item.depth())
	}
	if n.kind == scalarNode {
		return 0
	}
	return inner + 1
}

// jsonValue reads any value of the language; its kind is that of its own shape.
func (c *compiler) jsonValue(n *node) *Value {
	v := &Value{Pos: n.pos(), Text: n.text}
	var err error
	switch {
	case n.kind == mappingNode:
		v.Kind = Object
		for i, k := range n.keys {
			if x := c.jsonValue(n.items[i]); x != nil {
				v.Fields = append(v.Fields, Field{k.pos(), k.text, x})
			}
		}
	case n.kind == listNode:
		v.Kind = Array
		for _, item := range n.items {
			if x := c.jsonValue(item); x != nil {
				v.List = append(v.List, x)
			}
		}
	case n.tag == nullTag && n.text == "null":
		v.Kind, v.Null = JSON, true
	case n.tag == boolTag:
		v.Kind = Bool
		v.Bool, err = n.boolean()
	case n.tag == intTag, n.tag == floatTag:
		v.Kind = Float
		v.Float, err = n.number()
		if i, intErr := n.integer(); intErr == nil {
			v.Kind, v.Int = Int, i
		}
	default:
		v.Kind = String
		_, err = n.string()
	}
	if err != nil {
		e := err.(*spelling)
		c.unfit(n, e.fix, "a value of type %q %s", JSON, e.what)
		return nil
	}
	return v
}
