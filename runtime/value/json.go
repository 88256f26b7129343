package value

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 32

// AppendJSON appends the JSON value src without white space. It returns dst
// unchanged and false unless src is exactly one JSON value of at most [MaxDepth] levels
// whose numbers a float64 can hold. Inside strings, as in [AppendString], invalid
// UTF-8 and lone surrogates become U+FFFD and NUL is removed.
func AppendJSON(dst, src []byte) ([]byte, bool) { return appendJSON(dst, src, 0) }

// appendJSON is AppendJSON inside depth levels.
func appendJSON(dst, src []byte, depth int) ([]byte, bool) {
	c := compactor{src: src, dst: dst, depth: depth}
	if !c.value() {
		return dst, false
	}
	c.space()
	if c.at != len(src) {
		return dst, false
	}
	return c.dst, true
}

// A compactor copies one JSON value from src to dst.
type compactor struct {
	src, dst []byte
	at       int // what of src is read
	depth    int
}

func (c *compactor) space() {
	for c.at < len(c.src) {
		switch c.src[c.at] {
		case ' ', '\t', '\n', '\r':
			c.at++
		default:
			return
		}
	}
}

// peek returns the next character that is no space; 0 at the end.
func (c *compactor) peek() byte {
	c.space()
	if c.at == len(c.src) {
		return 0
	}
	return c.src[c.at]
}

func (c *compactor) value() bool {
	switch b := c.peek(); b {
	case '{':
		return c.container('}', c.member)
	case '[':
		return c.container(']', c.value)
	case '"':
		return c.text()
	case 't':
		return c.literal("true")
	case 'f':
		return c.literal("false")
	case 'n':
		return c.literal("null")
	default:
		return c.number()
	}
}

func (c *compactor) literal(word string) bool {
	if len(c.src)-c.at < len(word) || string(c.src[c.at:c.at+len(word)]) != word {
		return false
	}
	c.at += len(word)
	c.dst = append(c.dst, word...)
	return true
}

// container copies an object or array up to its closing character; each reads one
// member or item.
func (c *compactor) container(end byte, each func() bool) bool {
	if c.depth++; c.depth > MaxDepth {
		return false
	}
	c.copyByte()
	if c.peek() != end {
		for {
			if !each() {
				return false
			}
			if c.peek() != ',' {
				break
			}
			c.copyByte()
		}
	}
	if c.peek() != end {
		return false
	}
	c.copyByte()
	c.depth--
	return true
}

func (c *compactor) member() bool {
	if c.peek() != '"' || !c.text() || c.peek() != ':' {
		return false
	}
	c.copyByte()
	return c.value()
}

func (c *compactor) copyByte() {
	c.dst = append(c.dst, c.src[c.at])
	c.at++
}

func (c *compactor) number() bool {
	start := c.at
	c.accept('-')
	if !c.accept('0') && !c.digits() {
		return false
	}
	exact := true
	if c.accept('.') {
		if exact = false; !c.digits() {
			return false
		}
	}
	if c.accept('e') || c.accept('E') {
		if !c.accept('+') {
			c.accept('-')
		}
		if exact = false; !c.digits() {
			return false
		}
	}
	text := c.src[start:c.at]
	if !exact || len(text) > 300 {
		if _, err := strconv.ParseFloat(string(text), 64); err != nil {
			return false // beyond float64: PostHog's reader refuses the batch
		}
	}
	c.dst = append(c.dst, text...)
	return true
}

func (c *compactor) accept(b byte) bool {
	if c.at < len(c.src) && c.src[c.at] == b {
		c.at++
		return true
	}
	return false
}

func (c *compactor) digits() bool {
	start := c.at
	for c.at < len(c.src) && c.src[c.at] >= '0' && c.src[c.at] <= '9' {
		c.at++
	}
	return c.at > start
}

// text copies a string.
func (c *compactor) text() bool {
	c.copyByte()
	for c.at < len(c.src) {
		switch b := c.src[c.at]; {
		case b == '"':
			c.copyByte()
			return true
		case b == '\\':
			if !c.escape() {
				return false
			}
		case b < ' ':
			return false
		case b < utf8.RuneSelf:
			c.copyByte()
		default:
			r, size := utf8.DecodeRune(c.src[c.at:])
			c.dst = utf8.AppendRune(c.dst, r)
			c.at += size
		}
	}
	return false
}

// escape copies the escape at c.at.
func (c *compactor) escape() bool {
	if c.at+1 == len(c.src) {
		return false
	}
	switch c.src[c.at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		c.copyByte()
		c.copyByte()
		return true
	case 'u':
		return c.unicode()
	}
	return false
}

// unicode copies the escape \uXXXX at c.at, or the surrogate pair.
func (c *compactor) unicode() bool {
	r, ok := c.hex4(c.at)
	if !ok {
		return false
	}
	size := 6
	if utf16.IsSurrogate(r) {
		low, _ := c.hex4(c.at + 6)
		if utf16.DecodeRune(r, low) == utf8.RuneError {
			c.at += size
			c.dst = append(c.dst, "\uFFFD"...)
			return true
		}
		size = 12
	}
	if r != 0 {
		c.dst = append(c.dst, c.src[c.at:c.at+size]...)
	}
	c.at += size
	return true
}

// hex4 reads \uXXXX at offset at.
func (c *compactor) hex4(at int) (rune, bool) {
	if at+6 > len(c.src) || c.src[at] != '\\' || c.src[at+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, b := range c.src[at+2 : at+6] {
		switch {
		case b >= '0' && b <= '9':
			b -= '0'
		case b >= 'a' && b <= 'f':
			b -= 'a' - 10
		case b >= 'A' && b <= 'F':
			b -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(b)
	}
	return r, true
}
