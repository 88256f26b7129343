package docs

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const maxSlug = 80

// slug is a name as part of an anchor or file. A name of other characters than those that
// are safe everywhere ends in a digest of itself, so that no two names have one slug.
// Without upper it has no upper case, for files: some systems do not tell it from lower.
func slug(name string, upper bool) string {
	var b strings.Builder
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '_', r == '-':
			b.WriteRune(r)
		case 'A' <= r && r <= 'Z' && upper:
			b.WriteRune(r)
		case 'A' <= r && r <= 'Z':
			b.WriteRune(r - 'A' + 'a')
		default:
			b.WriteByte('-')
		}
	}
	s := b.String()
	if s == name && len(s) <= maxSlug && !digested(s) {
		return s
	}
	sum := sha256.Sum256([]byte(name))
	return strings.Trim(s[:min(len(s), maxSlug)], "-") + "-" + hex.EncodeToString(sum[:4])
}

// digested reports whether s ends like the slug of another name.
func digested(s string) bool {
	i := strings.LastIndexByte(s, '-')
	return i >= 0 && len(s)-i == 9 && strings.Trim(s[i+1:], "0123456789abcdef") == ""
}
