package change

import (
	"fmt"
	"strings"

	"github.com/phgen/phgen/schema"
)

// PostHog's types of properties.
const (
	stringType   = "String"
	numericType  = "Numeric"
	booleanType  = "Boolean"
	dateTimeType = "DateTime"
	arrayType    = "Array"
	objectType   = "Object"
)

// postHogType is the type that PostHog gives values of t.
func postHogType(t *schema.Type) string {
	switch kindOf(t) {
	case schema.Int, schema.Float, schema.Duration, schema.Money:
		return numericType
	case schema.Bool:
		return booleanType
	case schema.Timestamp, schema.Date:
		return dateTimeType
	case schema.Array:
		return arrayType
	case schema.JSON, schema.Map, schema.Object, schema.Union:
		return objectType
	}
	return stringType
}

// kindOf is the kind of what is sent: that of the value for a constant.
func kindOf(t *schema.Type) schema.Kind {
	if t.Kind == schema.Const {
		return t.Const.Kind
	}
	return t.Kind
}

// isText reports whether Go has string for the kind.
func isText(k schema.Kind) bool {
	switch k {
	case schema.String, schema.URL, schema.Email, schema.Country, schema.Currency, schema.Locale:
		return true
	}
	return false
}

// typ compares two types. It reports whether they are of one kind through and
// through, so that only their Go types may still differ. A named type is compared
// where it is declared.
func (c *comparer) typ(s spot, t, u *schema.Type) (alike bool) {
	switch {
	case t.Name != "" && c.newName(t) == u.Name:
		return true
	case t.Kind == u.Kind:
	case isText(t.Kind) && isText(u.Kind):
		c.textKind(s, t, u)
	default:
		c.kind(s, t, u)
		return false
	}
	return c.parts(s, t, u)
}

// newName is the name of t in the new plan.
func (c *comparer) newName(t *schema.Type) string {
	if name, ok := c.typeNames[t.Name]; ok {
		return name
	}
	return t.Name
}

// of is what a message calls the value at s.
func (s spot) of() string {
	if s.what == "" {
		return "its values"
	}
	return s.what
}

// textKind compares kinds of text: Go and PostHog know one.
func (c *comparer) textKind(s spot, t, u *schema.Type) {
	code := "PHB207"
	switch {
	case u.Kind == schema.String:
		code = "PHB303"
	case s.place == inPayload:
		code = "PHB233"
	}
	c.changed(code, s, "type of %s changed from %s to %s", s.of(), t.Kind, u.Kind)
}

// kind reports another kind of value.
func (c *comparer) kind(s spot, t, u *schema.Type) {
	from, to := typeText(t), typeText(u)
	switch {
	case s.place == inPayload:
		c.changed("PHB124", s, "type of %s changed from %s to %s", s.of(), from, to)
	case widens(t, u):
		c.changed("PHB141", s, "type of %s widened from %s to %s", s.of(), from, to)
	case s.place == inEvent && postHogType(t) != postHogType(u):
		c.changed("PHB106", s, "type of %s changed from %s to %s: PostHog has it as %s, and takes it for %s",
			s.of(), from, to, postHogType(t), postHogType(u))
	default:
		c.changed("PHB142", s, "type of %s changed from %s to %s", s.of(), from, to)
	}
}

// widens reports whether each value of t is sent as a value of u would be.
func widens(t, u *schema.Type) bool {
	switch u.Kind {
	case schema.Float:
		return t.Kind == schema.Int
	case schema.String:
		return t.Kind == schema.Enum || t.Kind == schema.UUID || t.Kind == schema.IP
	case schema.JSON:
		return t.Kind == schema.Map || t.Kind == schema.Object || t.Kind == schema.Union
	}
	return false
}

// typeText is how a plan would spell t.
func typeText(t *schema.Type) string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Kind == schema.Array:
		return "[" + typeText(t.Elem) + "]"
	case t.Kind == schema.Map:
		return "map of " + typeText(t.Elem)
	}
	return string(t.Kind)
}

// parts compares two types of one kind. Its result is that of typ.
func (c *comparer) parts(s spot, t, u *schema.Type) (alike bool) {
	c.constraints(s, t, u)
	if t.Unit != u.Unit {
		c.changed("PHB113", s, "unit of %s changed from %s to %s", s.of(), t.Unit, u.Unit)
	}
	if t.StripQuery != u.StripQuery {
		word := "kept"
		if u.StripQuery {
			word = "cut off"
		}
		c.changed("PHB217", s, "query and fragment of %s are %s now", s.of(), word)
	}
	alike = true
	switch t.Kind {
	case schema.Array, schema.Map:
		alike = c.typ(s.items(t, u), t.Elem, u.Elem)
	case schema.Enum:
		c.enum(s, t, u)
	case schema.Object:
		c.fields(s, t.Properties, u.Properties)
	case schema.Union:
		c.union(s, t, u)
	}
	return alike
}

// items is the place of the items of an array or the values of a map, at which
// PostHog does not look.
func (s spot) items(t, u *schema.Type) spot {
	word := "items"
	if t.Kind == schema.Map {
		word = "values"
	}
	out := s.part(word, word, t.Elem.Pos, u.Elem.Pos)
	if s.what == "" {
		out.what = "its " + word
	}
	return out.nested()
}

// nested is s for what is inside a value.
func (s spot) nested() spot {
	if s.place != inPayload {
		s.place = inField
	}
	return s
}

