package schema

import (
	"slices"
	"strings"
)

// place is where a property stands: it decides which keys apply.
type place uint8

const (
	inEvent place = iota
	inSet
	inContext
	inPerson
	inGroup
	inObject
	inVariant
	inFeature
	inPayload
	inPayloadObject // nested within a payload
	inPayloadValue  // nested within a payload, in a value that is given whole
)

// String names the place in messages.
func (in place) String() string {
	return [...]string{"an event", "a property set", "context", "person", "a group",
		"an object", "a variant", "an AI feature", "a flag payload", "a flag payload", "a flag payload"}[in]
}

// takesDollar tells where PostHog's own properties may be planned.
func (in place) takesDollar() bool { return in == inEvent || in == inSet || in == inContext }

// isPayload tells whether properties describe what a flag carries.
func (in place) isPayload() bool { return in >= inPayload }

// nested is the place of properties of an object that stands in this place.
// Whole tells that no plan builds such an object from defaults of its fields: it
// is an item, or has a default itself.
func (in place) nested(whole bool) place {
	switch {
	case !in.isPayload():
		return inObject
	case whole || in == inPayloadValue:
		return inPayloadValue
	}
	return inPayloadObject
}

// properties compiles the mapping n, which may be nil.
func (c *compiler) properties(n *node, in place) []*Property {
	if n == nil {
		return nil
	}
	if len(n.keys) > maxMembers {
		c.report(n.keys[maxMembers].pos(), "PH112", "group some into objects", "%d properties; the limit is %d", len(n.keys), maxMembers)
		return nil
	}
	list := make([]*Property, 0, len(n.keys))
	for i, k := range n.keys {
		list = append(list, c.property(k, n.items[i], in))
	}
	beside := siblings{
		known:      func(key string) bool { return propertyOf(list, key) != nil },
		names:      func() []string { return keysOf(list) },
		deprecated: func(key string) bool { return propertyOf(list, key).Deprecated != nil },
	}
	c.later = append(c.later, func() {
		for i, p := range list {
			c.sibling(n.items[i], p.Deprecated, p.Key, beside)
		}
	})
	return list
}

func keysOf(list []*Property) []string {
	keys := make([]string, 0, len(list))
	for _, p := range list {
		keys = append(keys, p.Key)
	}
	return keys
}

func propertyOf(list []*Property, key string) *Property {
	i := slices.IndexFunc(list, func(p *Property) bool { return p.Key == key })
	if i < 0 {
		return nil
	}
	return list[i]
}

// property compiles one property. After a mistake in its form its Type is not
// nil, but unsound.
func (c *compiler) property(k, v *node, in place) *Property {
	p := &Property{Pos: k.pos(), Key: k.text, Type: &Type{Pos: v.pos()}}
	if in == inPerson {
		p.Write = WriteSet
	}
	c.propertyName(k, k.text, in)
	before := c.found.seen
	switch v.kind {
	case scalarNode:
		c.shortForm(v, p)
	case listNode:
		c.shortArray(v, p)
	default:
		c.longForm(v, p, in)
	}
	if p.Required && (in == inPerson || in == inContext) {
		c.report(requiredPos(v), "PH217", "remove it", "%q cannot be required in %s: nothing asks for it", p.Key, in)
	}
	if c.found.seen > before || c.tornType(v) {
		p.Type = &Type{Pos: v.pos()}
	}
	c.later = append(c.later, func() { c.finishProperty(v, p, in) })
	return p
}

// requiredPos is where a property says that it is required.
func requiredPos(v *node) Pos {
	if k, _ := v.pair("required"); k != nil {
		return k.pos()
	}
	return v.pos()
}

