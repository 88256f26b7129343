package flags

import "math/bits"

// A choice is one of the values that a flag can have: 0 for off, 1 for on without a
// variant, 2 and more for its variants in their order, then its holdout.
type choice int32

const (
	choiceFalse choice = iota
	choiceTrue
	firstVariant
)

// An outcome is the set of values that a flag may have, as far as is known. It is
// decided if there is only one.
type outcome struct {
	set       choices
	need      *Need  // why it is not decided
	first     choice // the one that was added first
	condition int32
	many      bool // others were added, or it is not even known which
	reason    Reason
}

// choices is a set of choices. Those that have no bit of their own share one.
type choices uint64

const (
	sharedBit choices = 1 << 62 // any choice from 62 on
	anything  choices = 1 << 63 // any choice at all
)

func (c choice) bit() choices {
	if c >= 62 {
		return sharedBit
	}
	return 1 << c
}

// add adds one choice.
func (o *outcome) add(c choice) {
	if o.set == 0 {
		o.first = c
	} else if o.first != c {
		o.many = true
	}
	o.set |= c.bit()
}

// addAll adds the choices of another outcome.
func (o *outcome) addAll(from *outcome) {
	o.add(from.first)
	o.set |= from.set
	o.many = o.many || from.many
}

// undecided is the outcome of a flag about which nothing is known.
func undecided(reason Reason, need *Need) outcome {
	return outcome{set: anything, many: true, reason: reason, condition: -1, need: need}
}

// decided is the outcome of a flag that has one value.
func decided(c choice, reason Reason, condition int) outcome {
	return outcome{set: c.bit(), first: c, reason: reason, condition: int32(condition)}
}

// is tells whether the flag has the value c.
func (o *outcome) is(c choice) verdict {
	switch {
	case !o.many:
		return verdictOf(o.first == c)
	case o.set&anything != 0:
		return unsure
	case c < 0 || o.set&c.bit() == 0:
		return no
	}
	return unsure
}

// isOn tells whether the flag has any value but false.
func (o *outcome) isOn() verdict {
	if o.set&anything != 0 || bits.OnesCount64(uint64(o.set)) > 1 && o.set&choiceFalse.bit() != 0 {
		return unsure
	}
	return verdictOf(o.set&choiceFalse.bit() == 0)
}
