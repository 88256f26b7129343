package runtime

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// rule returns the plan's word for f.
func (f Format) rule() string {
	switch f {
	case FormatURL:
		return "url"
	case FormatEmail:
		return "email"
	case FormatCountry:
		return "country"
	case FormatCurrency:
		return "currency"
	}
	return "locale"
}

// valid reports whether s has the shape of f.
func (f Format) valid(s string) bool {
	switch f {
	case FormatURL:
		return isURL(s)
	case FormatEmail:
		return isEmail(s)
	case FormatCountry:
		return isCode(s, 2)
	case FormatCurrency:
		return isCode(s, 3)
	case FormatLocale:
		return isLocale(s)
	}
	return true
}

// isURL reports whether s is scheme://host…, without spaces, control characters or
// a user and password.
func isURL(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme == "" || !isLetter(scheme[0]) || hasSpace(s) {
		return false
	}
	for i := range len(scheme) {
		if c := scheme[i]; !isLetter(c) && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		host = rest[:i]
	}
	return host != "" && host[0] != ':' && strings.IndexByte(host, '@') < 0
}

func isEmail(s string) bool {
	at := strings.IndexByte(s, '@')
	return at > 0 && at < len(s)-1 && strings.IndexByte(s[at+1:], '@') < 0 &&
		(len(s) <= 254 || utf8.RuneCountInString(s) <= 254) && !hasSpace(s)
}

// hasSpace reports whether s holds a space or control character, or is no UTF-8.
func hasSpace(s string) bool {
	for i, r := range s {
		switch {
		case r <= ' ' || r == 0x7f:
			return true
		case r < utf8.RuneSelf:
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return true
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			return true
		}
	}
	return false
}

// isCode reports whether s is n capital letters.
func isCode(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range n {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

// isLocale reports whether s has the shape of BCP 47: [A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*.
func isLocale(s string) bool {
	for first := true; ; first = false {
		part, rest, more := strings.Cut(s, "-")
		if len(part) < 1 || len(part) > 8 || first && len(part) < 2 {
			return false
		}
		for i := range len(part) {
			if !isLetter(part[i]) && (first || !isDigit(part[i])) {
				return false
			}
		}
		if !more {
			return true
		}
		s = rest
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
