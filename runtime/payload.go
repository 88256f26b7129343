package runtime

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPayload is how many bytes of JSON a payload may have.
const maxPayload = 1 << 20

// A Payload is a pointer to a generated struct that the payload of a flag, or an object in
// it, is read into.
type Payload interface {
	// PhgenRead sets the struct to the plan's defaults, and then to what r reads.
	PhgenRead(r *PayloadReader)
}

// Config reads the payload that belongs to the value of flag i into v, or what OverrideFlags
// says it is. It returns false, and v holds the plan's defaults, if there is no payload, and if it is none that
// the plan allows: no JSON object, larger than 1 MiB, without a required key, with a
// value of another type, or one that breaks a rule of the plan. Keys that the plan does not know
// are ignored. A payload that the plan does not allow is logged, without its values. Config sends no
// $feature_flag_called.
func (s *FlagSet) Config(ctx context.Context, i int, v Payload) bool {
	text, override, ok := s.payload(ctx, i)
	switch {
	case override != nil:
		into, from := reflect.ValueOf(v).Elem(), reflect.ValueOf(override)
		if into.Type() == from.Type() {
			into.Set(from)
			return true
		}
	case ok:
		broken, ok := readPayload(text, v)
		if ok {
			return true
		}
		warnPayload(ctx, s.Flags[i].Key, broken)
	}
	v.PhgenRead(&PayloadReader{failed: true})
	return false
}

// warnPayload logs that the payload of a flag is refused.
func warnPayload(ctx context.Context, key, broken string) {
	if ctx != nil {
		scopeOf(ctx).captures().warnSeldom(warning{rule: "payload " + key}, warnEvery,
			"the payload of a flag breaks the tracking plan, whose defaults serve instead",
			slog.String("flag", key), slog.String("property", broken))
	}
}

// readPayload reads text into v. If the plan does not allow it, ok is false, v holds
// anything, and broken is the path of the property that is to blame, or empty if all is.
func readPayload(text string, v Payload) (broken string, ok bool) {
	// Valid also bounds how deep values nest, and what follows relies on it.
	if len(text) > maxPayload || !json.Valid([]byte(text)) {
		return "", false
	}
	text = skip(text, ' ')
	if text[0] != '{' {
		return "", false
	}
	r := PayloadReader{frames: make([]payloadFrame, 0, 4), members: make([]payloadMember, 0, 16)}
	r.object(nil, text, v)
	return r.broken, !r.failed
}

// A PayloadReader reads the payload of a flag into a [Payload]. Each method reads the value that
// its row of the plan is about: that of the row's key in the object being read, or, if the
// row has no key, the item that Next has moved to. A key that is absent or null leaves
// its variable alone. Once a value is not what the plan allows, the payload is
// refused, and every method does nothing.
type PayloadReader struct {
	frames  []payloadFrame
	members []payloadMember // of the open objects, those of the innermost last
	failed  bool
	broken  string // why: the path of a property
}

// A payloadFrame is an object, array or map that is being read.
type payloadFrame struct {
	prop  *Prop  // nil: the payload itself
	first int    // object: its first member
	rest  string // array, map: what follows the item
	item  payloadMember
	count int // of items so far
}

// A payloadMember is one member of an object or map, or one item of an array.
type payloadMember struct {
	key   string // of an object's member as Prop.Key is, of a map's as people see it
	value string // JSON text
}

// object reads the object text, the value of p, into v.
func (r *PayloadReader) object(p *Prop, text string, v Payload) {
	first := len(r.members)
	rest := text[1:]
	for {
		m, after, ok := cutMember(rest, true)
		if !ok {
			break
		}
		if strings.ContainsAny(m.key, "\\\"") {
			m.key = payloadKeys.Replace(m.key)
		}
		r.members = append(r.members, m)
		rest = after
	}
	if members := r.members[first:]; len(members) > manyMembers {
		slices.SortStableFunc(members, func(a, b payloadMember) int { return cmp.Compare(a.key, b.key) })
	}
	r.frames = append(r.frames, payloadFrame{prop: p, first: first})
	v.PhgenRead(r)
	if !r.failed {
		r.frames = r.frames[:len(r.frames)-1]
		r.members = r.members[:first]
	}
}

// manyMembers is from how many members on an object's are sorted.
const manyMembers = 32

// payloadKeys makes a key what Prop.Key is. No key of a plan has other characters that
// JSON escapes.
var payloadKeys = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// member returns the value of the innermost object's last member with the key: two of one key
// are one to every reader that PostHog has.
func (r *PayloadReader) member(key string) (text string, ok bool) {
	members := r.members[r.frames[len(r.frames)-1].first:]
	if len(members) > manyMembers {
		// The first that is greater stands behind the last that is equal.
		i, _ := slices.BinarySearchFunc(members, key, func(m payloadMember, key string) int {
			if m.key > key {
				return 1
			}
			return -1
		})
		members = members[max(0, i-1):i]
	}
	for i := len(members) - 1; i >= 0; i-- {
		if members[i].key == key {
			return members[i].value, members[i].value != "null"
		}
	}
	return "", false
}

