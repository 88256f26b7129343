package judge

import (
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/phgen/phgen/schema"
)

// formats hold the form on the wire of the kinds that are strings of a form.
var formats = map[schema.Kind]func(string) bool{
	schema.Timestamp: isTimestamp,
	schema.Date:      isDate,
	schema.UUID:      isUUID,
	schema.URL:       isURL,
	schema.Email:     isEmail,
	schema.IP:        isIP,
	schema.Country:   func(s string) bool { return upper(s, 2) },
	schema.Currency:  func(s string) bool { return upper(s, 3) },
	schema.Locale:    localeForm.MatchString,
}

var localeForm = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

// isTimestamp takes RFC 3339 in UTC, spelled Z.
func isTimestamp(s string) bool {
	t, err := time.Parse(time.RFC3339Nano, s)
	return err == nil && strings.HasSuffix(s, "Z") && !t.IsZero() && t.Year() >= 1
}

func isDate(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Year() >= 1
}

// isUUID takes the canonical form in lower case, and not the nil UUID.
func isUUID(s string) bool {
	if len(s) != 36 || strings.Trim(s, "0-") == "" {
		return false
	}
	for i := range len(s) {
		if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen != (s[i] == '-') || !hyphen && !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }

// isURL takes scheme://host… without white space, controls and user:password@.
func isURL(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme == "" || !schemeForm.MatchString(scheme) || hasSpaceOrControl(s) {
		return false
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	return authority != "" && !strings.Contains(authority, "@")
}

var schemeForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)

func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && !strings.Contains(domain, "@") &&
		len(s) <= 254 && !hasSpaceOrControl(s)
}

// isIP takes an address in its canonical text, without a zone.
func isIP(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Unmap().WithZone("").String() == s
}

func upper(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func hasSpaceOrControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// HasForm reports whether s is what a value of that kind is on the wire; false for kinds
// that are no strings of a form.
func HasForm(kind schema.Kind, s string) bool {
	form := formats[kind]
	return form != nil && form(s)
}
