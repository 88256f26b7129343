package value

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// MaxBytes is about how much AppendAny writes for one value. What is left when it is
// reached is left out, since no event of that size can be sent: only those of AI may be
// larger, and have AppendBounded.
const MaxBytes = 1 << 20

// maxProblems bounds the paths that AppendAny returns.
const maxProblems = 16

// AppendAny appends any Go value as encoding/json would, but never fails. A value
// without JSON (NaN, a channel, a pointer cycle, a Marshaler that panics or returns
// garbage, anything deeper than [MaxDepth]) becomes null, and problems holds its
// path from v: "" for v itself, or text like ".items[3].price".
//
// Other than in encoding/json, invalid UTF-8 in bytes makes them base64 and valid
// UTF-8 makes them text; an error is its text; times are in UTC.
func AppendAny(dst []byte, v any) (out []byte, problems []string) {
	return AppendBounded(dst, v, MaxBytes)
}

// AppendBounded is AppendAny with another bound than [MaxBytes].
func AppendBounded(dst []byte, v any, most int) (out []byte, problems []string) {
	start := len(dst)
	e := encoder{dst: dst, limit: start + most}
	defer func() {
		// Only a map that another goroutine writes, or memory that is not what its
		// type says, gets here: user code is recovered where it is called.
		if recover() != nil {
			out, problems = append(dst[:start], "null"...), []string{""}
		}
	}()
	e.any(v)
	return e.dst, e.problems
}

// An encoder is one call of AppendAny.
type encoder struct {
	dst      []byte
	limit    int     // len(dst) from which on nothing more is descended into
	path     []step  // to the value being encoded
	visiting []visit // the pointers that lead to it
	problems []string
}

// A step leads from a container to a value in it: by key, or by index if key is "".
type step struct {
	key   string
	index int
}

// A visit is a pointer, map or slice on the way to the value being encoded.
type visit struct {
	typ reflect.Type
	ptr uintptr
	len int
}

// problem records the path of the current value and appends null.
func (e *encoder) problem() {
	e.report()
	e.dst = append(e.dst, "null"...)
}

func (e *encoder) report() {
	if len(e.problems) == maxProblems {
		return
	}
	var b []byte
	for _, s := range e.path {
		if s.key != "" {
			b = append(append(b, '.'), s.key...)
			continue
		}
		b = strconv.AppendInt(append(b, '['), int64(s.index), 10)
		b = append(b, ']')
	}
	e.problems = append(e.problems, string(b))
}

// any encodes v; the common types go without reflection.
func (e *encoder) any(v any) {
	switch v := v.(type) {
	case nil:
		e.dst = append(e.dst, "null"...)
	case string:
		e.dst = AppendString(e.dst, v)
	case bool:
		e.dst = strconv.AppendBool(e.dst, v)
	case int:
		e.dst = AppendInt(e.dst, int64(v))
	case int64:
		e.dst = AppendInt(e.dst, v)
	case int32:
		e.dst = AppendInt(e.dst, int64(v))
	case uint64:
		e.dst = strconv.AppendUint(e.dst, v, 10)
	case float64:
		e.float(v, 64)
	case time.Time:
		e.time(v)
	case time.Duration:
		e.dst = AppendInt(e.dst, int64(v))
	default:
		e.value(reflect.ValueOf(v))
	}
}

func (e *encoder) float(v float64, size int) {
	if v-v != 0 { // NaN or infinite
		e.problem()
		return
	}
	if size == 32 {
		e.dst = appendFloat(e.dst, v, 32)
		return
	}
	e.dst = AppendFloat(e.dst, v)
}

func (e *encoder) time(t time.Time) {
	dst, ok := AppendTime(e.dst, t)
	if !ok {
		e.report()
	}
	e.dst = dst
}

// value encodes v, by its methods before its kind.
func (e *encoder) value(v reflect.Value) {
	if !v.IsValid() {
		e.dst = append(e.dst, "null"...)
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		if v.IsNil() {
			e.dst = append(e.dst, "null"...)
			return
		}
	}
	if len(e.path) > MaxDepth || len(e.visiting) > MaxDepth {
		e.problem()
		return
	}
	if v.CanInterface() && e.method(v) {
		return
	}
	e.kind(v)
}

// kind encodes v by its kind; it is not nil.
func (e *encoder) kind(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		e.dst = strconv.AppendBool(e.dst, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.dst = AppendInt(e.dst, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		e.dst = strconv.AppendUint(e.dst, v.Uint(), 10)
	case reflect.Float32:
		e.float(v.Float(), 32)
	case reflect.Float64:
		e.float(v.Float(), 64)
	case reflect.String:
		e.dst = AppendString(e.dst, v.String())
	case reflect.Interface:
		e.value(v.Elem())
	case reflect.Pointer:
		if e.enter(v, 0) {
			e.value(v.Elem())
			e.leave()
		}
	case reflect.Struct:
		e.structure(v)
	case reflect.Map:
		if e.enter(v, 0) {
			e.mapping(v)
			e.leave()
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			e.bytes(v.Bytes())
		} else if e.enter(v, v.Len()) {
			e.array(v)
			e.leave()
		}
	case reflect.Array:
		e.array(v)
	default: // chan, func, complex, unsafe.Pointer
		e.problem()
	}
}

// enter notes that v is being encoded. If it is already, v is a cycle: enter encodes
// null and returns false.
func (e *encoder) enter(v reflect.Value, length int) bool {
	at := visit{v.Type(), v.Pointer(), length}
	for _, seen := range e.visiting {
		if seen == at && (length > 0 || v.Kind() != reflect.Slice) {
			e.problem()
			return false
		}
	}
	e.visiting = append(e.visiting, at)
	return true
}

func (e *encoder) leave() { e.visiting = e.visiting[:len(e.visiting)-1] }

// full reports whether the value has reached MaxBytes.
func (e *encoder) full() bool { return len(e.dst) > e.limit }

func (e *encoder) bytes(b []byte) {
	if utf8.Valid(b) {
		e.dst = AppendString(e.dst, string(b))
		return
	}
	e.dst = append(e.dst, '"')
	e.dst = base64.StdEncoding.AppendEncode(e.dst, b)
	e.dst = append(e.dst, '"')
}

func (e *encoder) array(v reflect.Value) {
	if len(e.path) == MaxDepth {
		e.problem()
		return
	}
	e.dst = append(e.dst, '[')
	for i := range v.Len() {
		if e.full() {
			e.report()
			break
		}
		if i > 0 {
			e.dst = append(e.dst, ',')
		}
		e.path = append(e.path, step{index: i})
		e.value(v.Index(i))
		e.path = e.path[:len(e.path)-1]
	}
	e.dst = append(e.dst, ']')
}

// raw encodes what a Marshaler returned, or a json.RawMessage.
func (e *encoder) raw(b []byte) bool {
	dst, ok := appendJSON(e.dst, b, len(e.path))
	if ok {
		e.dst = dst
	}
	return ok
}

// number encodes a json.Number: as text if it is no number, and "" as 0, which is
// what encoding/json means by it.
func (e *encoder) number(n json.Number) {
	if n == "" {
		e.dst = append(e.dst, '0')
		return
	}
	if n[0] != '-' && (n[0] < '0' || n[0] > '9') || !e.raw([]byte(n)) {
		e.dst = AppendString(e.dst, string(n))
	}
}
