package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// cases maps each word of naming.case to what a name in that case looks like.
// Letters without case, marks and digits fit wherever a letter does.
var cases = map[string]*regexp.Regexp{
	"snake":  regexp.MustCompile(`^` + lowerWord + `(_` + lowerWord + `)*$`),
	"kebab":  regexp.MustCompile(`^` + lowerWord + `(-` + lowerWord + `)*$`),
	"space":  regexp.MustCompile(`^` + lowerWord + `( ` + lowerWord + `)*$`),
	"camel":  regexp.MustCompile(`^[\p{Ll}\p{Lo}][\p{L}\p{M}\p{N}]*$`),
	"pascal": regexp.MustCompile(`^[\p{Lu}\p{Lo}][\p{L}\p{M}\p{N}]*$`),
	"title":  regexp.MustCompile(`^` + titleWord + `( ` + titleWord + `)*$`),
}

const (
	lowerWord = `[\p{Ll}\p{Lm}\p{Lo}\p{M}\p{N}]+`
	titleWord = `[\p{Lu}\p{Lt}\p{Lo}\p{N}][\p{L}\p{M}\p{N}]*`
)

// A ruledName is one name that the section naming has rules for.
type ruledName struct {
	pos      Pos
	kind     string // "event" or "property"
	name     string
	rules    *NamingRules
	property *Property // nil for an event
}

// walkNames visits the names that the section naming applies to.
func walkNames(p *Plan, visit func(ruledName)) {
	if rules := p.Naming.Events; rules != nil {
		for _, e := range p.Events {
			if !strings.HasPrefix(e.Name, "$") {
				visit(ruledName{pos: e.Pos, kind: "event", name: e.Name, rules: rules})
			}
		}
	}
	rules := p.Naming.Properties
	if rules == nil {
		return
	}
	walkProperties(p, func(at site, prop *Property) {
		exempt := at.part == payloadPart || at.part == featurePart && !at.nested
		if !exempt && !strings.HasPrefix(prop.Key, "$") {
			visit(ruledName{pos: prop.Pos, kind: "property", name: prop.Key, rules: rules, property: prop})
		}
	})
}

func checkCase(p *Plan, _ time.Time, report report) {
	fine := make(map[string]bool) // property keys recur in most events
	walkNames(p, func(n ruledName) {
		re, ok := cases[n.rules.Case]
		if !ok || fine[n.kind+n.name] {
			return
		}
		if fine[n.kind+n.name] = re.MatchString(n.name); !fine[n.kind+n.name] {
			report(n.pos, fmt.Sprintf("%s %q is not in %s case", n.kind, n.name, n.rules.Case), "rename it")
		}
	})
}

func checkPattern(p *Plan, _ time.Time, report report) {
	// Compiled once for each rule set; patterns were checked when p was made.
	compiled := make(map[string]*regexp.Regexp)
	walkNames(p, func(n ruledName) {
		if n.rules.Pattern == "" {
			return
		}
		re := compiled[n.rules.Pattern]
		if re == nil {
			var err error
			if re, err = regexp.Compile(n.rules.Pattern); err != nil {
				return
			}
			compiled[n.rules.Pattern] = re
		}
		if !re.MatchString(n.name) {
			report(n.pos, fmt.Sprintf("%s %q does not match %q", n.kind, n.name, n.rules.Pattern), "rename it")
		}
	})
}

func checkLength(p *Plan, _ time.Time, report report) {
	walkNames(p, func(n ruledName) {
		if length := utf8.RuneCountInString(n.name); n.rules.MaxLength > 0 && length > n.rules.MaxLength {
			report(n.pos, fmt.Sprintf("%s %q has %d characters, more than %d", n.kind, n.name, length, n.rules.MaxLength), "shorten it")
		}
	})
}

func checkBoolPrefix(p *Plan, _ time.Time, report report) {
	walkNames(p, func(n ruledName) {
		if n.property == nil || n.property.Type.Kind != Bool || len(n.rules.BoolPrefix) == 0 {
			return
		}
		begins := func(prefix string) bool { return strings.HasPrefix(n.name, prefix) }
		if !slices.ContainsFunc(n.rules.BoolPrefix, begins) {
			report(n.pos, fmt.Sprintf("boolean %q has no prefix", n.name), "begin it with "+quotedList(n.rules.BoolPrefix))
		}
	})
}

func checkTypeSuffix(p *Plan, _ time.Time, report report) {
	walkNames(p, func(n ruledName) {
		if n.property == nil {
			return
		}
		kind := n.property.Type.Kind
		suffixes := n.rules.Suffix[string(kind)]
		ends := func(suffix string) bool { return strings.HasSuffix(n.name, suffix) }
		if len(suffixes) > 0 && !slices.ContainsFunc(suffixes, ends) {
			report(n.pos, fmt.Sprintf("%s %q has no suffix", kind, n.name), "end it with "+quotedList(suffixes))
		}
	})
}

func checkDenied(p *Plan, _ time.Time, report report) {
	walkNames(p, func(n ruledName) {
		if slices.Contains(n.rules.Deny, n.name) {
			report(n.pos, fmt.Sprintf("%s name %q is denied by naming", n.kind, n.name), "say what it is of")
		}
	})
}

// units are the words of a duration's unit.
var units = []string{"ns", "us", "ms", "s", "min", "h", "d"}

// checkUnitSuffix needs no section naming: a key that names the wrong unit is
// wrong in every style.
func checkUnitSuffix(p *Plan, _ time.Time, report report) {
	walkProperties(p, func(_ site, prop *Property) {
		t := leaf(prop.Type)
		if t.Kind != Duration {
			return
		}
		words := wordsOf(prop.Key)
		if len(words) < 2 {
			return
		}
		if last := words[len(words)-1]; last != t.Unit && slices.Contains(units, last) {
			report(prop.Pos, fmt.Sprintf("duration %q ends in %q but is sent in %q", prop.Key, last, t.Unit), "rename it or set unit")
		}
	})
}

// quotedList writes words as a choice: "a", "b" or "c".
func quotedList(words []string) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", w)
	}
	return b.String()
}
