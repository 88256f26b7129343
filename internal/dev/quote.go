package dev

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// bare are names that need no quotes: ASCII words without what YAML reads as something else.
var bare = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$.-]*( [A-Za-z0-9_$.-]+)*$`)

// spoken are words that YAML, or an older one, does not read as strings.
var spoken = map[string]bool{
	"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true,
}

// quote writes a name as a YAML string of one line.
func quote(name string) string {
	if bare.MatchString(name) && !spoken[strings.ToLower(name)] {
		return name
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range name {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default: // every escape of Go is one of YAML
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		}
	}
	b.WriteByte('"')
	return b.String()
}
