package media

import (
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// read reads the string at r.at and returns its text: JSON's, without quotes, in which no
// printable ASCII is escaped but quotes and backslashes. If written is true, the text had to be
// changed and is the end of dst, behind the quote before it; otherwise it is part of src, and
// nothing is written. ok is false if there is no such string.
func (r *rewriter) read() (text []byte, written, ok bool) {
	start := r.at + 1
	end := special(r.src, start)
	if end < len(r.src) && r.src[end] == '"' && utf8.Valid(r.src[start:end]) {
		r.at = end + 1
		return r.src[start:end], false, true
	}
	r.grow()
	r.copyByte()
	at := len(r.dst)
	for r.at < len(r.src) {
		end := special(r.src, r.at)
		r.valid(end)
		if r.at == len(r.src) {
			break
		}
		switch r.src[r.at] {
		case '"':
			r.at++
			return r.dst[at:], true, true
		case '\\':
			if !r.escape() {
				return nil, false, false
			}
		default:
			return nil, false, false
		}
	}
	return nil, false, false
}

// large is from how many bytes on room is made for a string before it is copied.
const large = 16 << 10

// grow makes room for the string at r.at if it is large.
func (r *rewriter) grow() {
	if r.base == apart && len(r.src)-r.at >= large {
		if n := skipText(r.src, r.at) - r.at; n >= large {
			r.dst = slices.Grow(r.dst, n)
		}
	}
}

// valid copies src up to end, with U+FFFD for what is no UTF-8.
func (r *rewriter) valid(end int) {
	part := r.src[r.at:end]
	if utf8.Valid(part) {
		r.at = end
		r.emit(part)
		return
	}
	// src may move meanwhile.
	for left := end - r.at; left > 0; {
		c, size := utf8.DecodeRune(r.src[r.at : r.at+left])
		start := r.at
		r.at += size
		left -= size
		if c == utf8.RuneError && size == 1 {
			r.emit(replacement)
		} else {
			r.emit(r.src[start:r.at])
		}
	}
}

var replacement = []byte("\uFFFD")

// escape copies the escape at r.at.
func (r *rewriter) escape() bool {
	if r.at+1 >= len(r.src) {
		return false
	}
	switch c := r.src[r.at+1]; c {
	case '"', '\\', 'b', 'f', 'n', 'r', 't':
		r.at += 2
		r.dst = append(r.dst, '\\', c)
		return true
	case '/':
		r.at += 2
		r.dst = append(r.dst, c)
		return true
	case 'u':
		return r.unicode()
	}
	return false
}

// unicode copies the escape \uXXXX at r.at, or the surrogate pair.
func (r *rewriter) unicode() bool {
	text := r.src[r.at:]
	c, ok := hex4(text)
	switch {
	case !ok:
		return false
	case utf16.IsSurrogate(c) && !isSurrogate(text):
		r.at += 6
		r.emit(replacement)
	case utf16.IsSurrogate(c):
		r.at += 12
		r.emit(text[:12])
	case c == 0: // PostHog's databases can not store it
		r.at += 6
	case c == '"' || c == '\\':
		r.at += 6
		r.dst = append(r.dst, '\\', byte(c))
	case c >= ' ' && c < utf8.RuneSelf:
		r.at += 6
		r.dst = append(r.dst, byte(c))
	default:
		r.at += 6
		r.emit(text[:6])
	}
	return true
}

// isSurrogate reports whether text begins with an escaped surrogate pair.
func isSurrogate(text []byte) bool {
	high, ok := hex4(text)
	if !ok || !utf16.IsSurrogate(high) {
		return false
	}
	low, ok := hex4(text[6:])
	return ok && utf16.DecodeRune(high, low) != utf8.RuneError
}

// hex4 reads the escape \uXXXX that text begins with.
func hex4(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, b := range text[2:6] {
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
