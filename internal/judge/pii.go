package judge

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/phgen/phgen/schema"
)

// afterPII says what is wrong with a personal value that should have been
// hashed, masked or truncated; nothing if it could have been. A dropped one must
// not be there at all.
func afterPII(kind schema.Kind, pii *schema.PII, v any) string {
	if pii.Action == "drop" {
		return "sent, but the plan says drop"
	}
	if n, ok := v.(json.Number); kind == schema.Float {
		if !ok || !oneDecimal(n.String()) {
			return "no number of at most one decimal"
		}
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		return "no string"
	case pii.Action == "hash" && !isHash(s):
		return "not hashed: no 32 lower-case hex digits"
	case pii.Action == "mask" && !isMasked(kind, s):
		return "not masked"
	case pii.Action == "truncate":
		return afterTruncate(kind, pii, s)
	}
	return ""
}

func isHash(s string) bool {
	if len(s) != 32 {
		return false
	}
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return true
}

// isMasked takes "a***@example.com" for an email, and "***" with four characters
// or none behind it for anything else.
func isMasked(kind schema.Kind, s string) bool {
	if kind == schema.Email {
		first, domain, ok := strings.Cut(s, "***@")
		// What is no address, and was sent nevertheless, is masked like other text.
		if ok && utf8.RuneCountInString(first) == 1 && domain != "" {
			return true
		}
	}
	rest, ok := strings.CutPrefix(s, "***")
	n := utf8.RuneCountInString(rest)
	return ok && (n == 0 || n == 4)
}

func afterTruncate(kind schema.Kind, pii *schema.PII, s string) string {
	switch kind {
	case schema.IP:
		if !isNetwork(s) {
			return "not truncated: host bits are set"
		}
	case schema.Date:
		if !isDate(s) || !strings.HasSuffix(s, "-01-01") {
			return "not truncated to its year"
		}
	case schema.Timestamp:
		if !isTimestamp(s) || !strings.HasSuffix(s, "-01-01T00:00:00Z") {
			return "not truncated to its year"
		}
	default:
		keep := pii.Keep
		if keep == 0 {
			keep = 3
		}
		if utf8.RuneCountInString(s) > keep {
			return fmt.Sprintf("not truncated to %d characters", keep)
		}
	}
	return ""
}

// isNetwork reports whether s is an address whose bits behind /24 or /48 are 0.
func isNetwork(s string) bool {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return false
	}
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	return err == nil && p.Addr() == a && a.String() == s
}

// oneDecimal reports whether n is written with at most one decimal.
func oneDecimal(n string) bool {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(n), "e")
	if exponent != "" {
		return !strings.HasPrefix(exponent, "-")
	}
	_, fraction, _ := strings.Cut(mantissa, ".")
	return len(fraction) <= 1
}
