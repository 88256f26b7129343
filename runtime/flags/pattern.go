package flags

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// A pattern is a regular expression that means the same to Go as to the server's engine,
// for the texts that match looks at.
type pattern struct {
	expr  *regexp.Regexp
	size  int    // about how many states it has
	ascii bool   // it means the same for ASCII only
	avoid string // nor for texts with one of these
}

// Bounds on patterns, so that hostile definitions cost neither much memory nor time.
const (
	maxPattern  = 4096    // bytes of source
	maxStates   = 5000    // the repetitions written out
	maxMatching = 4 << 20 // states times bytes of the text
	heavyClass  = 150     // states of a large Unicode class: the server refuses some 60 of them
)

func (p *predicate) compilePattern(value *node) {
	if p.negated {
		p.missing = unsure // until the pattern is known to be valid
	}
	if value.vague {
		p.unknown = "a number as a pattern"
		return
	}
	src := value.text()
	var s patternScanner
	if why := s.scan(src); why != "" {
		p.unknown = why
		return
	}
	tree, err := syntax.Parse(src, syntax.Perl)
	switch {
	case err != nil && alwaysInvalid(err):
		p.settle(false)
		return
	case err != nil:
		p.unknown = "a pattern that one of the engines refuses"
		return
	}
	weight := 1
	if s.heavy {
		weight = heavyClass
	}
	if states(tree, weight) > maxStates {
		p.unknown = "a pattern that is too large"
		return
	}
	expr, err := regexp.Compile(src)
	if err != nil || repeatsName(expr.SubexpNames()) {
		p.unknown = "a pattern that one of the engines refuses"
		return
	}
	p.missing = verdictOf(p.negated)
	p.pattern = &pattern{expr: expr, size: states(tree, 1), ascii: s.ascii}
	if s.space {
		p.pattern.avoid = "\v"
	}
	if s.lines {
		p.pattern.avoid += "\n"
	}
}

// match reports whether the pattern is found in o's text. A nil pattern is one that was not
// understood.
func (p *pattern) match(o *operand) verdict {
	n := len(o.buf) + len(o.str)
	switch {
	case p == nil, o.vague, p.ascii && !o.plain, n*p.size > maxMatching, strings.ContainsAny(o.str, p.avoid):
		return unsure
	case o.buf != nil:
		return verdictOf(p.expr.Match(o.buf))
	}
	return verdictOf(p.expr.MatchString(o.str))
}

// alwaysInvalid reports whether err is about a pattern that every engine refuses.
func alwaysInvalid(err error) bool {
	var e *syntax.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen, syntax.ErrMissingBracket, syntax.ErrTrailingBackslash:
		return true
	case syntax.ErrInvalidCharRange:
		// The names of classes differ from engine to engine.
		return !strings.HasPrefix(e.Expr, `\`) && !strings.HasPrefix(e.Expr, "[:")
	}
	return false
}

// repeatsName reports whether two groups of a pattern have one name.
func repeatsName(names []string) bool {
	for i, name := range names {
		if name != "" && slices.Contains(names[:i], name) {
			return true
		}
	}
	return false
}

// states estimates how many states re has when its repetitions are written out and each
// class counts for so many, up to a little over maxStates. An empty class counts as too
// many, since some engines refuse it.
func states(re *syntax.Regexp, class int) int {
	n := 1
	switch re.Op {
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpCharClass:
		if n = class; len(re.Rune) == 0 {
			return maxStates + 1
		}
	}
	for _, sub := range re.Sub {
		n += states(sub, class)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return min(n, maxStates+1)
}
