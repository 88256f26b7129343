package flags

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"
)

// appendLower appends s in lower case as Rust's str::to_lowercase has it. Go's
// strings.ToLower knows neither the two code points of "İ" in lower case nor the sigma
// that ends a word.
func appendLower(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			dst = append(dst, lowerASCII[c])
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == 'İ':
			dst = append(dst, "i\u0307"...)
		case r == 'Σ' && endsWord(s[:i], s[i+size:]):
			dst = append(dst, "ς"...)
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += size
	}
	return dst
}

// endsWord reports whether a sigma between before and after is the last letter of a word
// and not its first: Unicode's Final_Sigma.
func endsWord(before, after string) bool {
	for before != "" {
		r, size := utf8.DecodeLastRuneInString(before)
		if !caseIgnorable(r) {
			break
		}
		before = before[:len(before)-size]
	}
	if r, _ := utf8.DecodeLastRuneInString(before); before == "" || !cased(r) {
		return false
	}
	for _, r := range after {
		if !caseIgnorable(r) {
			return !cased(r)
		}
	}
	return true
}

func cased(r rune) bool {
	return unicode.IsLower(r) || unicode.IsUpper(r) || unicode.In(r, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

// caseIgnorable is Unicode's Case_Ignorable: marks, modifiers, formats, and the
// punctuation that stands inside words.
func caseIgnorable(r rune) bool {
	switch r {
	case '\'', '.', ':', '·', '\u0387', '\u055F', '\u05F4', '\u2018', '\u2019', '\u2024', '\u2027',
		'\uFE13', '\uFE52', '\uFE55', '\uFF07', '\uFF0E', '\uFF1A':
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}

// appendFold appends s with its ASCII letters in lower case and all else as it is.
func appendFold(dst []byte, s string) []byte {
	start := len(dst)
	dst = append(dst, s...)
	foldInPlace(dst[start:])
	return dst
}

func foldInPlace(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		binary.LittleEndian.PutUint64(b, foldWord(binary.LittleEndian.Uint64(b)))
	}
	for i, c := range b {
		if c-'A' < 26 {
			b[i] = c + 'a' - 'A'
		}
	}
}

// foldWord is foldInPlace for eight bytes at once.
func foldWord(w uint64) uint64 {
	const each = 0x0101010101010101
	low := w &^ (0x80 * each) // so that no sum runs into the next byte
	upper := (low + (0x80-'A')*each) &^ (low + (0x80-'Z'-1)*each) &^ w & (0x80 * each)
	return w | upper>>2
}

// toLower returns s in lower case; it is s itself if nothing changes.
func toLower(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] != lowerASCII[s[i]] {
			return string(appendLower(nil, s))
		}
	}
	return s
}

// foldsTo reports whether s, with its ASCII letters in lower case, is lower.
func foldsTo(s, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := range len(s) {
		if lowerASCII[s[i]] != lower[i] {
			return false
		}
	}
	return true
}

// lowerASCII maps every byte to itself and upper-case ASCII letters to lower case.
var lowerASCII = func() (table [256]byte) {
	for i := range table {
		table[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			table[i] += 'a' - 'A'
		}
	}
	return table
}()
