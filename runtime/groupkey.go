package runtime

import (
	"strconv"

	"github.com/phgen/phgen/runtime/value"
)

// brokenKey returns the rule that the key of a group option breaks, or "".
func (o *Option) brokenKey() string {
	switch {
	case o.prop == nil:
		return ""
	case o.kind == optionGroupInt:
		return o.prop.Ints.broken(int64(o.bits[0]))
	}
	return o.prop.brokenBy(o.text)
}

// brokenBy returns the first rule that a group's key breaks, or "". A nil p has no
// rules. On the wire a key is always text.
func (p *Prop) brokenBy(key string) string {
	if p == nil {
		return ""
	}
	if p.Ints != nil {
		if n, err := strconv.ParseInt(key, 10, 64); err == nil {
			return p.Ints.broken(n)
		}
	}
	switch r := p.Text; {
	case r.tooShort(key):
		return "min_length"
	case r.tooLong(key):
		return "max_length"
	case r.mismatches(key):
		return "pattern"
	case p.MaxBytes > 0 && len(value.AppendString(nil, key)) > p.MaxBytes:
		return "max_bytes"
	}
	return ""
}
