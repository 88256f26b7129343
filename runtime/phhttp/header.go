package phhttp

import (
	"strings"
	"unicode"
)

// The tracing headers, which PostHog's browser library sends, in canonical form.
const (
	headerUser    = "X-Posthog-Distinct-Id"
	headerSession = "X-Posthog-Session-Id"
	headerWindow  = "X-Posthog-Window-Id"
)

// maxText is how many characters are taken of a text that a client chose.
const maxText = 1000

// first returns the first value of a header of which something is left, cleaned.
func first(values []string) string {
	for _, v := range values {
		if v = clean(v); v != "" {
			return v
		}
	}
	return ""
}

// clean returns s without control characters and without space around it, cut to maxText
// characters. What is no UTF-8 becomes U+FFFD.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	n := 0
	for _, r := range s {
		if unicode.IsControl(r) || b.Len() == 0 && unicode.IsSpace(r) {
			continue
		}
		b.WriteRune(r)
		if n++; n == maxText {
			break
		}
	}
	return strings.TrimRightFunc(b.String(), unicode.IsSpace)
}

// isClean reports whether clean has nothing to do: so it is with nearly every text.
func isClean(s string) bool {
	if len(s) > maxText || s != "" && (s[0] == ' ' || s[len(s)-1] == ' ') {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
