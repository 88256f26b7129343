package flags

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// scratch is what one pass of evaluation lends to its predicates.
type scratch struct {
	now      time.Time // the instant of relative dates
	buf      []byte    // grows to little more than twice value.MaxBytes at most
	borrowed *[]byte   // from buffers; nil until buf was needed
}

// buffers are those of scratches. Most passes need none.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// empty returns the buffer of s, emptied.
func (s *scratch) empty() []byte {
	if s.borrowed == nil {
		s.borrowed = buffers.Get().(*[]byte)
		s.buf = *s.borrowed
	}
	return s.buf[:0]
}

// end gives the buffer back.
func (s *scratch) end() {
	if s.borrowed != nil {
		*s.borrowed = s.buf[:0]
		buffers.Put(s.borrowed)
	}
}

// A predicate is the operator and the value of one filter, compiled. It never changes.
type predicate struct {
	operator
	state   state
	missing verdict // on a property that the server does not have either
	unknown string  // what of the filter is not understood, "" if nothing

	members  members
	needles  needles
	pattern  *pattern
	bounds   [2]number
	moment   *moment
	versions *versionRange
}

// A state tells which properties a predicate must look at.
type state uint8

const (
	decidable   state = iota
	never             // no property matches
	ever              // every property matches
	undecidable       // nothing is known about any property
)

// An operator is one operator of PostHog's: an operation or its opposite.
type operator struct {
	operation operation
	negated   bool
}

type operation uint8

const (
	isSet operation = iota
	exact
	contains
	startsWith
	endsWith
	containsAny
	matchesPattern
	greater
	greaterEqual
	less
	lessEqual
	between
	before
	after
	sameInstant
	versionEqual
	versionUnequal // not the opposite: neither matches an invalid version
	versionGreater
	versionGreaterEqual
	versionLess
	versionLessEqual
	versionWithin
)

var operators = map[string]operator{
	"":                    {exact, false},
	"exact":               {exact, false},
	"is_not":              {exact, true},
	"is_set":              {isSet, false},
	"is_not_set":          {isSet, true},
	"icontains":           {contains, false},
	"not_icontains":       {contains, true},
	"starts_with":         {startsWith, false},
	"not_starts_with":     {startsWith, true},
	"ends_with":           {endsWith, false},
	"not_ends_with":       {endsWith, true},
	"icontains_multi":     {containsAny, false},
	"not_icontains_multi": {containsAny, true},
	"regex":               {matchesPattern, false},
	"not_regex":           {matchesPattern, true},
	"gt":                  {greater, false},
	"gte":                 {greaterEqual, false},
	"min":                 {greaterEqual, false},
	"lt":                  {less, false},
	"lte":                 {lessEqual, false},
	"max":                 {lessEqual, false},
	"between":             {between, false},
	"not_between":         {between, true},
	"is_date_before":      {before, false},
	"is_date_after":       {after, false},
	"is_date_exact":       {sameInstant, false},
	"semver_eq":           {versionEqual, false},
	"semver_neq":          {versionUnequal, false},
	"semver_gt":           {versionGreater, false},
	"semver_gte":          {versionGreaterEqual, false},
	"semver_lt":           {versionLess, false},
	"semver_lte":          {versionLessEqual, false},
	"semver_tilde":        {versionWithin, false},
	"semver_caret":        {versionWithin, false},
	"semver_wildcard":     {versionWithin, false},
}

// maxOperand bounds the JSON of a filter's value.
const maxOperand = 1 << 20

// newPredicate compiles an operator and the raw JSON value of its filter, nil if the
// filter has none. explicit says that the definitions' property_matching_version is 2, so
// that exact compares bools like other texts. It never fails: a value that the server would
// not understand, or this package not as it does, makes a predicate that is unsure about
// whatever another value of its operator may match, and an unknown operator one that is
// always unsure.
func newPredicate(op string, raw json.RawMessage, explicit bool) predicate {
	known, ok := operators[op]
	if !ok {
		return refused(fmt.Sprintf("the unknown operator %.40q", op))
	}
	p := predicate{operator: known, missing: verdictOf(known.negated)}
	if known.operation == isSet {
		if p.state = ever; known.negated {
			p.state = never
		}
		return p
	}
	value := node{kind: null}
	if len(raw) > maxOperand {
		return refused("a value that is too long")
	}
	if raw != nil {
		if value, ok = parseNode(string(raw)); !ok {
			return refused("a malformed value")
		}
	}
	if value.kind == null {
		p.settle(false) // even is_not and its like
		return p
	}
	p.compile(op, &value, explicit)
	return p
}

