package schema

import (
	"math"
)

// constraints reads the bounds and options of v.
func (c *compiler) constraints(v *node, t *Type) {
	t.MinLength, t.MaxLength = c.count(v, "min_length"), c.count(v, "max_length")
	t.MinItems, t.MaxItems = c.count(v, "min_items"), c.count(v, "max_items")
	t.MaxBytes = c.count(v, "max_bytes")
	t.Pattern = c.pattern(v)
	t.Unit = c.text(v, "unit")
	t.StripQuery = v.flag("strip_query")
	t.defaults()
	if wire := v.at("wire"); wire != nil {
		t.WireAmount, t.WireCurrency = c.text(wire, "amount"), c.text(wire, "currency")
	}
	switch t.Kind {
	case Int:
		t.MinInt, t.MaxInt = c.intBound(v, "min"), c.intBound(v, "max")
		if t.MinInt != nil && t.MaxInt != nil && *t.MinInt > *t.MaxInt {
			c.crossed(v, "min", "max")
		}
	case Float, Duration:
		t.Min, t.Max = c.bound(v, "min"), c.bound(v, "max")
		if t.Min != nil && t.Max != nil && *t.Min > *t.Max {
			c.crossed(v, "min", "max")
		}
	}
	if t.MinLength != nil && t.MaxLength != nil && *t.MinLength > *t.MaxLength {
		c.crossed(v, "min_length", "max_length")
	}
	if t.MinItems != nil && t.MaxItems != nil && *t.MinItems > *t.MaxItems {
		c.crossed(v, "min_items", "max_items")
	}
}

// crossed reports a lower bound above its upper one.
func (c *compiler) crossed(v *node, low, high string) {
	c.report(v.at(low).pos(), "PH211", "swap them", "%q is %s, above %q, which is %s", low, v.at(low).text, high, v.at(high).text)
}

// intBound is a bound of an int.
func (c *compiler) intBound(v *node, key string) *int64 {
	n := v.at(key)
	if n == nil {
		return nil
	}
	if f, err := n.number(); err == nil && (f != math.Trunc(f) || math.Abs(f) > 1<<63) {
		c.report(n.pos(), "PH211", "write an integer of 64 bits", "%q is %s, which no int can be", key, n.text)
		return nil
	}
	return c.whole(v, key)
}

// bound is a bound of a float or a duration.
func (c *compiler) bound(v *node, key string) *float64 {
	n := v.at(key)
	if n == nil {
		return nil
	}
	f, err := n.number()
	if err != nil {
		c.misspelt(key, n, err)
		return nil
	}
	if unit := v.at("unit"); v.at("type").text == string(Duration) && !v.hides("unit") {
		nanos := unitNanos["ms"]
		if unit != nil {
			nanos = unitNanos[unit.text]
		}
		if math.Abs(f)*nanos > math.MaxInt64 {
			c.report(n.pos(), "PH211", "a duration spans 292 years at most", "%q is %s, which no duration can be", key, n.text)
		}
	}
	return &f
}

// unitNanos are the units of durations.
var unitNanos = map[string]float64{"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9, "h": 3600e9, "d": 86400e9}
