package schema

import (
	"cmp"
	"slices"
	"strconv"
)

// replacement checks which event replaces a deprecated one.
func (c *compiler) replacement(e *entry) {
	ev := c.events[e.name()]
	d := ev.Deprecated
	if d == nil || d.Use == "" {
		return
	}
	n := e.value.at("deprecated").at("use")
	other := c.refers("events", n, d.Use, "PH205")
	switch {
	case other == nil:
	case other == e:
		c.report(n.pos(), "PH221", "name what replaces it", "the event %q replaces itself", ev.Name)
	case c.events[d.Use].Status == "deprecated":
		c.report(n.pos(), "PH221", "name what replaces both", "the event %q, which shall replace %q, is deprecated itself", d.Use, ev.Name)
	}
}

// twin joins the two events of a dual write.
func (c *compiler) twin(e *entry) {
	ev := c.events[e.name()]
	if ev.Deprecated == nil || !ev.Deprecated.DualWrite || c.sections["events"].byName[ev.Deprecated.Use] == nil {
		return
	}
	k, _ := e.value.at("deprecated").pair("dual_write")
	other := c.events[ev.Deprecated.Use]
	if c.incomplete[ev] || c.incomplete[other] {
		return
	}
	if other.Twin != nil {
		c.report(k.pos(), "PH221", "end the other dual_write first", "the event %q is in a pair with %q already", other.Name, other.Twin.Name)
		return
	}
	if diff := c.shapeDifference(ev, other); diff != "" {
		c.report(k.pos(), "PH221", "give both the same properties", "dual_write of %q and %q, which differ in %s", ev.Name, other.Name, diff)
		return
	}
	ev.Twin, other.Twin = other, ev
}

// shapeDifference names a property in which two events differ on the wire, or
// returns "".
func (c *compiler) shapeDifference(a, b *Event) string {
	byKey := func(list []*Property) []*Property {
		return slices.SortedFunc(slices.Values(list), func(x, y *Property) int { return cmp.Compare(x.Key, y.Key) })
	}
	as, bs := byKey(a.Properties), byKey(b.Properties)
	for i := range min(len(as), len(bs)) {
		switch x, y := as[i], bs[i]; {
		case x.Key != y.Key:
			return "the property " + strconv.Quote(min(x.Key, y.Key))
		case !c.sameShape(x, y):
			return "the property " + strconv.Quote(x.Key)
		}
	}
	switch {
	case len(as) > len(bs):
		return "the property " + strconv.Quote(as[len(bs)].Key)
	case len(bs) > len(as):
		return "the property " + strconv.Quote(bs[len(as)].Key)
	}
	return ""
}

// sameShape tells whether two properties are the same on the wire.
func (c *compiler) sameShape(a, b *Property) bool {
	if a.Key == b.Key && (c.doubtful(a.Type) || c.doubtful(b.Type)) {
		return true
	}
	return a.Key == b.Key && a.Required == b.Required && a.Nullable == b.Nullable &&
		samePII(a.PII, b.PII) && slices.Equal(a.wireKeys(), b.wireKeys()) && c.sameType(a.Type, b.Type)
}

func samePII(a, b *PII) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Action == b.Action && a.Keep == b.Keep
}

// sameType tells whether the values of two types are the same on the wire. It
// remembers pairs of named types: they may hold each other many times over.
func (c *compiler) sameType(a, b *Type) bool {
	if a == nil || b == nil || a == b {
		return a == b
	}
	pair := [2]*Type{a, b}
	if c.same[pair] {
		return true
	}
	sameList := func(x, y []*Property) bool { return slices.EqualFunc(x, y, c.sameShape) }
	same := a.Kind == b.Kind && a.Unit == b.Unit && a.StripQuery == b.StripQuery && a.Discriminator == b.Discriminator &&
		c.sameType(a.Elem, b.Elem) &&
		slices.EqualFunc(a.Values, b.Values, func(x, y *EnumValue) bool { return x.Value == y.Value }) &&
		sameList(a.Properties, b.Properties) &&
		slices.EqualFunc(a.Variants, b.Variants, func(x, y *Variant) bool {
			return x.Name == y.Name && sameList(x.Properties, y.Properties)
		}) &&
		sameConst(a.Const, b.Const)
	if same && a.Name != "" && b.Name != "" {
		c.same[pair] = true
	}
	return same
}

func sameConst(a, b *Value) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Text == b.Text && a.Float == b.Float
}