// fields compares the properties of an object, or of one variant of a union.
func (c *comparer) fields(s spot, old, new []*schema.Property) {
	s = s.nested()
	c.properties(s, old, new)
	if s.place != inPayload {
		c.parameters(s, c.old.params(old), c.new.params(new))
	}
}

// union compares two unions.
func (c *comparer) union(s spot, t, u *schema.Type) {
	if t.Discriminator != u.Discriminator {
		c.changed("PHB150", s, "discriminator of %s changed from %q to %q", s.of(), t.Discriminator, u.Discriminator)
	}
	both, gone, come := byKey(t.Variants, u.Variants, func(v *schema.Variant) string { return v.Name })
	at := func(v *schema.Variant, old, new schema.Pos) spot {
		return s.part(fmt.Sprintf("variant %q", v.Name), "variants."+v.Name, old, new)
	}
	for _, pair := range both {
		v, w := pair[0], pair[1]
		here := at(v, v.Pos, w.Pos)
		c.ident(here, v.Go, w.Go, v.Name, w.Name)
		c.fields(here, v.Properties, w.Properties)
		c.docs(here, []doc{{"description", v.Description}}, []doc{{"description", w.Description}})
	}
	for _, v := range come {
		here := at(v, schema.Pos{}, v.Pos)
		c.added("PHB205", here, "%s added", here.what)
	}
	for _, v := range gone {
		here := at(v, v.Pos, schema.Pos{})
		x := c.removed("PHB116", here, "%s removed", here.what)
		if len(gone) == 1 && len(come) == 1 && variantShape(v) == variantShape(come[0]) {
			x.Hint = fmt.Sprintf("if it is now %q, keep both until nothing reads the old one", come[0].Name)
		}
	}
	if reordered(t.Variants, u.Variants, func(v *schema.Variant) string { return v.Name }) {
		c.changed("PHB302", s, "the order of the variants of %s changed", s.of())
	}
}

// enum compares two enums.
func (c *comparer) enum(s spot, t, u *schema.Type) {
	removed, added := "PHB156", "PHB204"
	switch s.place {
	case inEvent:
		removed = "PHB107"
	case inPayload:
		removed, added = "PHB129", "PHB234"
	}
	c.values(s, "value", "enum", t.Values, u.Values, removed, added)
}

// values compares the values of an enum, the variants of a flag or the choices of
// a question; noun is one of them.
func (c *comparer) values(s spot, noun, path string, old, new []*schema.EnumValue, removed, added string) {
	key := func(v *schema.EnumValue) string { return v.Value }
	both, gone, come := byKey(old, new, key)
	at := func(v *schema.EnumValue, old, new schema.Pos) spot {
		return s.part(fmt.Sprintf("%s %q", noun, v.Value), path+"."+v.Value, old, new)
	}
	for _, pair := range both {
		v, w := pair[0], pair[1]
		if c.initialisms && v.Go.Name == w.Go.Name && v.Description == w.Description && v.Deprecated == nil && w.Deprecated == nil {
			continue // spares most of the work
		}
		here := at(v, v.Pos, w.Pos)
		c.ident(here, v.Go, w.Go, v.Value, w.Value)
		c.deprecation(here, v.Deprecated, w.Deprecated)
		c.docs(here, []doc{{"description", v.Description}}, []doc{{"description", w.Description}})
	}
	for _, v := range come {
		here := at(v, schema.Pos{}, v.Pos)
		c.added(added, here, "%s added", here.what)
	}
	for _, v := range gone {
		here := at(v, v.Pos, schema.Pos{})
		x := c.removed(removed, here, "%s removed", here.what)
		switch use := deprecatedUse(v.Deprecated); {
		case use != "":
			x.Message += fmt.Sprintf("; it was deprecated in favour of %q", use)
		case len(gone) == 1 && len(come) == 1:
			x.Hint = fmt.Sprintf("if it is now %q, keep both and deprecate the old one with use: %q", come[0].Value, come[0].Value)
		}
	}
	if reordered(old, new, key) {
		c.changed("PHB302", s, "the order of the %ss%s changed", noun, s.suffix())
	}
}

// goType compares the Go types of properties of one kind.
func (c *comparer) goType(s spot, p, q *schema.Property) {
	t, u := leafOf(p.Type), leafOf(q.Type)
	if t.Name != "" && c.newName(t) == u.Name && aliasName(t) != aliasName(u) {
		return // reported with the type
	}
	was, is := c.goTypeText(c.old, p, s.homes[0]), c.goTypeText(c.new, q, s.homes[1])
	if was == is {
		return
	}
	was, is = c.old.printer.GoType(p), c.new.printer.GoType(q)
	c.changed("PHB143", s, "Go type of %s changed from %s to %s", s.what, was, is)
}

// goTypeText is the Go type of p as it would be if types kept their names, and
// inline ones were named after home alone.
func (c *comparer) goTypeText(of side, p *schema.Property, home string) string {
	leaf := leafOf(p.Type)
	text := of.printer.GoType(p)
	own := leaf.Kind == schema.Enum || leaf.Kind == schema.Object || leaf.Kind == schema.Union
	switch {
	case !own:
		return text
	case leaf.Name == "":
		return strings.TrimSuffix(text, of.printer.GoType(&schema.Property{Type: leaf})) + "inline in " + home
	case of.Plan == c.old.Plan:
		return strings.TrimSuffix(text, leaf.Name) + c.newName(leaf)
	}
	return text
}

// leafOf is the type of the innermost items of t.
func leafOf(t *schema.Type) *schema.Type {
	for t.Elem != nil {
		t = t.Elem
	}
	return t
}
