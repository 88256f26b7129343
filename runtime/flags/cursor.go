package flags

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of a document beyond its size. What is compiled of an object is larger than its
// shortest text.
const (
	maxNesting = 256     // arrays and objects in each other
	maxObjects = 1 << 20 // in the whole document
)

// A cursor stands before a value of a JSON text. Only check may be called on a text
// that is not known to be valid; all else relies on it.
type cursor struct {
	text    string
	pos     int
	objects int // that were checked
}

// check moves behind the next value, or returns what is wrong with it.
func (c *cursor) check(depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("offset %d: nested more than %d deep", c.pos, maxNesting)
	}
	c.space()
	if c.pos == len(c.text) {
		return fmt.Errorf("offset %d: the text ends where a value must be", c.pos)
	}
	switch b := c.text[c.pos]; b {
	case '{':
		if c.objects++; c.objects > maxObjects {
			return fmt.Errorf("offset %d: more than %d objects", c.pos, maxObjects)
		}
		return c.checkList(depth, '}')
	case '[':
		return c.checkList(depth, ']')
	case '"':
		return c.checkString()
	case 't':
		return c.checkWord("true")
	case 'f':
		return c.checkWord("false")
	case 'n':
		return c.checkWord("null")
	default:
		if b == '-' || isDigit(b) {
			return c.checkNumber()
		}
		return c.unexpected()
	}
}

// checkList checks an array or object, which ends with end.
func (c *cursor) checkList(depth int, end byte) error {
	c.pos++
	for first := true; ; first = false {
		c.space()
		switch {
		case c.pos == len(c.text):
			return c.unexpected()
		case c.text[c.pos] == end:
			c.pos++
			return nil
		case first:
		case c.text[c.pos] == ',':
			c.pos++
		default:
			return c.unexpected()
		}
		if end == '}' {
			if err := c.checkName(); err != nil {
				return err
			}
		}
		if err := c.check(depth + 1); err != nil {
			return err
		}
	}
}

// checkName checks a name of an object and the colon behind it.
func (c *cursor) checkName() error {
	c.space()
	if c.pos == len(c.text) || c.text[c.pos] != '"' {
		return c.unexpected()
	}
	if err := c.checkString(); err != nil {
		return err
	}
	c.space()
	if c.pos == len(c.text) || c.text[c.pos] != ':' {
		return c.unexpected()
	}
	c.pos++
	return nil
}

func (c *cursor) checkString() error {
	for c.pos++; c.pos < len(c.text); c.pos++ {
		switch b := c.text[c.pos]; {
		case b == '"':
			c.pos++
			return nil
		case b < ' ':
			return c.unexpected()
		case b == '\\':
			c.pos++
			if c.pos == len(c.text) {
				return c.unexpected()
			}
			if c.text[c.pos] == 'u' {
				if _, ok := c.hex(c.pos + 1); !ok {
					return c.unexpected()
				}
				c.pos += 4
			} else if strings.IndexByte(`"\/bfnrt`, c.text[c.pos]) < 0 {
				return c.unexpected()
			}
		}
	}
	return c.unexpected()
}

func (c *cursor) checkWord(word string) error {
	if !strings.HasPrefix(c.text[c.pos:], word) {
		return c.unexpected()
	}
	c.pos += len(word)
	return nil
}

func (c *cursor) checkNumber() error {
	if c.text[c.pos] == '-' {
		c.pos++
	}
	if c.pos < len(c.text) && c.text[c.pos] == '0' {
		c.pos++
	} else if !c.digits() {
		return c.unexpected()
	}
	if c.pos < len(c.text) && c.text[c.pos] == '.' {
		c.pos++
		if !c.digits() {
			return c.unexpected()
		}
	}
	if c.pos < len(c.text) && c.text[c.pos]|0x20 == 'e' {
		c.pos++
		if c.pos < len(c.text) && (c.text[c.pos] == '+' || c.text[c.pos] == '-') {
			c.pos++
		}
		if !c.digits() {
			return c.unexpected()
		}
	}
	return nil
}

