package eventfile

import (
	"errors"
	"io"
	"strconv"
)

// maxNesting is where even skipping a value ends.
const maxNesting = 10_000

// errSyntax says that the text is no JSON, for the reason in the scanner.
var errSyntax = errors.New("syntax error")

// A scanner finds the values in JSON text of any length. It checks brackets, commas and
// colons, and leaves scalars to who decodes them.
type scanner struct {
	in        io.Reader
	err       error // that ended in
	buffer    [64 << 10]byte
	at, end   int
	line, col int
	began     int // the line of the outermost value

	kept    []byte // the text of the value that is wanted
	keeping bool
	over    bool // it is longer than MaxEvent
	deepest int  // its depth

	open   []byte // the brackets of the value that are not closed yet
	reason string // of errSyntax
}

// keep begins a value whose text is wanted, or not.
func (s *scanner) keep(wanted bool) {
	s.kept, s.keeping, s.over, s.deepest = s.kept[:0], wanted, false, 0
}

// peek returns the next byte, if there is one.
func (s *scanner) peek() (byte, bool) {
	for s.at == s.end {
		if s.err != nil {
			return 0, false
		}
		s.at = 0
		s.end, s.err = s.in.Read(s.buffer[:])
	}
	return s.buffer[s.at], true
}

func (s *scanner) is(want byte) bool {
	c, ok := s.peek()
	return ok && c == want
}

// step goes behind the byte that peek returned.
func (s *scanner) step() {
	c := s.buffer[s.at]
	s.at++
	switch {
	case c == '\n':
		s.line++
		s.col = 1
	case c&0xc0 != 0x80: // the first byte of a character
		s.col++
	}
	if !s.keeping {
		return
	}
	if len(s.kept) == MaxEvent {
		s.keeping, s.over = false, true
		return
	}
	s.kept = append(s.kept, c)
}

// skipMark skips the byte order mark that Windows puts in front of a text.
func (s *scanner) skipMark() {
	if _, ok := s.peek(); ok && s.end-s.at >= 3 && string(s.buffer[s.at:s.at+3]) == "\ufeff" {
		s.at += 3
	}
}

func (s *scanner) space() {
	for {
		c, ok := s.peek()
		if !ok || c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return
		}
		s.step()
	}
}

// resume skips to where a value may begin behind an error: in the next line, or if the
// broken value went over several lines, at the next one that begins with a bracket.
func (s *scanner) resume() {
	s.keep(false)
	oneLine := s.line == s.began
	for {
		c, ok := s.peek()
		if !ok || s.col == 1 && s.line != s.began && (oneLine || c == '{' || c == '[') {
			return
		}
		s.step()
	}
}

// unexpected is the error of finding something else than want.
func (s *scanner) unexpected(want string) error {
	s.reason = "the text ends where " + want + " should be"
	if c, ok := s.peek(); ok {
		s.reason = "found " + describe(c) + " where " + want + " should be"
	}
	return errSyntax
}

func describe(c byte) string {
	switch {
	case c == '\n' || c == '\r':
		return "the end of the line"
	case c > ' ' && c < 0x7f:
		return strconv.Quote(string(rune(c)))
	}
	return "byte 0x" + strconv.FormatUint(uint64(c)|0x100, 16)[1:]
}

// value reads one value.
func (s *scanner) value() error {
	s.open = s.open[:0]
	for {
		if err := s.start(); err != nil {
			return err
		}
		for {
			if len(s.open) == 0 {
				return nil
			}
			more, err := s.more()
			if err != nil {
				return err
			}
			if more {
				break
			}
		}
	}
}

// start reads a scalar, or the brackets and keys in front of one. It leaves an empty
// object or array for more to close.
func (s *scanner) start() error {
	for {
		s.space()
		c, ok := s.peek()
		switch {
		case ok && (c == '{' || c == '['):
			if len(s.open) == maxNesting {
				s.reason = "nested more than " + strconv.Itoa(maxNesting) + " levels deep"
				return errSyntax
			}
			s.step()
			s.open = append(s.open, c+2) // the closing one
			s.deepest = max(s.deepest, len(s.open))
			s.space()
			if s.is(c + 2) {
				return nil
			}
			if c == '{' {
				if _, err := s.key(); err != nil {
					return err
				}
			}
		case ok && c == '"':
			_, err := s.quoted()
			return err
		default:
			return s.literal()
		}
	}
}

// more goes behind a comma to the next value, or closes a bracket and reports false.
func (s *scanner) more() (bool, error) {
	s.space()
	closing := s.open[len(s.open)-1]
	switch {
	case s.is(closing):
		s.step()
		s.open = s.open[:len(s.open)-1]
		return false, nil
	case !s.is(','):
		return false, s.unexpected(`"," or ` + strconv.Quote(string(rune(closing))))
	}
	s.step()
	if closing == '}' {
		s.space()
		_, err := s.key()
		return true, err
	}
	return true, nil
}

// key reads a key and the colon behind it, and returns it as it is written; one that is
// long comes back cut.
func (s *scanner) key() (string, error) {
	key, err := s.quoted()
	if err != nil {
		return "", err
	}
	s.space()
	if !s.is(':') {
		return "", s.unexpected(`":"`)
	}
	s.step()
	s.space()
	return key, nil
}

const keyLength = 16 // is all that a reader looks at

// quoted reads a string.
func (s *scanner) quoted() (string, error) {
	if !s.is('"') {
		return "", s.unexpected("a quote")
	}
	s.step()
	var start [keyLength]byte
	text := start[:0]
	for {
		c, ok := s.peek()
		if !ok || c == '\n' {
			return "", s.unexpected("the quote that ends a string")
		}
		s.step()
		switch c {
		case '"':
			return string(text), nil
		case '\\':
			if _, ok := s.peek(); ok {
				s.step()
			}
		}
		if len(text) < keyLength {
			text = append(text, c)
		}
	}
}

// inLiteral holds the bytes of numbers and words.
var inLiteral = func() (in [256]bool) {
	for _, c := range []byte("+-.0123456789Eabcdefghijklmnopqrstuvwxyz") {
		in[c] = true
	}
	return in
}()

// literal reads a number, true, false, null, or what looks like one of them.
func (s *scanner) literal() error {
	for n := 0; ; n++ {
		c, ok := s.peek()
		if !ok || !inLiteral[c] {
			if n == 0 {
				return s.unexpected("a value")
			}
			return nil
		}
		s.step()
	}
}
