package schema

import (
	"fmt"
	"strings"
)

// elem is the type of items or values under key.
func (c *compiler) elem(v *node, key string, kind Kind, in place) *Type {
	n := v.at(key)
	t := &Type{Pos: v.pos()}
	if n == nil {
		if v.hides(key) {
			return t
		}
		c.report(v.pos(), "PH109", fmt.Sprintf("add it, as in %s: string", key), "the type %q lacks the key %q", kind, key)
		return t
	}
	t.Pos = n.pos()
	switch n.kind {
	case listNode:
		c.report(n.pos(), "PH216", "wrap the inner array in an object", "the items of %s cannot be arrays", article(kind))
	case mappingNode:
		for _, key := range []string{"required", "nullable", "deprecated", "pii", "on_invalid", "write", "default", "const", "go"} {
			if k, _ := n.pair(key); k != nil {
				c.report(k.pos(), "PH116", "say it on the property", "%q does not apply to items", key)
				return t
			}
		}
		if named := c.typeForm(n, t, in); named != nil {
			t = named
			break
		}
		t.Description = c.prose(n, "description")
		if c.tornType(n) {
			t = &Type{Pos: n.pos()}
		}
		c.later = append(c.later, func() {
			if ex := n.at("example"); ex != nil {
				t.Example = c.value(ex, t, false)
			}
		})
	default:
		name, err := n.string()
		if err != nil || strings.ContainsAny(name, "!?[]{}, ") || name == "" {
			c.report(n.pos(), "PH115", "write the type alone, as in of: string", "%q is no type name", clip(n.text))
			return t
		}
		c.shortType(n, name, t, &t)
	}
	c.later = append(c.later, func() { c.itemType(n, t) })
	return t
}

func article(kind Kind) string {
	if kind == Array {
		return "an array"
	}
	return "a map"
}

// itemType reports types that cannot stand in arrays and maps.
func (c *compiler) itemType(n *node, t *Type) {
	if c.unsound(t) {
		return
	}
	switch t.Kind {
	case Money:
		c.report(n.pos(), "PH216", "wrap it in an object", "an item cannot be money: it is sent as two keys")
	case Array:
		c.report(n.pos(), "PH216", "wrap the inner array in an object", "an item cannot be an array")
	}
}
