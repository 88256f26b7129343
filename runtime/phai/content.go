package phai

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/phgen/phgen/runtime/phai/internal/media"
	"github.com/phgen/phgen/runtime/value"
)

const (
	maxContent = 8 << 20 // bytes of JSON of one value; no larger event is taken
	maxLevels  = 32      // of JSON that are walked here; package value takes what is in them
	maxVisits  = 10_000  // values that survey looks at

	// maxGap bounds what is kept free before a value that is rewritten in place, for what becomes
	// longer.
	maxGap = 4 << 10
)

// A survey is what is known of contents before they are encoded.
type survey struct {
	size    int  // about the bytes of the largest
	foreign bool // encoding may run code that is not ours
	visits  int
}

// add looks at one value.
func (s *survey) add(v any) {
	s.size = max(s.size, s.look(v, 0))
}

// look returns about how many bytes v becomes.
func (s *survey) look(v any, level int) (size int) {
	if s.visits++; level > maxLevels || s.visits > maxVisits {
		s.foreign = true // nothing says what is in there
		return 0
	}
	switch v := v.(type) {
	case nil, bool, int, int64, int32, float64, uint64:
		return 8
	case string:
		return textSize(v)
	case []byte:
		return len(v)
	case json.RawMessage:
		return len(v)
	case []string:
		for i := range v {
			size += len(v[i])
		}
	case Message:
		return s.message(&v, level)
	case []Message:
		for i := range v {
			size += s.message(&v[i], level)
		}
	case []Part:
		for i := range v {
			size += s.part(&v[i], level)
		}
	case []any:
		for _, item := range v {
			size += s.look(item, level+1)
		}
	case []map[string]any:
		for _, item := range v {
			size += s.look(item, level+1)
		}
	case map[string]any:
		for key, item := range v {
			if text, ok := item.(string); ok {
				size += len(key) + textSize(media.Short(key, text))
				continue
			}
			size += len(key) + s.look(item, level+1)
		}
	default:
		s.foreign = true
	}
	return size
}

// shortImage is the image of a part, or enough of one to know it for a file.
func shortImage(p *Part) any {
	if text, ok := p.Image.(string); ok {
		return media.Short("image", text)
	}
	return p.Image
}

// textSize is about how many bytes a text becomes: few if it is a file.
func textSize(s string) int {
	if _, ok := media.DataURL(s); ok {
		return len(file)
	}
	return len(s)
}

func (s *survey) message(m *Message, level int) int {
	size := len(m.Refusal) + s.look(m.Content, level+1) + s.look(m.Audio, level+1)
	for i := range m.ToolCalls {
		size += s.look(m.ToolCalls[i].Function.Arguments, level+1)
	}
	return size + 64
}

func (s *survey) part(p *Part, level int) int {
	size := len(p.Text) + s.look(shortImage(p), level+1)
	if p.Function != nil {
		size += s.look(p.Function.Arguments, level+1)
	}
	return size + 32
}

// appendContent appends v as JSON without the files in it. Of v only what is JSON already is
// copied once; all else is encoded and then rewritten where it stands. size is about that of v.
func appendContent(dst []byte, v any, most, size int) (out []byte) {
	start := len(dst)
	defer func() {
		// Only what another goroutine changes meanwhile gets here.
		if recover() != nil {
			out = append(dst[:start], "null"...)
		}
	}()
	switch v := v.(type) {
	case json.RawMessage:
		return appendRaw(dst, v, most)
	case []byte:
		return appendRaw(dst, v, most)
	}
	gap := min(64+size/32, maxGap)
	dst = slices.Grow(dst, gap)
	e := encoder{dst: dst[:start+gap], limit: start + gap + maxContent}
	e.any(v)
	out, ok := media.InPlace(e.dst, start, start+gap, most)
	if !ok {
		return append(out, "null"...)
	}
	return out
}

// appendRaw is appendContent for JSON, and for bytes that are none: text, or a file.
func appendRaw(dst, raw []byte, most int) []byte {
	if len(raw) == 0 {
		return append(dst, "null"...)
	}
	out, ok := media.Append(dst, raw, most)
	switch {
	case ok:
		return out
	case !utf8.Valid(raw):
		return append(out, file...)
	}
	start := len(out)
	out = value.AppendString(append(out, make([]byte, maxGap)...), media.Text(string(raw)))
	out, _ = media.InPlace(out, start, start+maxGap, most) // a string that was just encoded is one
	return out
}

// file stands for bytes that are no text.
const file = `"[base64 file redacted]"`

// An encoder appends the lists and maps that contents are made of, and leaves all else to package
// value. Bytes that are no text become what stands for a file.
type encoder struct {
	dst   []byte
	limit int // of dst, from which on nothing more is descended into
	level int // of JSON
	path  []any
}

