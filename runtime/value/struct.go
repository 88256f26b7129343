package value

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A field is one member of a struct's JSON object.
type field struct {
	name      string
	index     []int // through embedded structs
	tagged    bool
	omitEmpty bool
	omitZero  bool
	quoted    bool // `,string`: a scalar inside a string
}

// structs caches fieldsOf by reflect.Type. The types of a program are finite.
var structs sync.Map

// structure encodes a struct by its json tags.
func (e *encoder) structure(v reflect.Value) {
	if len(e.path) == MaxDepth {
		e.problem()
		return
	}
	fields, ok := structs.Load(v.Type())
	if !ok {
		fields, _ = structs.LoadOrStore(v.Type(), fieldsOf(v.Type()))
	}
	e.dst = append(e.dst, '{')
	first := true
	for _, f := range fields.([]field) {
		fv, ok := f.of(v)
		if !ok || f.omitEmpty && isEmpty(fv) || f.omitZero && isZero(fv) {
			continue
		}
		if e.full() {
			e.report()
			break
		}
		e.member(f.name, !first)
		first = false
		e.path = append(e.path, step{key: f.name})
		if f.quoted {
			e.quote(fv)
		} else {
			e.value(fv)
		}
		e.path = e.path[:len(e.path)-1]
	}
	e.dst = append(e.dst, '}')
}

// of returns the field of v; false if a nil embedded pointer is in the way.
func (f field) of(v reflect.Value) (reflect.Value, bool) {
	for _, i := range f.index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, true
}

// quote encodes v and puts the JSON into a string, unless it is null.
func (e *encoder) quote(v reflect.Value) {
	start := len(e.dst)
	e.value(v)
	if text := string(e.dst[start:]); text != "null" {
		e.dst = AppendString(e.dst[:start], text)
	}
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isZero calls the value's own IsZero if it has one.
func isZero(v reflect.Value) bool {
	type zeroer interface{ IsZero() bool }
	if v.CanInterface() && (v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface || !v.IsNil()) {
		z, ok := v.Interface().(zeroer)
		if !ok && v.CanAddr() {
			z, ok = v.Addr().Interface().(zeroer)
		}
		if ok {
			zero, ok := call(func() (bool, error) { return z.IsZero(), nil })
			return ok && zero
		}
	}
	return v.IsZero()
}

// fieldsOf returns the fields of t by the rules of encoding/json: of several with
// one name the least deep counts, then the tagged one; a tie drops all.
func fieldsOf(t reflect.Type) []field {
	var all []field
	collect(t, nil, map[reflect.Type]bool{}, &all)
	slices.SortStableFunc(all, func(a, b field) int {
		return cmp.Or(
			cmp.Compare(a.name, b.name),
			cmp.Compare(len(a.index), len(b.index)),
			-cmp.Compare(btoi(a.tagged), btoi(b.tagged)),
		)
	})
	fields := all[:0]
	for i := 0; i < len(all); {
		n := i + 1
		for n < len(all) && all[n].name == all[i].name {
			n++
		}
		if n == i+1 || len(all[i].index) != len(all[i+1].index) || all[i].tagged != all[i+1].tagged {
			fields = append(fields, all[i])
		}
		i = n
	}
	slices.SortFunc(fields, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return fields
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// collect appends the fields of t, which lies at index, and of the structs it embeds;
// outer holds the types on the way, since a type may embed a pointer to itself.
func collect(t reflect.Type, index []int, outer map[reflect.Type]bool, all *[]field) {
	if outer[t] {
		return
	}
	outer[t] = true
	defer delete(outer, t)
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if !validName(name) {
			name = ""
		}
		ft := sf.Type
		if ft.Kind() == reflect.Pointer && ft.Name() == "" {
			ft = ft.Elem()
		}
		at := append(slices.Clip(slices.Clone(index)), i)
		if sf.Anonymous && name == "" && ft.Kind() == reflect.Struct {
			// Through an unexported pointer the fields could not be read.
			if sf.IsExported() || sf.Type.Kind() != reflect.Pointer {
				collect(ft, at, outer, all)
			}
			continue
		}
		if !sf.IsExported() {
			continue
		}
		f := field{name: name, index: at, tagged: name != ""}
		if name == "" {
			f.name = sf.Name
		}
		for option := range strings.SplitSeq(options, ",") {
			f.omitEmpty = f.omitEmpty || option == "omitempty"
			f.omitZero = f.omitZero || option == "omitzero"
			f.quoted = f.quoted || option == "string" && isScalar(ft)
		}
		*all = append(*all, f)
	}
}

func isScalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return false
}

// validName reports whether encoding/json takes name from a tag.
func validName(name string) bool {
	for _, r := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return name != ""
}
