package sink

import (
	"bytes"
	"encoding/json"
)

// A scanner walks through text that is known to be valid JSON and UTF-8. That makes
// it several times as fast as decoding again what encoding/json has checked already.
type scanner struct {
	text []byte
	at   int
}

// peek returns the next byte that is no white space; 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
		default:
			return s.text[s.at]
		}
	}
	return 0
}

// enter steps into an object or array and reports whether it holds anything.
func (s *scanner) enter() bool {
	s.peek()
	s.at++
	return !s.leave()
}

// next steps over the comma behind an element and reports whether there was one,
// or the object or array ended.
func (s *scanner) next() bool {
	if s.leave() {
		return false
	}
	s.at++
	return true
}

func (s *scanner) leave() bool {
	if c := s.peek(); c != '}' && c != ']' {
		return false
	}
	s.at++
	return true
}

// key reads a key and the colon behind it.
func (s *scanner) key() string {
	key := unquote(s.quoted())
	s.peek()
	s.at++
	return key
}

// quoted reads a string with its quotes.
func (s *scanner) quoted() []byte {
	s.peek()
	start := s.at
	for end := false; !end; {
		s.at += 1 + bytes.IndexByte(s.text[s.at+1:], '"')
		slashes := 0 // an odd number of them escapes the quote
		for s.text[s.at-1-slashes] == '\\' {
			slashes++
		}
		end = slashes%2 == 0
	}
	s.at++
	return s.text[start:s.at]
}

// raw reads one value and returns its text, which shares memory with the rest.
func (s *scanner) raw() []byte {
	s.peek()
	start, depth := s.at, 0
	for {
		switch s.peek() {
		case '{', '[':
			depth++
			s.at++
		case '}', ']':
			depth--
			s.at++
		case ',', ':':
			s.at++
			continue
		case '"':
			s.quoted()
		default:
			s.literal()
		}
		if depth == 0 {
			return s.text[start:s.at]
		}
	}
}

// literal reads a number, true, false or null.
func (s *scanner) literal() []byte {
	start := s.at
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r', ',', ']', '}':
			return s.text[start:s.at]
		}
	}
	return s.text[start:]
}

// unquote returns what a valid JSON string says.
func unquote(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // it is valid
	return s
}

// fields splits an object. Of a key that is written twice the last one counts.
func fields(object []byte) map[string]json.RawMessage {
	s := scanner{text: object}
	found := map[string]json.RawMessage{}
	for more := s.enter(); more; more = s.next() {
		key := s.key()
		found[key] = s.raw()
	}
	return found
}

// arrayOf splits what may be an array; null is an empty one.
func arrayOf(value []byte) (elems []json.RawMessage, ok bool) {
	switch {
	case len(value) == 0:
		return nil, false
	case value[0] == '[':
		return elements(value), true
	}
	return nil, value[0] == 'n'
}

// elements splits an array.
func elements(array []byte) []json.RawMessage {
	s := scanner{text: array}
	var found []json.RawMessage
	for more := s.enter(); more; more = s.next() {
		found = append(found, s.raw())
	}
	return found
}
