package flags

import "time"

func (p *predicate) compileMoment(value *node) {
	if value.kind != textual {
		p.settle(false)
		return
	}
	m, ok := parseMoment(value.scalar)
	if !ok {
		p.unknown = "a date whose form is not certain"
		return
	}
	p.moment = &m
}

// matchMoment compares o with the filter's date in every zone that the project may be in.
// What is neither text nor number is never a date.
func (p *predicate) matchMoment(o *operand, now time.Time) verdict {
	var m moment
	var ok bool
	switch {
	case o.kind == numeric:
		m, ok = unixMoment(o.number.value)
	case o.kind == textual && o.buf != nil:
		m, ok = parseMoment(string(o.buf)) // a time.Time
	case o.kind == textual:
		m, ok = propertyMoment(o.str)
	default:
		return no
	}
	if !ok || p.unknown != "" {
		return unsure
	}
	order, ok := orderOf(&m, p.moment, now)
	switch {
	case !ok:
		return unsure
	case p.operation == before:
		return order.is(earlier)
	case p.operation == after:
		return order.is(later)
	}
	return order.is(same)
}

// An order is a set of the ways in which two moments may follow each other.
type order uint8

const (
	earlier order = 1 << iota
	same
	later
)

// is returns whether o is want in every zone, or in none.
func (o order) is(want order) verdict {
	switch {
	case o == want:
		return yes
	case o&want == 0:
		return no
	}
	return unsure
}

// orderOf returns how m stands to f in the zones of the world; ok is false if one of them
// is no date in some zone.
func orderOf(m, f *moment, now time.Time) (o order, ok bool) {
	if !m.calendar() && !f.calendar() {
		return spanOrder(m, f, now, westmost, eastmost), true
	}
	// Months and years ago depend on the day that it is in a zone, and on nothing else.
	// From zone to zone the day changes at the one where it is midnight.
	const day = 24 * time.Hour
	midnight := now.UTC().Truncate(day).Add(day).Sub(now)
	for midnight-day > westmost {
		midnight -= day
	}
	for first := westmost; first < eastmost; midnight += day {
		last := min(max(midnight-1, first), eastmost)
		a, ok1 := m.on(first, now)
		b, ok2 := f.on(first, now)
		if !ok1 || !ok2 {
			return 0, false
		}
		o |= spanOrder(&a, &b, now, first, last)
		first = last + 1
	}
	return o, true
}

// spanOrder returns how m stands to f in the zones from first to last, in which both move
// steadily.
func spanOrder(m, f *moment, now time.Time, first, last time.Duration) (o order) {
	if (m.form == wall) == (f.form == wall) {
		last = first // zones make no difference, or the same to both
	}
	slop := m.slop + f.slop
	for _, zone := range [...]time.Duration{first, last} {
		switch d := m.in(zone, now).Sub(f.in(zone, now)); {
		case slop > 0 && d.Abs() <= slop:
			o |= earlier | same | later
		case d == 0:
			o |= same
		case d < 0:
			o |= earlier
		default:
			o |= later
		}
	}
	if o == earlier|later {
		o |= same
	}
	return o
}
