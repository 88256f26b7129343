package transport

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"math"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// A scanner reads one JSON document as it arrives, in the same memory whatever comes. Its
// methods report false at what is no JSON, or at the end: then the document is of no use.
type scanner struct {
	in  bufio.Reader
	src io.LimitedReader
	err error // of src, io.EOF included

	// What text decodes into, one for each thing that is held while another is read.
	key, name, word [64]byte
	prose           [1 << 10]byte
}

// maxDepth bounds how deep values nest that nobody asked for.
const maxDepth = 32

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// newScanner returns a scanner of at most limit bytes of r, until free.
func newScanner(r io.Reader, limit int64) *scanner {
	s := scanners.Get().(*scanner)
	s.src = io.LimitedReader{R: r, N: limit}
	s.in.Reset(&s.src)
	s.err = nil
	return s
}

func (s *scanner) free() {
	s.src.R = nil
	scanners.Put(s)
}

// next returns the next byte, or 0, which stands nowhere in JSON.
func (s *scanner) next() byte {
	c, err := s.in.ReadByte()
	if err != nil {
		s.err = err
	}
	return c
}

// first returns the next byte that is no white space, and leaves it unread.
func (s *scanner) first() byte {
	for {
		switch c := s.next(); {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		case s.err != nil:
			return 0
		default:
			_ = s.in.UnreadByte() // fails only if nothing was read
			return c
		}
	}
}

// take skips c if that comes first.
func (s *scanner) take(c byte) bool {
	if s.first() != c {
		return false
	}
	s.next()
	return true
}

// end reports whether nothing but white space is left.
func (s *scanner) end() bool { return s.first() == 0 && errors.Is(s.err, io.EOF) && s.src.N > 0 }

// drain reads what is left. A connection whose answer was left unread is not reused.
func (s *scanner) drain() error {
	if s.err == nil {
		_, s.err = s.in.Discard(math.MaxInt)
	}
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}

// members reads an object and calls visit for each member, to read its value. The key is
// decoded into buf, as much as fits.
func (s *scanner) members(buf []byte, visit func(key []byte) bool) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	for {
		key, ok := s.text(buf)
		if !ok || !s.take(':') || !visit(key) {
			return false
		}
		if !s.take(',') {
			return s.take('}')
		}
	}
}

// value reads a value that nobody asked for.
func (s *scanner) value(depth int) bool {
	if depth == maxDepth {
		return false
	}
	switch s.first() {
	case '{':
		return s.members(nil, func([]byte) bool { return s.value(depth + 1) })
	case '[':
		s.next()
		if s.take(']') {
			return true
		}
		for s.value(depth + 1) {
			if !s.take(',') {
				return s.take(']')
			}
		}
		return false
	case '"':
		_, ok := s.text(nil)
		return ok
	}
	var buf [64]byte
	return json.Valid(s.literal(buf[:0]))
}

// literal reads a number, true, false or null. One that is longer than the capacity of
// buf is none.
func (s *scanner) literal(buf []byte) []byte {
	for {
		switch c := s.next(); c {
		case 0:
			if s.err == nil { // no end, but a byte that is 0
				return nil
			}
			return buf
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			_ = s.in.UnreadByte()
			return buf
		default:
			if len(buf) == cap(buf) {
				return nil
			}
			buf = append(buf, c)
		}
	}
}

// text reads a string. It is decoded into buf, as much as fits.
func (s *scanner) text(buf []byte) ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	buf, full := buf[:0:len(buf)], false
	for {
		run := s.run()
		if !full {
			fits := min(len(run), cap(buf)-len(buf))
			buf, full = append(buf, run[:fits]...), fits < len(run)
		}
		_, _ = s.in.Discard(len(run)) // what is buffered

		c := s.next()
		switch {
		case c < ' ':
			return nil, false
		case c == '"':
			return buf, true
		case c == '\\':
			r, ok := s.escape()
			if !ok {
				return nil, false
			}
			full = full || len(buf)+utf8.RuneLen(r) > cap(buf)
			if !full {
				buf = utf8.AppendRune(buf, r)
			}
		default:
			full = full || len(buf) == cap(buf)
			if !full {
				buf = append(buf, c)
			}
		}
	}
}

// run returns what is buffered up to the next byte that is special in a string.
func (s *scanner) run() []byte {
	buffered, _ := s.in.Peek(s.in.Buffered())
	for i, c := range buffered {
		if c < ' ' || c == '"' || c == '\\' {
			return buffered[:i]
		}
	}
	return buffered
}

// escape reads what follows a backslash.
func (s *scanner) escape() (rune, bool) {
	switch c := s.next(); c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b', 'f', 'n', 'r', 't':
		return ' ', true // no word has one, and prose is one line
	case 'u':
		r, ok := s.hex4()
		if utf16.IsSurrogate(r) { // a half; the other, if it follows, becomes one as well
			r = utf8.RuneError
		}
		return r, ok
	}
	return 0, false
}

func (s *scanner) hex4() (r rune, ok bool) {
	for range 4 {
		c := s.next()
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
