package schema

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// value reads a YAML value as one of type t and checks it completely. It
// reports what does not fit, and then returns nil.
func (c *compiler) value(n *node, t *Type, nullable bool) *Value {
	if n.kind == scalarNode && n.tag == nullTag && t.Kind != JSON {
		switch {
		case n.text == "":
			c.unfit(n, "write it, or remove the key", "the value is empty")
		case !nullable:
			c.unfit(n, "only a nullable property has it, and only under examples", "null is no value here")
		case n.text != "null":
			c.unfit(n, "write null", "%s is a spelling of null", n.text)
		default:
			return &Value{Pos: n.pos(), Null: true, Kind: t.Kind}
		}
		return nil
	}
	if c.unsound(t) {
		return &Value{Pos: n.pos(), Kind: t.Kind}
	}
	switch t.Kind {
	case Array:
		return c.listValue(n, t)
	case Map:
		return c.mapValue(n, t)
	case Object:
		return c.objectValue(n, t)
	case Union:
		return c.unionValue(n, t)
	case Money:
		return c.moneyValue(n, t)
	case JSON:
		return c.wholeJSON(n, t)
	}
	return c.scalarValue(n, t)
}

func (c *compiler) unfit(n *node, fix, format string, args ...any) {
	c.report(n.pos(), "PH213", fix, format, args...)
}

// scalarValue reads one scalar and holds it against the constraints of t.
func (c *compiler) scalarValue(n *node, t *Type) *Value {
	v := &Value{Pos: n.pos(), Kind: t.Kind, Text: n.text}
	var err error
	switch t.Kind {
	case Int:
		v.Int, err = n.integer()
		v.Float = float64(v.Int)
	case Float, Duration:
		v.Float, err = n.number()
	case Bool:
		v.Bool, err = n.boolean()
	case Date:
		_, err = n.date()
	case Timestamp:
		if n.kind != scalarNode || n.tag != timeTag {
			_, err = n.string()
		}
	default:
		_, err = n.string()
	}
	if err != nil {
		e := err.(*spelling)
		c.unfit(n, e.fix, "a value of type %q %s", t.label(), e.what)
		return nil
	}
	fault := t.fault(v)
	if fault == "" && t.Pattern != "" && !c.matches(t.Pattern, v.Text) {
		fault = "does not match the pattern " + strconv.Quote(t.Pattern)
	}
	if fault != "" {
		c.unfit(n, "", "%s %s", n.what(), fault)
		return nil
	}
	return v
}

// label is what messages call a type.
func (t *Type) label() string {
	if t.Name != "" {
		return t.Name
	}
	return string(t.Kind)
}

var (
	uuidText     = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`)
	urlText      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#\x00-\x1f\x7f]+[^\s\x00-\x1f\x7f]*$`)
	emailText    = regexp.MustCompile(`^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$`)
	countryText  = regexp.MustCompile(`^[A-Z]{2}$`)
	currencyText = regexp.MustCompile(`^[A-Z]{3}$`)
	localeText   = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
	amountText   = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
)

