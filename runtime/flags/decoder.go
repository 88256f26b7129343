package flags

import (
	"fmt"
	"strconv"
)

// A decoder reads the values of a valid JSON text. A value of the wrong type is an
// error, null is as good as absent.
type decoder struct {
	cursor
	doc      []byte // the text
	explicit bool   // how predicates compare booleans
	err      error  // the first since it was last taken
}

// bad records that the next value is malformed, and skips it.
func (d *decoder) bad(field, want string) {
	if d.err == nil {
		d.err = fmt.Errorf("%s is %s, want %s", field, d.kind(), want)
	}
	d.raw()
}

// fail records an error unless there is one already.
func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
}

// take returns the error and forgets it.
func (d *decoder) take() error {
	err := d.err
	d.err = nil
	return err
}

// kind names the type of the next value.
func (d *decoder) kind() string {
	switch d.peek() {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// null skips null and reports whether it was there.
func (d *decoder) null() bool {
	if d.peek() != 'n' {
		return false
	}
	d.pos += len("null")
	return true
}

// in moves into a list or object. It reports false, behind the value, if there is none.
func (d *decoder) in(field string, open byte) bool {
	switch {
	case d.peek() == open:
		d.pos++
		return true
	case d.null():
	case open == '[':
		d.bad(field, "a list")
	default:
		d.bad(field, "an object")
	}
	return false
}

// word reads a string, "" for null.
func (d *decoder) word(field string) string {
	switch {
	case d.peek() == '"':
		return d.string()
	case d.null():
	default:
		d.bad(field, "a string")
	}
	return ""
}

// keyText reads a string or a number, as it is written.
func (d *decoder) keyText(field string) string {
	if b := d.peek(); b == '-' || isDigit(b) {
		return d.raw()
	}
	return d.word(field)
}

// setting reads a boolean.
func (d *decoder) setting(field string) setting {
	switch d.peek() {
	case 't':
		d.pos += len("true")
		return on
	case 'f':
		d.pos += len("false")
		return off
	}
	if !d.null() {
		d.bad(field, "true or false")
	}
	return unsaid
}

// integer reads a whole number. It reports false for null and for what is none.
func (d *decoder) integer(field string) (n int64, ok bool) {
	if d.null() {
		return 0, false
	}
	start := d.pos
	n, err := strconv.ParseInt(d.raw(), 10, 64)
	if err != nil {
		d.pos = start
		d.bad(field, "a whole number")
	}
	return n, err == nil
}

// float reads a number. It reports false for null and for what is none.
func (d *decoder) float(field string) (f float64, ok bool) {
	if d.null() {
		return 0, false
	}
	if b := d.peek(); b != '-' && !isDigit(b) {
		d.bad(field, "a number")
		return 0, false
	}
	text := d.raw()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		d.fail("%s is %s, which is too large", field, shortened(text))
	}
	return f, err == nil
}
