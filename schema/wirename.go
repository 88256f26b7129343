package schema

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A nameForm is the form of names that stay in the plan and in Go.
type nameForm struct {
	what string
	code string
	form *regexp.Regexp
	cure string
}

var (
	typeName    = nameForm{"type name", "PH304", regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,99}$`), "write an upper-case letter, then ASCII letters and digits, at most 100 in all"}
	ownerName   = nameForm{"owner name", "PH310", regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`), `write a lower-case letter, then lower-case letters, digits, "_" and "-", at most 63 in all`}
	setName     = nameForm{"property set name", "PH310", regexp.MustCompile(`^[a-z][a-z0-9_]{0,199}$`), `write a lower-case letter, then lower-case letters, digits and "_"`}
	variantName = nameForm{"variant key", "PH401", flagName.form, flagName.cure}
	flagName    = nameForm{"flag key", "PH401", regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`), `write ASCII letters, digits, "_" and "-", at most 200`}
)

// shaped checks a name against its form.
func (c *compiler) shaped(n *node, f nameForm) {
	if !f.form.MatchString(n.text) {
		c.report(n.pos(), f.code, f.cure, "%q is no %s", clip(n.text), f.what)
	}
}

// wireNameFault says why a name cannot be sent as it is; empty if it can.
func wireNameFault(name string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > 200:
		return fmt.Sprintf("has %d bytes; the limit is 200", len(name))
	case strings.HasPrefix(name, " ") || strings.HasSuffix(name, " "):
		return "begins or ends with a space"
	case strings.Contains(name, "  "):
		return "holds two spaces in a row"
	case !utf8.ValidString(name):
		return "is no valid UTF-8"
	}
	for _, r := range name {
		if r != ' ' && !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.S, unicode.P) {
			return fmt.Sprintf("holds %U, which is no letter, mark, digit, symbol or punctuation", r)
		}
	}
	return ""
}

// wireName checks a name that is sent; what is it in messages. It reports
// whether it is sound.
func (c *compiler) wireName(n *node, what, name string) bool {
	fault := wireNameFault(name)
	if fault != "" {
		c.report(n.pos(), "PH310", "rename it", "the %s %q %s", what, clip(name), fault)
	}
	return fault == ""
}

// plannedEvents are the events of PostHog's own that a plan may hold.
var plannedEvents = []string{"$pageview", "$pageleave", "$screen"}

// eventName checks the name of an event.
func (c *compiler) eventName(n *node) {
	name := n.text
	if !c.wireName(n, "event name", name) {
		return
	}
	switch {
	case strings.ContainsAny(name, "{}"):
		c.report(n.pos(), "PH310", "give the event one name and make the varying part a property", "the event name %q holds a brace", name)
	case strings.HasPrefix(name, "$"):
		for _, planned := range plannedEvents {
			if name == planned {
				return
			}
		}
		c.report(n.pos(), "PH311", "of the names with $ a plan may hold "+strings.Join(plannedEvents, ", "), "the event name %q belongs to PostHog", name)
	case name == "survey shown", name == "survey sent", name == "survey dismissed", name == "survey abandoned":
		c.report(n.pos(), "PH311", "describe the survey under surveys", "the event name %q belongs to surveys", name)
	}
}

// plannedProperties are the properties of PostHog's own that a plan may hold.
var plannedProperties = map[string]bool{
	"$current_url": true, "$host": true, "$ip": true, "$pathname": true, "$raw_user_agent": true,
	"$referrer": true, "$referring_domain": true, "$request_method": true, "$request_path": true,
	"$response_status_code": true, "$screen_name": true, "$title": true, "$user_agent": true,
}

// propertyName checks a key, of the plan or on the wire, at n.
func (c *compiler) propertyName(n *node, key string, in place) {
	if !c.wireName(n, "property key", key) {
		return
	}
	switch {
	case key == "distinct_id" || key == "token" || key == "api_key",
		key == "ai_feature" && in == inFeature:
		c.report(n.pos(), "PH312", "rename it", "the property key %q is reserved", key)
	case strings.HasPrefix(key, "$") && (!in.takesDollar() || !plannedProperties[key]):
		c.report(n.pos(), "PH312", "rename it", "the property key %q belongs to PostHog", key)
	}
}

// compareVersions orders two versions as semver does.
func compareVersions(a, b string) int {
	a, aPre, aHas := strings.Cut(a, "-")
	b, bPre, bHas := strings.Cut(b, "-")
	if d := compareDotted(a, b); d != 0 {
		return d
	}
	switch {
	case aHas && bHas:
		return compareDotted(aPre, bPre)
	case aHas:
		return -1 // a pre-release comes before its release
	case bHas:
		return 1
	}
	return 0
}

// compareDotted orders identifiers between dots: numbers by value and before
// words, the shorter of equal beginnings first.
func compareDotted(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, xErr := strconv.ParseUint(as[i], 10, 64)
		y, yErr := strconv.ParseUint(bs[i], 10, 64)
		switch {
		case xErr == nil && yErr == nil && x != y:
			if x < y {
				return -1
			}
			return 1
		case xErr == nil && yErr != nil:
			return -1
		case xErr != nil && yErr == nil:
			return 1
		case xErr != nil && as[i] != bs[i]:
			return strings.Compare(as[i], bs[i])
		}
	}
	return len(as) - len(bs)
}
