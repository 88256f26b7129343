package flagapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"unicode/utf8"
)

// text returns the text of a string, or reports that v is none.
func text(v json.RawMessage) (s string, ok bool) {
	if !opens(v, '"') {
		return "", false
	}
	return string(unquoted(v)), true
}

// unquoted returns the text of a string: what stands in it, if that says it all.
func unquoted(v json.RawMessage) []byte {
	if bytes.IndexByte(v, '\\') < 0 && utf8.Valid(v) {
		return v[1 : len(v)-1]
	}
	var s string
	_ = json.Unmarshal(v, &s) // it is valid
	return []byte(s)
}

// boolean returns what true or false means, or reports that v is neither.
func boolean(v json.RawMessage) (b, ok bool) {
	b = string(v) == "true"
	return b, b || string(v) == "false"
}

// integer returns the number that v is, or 0.
func integer(v json.RawMessage) int64 {
	n, _ := number(v)
	return n
}

// number reads an integer in any spelling of a number.
func number(v json.RawMessage) (int64, bool) {
	if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || math.Abs(f) >= 1<<63 || f != math.Trunc(f) {
		return 0, false
	}
	return int64(f), true
}

// compact returns the JSON text v without white space.
func compact(v []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, v) != nil {
		return ""
	}
	return b.String()
}

// opens reports whether v begins with c.
func opens(v json.RawMessage, c byte) bool { return len(v) > 0 && v[0] == c }

// null reports whether v is null, or not there.
func null(v json.RawMessage) bool { return len(v) == 0 || v[0] == 'n' }

var errNotOne = errors.New("not the container that is expected")

// members calls each with the members of an object, in order, until it fails. doc is valid
// JSON, or nil.
func members(doc json.RawMessage, each func(key []byte, v json.RawMessage) error) error {
	return contents(doc, '{', '}', func(i int) (int, error) {
		colon := valueEnd(doc, i)
		start := skipSpace(doc, skipSpace(doc, colon)+1)
		end := valueEnd(doc, start)
		return end, each(unquoted(doc[i:colon]), doc[start:end])
	})
}

// elements calls each with the elements of an array, as members does.
func elements(doc json.RawMessage, each func(v json.RawMessage) error) error {
	return contents(doc, '[', ']', func(i int) (int, error) {
		end := valueEnd(doc, i)
		return end, each(doc[i:end])
	})
}

// contents calls next with the offset of whatever stands in a container, of which it
// returns the end.
func contents(doc json.RawMessage, open, closing byte, next func(i int) (end int, err error)) error {
	i := skipSpace(doc, 0)
	if i == len(doc) || doc[i] != open {
		return errNotOne
	}
	for i = skipSpace(doc, i+1); doc[i] != closing; {
		end, err := next(i)
		if err != nil {
			return err
		}
		if i = skipSpace(doc, end); doc[i] == ',' {
			i = skipSpace(doc, i+1)
		}
	}
	return nil
}

// skipSpace returns where the white space at i ends.
func skipSpace(doc []byte, i int) int {
	for i < len(doc) && (doc[i] == ' ' || doc[i] == '\n' || doc[i] == '\t' || doc[i] == '\r') {
		i++
	}
	return i
}

// valueEnd returns where the value at i ends.
func valueEnd(doc []byte, i int) int {
	depth := 0
	for {
		switch doc[i] {
		case '"':
			i = stringEnd(doc, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r': // in a container
			i++
		default:
			i = scalarEnd(doc, i)
		}
		if depth == 0 {
			return i
		}
	}
}

func stringEnd(doc []byte, i int) int {
	for i++; doc[i] != '"'; i++ {
		if doc[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// scalarEnd returns where the number or literal at i ends.
func scalarEnd(doc []byte, i int) int {
	for i < len(doc) && doc[i] != ',' && doc[i] != '}' && doc[i] != ']' && doc[i] > ' ' {
		i++
	}
	return i
}