// shortForm reads T, T! and T?.
func (c *compiler) shortForm(v *node, p *Property) {
	text, err := v.string()
	if err != nil {
		c.report(v.pos(), "PH115", "write a type such as string, string! or \"string?\"", "%q is no property: its form is %s", p.Key, v.what())
		return
	}
	name, required := strings.CutSuffix(text, "!")
	name, nullable := strings.CutSuffix(name, "?")
	if required && nullable || strings.ContainsAny(name, "!?[]{}, ") || name == "" {
		c.report(v.pos(), "PH115", `write T, T!, "T?", [T] or the long form`, "%q is no form of a property", clip(text))
		return
	}
	p.Required, p.Nullable = required, nullable
	c.shortType(v, name, p.Type, &p.Type)
}

// shortArray reads [T].
func (c *compiler) shortArray(v *node, p *Property) {
	if len(v.items) != 1 {
		c.report(v.pos(), "PH115", "write one type, as in [string]", "a list of %d types is no form of a property", len(v.items))
		return
	}
	item := v.items[0]
	text, err := item.string()
	if err != nil || strings.ContainsAny(text, "!?[]{}, ") || text == "" {
		c.report(item.pos(), "PH115", "write one type without a marker, as in [string]", "%q is no item type of the short form", clip(item.text))
		return
	}
	p.Type.Kind, p.Type.Elem = Array, &Type{Pos: item.pos()}
	c.shortType(item, text, p.Type.Elem, &p.Type.Elem)
	t := p.Type
	c.later = append(c.later, func() { c.itemType(item, t.Elem) })
}

// shortType sets *slot to the named type, or t to the built-in one, that the
// short form names at n.
func (c *compiler) shortType(n *node, name string, t *Type, slot **Type) {
	switch row, ok := kinds[Kind(name)]; {
	case ok && row.longOnly != "":
		c.report(n.pos(), "PH115", row.longOnly, "%q needs the long form", name)
	case ok:
		t.Kind = Kind(name)
		t.defaults()
	default:
		if named := c.namedType(n, name); named != nil {
			*slot = named
		}
	}
}

// longForm reads the mapping form.
func (c *compiler) longForm(v *node, p *Property, in place) {
	p.Required, p.Nullable = v.flag("required"), v.flag("nullable")
	c.placed(v, in)
	if named := c.typeForm(v, p.Type, in); named != nil {
		p.Type = named
	}
	if p.Type.Kind == Const && p.Type.Const != nil {
		c.constKeys(v, in)
	}
	if p.Required && p.Nullable {
		k, _ := v.pair("nullable")
		c.report(k.pos(), "PH217", "keep one of the two", "%q cannot be both required and nullable: PostHog counts null as missing", p.Key)
	}
	p.Description = c.prose(v, "description")
	p.Deprecated = c.deprecation(v)
	p.PII = c.pii(v)
	p.OnInvalid = OnInvalid(c.text(v, "on_invalid"))
	p.Go = c.goName(v)
	if w := v.at("write"); w != nil {
		p.Write = Write(w.text)
	}
	p.Nullable = p.Nullable || v.hides("nullable")
	if v.hides("required") {
		c.vague[p] = true
	}
}

// placed reports keys that do not apply in this place.
func (c *compiler) placed(v *node, in place) {
	refuse := func(key, code, fix string) {
		if k, _ := v.pair(key); k != nil {
			c.report(k.pos(), code, fix, "%q does not apply in %s", key, in)
		}
	}
	if in != inPerson {
		refuse("write", "PH116", "remove it; person properties have it")
	}
	if in.isPayload() {
		refuse("pii", "PH502", "remove it; a payload is sent to nobody")
		refuse("on_invalid", "PH116", "remove it; a bad payload is replaced by the plan's")
	} else {
		refuse("default", "PH116", "remove it; only flag payloads have defaults")
	}
	switch in {
	case inPerson, inContext, inGroup:
		refuse("const", "PH116", "remove the property; a constant is sent with events only")
	}
}

