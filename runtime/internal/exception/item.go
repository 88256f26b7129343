package exception

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/phgen/phgen/runtime/value"
)

const (
	// maxText is how many characters of a message PostHog keeps.
	maxText = 10_000

	// maxList is how long a list may become before no item is added. With the largest item behind
	// it, it is half of what an event may have.
	maxList = 256 << 10
)

// A Report is what is told about an error or a panic.
type Report struct {
	Chain     []Link // of an error
	Value     any    // of a panic that is no error
	Mechanism string
	Handled   bool
	Frames    []Frame // of the first item, innermost first
	Panicked  bool    // Frames are those of a panic, and better than what the error carries

	native bool // one of the appended frames is
}

// Type returns the type of the report's first item, by which PostHog names an issue.
func (r *Report) Type() string {
	if len(r.Chain) == 0 {
		return "panic"
	}
	return meaning(r.Chain, 0).String()
}

// AppendList appends the JSON of $exception_list: the error that was caught first, and the
// causes behind it.
func (r *Report) AppendList(dst []byte) []byte {
	dst = append(dst, '[')
	if len(r.Chain) == 0 {
		dst = r.appendPanic(dst)
	}
	start := len(dst)
	for i := range r.Chain {
		if i > 0 {
			if len(dst)-start > maxList {
				break
			}
			dst = append(dst, ',')
		}
		dst = r.appendItem(dst, i)
	}
	return append(dst, ']')
}

func (r *Report) appendPanic(dst []byte) []byte {
	dst = append(dst, `{"type":"panic","value":`...)
	dst = appendText(dst, printed(r.Value), "panic")
	dst = append(dst, `,"mechanism":{`...)
	dst = r.appendMechanism(dst, r.Mechanism)
	return r.appendStack(append(dst, '}'), r.Frames)
}

// appendItem appends link i.
func (r *Report) appendItem(dst []byte, i int) []byte {
	l, t := &r.Chain[i], meaning(r.Chain, i)
	dst = append(dst, `{"type":`...)
	dst = value.AppendString(dst, t.String())
	dst = append(dst, `,"value":`...)
	dst = appendText(dst, message(l.Err), t.String())
	if path := pathOf(t); path != "" {
		dst = append(dst, `,"module":`...)
		dst = value.AppendString(dst, path)
	}
	dst = append(dst, `,"mechanism":{`...)
	kind := r.Mechanism
	if i > 0 {
		kind = "chained"
	}
	dst = r.appendMechanism(dst, kind)
	if l.Parent >= 0 {
		dst = append(dst, `,"source":"`...)
		dst = append(dst, l.Source...)
		dst = append(dst, '"')
	}
	if len(r.Chain) > 1 {
		dst = strconv.AppendInt(append(dst, `,"exception_id":`...), int64(i), 10)
	}
	if l.Parent >= 0 {
		dst = strconv.AppendInt(append(dst, `,"parent_id":`...), int64(l.Parent), 10)
	}
	if l.Group {
		dst = append(dst, `,"is_exception_group":true`...)
	}
	return r.appendStack(append(dst, '}'), r.stack(i))
}

// appendMechanism appends what all mechanisms have.
func (r *Report) appendMechanism(dst []byte, kind string) []byte {
	if kind == "" {
		kind = "generic"
	}
	dst = append(dst, `"type":`...)
	dst = value.AppendString(dst, cut(kind, maxName))
	dst = strconv.AppendBool(append(dst, `,"handled":`...), r.Handled)
	return append(dst, `,"synthetic":false`...)
}

// stack returns the frames of link i: those that it carries or, of the first one, those that
// were given.
func (r *Report) stack(i int) []Frame {
	if i == 0 && r.Panicked && len(r.Frames) > 0 {
		return r.Frames
	}
	if frames := carried(r.Chain[i].Err); len(frames) > 0 {
		return frames
	}
	if i == 0 {
		return r.Frames
	}
	return nil
}

// appendStack appends the frames, entry point first, and ends the item.
func (r *Report) appendStack(dst []byte, frames []Frame) []byte {
	if len(frames) == 0 {
		return append(dst, '}')
	}
	frames = innermost(frames)
	dst = append(dst, `,"stacktrace":{"type":"raw","frames":[`...)
	for i := len(frames) - 1; i >= 0; i-- {
		dst = frames[i].append(dst)
		r.native = r.native || frames[i].native
		if i > 0 {
			dst = append(dst, ',')
		}
	}
	return append(dst, `]}}`...)
}

// appendText appends a message, or what stands for one that is empty.
func appendText(dst []byte, text, fallback string) []byte {
	start := len(dst)
	dst = value.AppendString(dst, cut(text, maxText))
	if len(dst)-start == len(`""`) {
		return value.AppendString(dst[:start], fallback)
	}
	return dst
}

// cut returns the first n characters of s.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// message returns the text of err, or nothing if its method panics, as that of a nil
// pointer may.
func message(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	return err.Error()
}

// plainError is the type that errors.New returns.
var plainError = reflect.TypeOf(errors.New(""))

// meaning returns the type of link i. Wrappers that only add text or a stack have none of
// their own: they are what they wrap, for else most issues would have the same name.
func meaning(chain []Link, i int) reflect.Type {
	for {
		t := reflect.TypeOf(chain[i].Err)
		switch t.String() {
		case "*fmt.wrapError", "*errors.withMessage", "*errors.withStack":
		default:
			return t
		}
		if i++; i == len(chain) || chain[i].Parent != i-1 {
			return t
		}
	}
}

// pathOf returns the package that defines t.
func pathOf(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath()
}

// printed returns the value of a panic as text. Plain values are printed as Go does; what has
// structure is shown as JSON, which has bounds.
func printed(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("%T", v)
		}
	}()
	if s, ok := v.(fmt.Stringer); ok {
		return s.String()
	}
	switch reflect.TypeOf(v).Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer:
		json, _ := value.AppendBounded(nil, v, maxText)
		return fmt.Sprintf("%T %s", v, json)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Sprintf("%T", v)
	}
	return fmt.Sprint(v)
}
