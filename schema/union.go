package schema

import (
	"slices"
)

// union reads discriminator and variants.
func (c *compiler) union(v *node, t *Type) {
	t.Discriminator = c.word(v.at("union"), "discriminator", "type")
	if n := v.at("union").at("discriminator"); n != nil {
		c.wireName(n, "discriminator", t.Discriminator)
	}
	if v.at("union") == nil || v.at("union").hides("discriminator") {
		t.Discriminator = "" // so that no property is called it
	}
	variants := v.at("variants")
	if variants == nil && v.hides("variants") {
		return
	}
	if variants == nil || len(variants.keys) == 0 {
		c.report(v.pos(), "PH215", "add variants", "the union has no variants")
		return
	}
	if len(variants.keys) > maxChoices {
		c.report(variants.keys[maxChoices].pos(), "PH112", "", "a union of %d variants; the limit is %d", len(variants.keys), maxChoices)
		return
	}
	for i, k := range variants.keys {
		body := variants.items[i]
		c.wireName(k, "variant", k.text)
		t.Variants = append(t.Variants, &Variant{
			Pos:         k.pos(),
			Name:        k.text,
			Description: c.prose(body, "description"),
			Go:          c.goName(body),
			Properties:  c.variantProperties(body.at("properties"), t.Discriminator),
		})
	}
}

// variantProperties reads the properties of one variant.
func (c *compiler) variantProperties(n *node, discriminator string) []*Property {
	list := c.properties(n, inVariant)
	for i, p := range list {
		if p.Key == discriminator {
			c.report(p.Pos, "PH215", "rename one of the two", "the property %q is the union's discriminator", p.Key)
		}
		if isConst := n.items[i].at("const") != nil || n.items[i].hides("const"); !p.Required && !isConst && !c.vague[p] {
			c.report(p.Pos, "PH118", "make it required, or put it into an object property", "%q is an optional property of a variant: not in version 1", p.Key)
		}
	}
	c.later = append(c.later, func() {
		c.distinctWire(list)
		for _, p := range list {
			if p.Type.Kind == Money && slices.Contains(p.MoneyKeys[:], discriminator) && p.Key != discriminator {
				c.report(p.Pos, "PH225", "choose other keys with wire", "%q is sent under the key %q, the union's discriminator", p.Key, discriminator)
			}
		}
	})
	return list
}
