package traffic

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// maxKey is how long a key may be that is looked for.
const maxKey = 64

// An Object reads one JSON object as it passes, and keeps the members that are wanted, up to
// a number of bytes. What is not kept costs no memory, however large it is.
type Object struct {
	wanted  func(key []byte) bool
	left    int // bytes that may still be kept
	members []member
	few     [8]member // nearly always enough
	omitted int64
	subject bool // a member was there that says what a request is about

	state   place
	depth   int  // of containers, the object itself included
	quoted  bool // in a string
	escaped bool // behind a backslash in it
	key     []byte
	room    [maxKey + 1]byte // of key
	text    []byte           // of the member that is being read
	keep    keeping
}

// A member is one that was kept.
type member struct {
	key   string
	value json.RawMessage
}

// A place is where in the object the next byte is.
type place uint8

const (
	beforeObject place = iota
	beforeKey
	inKey
	beforeColon
	inValue
	afterObject
	noObject
)

// keeping is what becomes of the value that is being read.
type keeping uint8

const (
	skipping keeping = iota
	copying
	dropping // wanted, but too large
)

// NewObject returns an Object that keeps at most limit bytes of the members wanted.
func NewObject(limit int, wanted func(key []byte) bool) *Object {
	o := &Object{wanted: wanted, left: limit}
	o.members, o.key = o.few[:0], o.room[:0]
	return o
}

// Write reads what comes next. It keeps nothing of p.
func (o *Object) Write(p []byte) (int, error) {
	for i := 0; i < len(p); {
		switch o.state {
		case noObject:
			return len(p), nil
		case inKey:
			i += o.inKey(p[i:])
		case inValue:
			i += o.inValue(p[i:])
		default:
			o.between(p[i])
			i++
		}
	}
	return len(p), nil
}

// WriteString is Write for text, of which no copy is made.
func (o *Object) WriteString(s string) (int, error) {
	var buf [4 << 10]byte
	for rest := s; rest != ""; {
		n := copy(buf[:], rest)
		_, _ = o.Write(buf[:n]) // it has no errors
		rest = rest[n:]
	}
	return len(s), nil
}

// between takes a byte outside keys and values.
func (o *Object) between(b byte) {
	switch {
	case b == ' ' || b == '\t' || b == '\n' || b == '\r':
	case o.state == beforeObject && b == '{':
		o.state, o.depth = beforeKey, 1
	case o.state == beforeKey && b == '"':
		o.state, o.key = inKey, o.key[:0]
	case o.state == beforeKey && b == ',':
	case o.state == beforeKey && b == '}':
		o.state = afterObject
	case o.state == beforeColon && b == ':':
		o.beginValue()
	default:
		o.state = noObject
	}
}

// inKey takes bytes of a key and returns how many.
func (o *Object) inKey(p []byte) int {
	for i, b := range p {
		switch {
		case o.escaped:
			o.escaped = false
		case b == '\\':
			o.escaped = true
		case b == '"':
			o.state = beforeColon
			return i + 1
		}
		if len(o.key) <= maxKey {
			o.key = append(o.key, b)
		}
	}
	return len(p)
}

func (o *Object) beginValue() {
	o.state, o.keep, o.text = inValue, skipping, nil
	if len(o.key) > maxKey {
		return
	}
	if o.key = unescape(o.key); o.wanted(o.key) {
		o.keep = copying
	}
}

// unescape returns a key without its escapes, and an empty one if those are none.
func unescape(key []byte) []byte {
	if bytes.IndexByte(key, '\\') < 0 {
		return key
	}
	var s string
	if json.Unmarshal([]byte(`"`+string(key)+`"`), &s) != nil {
		return key[:0]
	}
	return append(key[:0], s...)
}

// inValue takes bytes of a value and returns how many.
func (o *Object) inValue(p []byte) int {
	for i := 0; i < len(p); i++ {
		if o.quoted && !o.escaped {
			for p[i] != '"' && p[i] != '\\' {
				if i++; i == len(p) {
					o.hold(p)
					return len(p)
				}
			}
		}
		switch b := p[i]; {
		case o.escaped:
			o.escaped = false
		case o.quoted:
			o.quoted, o.escaped = b != '"', b == '\\'
		case b == '"':
			o.quoted = true
		case b == '{' || b == '[':
			o.depth++
		case o.depth == 1 && (b == ',' || b == '}'):
			o.hold(p[:i])
			o.endValue()
			if o.state = beforeKey; b == '}' {
				o.state = afterObject
			}
			return i + 1
		case b == '}' || b == ']':
			o.depth--
			if o.depth == 0 {
				o.state = noObject
				return len(p)
			}
		}
	}
	o.hold(p)
	return len(p)
}

// hold adds to the value, if it is kept.
func (o *Object) hold(p []byte) {
	switch {
	case o.keep == copying && len(p) > o.left:
		o.omitted += int64(len(o.text)) + int64(len(p))
		o.left += len(o.text)
		o.keep, o.text = dropping, nil
	case o.keep == copying:
		o.left -= len(p)
		o.text = append(o.text, p...)
	case o.keep == dropping:
		o.omitted += int64(len(p))
	}
}

func (o *Object) endValue() {
	if o.keep == copying {
		o.set()
	}
	o.text, o.keep = nil, skipping
}

// set keeps the member, in place of one with its key.
func (o *Object) set() {
	for i := range o.members {
		if m := &o.members[i]; m.key == string(o.key) {
			o.left += len(m.value)
			m.value = o.text
			return
		}
	}
	o.members = append(o.members, member{string(o.key), o.text})
}

// Complete reports whether the object has ended.
func (o *Object) Complete() bool { return o.state == afterObject }

// Omitted returns how many bytes of wanted members were not kept.
func (o *Object) Omitted() int64 { return o.omitted }

// Has reports whether a member was kept.
func (o *Object) Has(key string) bool { return o.value(key) != nil }

// value returns a member; nil if there is none.
func (o *Object) value(key string) json.RawMessage {
	for i := range o.members {
		if o.members[i].key == key {
			return o.members[i].value
		}
	}
	return nil
}

// decode reads a member into v as far as its type goes. It reports whether the member is JSON.
func (o *Object) decode(key string, v any) bool { return decode(o.value(key), v) }

// string returns a member that is text.
func (o *Object) string(key string) string {
	raw := trim(o.value(key))
	if len(raw) == 0 {
		return ""
	}
	if n := len(raw); n >= 2 && raw[0] == '"' && raw[n-1] == '"' && bytes.IndexByte(raw[1:n-1], '"') < 0 && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : n-1])
	}
	var s string
	decode(raw, &s)
	return s
}

// decode reads JSON into v as far as the types go; what is of another type is left out. It
// reports whether src is JSON.
func decode(src []byte, v any) bool {
	if len(src) == 0 {
		return false
	}
	err := json.Unmarshal(src, v)
	_, otherType := err.(*json.UnmarshalTypeError) //nolint:errorlint // json returns it unwrapped
	return err == nil || otherType
}

// Ended reports whether nothing that follows can matter: the object has ended, or is none.
func (o *Object) Ended() bool { return o.state == afterObject || o.state == noObject }
