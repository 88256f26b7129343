// Package yamltext writes strings as YAML, for those who write lines of a plan and keep
// the rest of it as it is.
package yamltext

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// bare are strings that need no quotes: words without what YAML reads as something else.
var bare = regexp.MustCompile(`^[\pL_$](?:[\pL\pN_$./,;()'!?&+=%-]| [\pL\pN_$./,;()'!?&+=%-])*$`)

// spoken are words that YAML, or an older one, reads as something else than a string.
var spoken = map[string]bool{
	"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true,
}

// Quote writes any text as a YAML string of one line, in quotes if it needs them. What is no
// UTF-8 becomes U+FFFD.
func Quote(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if bare.MatchString(s) && !spoken[strings.ToLower(s)] {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r) && r != '\ufeff':
			b.WriteRune(r)
		default: // every escape of Go is one of YAML
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		}
	}
	b.WriteByte('"')
	return b.String()
}

// plain are bare strings that mean the same in brackets and braces: words.
var plain = regexp.MustCompile(`^[\pL_$][\pL\pN_$.-]*(?: [\pL\pN_$.-]+)*$`)

// QuoteInside is Quote for what stands in brackets or braces, where a comma would end a word
// and a plan has a question mark in quotes only.
func QuoteInside(s string) string {
	q := Quote(s)
	if q[0] == '"' || plain.MatchString(q) {
		return q
	}
	return `"` + q + `"`
}
