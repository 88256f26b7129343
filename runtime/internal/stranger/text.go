// Package stranger takes texts of people whom nobody knows: what a client puts into the
// headers of its request.
package stranger

import (
	"strings"
	"unicode"
)

// MaxText is how many characters are taken of a text.
const MaxText = 1000

// First returns the first value of a header of which something is left, cleaned.
func First(values []string) string {
	for _, v := range values {
		if v = Clean(v); v != "" {
			return v
		}
	}
	return ""
}

// Clean returns s without control characters and without space around it, cut to MaxText
// characters. What is no UTF-8 becomes U+FFFD.
func Clean(s string) string {
	if len(s) <= MaxText && IsPrintable(s) && strings.Trim(s, " ") == s {
		return s // nearly every text is
	}
	var b strings.Builder
	n := 0
	for _, r := range s {
		if unicode.IsControl(r) || b.Len() == 0 && unicode.IsSpace(r) {
			continue
		}
		b.WriteRune(r)
		if n++; n == MaxText {
			break
		}
	}
	return strings.TrimRightFunc(b.String(), unicode.IsSpace)
}

// IsPrintable reports whether s is printable ASCII.
func IsPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
