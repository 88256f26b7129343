package runtime

import (
	"math"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/value"
)

// text returns what a JSON string says. ok is false if there is none to be read.
func (r *PayloadReader) text(p *Prop) (s string, ok bool) {
	raw, ok := r.value(p)
	if !ok || !r.check(p, raw[0] == '"') {
		return "", false
	}
	return unquote(raw), true
}

// String reads text: string, url, email, country, currency, locale.
func (r *PayloadReader) String(p *Prop, v *string) {
	if s, ok := r.text(p); ok && r.check(p, p.brokenBy(s) == "" && (p.Format == FormatNone || p.Format.valid(s))) {
		*v = s
	}
}

// Int reads an integer, written as one: 5 is, 5.0 and 5e0 are not.
func (r *PayloadReader) Int(p *Prop, v *int64) {
	text, ok := r.value(p)
	if !ok {
		return
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if r.check(p, err == nil && p.Ints.broken(n) == "") {
		*v = n
	}
}

// Float reads a number that a float64 can hold.
func (r *PayloadReader) Float(p *Prop, v *float64) {
	if f, _, ok := r.number(p); ok {
		*v = f
	}
}

// number returns a number within the bounds of p.
func (r *PayloadReader) number(p *Prop) (f float64, text string, ok bool) {
	if text, ok = r.value(p); !ok {
		return 0, "", false
	}
	f, err := strconv.ParseFloat(text, 64)
	ok = r.check(p, err == nil && (p.Floats == nil || p.Floats.Min <= f && f <= p.Floats.Max))
	return f, text, ok
}

// Bool reads a boolean.
func (r *PayloadReader) Bool(p *Prop, v *bool) {
	if text, ok := r.value(p); ok && r.check(p, text == "true" || text == "false") {
		*v = text == "true"
	}
}

// Time reads a timestamp in RFC 3339. It comes out in UTC.
func (r *PayloadReader) Time(p *Prop, v *time.Time) {
	s, ok := r.text(p)
	if !ok {
		return
	}
	t, err := time.Parse(time.RFC3339, s)
	t = t.UTC()
	if r.check(p, err == nil && !t.IsZero() && t.Year() >= 1 && t.Year() <= 9999) {
		*v = t
	}
}

// Date reads a calendar day.
func (r *PayloadReader) Date(p *Prop, v *Date) {
	s, ok := r.text(p)
	if !ok {
		return
	}
	day, err := time.Parse(time.DateOnly, s)
	if r.check(p, err == nil && day.Year() >= 1) {
		*v = DateOf(day)
	}
}

// Duration reads a number of p.Unit, to the nearest nanosecond.
func (r *PayloadReader) Duration(p *Prop, v *time.Duration) {
	f, text, ok := r.number(p)
	if !ok {
		return
	}
	unit := p.Unit.duration()
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if r.check(p, n >= math.MinInt64/int64(unit) && n <= math.MaxInt64/int64(unit)) {
			*v = time.Duration(n) * unit
		}
		return
	}
	f = math.Round(f * float64(unit))
	if r.check(p, f >= math.MinInt64 && f < -math.MinInt64) {
		*v = time.Duration(f)
	}
}

// UUID reads a UUID of 36 characters.
func (r *PayloadReader) UUID(p *Prop, v *uuid.UUID) {
	s, ok := r.text(p)
	if !ok {
		return
	}
	id, err := uuid.Parse(s)
	if r.check(p, err == nil && len(s) == 36 && id != uuid.UUID{}) {
		*v = id
	}
}

// IP reads an address without a zone.
func (r *PayloadReader) IP(p *Prop, v *netip.Addr) {
	s, ok := r.text(p)
	if !ok {
		return
	}
	addr, err := netip.ParseAddr(s)
	if r.check(p, err == nil && addr.Zone() == "") {
		*v = addr.Unmap()
	}
}

// JSON reads any value, without its white space. In an object null is none.
func (r *PayloadReader) JSON(p *Prop, v *JSON) {
	text, ok := r.value(p)
	if !ok {
		return
	}
	compact, ok := value.AppendJSON(nil, []byte(text))
	if r.check(p, ok && (p.MaxBytes == 0 || len(compact) <= p.MaxBytes)) {
		*v = compact
	}
}

// Enum reads a value of p.Enum as its number.
func (r *PayloadReader) Enum(p *Prop, v *uint8) {
	s, ok := r.text(p)
	if !ok {
		return
	}
	if i := slices.Index(p.Enum.Values, s); r.check(p, i >= 0) {
		*v = uint8(i + 1)
	}
}
