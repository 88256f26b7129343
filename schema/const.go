package schema

// constant reads the literal of a const.
func (c *compiler) constant(v *node, t *Type) {
	n := v.at("const")
	kind := String
	if n.kind == scalarNode && !n.quoted {
		switch n.tag {
		case boolTag:
			kind = Bool
		case intTag:
			kind = Int
		case floatTag:
			kind = Float
			if integerText.MatchString(n.text) {
				kind = Int // beyond 64 bits, which is reported below
			}
		}
	}
	if stated := v.at("type"); stated != nil {
		want := Kind(stated.text)
		switch {
		case want == Float && kind == Int:
			kind = Float
		case want != String && want != Int && want != Float && want != Bool, want != kind:
			c.unfit(n, "let type and const agree, or remove type", "the const is %s, which is no %q", n.what(), stated.text)
			return
		}
	}
	if n.kind != scalarNode {
		c.unfit(n, "write one string, number or boolean", "a const cannot be %s", n.what())
		return
	}
	t.Const = c.scalarValue(n, &Type{Kind: kind})
}
