package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/phgen/phgen/schema"
)

// Limits of what is read. The plan that comes of it has narrower ones.
const (
	maxFileBytes = 16 << 20
	maxDepth     = 100
	maxValues    = 1_000_000
)

type kind uint8

const (
	nullKind kind = iota
	boolKind
	numberKind
	stringKind
	listKind
	objectKind
)

func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// A value is a piece of a JSON or YAML file: objects keep their order, and everything
// knows where it stands. All methods work on nil, which is what is not there.
type value struct {
	file      string
	line, col int
	parent    *value
	key       string // in parent
	kind      kind
	text      string   // of a scalar
	keys      []string // of an object: keys[i] belongs to items[i]
	items     []*value
}

// at is what lies below keys of objects, or nil.
func (v *value) at(keys ...string) *value {
	for _, key := range keys {
		if v == nil || v.kind != objectKind {
			return nil
		}
		i := slices.Index(v.keys, key)
		if i < 0 {
			return nil
		}
		v = v.items[i]
	}
	return v
}

// first is the first of several keys that is there and not null.
func (v *value) first(keys ...string) *value {
	for _, key := range keys {
		if w := v.at(key); w != nil && w.kind != nullKind {
			return w
		}
	}
	return nil
}

// is reports the kind of what may not be there.
func (v *value) is(k kind) bool { return v != nil && v.kind == k }

// str is the text of a string, "" for anything else.
func (v *value) str() string {
	if v.is(stringKind) {
		return v.text
	}
	return ""
}

// yes reports whether v is true.
func (v *value) yes() bool { return v.is(boolKind) && v.text == "true" }

// list are the items of a list.
func (v *value) list() []*value {
	if v.is(listKind) {
		return v.items
	}
	return nil
}

// members calls yield for each key of an object.
func (v *value) members(yield func(key string, item *value)) {
	if v.is(objectKind) {
		for i, key := range v.keys {
			yield(key, v.items[i])
		}
	}
}

// place says where v stands.
func (v *value) place() Place {
	if v == nil {
		return Place{}
	}
	var keys []string
	for x := v; x.parent != nil; x = x.parent {
		keys = append(keys, x.key)
	}
	slices.Reverse(keys)
	return Place{File: v.file, Line: v.line, Col: v.col, Path: schema.JoinPath(keys...)}
}

// An InputError says that a file is not what its format asks for.
type InputError struct {
	Place
	Message string
}

// Error says it as compilers do.
func (e *InputError) Error() string { return e.String() + ": " + e.Message }

// readJSON reads one JSON file.
func readJSON(d *draft, name string, src []byte) (*value, error) {
	if len(src) > maxFileBytes {
		return nil, &InputError{Place{File: name}, fmt.Sprintf("larger than %d MiB", maxFileBytes>>20)}
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	r := &jsonReader{draft: d, name: name, src: src, dec: json.NewDecoder(bytes.NewReader(src)), line: 1, col: 1}
	r.dec.UseNumber()
	v, err := r.value(nil, "", 1)
	if err == nil {
		if _, more := r.dec.Token(); !errors.Is(more, io.EOF) {
			err = r.fail("something follows the JSON value")
		}
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

type jsonReader struct {
	draft  *draft
	name   string
	src    []byte
	dec    *json.Decoder
	values int

	at, line, col int // a cursor: an offset, and its line and column
}

// token reads one token and says where it begins.
func (r *jsonReader) token() (json.Token, *value, error) {
	start := int(r.dec.InputOffset())
	for start < len(r.src) && strings.IndexByte(" \t\r\n,:", r.src[start]) >= 0 {
		start++
	}
	r.advance(start)
	here := &value{file: r.name, line: r.line, col: r.col}
	t, err := r.dec.Token()
	if err != nil {
		var syntax *json.SyntaxError
		switch {
		case errors.As(err, &syntax):
			r.advance(min(len(r.src), max(r.at, int(syntax.Offset)-1)))
			return nil, nil, r.fail("no JSON: " + syntax.Error())
		case errors.Is(err, io.EOF):
			return nil, nil, r.fail("no JSON: it ends too early")
		}
		return nil, nil, r.fail("no JSON: " + err.Error())
	}
	return t, here, nil
}

func (r *jsonReader) advance(to int) {
	for ; r.at < to; r.at++ {
		switch {
		case r.src[r.at] == '\n':
			r.line, r.col = r.line+1, 1
		case utf8.RuneStart(r.src[r.at]):
			r.col++
		}
	}
}

func (r *jsonReader) fail(message string) error {
	return &InputError{Place{File: r.name, Line: r.line, Col: r.col}, message}
}

func (r *jsonReader) value(parent *value, key string, depth int) (*value, error) {
	t, v, err := r.token()
	if err != nil {
		return nil, err
	}
	v.parent, v.key = parent, key
	if r.values++; r.values > maxValues {
		return nil, r.fail(fmt.Sprintf("more than %d values", maxValues))
	}
	if depth > maxDepth {
		return nil, r.fail(fmt.Sprintf("nested deeper than %d levels", maxDepth))
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			v.kind = objectKind
			return v, r.object(v, depth)
		}
		v.kind = listKind
		return v, r.list(v, depth)
	case bool:
		v.kind, v.text = boolKind, strconv.FormatBool(t)
	case json.Number:
		v.kind, v.text = numberKind, t.String()
	case string:
		v.kind, v.text = stringKind, t
	}
	return v, nil
}

func (r *jsonReader) object(v *value, depth int) error {
	index := map[string]int{}
	for r.dec.More() {
		t, here, err := r.token()
		if err != nil {
			return err
		}
		key := t.(string) // the decoder takes nothing else for a key
		item, err := r.value(v, key, depth+1)
		if err != nil {
			return err
		}
		if i, twice := index[key]; twice {
			here.parent, here.key = v, key
			r.draft.lose(v.items[i].place(), "the first of two", "the key "+strconv.Quote(clip(key))+" stands again at "+here.place().String())
			v.items[i] = item
			continue
		}
		index[key] = len(v.keys)
		v.keys, v.items = append(v.keys, key), append(v.items, item)
	}
	_, _, err := r.token()
	return err
}

func (r *jsonReader) list(v *value, depth int) error {
	for r.dec.More() {
		item, err := r.value(v, strconv.Itoa(len(v.items)), depth+1)
		if err != nil {
			return err
		}
		v.items = append(v.items, item)
	}
	_, _, err := r.token()
	return err
}

// readYAML reads one YAML file.
func readYAML(name string, src []byte) (*value, error) {
	f, found := schema.DecodeYAML(name, src)
	if len(found) > 0 {
		d := found[0]
		message := d.Message
		if d.Fix != "" {
			message += "; " + d.Fix
		}
		return nil, &InputError{Place{File: d.Pos.File, Line: d.Pos.Line, Col: d.Pos.Col}, message}
	}
	return fromYAML(f, nil, ""), nil
}

func fromYAML(f *schema.Foreign, parent *value, key string) *value {
	v := &value{
		file: f.Pos.File, line: f.Pos.Line, col: f.Pos.Col, parent: parent, key: key, keys: f.Keys, text: f.Text,
		kind: [...]kind{nullKind, boolKind, numberKind, stringKind, listKind, objectKind}[f.Kind],
	}
	for i, item := range f.Items {
		at := strconv.Itoa(i)
		if v.kind == objectKind {
			at = f.Keys[i]
		}
		v.items = append(v.items, fromYAML(item, v, at))
	}
	return v
}

// clip shortens what a message quotes.
func clip(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
