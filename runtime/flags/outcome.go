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

// An outcome is what is known of a flag's value. It is decided if there is only one.
type outcome struct {
	values
	need      *Need // why it is not decided
	condition int32
	reason    Reason
}

// values is a set of values that a flag may have.
type values struct {
	set   choices
	first choice // the one that was added first
	many  bool   // others were added, or it is not even known which
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
func (v *values) add(c choice) {
	if v.set == 0 {
		v.first = c
	} else if v.first != c {
		v.many = true
	}
	v.set |= c.bit()
}

// addAll adds the choices of another set.
func (v *values) addAll(from *values) {
	v.add(from.first)
	v.set |= from.set
	v.many = v.many || from.many
}

// undecided is the outcome of a flag about which nothing is known.
func undecided(reason Reason, need *Need) outcome {
	return outcome{values: values{set: anything, many: true}, reason: reason, condition: -1, need: need}
}

// decided is the outcome of a flag that has one value.
func decided(c choice, reason Reason, condition int) outcome {
	return outcome{values: values{set: c.bit(), first: c}, reason: reason, condition: int32(condition)}
}

// is tells whether the flag has the value c.
func (v *values) is(c choice) verdict {
	switch {
	case !v.many:
		return verdictOf(v.first == c)
	case v.set&anything != 0:
		return unsure
	case c < 0 || v.set&c.bit() == 0:
		return no
	}
	return unsure
}

// isOn tells whether the flag has any value but false.
func (v *values) isOn() verdict {
	if v.set&anything != 0 || bits.OnesCount64(uint64(v.set)) > 1 && v.set&choiceFalse.bit() != 0 {
		return unsure
	}
	return verdictOf(v.set&choiceFalse.bit() == 0)
}