// constKeys reports what a const property does not take.
func (c *compiler) constKeys(v *node, in place) {
	for _, k := range v.keys {
		switch k.text {
		case "const", "type", "description":
		case "pii":
			if !in.isPayload() {
				c.report(k.pos(), "PH502", "remove it", "a const is no personal data")
			}
		case "write", "default": // reported by place
		default:
			c.report(k.pos(), "PH116", "remove it; a const takes type and description", "%q does not apply to a const", k.text)
		}
	}
}

// finishProperty does what needs all types: it fills in what a named type says
// and checks what depends on the type.
func (c *compiler) finishProperty(v *node, p *Property, in place) {
	t := p.Type
	if t.Name != "" {
		c.inherit(p, t)
	}
	for elem := t; p.PII == nil && elem != nil; elem = elem.Elem {
		p.PII = elem.PII // what items are, a list of them is
	}
	if c.unsound(t) {
		return
	}
	if t.Kind == Money {
		p.MoneyKeys = [2]string{t.WireAmount, t.WireCurrency}
		if p.MoneyKeys[0] == "" {
			p.MoneyKeys[0] = p.Key
		}
		if p.MoneyKeys[1] == "" {
			p.MoneyKeys[1] = p.Key + "_currency"
		}
		if wire := v.at("wire"); wire != nil {
			c.wireKeys(wire, in)
		}
	}
	c.nameable(p.Go, t)
	limited := t.MaxLength != nil || t.MaxItems != nil || v.hides("max_length") || v.hides("max_items") || c.doubtful(t)
	if p.OnInvalid == Truncate && !limited {
		c.report(v.at("on_invalid").pos(), "PH219", "add max_length or max_items, or choose another word", "%q has no limit to truncate to", p.Key)
	}
	if n := v.at("pii"); n != nil {
		c.fitPII(n, p.PII, t)
	}
	if n := v.at("example"); n != nil && t.Kind != Const {
		p.Example = c.value(n, t, false)
	}
	if in.isPayload() {
		c.payloadProperty(v, p, in)
	}
}

// inherit fills in what p leaves to its named type.
func (c *compiler) inherit(p *Property, t *Type) {
	if p.Description == "" {
		p.Description = t.Description
	}
	if t.Go.Named && !p.Go.Named {
		p.Go.Named, p.Go.NamedAs = true, t.Go.NamedAs
		if p.Go.NamedAs == "" {
			p.Go.NamedAs = t.Name
		}
		if p.Go.Pos == (Pos{}) {
			p.Go.Pos = t.Go.Pos
		}
	}
}

// wireKeys checks the keys that a money property is sent under.
func (c *compiler) wireKeys(wire *node, in place) {
	for i, k := range wire.keys {
		c.propertyName(wire.items[i], c.text(wire, k.text), in)
	}
}

// nameable reports a Go type asked for where none can be made.
func (c *compiler) nameable(g GoName, t *Type) {
	if !g.Named {
		return
	}
	switch t.Kind {
	case String, URL, Email, Country, Currency, Locale, Int, Float, UUID:
	default:
		c.report(g.Pos, "PH305", "remove named", "a type %q cannot be named in Go: its Go type is no string, int64, float64 or uuid.UUID", t.Kind)
	}
}

// distinctWire reports money keys that meet another key that is sent beside them.
func (c *compiler) distinctWire(list []*Property) {
	sent := make(map[string]*Property, len(list))
	for _, p := range list {
		for _, key := range p.wireKeys() {
			switch first := sent[key]; {
			case first == nil:
				sent[key] = p
			case first == p:
				c.report(p.Pos, "PH225", "choose different keys with wire", "%q is sent twice under the key %q", p.Key, key)
			case first.Key != p.Key: // else they are one property twice
				c.report(p.Pos, "PH225", "choose other keys with wire", "%q is sent under the key %q, and so is %q at %s", p.Key, key, first.Key, first.Pos)
			}
		}
	}
}

// wireKeys are the keys that p is sent under.
func (p *Property) wireKeys() []string {
	if p.MoneyKeys[0] != "" {
		return p.MoneyKeys[:]
	}
	return []string{p.Key}
}
