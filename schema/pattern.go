package schema

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// pattern reads a regular expression of v.
func (c *compiler) pattern(v *node) string {
	text := c.text(v, "pattern")
	if text == "" {
		return ""
	}
	n := v.at("pattern")
	if len(text) > maxPatternBytes {
		c.report(n.pos(), "PH212", "shorten it", "a pattern of %d bytes; the limit is %d", len(text), maxPatternBytes)
		return text
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		c.report(n.pos(), "PH212", "write it in RE2 syntax", "the pattern %q: %s", clip(text), strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return text
	}
	if _, known := c.regexps[text]; known {
		return text
	}
	c.regexps[text] = nil
	if c.programs += programSize(tree); c.programs > maxPrograms {
		c.report(n.pos(), "PH112", "lower the numbers in braces", "with the pattern %q all patterns are too large together", clip(text))
	}
	return text
}

// maxPrograms bounds the size of all patterns, compiled; they are compiled here
// and again in the program that the plan is for.
const maxPrograms = 1_000_000

// programSize estimates the number of instructions of a pattern. Repetition
// multiplies what it repeats.
func programSize(re *syntax.Regexp) int {
	size := 1 + len(re.Rune)/2
	for _, sub := range re.Sub {
		size += programSize(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(re.Min, re.Max, 1)
	}
	return min(size, 2*maxPrograms)
}

// matches tells whether a text matches a pattern that was read before. A bad
// pattern was reported and matches all.
func (c *compiler) matches(pattern, text string) bool {
	re := c.regexps[pattern]
	if re == nil && c.programs <= maxPrograms {
		re, _ = regexp.Compile(pattern)
		c.regexps[pattern] = re
	}
	return re == nil || re.MatchString(text)
}
