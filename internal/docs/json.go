package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// indented is v as a file of JSON.
func indented(v any) ([]byte, error) {
	w := jsonWriter{indent: "\n"}
	w.value(v)
	return append(w.text, '\n'), w.err
}

// compact is v as JSON on one line.
func compact(v any) ([]byte, error) {
	w := jsonWriter{}
	w.value(v)
	return w.text, w.err
}

// A jsonWriter writes objects whose fields keep their order, which encoding/json has no
// type for. It leaves <, > and & as they are.
type jsonWriter struct {
	text   []byte
	indent string // the line feed and white space in front of a line; empty: all in one
	err    error
}

func (w *jsonWriter) value(v any) {
	switch v := v.(type) {
	case object:
		w.object(v)
	case map[string]any:
		sorted := make(object, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			sorted.set(key, v[key])
		}
		w.object(sorted)
	case []object:
		list(w, v)
	case []any:
		list(w, v)
	case []string:
		list(w, v)
	case nil:
		w.text = append(w.text, "null"...)
	case json.Number:
		w.text = append(w.text, v...)
	case bool, int, int64:
		w.text = fmt.Append(w.text, v)
	default:
		w.scalar(v)
	}
}

// scalar writes what encoding/json knows to write.
func (w *jsonWriter) scalar(v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && w.err == nil {
		w.err = err
	}
	w.text = append(w.text, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

func (w *jsonWriter) object(o object) {
	if len(o) == 0 {
		w.text = append(w.text, "{}"...)
		return
	}
	w.text = append(w.text, '{')
	w.in()
	for i, f := range o {
		w.next(i)
		w.scalar(f.Key)
		w.text = append(w.text, ':')
		if w.indent != "" {
			w.text = append(w.text, ' ')
		}
		w.value(f.Value)
	}
	w.out()
	w.text = append(w.text, '}')
}

func list[T any](w *jsonWriter, items []T) {
	if len(items) == 0 {
		w.text = append(w.text, "[]"...)
		return
	}
	w.text = append(w.text, '[')
	w.in()
	for i, item := range items {
		w.next(i)
		w.value(item)
	}
	w.out()
	w.text = append(w.text, ']')
}

func (w *jsonWriter) in() {
	if w.indent != "" {
		w.indent += "  "
	}
}

// next begins a line, behind a comma if it is not the first.
func (w *jsonWriter) next(i int) {
	if i > 0 {
		w.text = append(w.text, ',')
	}
	w.text = append(w.text, w.indent...)
}

func (w *jsonWriter) out() {
	if w.indent != "" {
		w.indent = w.indent[:len(w.indent)-2]
	}
	w.text = append(w.text, w.indent...)
}
