package change

import (
	"fmt"
	"strconv"

	"github.com/phgen/phgen/schema"
)

// constraints compares the bounds of two types of one kind, or of two kinds of text.
func (c *comparer) constraints(s spot, t, u *schema.Type) {
	var b bounds
	compareBound(&b, "min_length", t.MinLength, u.MinLength, true)
	compareBound(&b, "max_length", t.MaxLength, u.MaxLength, false)
	compareBound(&b, "min_items", t.MinItems, u.MinItems, true)
	compareBound(&b, "max_items", t.MaxItems, u.MaxItems, false)
	compareBound(&b, "max_bytes", t.MaxBytes, u.MaxBytes, false)
	compareBound(&b, "min", t.MinInt, u.MinInt, true)
	compareBound(&b, "max", t.MaxInt, u.MaxInt, false)
	if t.Unit == u.Unit { // bounds are in the unit
		compareBound(&b, "min", t.Min, u.Min, true)
		compareBound(&b, "max", t.Max, u.Max, false)
	}
	switch {
	case t.Pattern == u.Pattern:
	case u.Pattern == "":
		b.relaxed = append(b.relaxed, fmt.Sprintf("pattern %q removed", t.Pattern))
	case t.Pattern == "":
		b.tightened = append(b.tightened, fmt.Sprintf("pattern %q added", u.Pattern))
	default:
		b.tightened = append(b.tightened, fmt.Sprintf("pattern changed from %q to %q", t.Pattern, u.Pattern))
	}
	code := "PHB207"
	if s.place == inPayload {
		code = "PHB233"
	}
	if len(b.tightened) > 0 {
		c.changed(code, s, "constraints of %s tightened: %s", s.of(), enumeration(b.tightened))
	}
	if len(b.relaxed) > 0 {
		c.changed("PHB303", s, "constraints of %s relaxed: %s", s.of(), enumeration(b.relaxed))
	}
}

// bounds are the constraints that changed, by direction.
type bounds struct{ tightened, relaxed []string }

// compareBound compares one bound; least tells that it is a lower one.
func compareBound[N int | int64 | float64](b *bounds, name string, old, new *N, least bool) {
	switch {
	case old == nil && new == nil:
	case old == nil:
		b.tightened = append(b.tightened, fmt.Sprintf("%s %s added", name, number(*new)))
	case new == nil:
		b.relaxed = append(b.relaxed, fmt.Sprintf("%s %s removed", name, number(*old)))
	case *old == *new:
	case (*new > *old) == least:
		b.tightened = append(b.tightened, fmt.Sprintf("%s changed from %s to %s", name, number(*old), number(*new)))
	default:
		b.relaxed = append(b.relaxed, fmt.Sprintf("%s changed from %s to %s", name, number(*old), number(*new)))
	}
}

func number[N int | int64 | float64](n N) string { return strconv.FormatFloat(float64(n), 'g', -1, 64) }
