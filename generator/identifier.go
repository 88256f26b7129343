package generator

import (
	"go/token"
	"strings"
)

// golint's list of words that are written in capitals.
const commonInitialisms = "ACL API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON LHS QPS RAM RHS RPC SLA SMTP SQL SSH TCP TLS TTL UDP UI UID UUID URI URL UTF8 VM XML XMPP XSRF XSS"

// identifier makes the exported form of a wire name by plan-language §13. The
// result may be empty or begin with a digit: exported tells.
func identifier(name string, initialisms map[string]bool) string {
	var b strings.Builder
	for _, word := range words(name) {
		if upper := strings.ToUpper(word); initialisms[upper] {
			b.WriteString(upper)
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]))
		b.WriteString(word[1:])
	}
	return b.String()
}

// words splits name at every character that is no ASCII letter or digit, and
// where a lower-case letter is followed by an upper-case one.
func words(name string) []string {
	var all []string
	start := -1
	for i := range len(name) {
		switch c := name[i]; {
		case !isAlnum(c):
			if start >= 0 {
				all = append(all, name[start:i])
			}
			start = -1
		case start < 0:
			start = i
		case isUpper(c) && isLower(name[i-1]):
			all = append(all, name[start:i])
			start = i
		}
	}
	if start >= 0 {
		all = append(all, name[start:])
	}
	return all
}

// exported reports whether ident can be an exported Go identifier.
func exported(ident string) bool {
	return ident != "" && isUpper(ident[0])
}

// unexported lowers the first word of an exported identifier: "ProjectID" to
// "projectID", "URLPath" to "urlPath", "IDs" to "ids".
func unexported(ident string) string {
	n := 0 // length of the leading run of capitals and digits
	for n < len(ident) && !isLower(ident[n]) {
		n++
	}
	switch {
	case n == len(ident) || ident[n:] == "s":
		return strings.ToLower(ident)
	case n > 1:
		n-- // the last capital begins the next word
	}
	return strings.ToLower(ident[:n]) + ident[n:]
}

// A scope hands out names that are unique within it and clash with no keyword,
// no predeclared name and no import. A name that is taken gets a trailing
// underscore, which no identifier made from a plan has.
type scope map[string]bool

func newScope(taken ...string) scope {
	s := scope{}
	for _, name := range taken {
		s[name] = true
	}
	return s
}

func (s scope) claim(name string) string {
	for s[name] || reserved[name] || token.IsKeyword(name) {
		name += "_"
	}
	s[name] = true
	return name
}

// reserved are the names that a parameter or field must not hide.
var reserved = func() map[string]bool {
	all := map[string]bool{"init": true, "main": true}
	for _, name := range strings.Fields(predeclared) {
		all[name] = true
	}
	for _, name := range importNames {
		all[name] = true
	}
	return all
}()

const predeclared = `any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64
	rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex
	copy delete imag len make max min new panic print println real recover`

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isAlnum(c byte) bool { return isUpper(c) || isLower(c) || '0' <= c && c <= '9' }