// value returns the JSON text of the value of p. ok is false if there is none to be read.
func (r *PayloadReader) value(p *Prop) (text string, ok bool) {
	switch {
	case r.failed:
		return "", false
	case p.Key == "":
		return r.frames[len(r.frames)-1].item.value, true
	}
	return r.member(p.Key)
}

// check ends the reading if p does not allow its value.
func (r *PayloadReader) check(p *Prop, allowed bool) bool {
	if !allowed && !r.failed {
		var path []byte
		for i := range r.frames {
			path = r.frames[i].prop.step(path)
		}
		r.failed, r.broken = true, shorten(string(p.step(path)))
	}
	return allowed
}

// step appends the key of p to the path of what it is in. Items have none.
func (p *Prop) step(path []byte) []byte {
	if p == nil || p.Key == "" {
		return path
	}
	if len(path) > 0 {
		path = append(path, '.')
	}
	return append(path, plainKey(p.Key)...)
}

// Require refuses the payload unless the innermost object has the keys of the rows.
func (r *PayloadReader) Require(rows ...*Prop) {
	for _, p := range rows {
		if r.failed {
			return
		}
		_, ok := r.member(p.Key)
		r.check(p, ok)
	}
}

// Object reads an object into v.
func (r *PayloadReader) Object(p *Prop, v Payload) {
	if text, ok := r.value(p); ok && r.check(p, text[0] == '{' && p.fits(text)) {
		r.object(p, text, v)
	}
}

// Array reports whether there is an array to be read. Its items follow, each behind a Next, until
// that is false.
func (r *PayloadReader) Array(p *Prop) bool { return r.list(p, '[') }

// Map is Array for the entries of a map.
func (r *PayloadReader) Map(p *Prop) bool { return r.list(p, '{') }

func (r *PayloadReader) list(p *Prop, bracket byte) bool {
	text, ok := r.value(p)
	if !ok || !r.check(p, text[0] == bracket && p.fits(text)) {
		return false
	}
	r.frames = append(r.frames, payloadFrame{prop: p, rest: text[1:]})
	return true
}

// Next moves to the next item of the innermost array or map. It returns false behind the last
// one, which ends the array or map, and when the payload is refused.
func (r *PayloadReader) Next() bool {
	if r.failed {
		return false
	}
	f := &r.frames[len(r.frames)-1]
	m, rest, ok := cutMember(f.rest, f.rest[len(f.rest)-1] == '}')
	if !ok {
		p, count := f.prop, f.count
		r.frames = r.frames[:len(r.frames)-1]
		r.check(p, p.Items == nil || count >= p.Items.Min)
		return false
	}
	f.item, f.rest = m, rest
	f.count++
	items := f.prop.Items
	return r.check(nil, items == nil || items.Max == 0 || f.count <= items.Max)
}

// Key returns the key of the entry that Next has moved to in the innermost map.
func (r *PayloadReader) Key() string {
	if r.failed {
		return ""
	}
	return r.frames[len(r.frames)-1].item.key
}

// fits reports whether a container is small enough, white space not counted.
func (p *Prop) fits(text string) bool {
	if p.MaxBytes == 0 {
		return true
	}
	size := 0
	for i := 0; i < len(text); i++ {
		start := i
		switch text[i] {
		case ' ', '\t', '\n', '\r':
			continue
		case '"':
			i = textEnd(text, i) - 1
		}
		size += i + 1 - start
	}
	return size <= p.MaxBytes
}

// cutMember cuts the next member off what is left inside an object, or item of an array. It
// is false at the end. Rest, the closing bracket included, is part of valid JSON.
func cutMember(rest string, keyed bool) (m payloadMember, after string, ok bool) {
	rest = skip(rest, ',')
	if rest[0] == '}' || rest[0] == ']' {
		return m, rest, false
	}
	if keyed {
		end := textEnd(rest, 0)
		m.key = unquote(rest[:end])
		rest = skip(rest[end:], ':')
	}
	end := valueEnd(rest)
	m.value = rest[:end]
	return m, rest[end:], true
}

// skip cuts white space and the separator off the start of text, which has more.
func skip(text string, separator byte) string {
	i := 0
	for text[i] <= ' ' || text[i] == separator {
		i++
	}
	return text[i:]
}

// valueEnd is where the value ends that text begins with.
func valueEnd(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = textEnd(text, i) - 1
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth == 0 {
				return i // of what holds the value, a number or word
			}
			depth--
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(text)
}

// textEnd is where the JSON string ends that begins at text[start].
func textEnd(text string, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// unquote is what a valid JSON string says. What is no UTF-8 becomes U+FFFD.
func unquote(text string) string {
	inside := text[1 : len(text)-1]
	if strings.IndexByte(inside, '\\') < 0 && utf8.ValidString(inside) {
		return inside
	}
	var s string
	if json.Unmarshal([]byte(text), &s) != nil {
		return "" // a valid string is always read
	}
	return s
}