// refused returns a predicate that is unsure about every property and its absence.
func refused(why string) predicate {
	return predicate{state: undecidable, missing: unsure, unknown: why}
}

// compile prepares p for its value, which is not null.
func (p *predicate) compile(op string, value *node, explicit bool) {
	switch p.operation {
	case exact:
		p.members = newMembers(value, explicit)
	case contains, startsWith, endsWith:
		p.needles = newNeedles([]node{*value})
	case containsAny:
		items := []node{*value}
		if value.kind == list {
			items = value.items
		}
		if p.needles = newNeedles(items); len(items) == 0 {
			p.settle(p.negated)
		}
	case matchesPattern:
		p.compilePattern(value)
	case greater, greaterEqual, less, lessEqual:
		p.compileBound(value)
	case between:
		p.compileRange(value)
	case before, after, sameInstant:
		p.compileMoment(value)
	default:
		p.compileVersions(op, value)
	}
}

// settle makes p answer one verdict for everything.
func (p *predicate) settle(matches bool) {
	if p.state = never; matches {
		p.state = ever
	}
	p.missing = verdictOf(matches)
}

// unsupported says what of the filter is not understood, so that no property is known to
// match: "" if nothing.
func (p *predicate) unsupported() string { return p.unknown }

// absent returns the verdict on a property that is not known here.
func (p *predicate) absent() verdict {
	if answer := p.settled(); answer == p.missing {
		return answer
	}
	return unsure
}

// unset returns the verdict on a property that the server does not have either.
func (p *predicate) unset() verdict { return p.missing }

// settled returns the verdict on every property that is present, unsure if it depends.
func (p *predicate) settled() verdict {
	switch p.state {
	case never:
		return no
	case ever:
		return yes
	}
	return unsure
}

// match returns the verdict on a property that is present. v may be anything: it is taken
// as the runtime would send it.
func (p *predicate) match(v any, s *scratch) verdict {
	if p.state != decidable {
		return p.settled()
	}
	if str, ok := textOf(v); ok {
		return p.matchText(str, s)
	}
	o := read(v, s)
	if !p.numeric() {
		o.spell(s)
	}
	return p.matchOperand(&o, s)
}

// matchText is match for a text.
func (p *predicate) matchText(str string, s *scratch) verdict {
	if p.state != decidable {
		return p.settled()
	}
	if p.operation == exact {
		// The most frequent filter by far needs no copy of the text.
		if answer := p.members.find(str); answer != unsure {
			return verdictOf((answer == yes) != p.negated)
		}
	}
	o := readString(str)
	return p.matchOperand(&o, s)
}

// numeric reports whether p looks at numbers, and not at their texts.
func (p *predicate) numeric() bool { return p.operation >= greater && p.operation <= between }

func (p *predicate) matchOperand(o *operand, s *scratch) verdict {
	if o.kind == unknown {
		return unsure
	}
	if p.operation == between {
		return p.matchRange(o)
	}
	answer := p.compare(o, s)
	if p.negated {
		answer = answer.not()
	}
	return answer
}

// compare returns the verdict of p's operation, before any negation.
func (p *predicate) compare(o *operand, s *scratch) verdict {
	switch p.operation {
	case exact:
		return p.members.equal(o, s)
	case contains, startsWith, endsWith, containsAny:
		return p.needles.within(o, p.operation, s)
	case matchesPattern:
		return p.pattern.match(o)
	case greater, greaterEqual, less, lessEqual:
		return p.matchBound(o)
	case before, after, sameInstant:
		return p.matchMoment(o, s.now)
	}
	return p.matchVersion(o)
}
