package value

import (
	"cmp"
	"encoding"
	"reflect"
	"slices"
	"strconv"
)

// An entry of a map, its key as it will be read.
type entry struct {
	key   string
	value reflect.Value
}

// mapping encodes a map as an object sorted by the bytes of its keys. Entries whose
// key has no text are left out, and of several whose keys have the same text all
// but one.
func (e *encoder) mapping(v reflect.Value) {
	if len(e.path) == MaxDepth || !textKeys(v.Type().Key()) {
		e.problem()
		return
	}
	if v.CanInterface() && v.CanConvert(objectType) && e.object(v.Convert(objectType).Interface().(map[string]any)) {
		return
	}
	entries := make([]entry, 0, v.Len())
	dropped := false
	for it := v.MapRange(); it.Next(); {
		key, ok := keyText(it.Key())
		if !ok {
			dropped = true
			continue
		}
		entries = append(entries, entry{Clean(key), it.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	e.dst = append(e.dst, '{')
	for i, en := range entries {
		if i > 0 && entries[i-1].key == en.key || e.full() {
			dropped = true
			continue
		}
		e.member(en.key, i > 0)
		e.path = append(e.path, step{key: en.key})
		e.value(en.value)
		e.path = e.path[:len(e.path)-1]
	}
	e.dst = append(e.dst, '}')
	if dropped {
		e.report()
	}
}

var objectType = reflect.TypeFor[map[string]any]()

// object is mapping for the usual map, without reflection. It reports false if a key is
// not clean.
func (e *encoder) object(m map[string]any) bool {
	var few [32]string
	keys := few[:0]
	for key := range m {
		if !Plain(key) && Clean(key) != key {
			return false
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	e.dst = append(e.dst, '{')
	for i, key := range keys {
		if e.full() {
			e.report()
			break
		}
		e.member(key, i > 0)
		e.path = append(e.path, step{key: key})
		e.any(m[key])
		e.path = e.path[:len(e.path)-1]
	}
	e.dst = append(e.dst, '}')
	return true
}

// member appends a key, behind a comma unless it is the first.
func (e *encoder) member(key string, comma bool) {
	if comma {
		e.dst = append(e.dst, ',')
	}
	e.dst = AppendString(e.dst, key)
	e.dst = append(e.dst, ':')
}

// textKeys reports whether keys of type t can have a text.
func textKeys(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Interface,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return t.Implements(textMarshaler)
}

// keyText returns the text of a map key.
func keyText(k reflect.Value) (string, bool) {
	if k.Kind() == reflect.Interface {
		if k.IsNil() {
			return "", false
		}
		return keyText(k.Elem())
	}
	if k.Kind() == reflect.String {
		return k.String(), true
	}
	if k.Kind() == reflect.Pointer && k.IsNil() {
		return "", false
	}
	if k.CanInterface() && k.Type().Implements(textMarshaler) {
		b, ok := call(k.Interface().(encoding.TextMarshaler).MarshalText)
		return string(b), ok
	}
	switch k.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(k.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(k.Uint(), 10), true
	}
	return "", false
}