// fault says why a scalar is no value of t, its pattern aside; empty if it is
// one. It is the check that a capture makes at run time.
func (t *Type) fault(v *Value) string {
	switch t.Kind {
	case Int:
		if t.MinInt != nil && v.Int < *t.MinInt {
			return "is below min " + strconv.FormatInt(*t.MinInt, 10)
		}
		if t.MaxInt != nil && v.Int > *t.MaxInt {
			return "is above max " + strconv.FormatInt(*t.MaxInt, 10)
		}
	case Float, Duration:
		if t.Min != nil && v.Float < *t.Min {
			return "is below min " + strconv.FormatFloat(*t.Min, 'g', -1, 64)
		}
		if t.Max != nil && v.Float > *t.Max {
			return "is above max " + strconv.FormatFloat(*t.Max, 'g', -1, 64)
		}
	case Enum:
		if !slices.ContainsFunc(t.Values, func(e *EnumValue) bool { return e.Value == v.Text }) {
			return "is no value of " + strconv.Quote(t.label())
		}
	case Timestamp:
		at, err := time.Parse(time.RFC3339Nano, v.Text)
		switch {
		case err != nil:
			return "is no time with a zone, as in 2026-01-02T02:04:05Z"
		case at.UTC().Year() < 1 || at.UTC().Year() > 9999:
			return "is not within the years 1 to 9999 in UTC"
		case at.IsZero():
			return "is the zero time, which counts as unset"
		}
	case UUID:
		switch {
		case !uuidText.MatchString(v.Text):
			return "is no UUID of 36 characters"
		case strings.Trim(v.Text, "0-") == "":
			return "is the zero UUID, which counts as unset"
		}
	case IP:
		if addr, err := netip.ParseAddr(v.Text); err != nil || addr.Zone() != "" {
			return "is no IP address"
		}
	case Country:
		return unless(countryText, v.Text, "is no country code of two upper-case letters")
	case Currency:
		return unless(currencyText, v.Text, "is no currency code of three upper-case letters")
	case Locale:
		return unless(localeText, v.Text, "is no locale, as in en-GB")
	case URL:
		if !urlText.MatchString(v.Text) || hasUserinfo(v.Text) {
			return "is no URL, as in https://example.com/"
		}
		return t.textFault(v.Text)
	case Email:
		if !emailText.MatchString(v.Text) || len(v.Text) > 254 {
			return "is no email address"
		}
		return t.textFault(v.Text)
	case String:
		return t.textFault(v.Text)
	}
	return ""
}

func unless(form *regexp.Regexp, text, fault string) string {
	if form.MatchString(text) {
		return ""
	}
	return fault
}