// digits moves behind digits and reports whether there are any.
func (c *cursor) digits() bool {
	start := c.pos
	for c.pos < len(c.text) && isDigit(c.text[c.pos]) {
		c.pos++
	}
	return c.pos > start
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func (c *cursor) unexpected() error {
	if c.pos >= len(c.text) {
		return fmt.Errorf("offset %d: the text ends too early", len(c.text))
	}
	r, _ := utf8.DecodeRuneInString(c.text[c.pos:])
	return fmt.Errorf("offset %d: unexpected %q", c.pos, r)
}

func (c *cursor) space() {
	for c.pos < len(c.text) {
		switch c.text[c.pos] {
		case ' ', '\t', '\n', '\r':
			c.pos++
		default:
			return
		}
	}
}

// peek returns the first byte of the next value.
func (c *cursor) peek() byte {
	c.space()
	return c.text[c.pos]
}

// more moves to the next element of an array or object, or behind its end.
func (c *cursor) more(end byte) bool {
	switch c.peek() {
	case end:
		c.pos++
		return false
	case ',':
		c.pos++
	}
	return true
}

// name returns the next name of an object and moves to its value.
func (c *cursor) name() string {
	name := c.string()
	c.space()
	c.pos++ // the colon
	return name
}

// raw returns the next value's text and moves behind it.
func (c *cursor) raw() string {
	c.space()
	start := c.pos
	switch c.text[c.pos] {
	case '"':
		c.quoted()
	case '{', '[':
		c.nested()
	default:
		for c.pos < len(c.text) && strings.IndexByte(",]} \t\n\r", c.text[c.pos]) < 0 {
			c.pos++
		}
	}
	return c.text[start:c.pos]
}

// nested moves behind an array or object.
func (c *cursor) nested() {
	for depth := 0; ; {
		switch c.text[c.pos] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				c.pos++
				return
			}
		case '"':
			c.quoted()
			continue
		}
		c.pos++
	}
}

// quoted moves behind a string and reports whether anything in it is escaped.
func (c *cursor) quoted() (escaped bool) {
	for c.pos++; c.text[c.pos] != '"'; c.pos++ {
		if c.text[c.pos] == '\\' {
			c.pos++
			escaped = true
		}
	}
	c.pos++
	return escaped
}

// string returns the next value, a string, and moves behind it. It shares the text's
// memory unless something is escaped.
func (c *cursor) string() string {
	c.space()
	start := c.pos
	escaped := c.quoted()
	s := c.text[start+1 : c.pos-1]
	if !escaped {
		return s
	}
	return unescape(s)
}

// unescape returns what the inside of a JSON string stands for.
func unescape(s string) string {
	c := cursor{text: s}
	out := make([]byte, 0, len(s))
	for c.pos < len(s) {
		b := s[c.pos]
		c.pos++
		if b != '\\' {
			out = append(out, b)
			continue
		}
		b = s[c.pos]
		c.pos++
		if b == 'u' {
			out = utf8.AppendRune(out, c.escapedRune())
		} else if at := strings.IndexByte("bfnrt", b); at >= 0 {
			out = append(out, "\b\f\n\r\t"[at])
		} else {
			out = append(out, b)
		}
	}
	return string(out)
}

// escapedRune reads what follows \u. Half of a pair is U+FFFD.
func (c *cursor) escapedRune() rune {
	r, _ := c.hex(c.pos)
	c.pos += 4
	if !utf16.IsSurrogate(r) {
		return r
	}
	if strings.HasPrefix(c.text[c.pos:], `\u`) {
		if low, ok := c.hex(c.pos + 2); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				c.pos += 6
				return pair
			}
		}
	}
	return utf8.RuneError
}

// hex returns the value of the four hexadecimal digits at pos.
func (c *cursor) hex(pos int) (r rune, ok bool) {
	if pos+4 > len(c.text) {
		return 0, false
	}
	n, err := strconv.ParseUint(c.text[pos:pos+4], 16, 16)
	return rune(n), err == nil && strings.IndexByte(c.text[pos:pos+4], '_') < 0
}
