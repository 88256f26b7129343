package value

import (
	"strings"
	"unicode/utf8"
)

const hex = "0123456789abcdef"

// AppendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD and NUL is
// removed, since the databases behind PostHog can not store it.
func AppendString(dst []byte, s string) []byte {
	n := plain(s)
	if n == len(s) && len(dst)+n+2 <= cap(dst) { // nearly always
		at := len(dst)
		dst = dst[:at+n+2]
		dst[at] = '"'
		copy(dst[at+1:], s)
		dst[at+n+1] = '"'
		return dst
	}
	dst = append(dst, '"')
	dst = append(dst, s[:n]...)
	dst = appendText(dst, s[n:])
	return append(dst, '"')
}

// appendText appends s escaped, without quotes.
func appendText(dst []byte, s string) []byte {
	if utf8.ValidString(s) {
		return appendValid(dst, s)
	}
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, "\uFFFD"...)
		} else {
			dst = appendValid(dst, s[:size])
		}
		s = s[size:]
	}
	return dst
}

// appendValid is appendText for valid UTF-8.
func appendValid(dst []byte, s string) []byte {
	start := 0 // of what is not appended yet
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			if c != 0xe2 || s[i+1] != 0x80 || s[i+2]&^1 != 0xa8 {
				i++
				continue
			}
			// U+2028 and U+2029 end a line in JavaScript.
			dst = append(dst, s[start:i]...)
			dst = append(dst, `\u202`...)
			dst = append(dst, hex[s[i+2]&15])
			i += 3
			start = i
			continue
		}
		if n := plain(s[i:]); n > 0 {
			i += n
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i++
		start = i
	}
	return append(dst, s[start:]...)
}

// appendEscape appends the ASCII character c, which is plain neither in JSON nor to
// PostHog.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case 0:
		return dst
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// Plain reports whether s is ASCII that stands in JSON as it is.
func Plain(s string) bool { return plain(s) == len(s) }

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// plain returns how many leading bytes of s are ASCII that JSON takes as it is.
// It looks at eight bytes at a time: a byte below 0x20, a quote, a backslash or a
// byte of 0x80 and more sets the high bit of its lane. A borrow may set the bit of
// a later lane by mistake, never that of an earlier one.
func plain(s string) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if special(word(s[i:])) != 0 {
			break
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// word loads the first eight bytes of s; the compiler makes it one load.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func special(x uint64) uint64 {
	control := x - lowBits*' '
	quote := (x ^ lowBits*'"') - lowBits
	backslash := (x ^ lowBits*'\\') - lowBits
	return (control | quote | backslash | x) & highBits
}

// Clean returns s as it will be read on the other side: invalid UTF-8 replaced by
// U+FFFD, NUL removed. It returns s itself when there is nothing to do.
func Clean(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	b := make([]byte, 0, len(s)+8)
	for i, r := range s {
		switch {
		case r == 0:
		case r != utf8.RuneError:
			b = append(b, s[i:i+utf8.RuneLen(r)]...)
		default: // each invalid byte is one U+FFFD
			b = append(b, "\uFFFD"...)
		}
	}
	return string(b)
}