// hasUserinfo tells whether a URL carries a user, as in https://user@host.
func hasUserinfo(u string) bool {
	_, rest, _ := strings.Cut(u, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return strings.Contains(rest, "@")
}

// textFault holds a text against the constraints of strings.
func (t *Type) textFault(s string) string {
	n := utf8.RuneCountInString(s)
	switch {
	case t.MinLength != nil && n < *t.MinLength:
		return "is shorter than min_length " + strconv.Itoa(*t.MinLength)
	case t.MaxLength != nil && n > *t.MaxLength:
		return "is longer than max_length " + strconv.Itoa(*t.MaxLength)
	case t.MaxBytes != nil && jsonSize(s) > *t.MaxBytes:
		return "is larger than max_bytes " + strconv.Itoa(*t.MaxBytes)
	}
	return ""
}

// tooMany reports a number of items outside the bounds of t.
func (c *compiler) tooMany(n *node, t *Type) bool {
	switch {
	case t.MinItems != nil && len(n.items) < *t.MinItems:
		c.unfit(n, "", "%d items are fewer than min_items %d", len(n.items), *t.MinItems)
	case t.MaxItems != nil && len(n.items) > *t.MaxItems:
		c.unfit(n, "", "%d items are more than max_items %d", len(n.items), *t.MaxItems)
	default:
		return false
	}
	return true
}

// sized returns v unless its JSON is larger than max_bytes.
func (c *compiler) sized(n *node, t *Type, v *Value) *Value {
	if t.MaxBytes != nil && v.jsonSize() > *t.MaxBytes {
		c.unfit(n, "", "the value is larger than max_bytes %d", *t.MaxBytes)
		return nil
	}
	return v
}

func (c *compiler) listValue(n *node, t *Type) *Value {
	if n.kind != listNode {
		c.unfit(n, "write [a, b]", "a value of type %q must be a list, but is %s", t.label(), n.what())
		return nil
	}
	if c.tooMany(n, t) {
		return nil
	}
	v := &Value{Pos: n.pos(), Kind: Array}
	for _, item := range n.items {
		x := c.value(item, t.Elem, false)
		if x == nil {
			return nil
		}
		v.List = append(v.List, x)
	}
	return c.sized(n, t, v)
}

func (c *compiler) mapValue(n *node, t *Type) *Value {
	if n.kind != mappingNode {
		c.unfit(n, "write {key: value}", "a value of type %q must be a mapping, but is %s", t.label(), n.what())
		return nil
	}
	if c.tooMany(n, t) {
		return nil
	}
	v := &Value{Pos: n.pos(), Kind: Map}
	for i, k := range n.keys {
		x := c.value(n.items[i], t.Elem, false)
		if x == nil {
			return nil
		}
		v.Fields = append(v.Fields, Field{k.pos(), k.text, x})
	}
	return c.sized(n, t, v)
}

func (c *compiler) objectValue(n *node, t *Type) *Value {
	if n.kind != mappingNode {
		c.unfit(n, "write {key: value}", "a value of type %q must be a mapping, but is %s", t.label(), n.what())
		return nil
	}
	v := &Value{Pos: n.pos(), Kind: Object}
	if !c.fields(n, t.Properties, "", true, v) {
		return nil
	}
	return c.sized(n, t, v)
}

func (c *compiler) unionValue(n *node, t *Type) *Value {
	tag := n.at(t.Discriminator)
	if n.kind != mappingNode || tag == nil {
		c.unfit(n, "", "a value of type %q must be a mapping with the key %q", t.label(), t.Discriminator)
		return nil
	}
	i := slices.IndexFunc(t.Variants, func(v *Variant) bool { return v.Name == tag.text && tag.tag == strTag })
	if i < 0 {
		c.unfit(tag, "", "%q is no variant of %q", clip(tag.text), t.label())
		return nil
	}
	k, _ := n.pair(t.Discriminator)
	v := &Value{Pos: n.pos(), Kind: Union, Fields: []Field{{k.pos(), t.Discriminator, &Value{Pos: tag.pos(), Kind: String, Text: tag.text}}}}
	if !c.fields(n, t.Variants[i].Properties, t.Discriminator, true, v) {
		return nil
	}
	return c.sized(n, t, v)
}

// fields reads a mapping of property values into v; the key besides is skipped.
// Complete tells that there are no properties but props. It reports whether all
// is well.
func (c *compiler) fields(n *node, props []*Property, besides string, complete bool, v *Value) bool {
	before := c.found.seen
	for i, k := range n.keys {
		if k.text == besides && besides != "" {
			continue
		}
		p := propertyOf(props, k.text)
		switch {
		case p == nil && !complete:
		case p == nil:
			c.unfit(k, didYouMean(k.text, keysOf(props), ""), "there is no property %q", clip(k.text))
		case p.Type.Kind == Const && !c.unsound(p.Type):
			c.unfit(k, "remove it", "%q is a const; nobody gives it", k.text)
		default:
			if x := c.value(n.items[i], p.Type, p.Nullable); x != nil {
				v.Fields = append(v.Fields, Field{k.pos(), k.text, x})
			}
		}
	}
	for _, p := range props {
		if p.Required && n.at(p.Key) == nil && (complete || wireNameFault(p.Key) == "") {
			c.unfit(n, "add it", "the required property %q is missing", p.Key)
		}
	}
	return c.found.seen == before
}

func (c *compiler) moneyValue(n *node, t *Type) *Value {
	amount, currency := n.at("amount"), n.at("currency")
	if n.kind != mappingNode || amount == nil || currency == nil || len(n.keys) != 2 {
		c.unfit(n, "write {amount: 49.99, currency: USD}", "a value of type %q must be a mapping of amount and currency", t.label())
		return nil
	}
	code, err := currency.string()
	if err != nil || !currencyText.MatchString(code) {
		c.unfit(currency, "", "%s is no currency code of three upper-case letters", currency.what())
		return nil
	}
	if amount.kind != scalarNode || amount.quoted || !amountText.MatchString(amount.text) {
		c.unfit(amount, "write it as in 49.99", "%s is no decimal amount", amount.what())
		return nil
	}
	return &Value{Pos: n.pos(), Kind: Money, Text: amount.text, Currency: code}
}
