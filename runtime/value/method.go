package value

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sync"
	"time"
)

// How a type asks to be encoded.
type way uint8

const (
	byKind way = iota
	asTime
	asNumber
	asRaw
	asJSON     // MarshalJSON
	asText     // MarshalText
	asError    // Error
	asAddrJSON // MarshalJSON of its pointer, if it is addressable
	asAddrText // MarshalText of its pointer, if it is addressable
)

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	errorType     = reflect.TypeFor[error]()
)

// ways caches wayOf by reflect.Type. The types of a program are finite.
var ways sync.Map

func wayOf(t reflect.Type) way {
	if w, ok := ways.Load(t); ok {
		return w.(way)
	}
	w := byKind
	switch {
	case t.Kind() == reflect.Interface: // what it holds decides
	case t == reflect.TypeFor[time.Time]():
		w = asTime
	case t == reflect.TypeFor[json.Number]():
		w = asNumber
	case t == reflect.TypeFor[json.RawMessage]():
		w = asRaw
	case t.Implements(jsonMarshaler):
		w = asJSON
	case t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(jsonMarshaler):
		w = asAddrJSON
	case t.Implements(textMarshaler):
		w = asText
	case t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(textMarshaler):
		w = asAddrText
	case t.Implements(errorType):
		w = asError
	}
	ways.Store(t, w)
	return w
}

// method encodes v if its type has a say in it.
func (e *encoder) method(v reflect.Value) bool {
	switch w := wayOf(v.Type()); w {
	case asTime:
		e.time(v.Interface().(time.Time))
	case asNumber:
		e.number(v.Interface().(json.Number))
	case asRaw:
		if b := v.Bytes(); !e.raw(b) {
			e.dst = AppendString(e.dst, string(b))
		}
	case asJSON:
		e.marshalJSON(v)
	case asText:
		e.marshalText(v)
	case asError:
		text, ok := call(func() (string, error) { return v.Interface().(error).Error(), nil })
		e.text(text, ok)
	case asAddrJSON, asAddrText:
		if !v.CanAddr() {
			return e.unaddressable(v, w)
		}
		if w == asAddrJSON {
			e.marshalJSON(v.Addr())
		} else {
			e.marshalText(v.Addr())
		}
	default:
		return false
	}
	return true
}

// unaddressable encodes a value whose pointer has the method of way w. Without an
// address the next method in line serves, as in encoding/json.
func (e *encoder) unaddressable(v reflect.Value, w way) bool {
	switch {
	case w == asAddrJSON && v.Type().Implements(textMarshaler):
		e.marshalText(v)
	case v.Type().Implements(errorType):
		text, ok := call(func() (string, error) { return v.Interface().(error).Error(), nil })
		e.text(text, ok)
	default:
		return false
	}
	return true
}

func (e *encoder) marshalJSON(v reflect.Value) {
	b, ok := call(v.Interface().(json.Marshaler).MarshalJSON)
	if !ok || !e.raw(b) {
		e.problem()
	}
}

func (e *encoder) marshalText(v reflect.Value) {
	b, ok := call(v.Interface().(encoding.TextMarshaler).MarshalText)
	e.text(string(b), ok)
}

func (e *encoder) text(s string, ok bool) {
	if !ok {
		e.problem()
		return
	}
	e.dst = AppendString(e.dst, s)
}

// call runs f, which is not ours; an error or a panic makes it false.
func call[T any](f func() (T, error)) (v T, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	v, err := f()
	return v, err == nil
}