func (e *encoder) any(v any) {
	switch v := v.(type) {
	case string:
		e.string(v)
	case []byte:
		e.bytes(v)
	case []any:
		if e.enter(v, len(v), 1) {
			list(e, v, func(item *any) { e.any(*item) })
			e.leave(1)
		}
	case []map[string]any:
		if e.enter(v, len(v), 1) {
			list(e, v, func(item *map[string]any) { e.any(*item) })
			e.leave(1)
		}
	case map[string]any:
		if e.enter(v, 1, 1) {
			e.object(v)
			e.leave(1)
		}
	case Message:
		e.level += messageLevels
		list(e, []Message{v}, e.message)
		e.level -= messageLevels
	case []Message:
		if e.enter(v, len(v), messageLevels) {
			list(e, v, e.message)
			e.leave(messageLevels)
		}
	case []Part:
		if e.enter(v, len(v), partLevels) {
			list(e, v, e.part)
			e.leave(partLevels)
		}
	default:
		e.dst, _ = value.AppendBounded(e.dst, v, max(e.limit-len(e.dst), 0))
	}
}

// What lists of messages and of parts have of levels of their own.
const (
	messageLevels = 5 // of the list, the message, its tool calls, a call and its function
	partLevels    = 3 // of the list, the part and its function
)

// enter notes that a list or map of so many levels is being encoded. One that is empty can hold
// nothing. If it is being encoded already, or too deep, it becomes null, and enter returns
// false.
func (e *encoder) enter(v any, length, levels int) bool {
	if length > 0 && (e.level > maxLevels || e.visits(v)) {
		e.dst = append(e.dst, "null"...)
		return false
	}
	e.level += levels
	e.path = append(e.path, v)
	return true
}

// visits reports whether v is being encoded already.
func (e *encoder) visits(v any) bool {
	at := reflect.ValueOf(v)
	return slices.ContainsFunc(e.path, func(seen any) bool {
		s := reflect.ValueOf(seen)
		return s.Type() == at.Type() && s.Pointer() == at.Pointer() && s.Len() == at.Len()
	})
}

func (e *encoder) leave(levels int) {
	e.level -= levels
	e.path = e.path[:len(e.path)-1]
}

// list encodes the items of a list, each by one.
func list[T any](e *encoder, items []T, one func(*T)) {
	if items == nil {
		e.dst = append(e.dst, "null"...)
		return
	}
	e.dst = append(e.dst, '[')
	for i := range items {
		if len(e.dst) > e.limit {
			break
		}
		if i > 0 {
			e.dst = append(e.dst, ',')
		}
		one(&items[i])
	}
	e.dst = append(e.dst, ']')
}

func (e *encoder) object(m map[string]any) {
	if m == nil {
		e.dst = append(e.dst, "null"...)
		return
	}
	e.dst = append(e.dst, '{')
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if len(e.dst) > e.limit {
			break
		}
		e.key(key)
		if text, ok := m[key].(string); ok {
			e.string(media.Short(key, text))
			continue
		}
		e.any(m[key])
	}
	e.dst = append(e.dst, '}')
}

func (e *encoder) key(key string) {
	if e.dst[len(e.dst)-1] != '{' {
		e.dst = append(e.dst, ',')
	}
	e.dst = append(value.AppendString(e.dst, key), ':')
}

// string encodes a text, or what stands for a file: a large one would make the buffer grow.
func (e *encoder) string(s string) {
	if word, ok := media.DataURL(s); ok {
		s = word
	}
	e.dst = value.AppendString(e.dst, s)
}

// text encodes a member that is left out if it is empty.
func (e *encoder) text(key, v string) {
	if v != "" {
		e.key(key)
		e.dst = value.AppendString(e.dst, v)
	}
}

func (e *encoder) bytes(b []byte) {
	switch {
	case b == nil:
		e.dst = append(e.dst, "null"...)
	case utf8.Valid(b):
		e.dst = value.AppendString(e.dst, string(b))
	default:
		e.dst = append(e.dst, file...)
	}
}

func (e *encoder) message(m *Message) {
	e.dst = append(e.dst, `{"role":`...)
	e.dst = value.AppendString(e.dst, m.Role)
	e.key("content")
	e.any(m.Content)
	if len(m.ToolCalls) > 0 {
		e.key("tool_calls")
		list(e, m.ToolCalls, e.toolCall)
	}
	e.text("tool_call_id", m.ToolCallID)
	e.text("name", m.Name)
	e.text("refusal", m.Refusal)
	if m.Audio != nil {
		e.key("audio")
		e.any(m.Audio)
	}
	e.dst = append(e.dst, '}')
}

func (e *encoder) part(p *Part) {
	e.dst = append(e.dst, `{"type":`...)
	e.dst = value.AppendString(e.dst, p.Type)
	e.text("text", p.Text)
	if p.Image != nil {
		e.key("image")
		e.any(shortImage(p))
	}
	e.text("id", p.ID)
	if p.Function != nil {
		e.key("function")
		e.function(p.Function)
	}
	e.dst = append(e.dst, '}')
}

func (e *encoder) toolCall(c *ToolCall) {
	e.dst = append(e.dst, '{')
	e.text("id", c.ID)
	e.text("type", c.Type)
	e.key("function")
	e.function(&c.Function)
	e.dst = append(e.dst, '}')
}

func (e *encoder) function(f *Function) {
	e.dst = append(e.dst, `{"name":`...)
	e.dst = value.AppendString(e.dst, f.Name)
	e.key("arguments")
	e.any(f.Arguments)
	e.dst = append(e.dst, '}')
}

func (e *encoder) number(key string, v float64) {
	e.key(key)
	e.dst = value.AppendFloat(e.dst, v)
}
