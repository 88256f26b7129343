package runtime

import (
	"bytes"
	"context"
	"errors"
)

// An Event is a value made by generated code: an event, a person update or a
// group update. It is immutable and may be used by many goroutines.
type Event interface {
	// Validate reports every rule of the plan that the value breaks, joined.
	Validate() error
	// PhgenVisit writes every value that is set, in the plan's order.
	PhgenVisit(w *Writer)
}

// Validate applies every rule of the plan to e and joins what it breaks: a [Violation]
// for each, which wraps [ErrInvalid]. Required groups are a matter of the scope and
// not looked at.
func Validate(e Event) error {
	if e == nil {
		return nil
	}
	w := writers.Get().(*Writer)
	defer w.release()
	w.start(modeCheck)
	e.PhgenVisit(w)
	return w.violated()
}

// violated joins the violations; nil if there are none.
func (w *Writer) violated() error {
	errs := make([]error, len(w.violations))
	for i, v := range w.violations {
		errs[i] = v.Violation
	}
	return errors.Join(errs...)
}

// Members encodes e as members of a JSON object, "key":value,"key":value, as events of the client of
// ctx would have them: after pii and cuts, without what breaks a rule that drops it. Rules that are
// broken are reported, and drop_event means drop_property. Only generated code calls it.
func Members(ctx context.Context, e Event) []byte {
	if ctx == nil {
		ctx = context.Background()
	}
	w := writers.Get().(*Writer)
	defer w.release()
	w.client = scopeOf(ctx).captures()
	w.start(modeContext)
	e.PhgenVisit(w)
	for _, v := range w.violations {
		w.client.report(v)
	}
	return bytes.Clone(w.buf[len("{"):])
}

// Equal reports whether a and b hold the same values: what they would send, as
// given, before pii and cuts. Two unset values are equal, NaN equals NaN.
func Equal(a, b Event) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	w := writers.Get().(*Writer)
	defer w.release()
	w.start(modeRaw)
	a.PhgenVisit(w)
	spec, split := w.spec, len(w.buf)
	w.buf = append(w.buf, '{')
	w.keys, w.keyBits, w.index, w.indexEnd = w.keys[:0], 0, nil, 0
	b.PhgenVisit(w)
	return w.spec == spec && bytes.Equal(w.buf[:split], w.buf[split:])
}
