package flags

import (
	"strconv"
	"strings"

	"github.com/phgen/phgen/runtime/value"
)

// A trace records a pass for people. A nil trace records nothing.
type trace struct {
	needs []Need
	known map[any][]Need // what is missing for each memo, of a flag or cohort
	stack []Step         // the first holds all that is done, the others are under way
}

// remember keeps the needs since from, which belong to a memo.
func (t *trace) remember(memo any, from int) {
	if t != nil {
		t.known[memo] = distinct(t.needs[from:])
	}
}

// recall repeats the needs of a memo.
func (t *trace) recall(memo any) {
	if t != nil {
		t.needs = append(t.needs, t.known[memo]...)
	}
}

// distinct returns needs in their order, each once.
func distinct(needs []Need) []Need {
	var out []Need
	seen := map[Need]bool{}
	for _, n := range needs {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

func (t *trace) open(text string) { t.stack = append(t.stack, Step{Text: text}) }

func (t *trace) close(v verdict, note string) {
	last := len(t.stack) - 1
	s := t.stack[last]
	s.Verdict, s.Note = v.String(), note
	t.stack = t.stack[:last]
	t.stack[last-1].Steps = append(t.stack[last-1].Steps, s)
}

// step records something that is not made of steps.
func (t *trace) step(text string, v verdict, note string) {
	if t != nil {
		t.open(text)
		t.close(v, note)
	}
}

// String returns "no", "yes" or "unsure".
func (v verdict) String() string {
	switch v {
	case no:
		return "no"
	case yes:
		return "yes"
	}
	return "unsure"
}

// closeCondition ends the step of a condition that added values to those in before.
func (t *trace) closeCondition(w *walk, before choices, ends bool) {
	var added []string
	for c := range choice(len(w.flag.variants)) + firstVariant + 1 {
		if w.set&^before&c.bit() != 0 {
			added = append(added, w.flag.value(c).quoted())
		}
	}
	switch {
	case ends && w.reason == ReasonConditionMatch:
		t.close(yes, strings.Join(added, " or "))
	case ends:
		t.close(no, "ends the evaluation")
	case w.set == before:
		t.close(no, "")
	default:
		t.close(unsure, strings.Join(added, " or ")+" if it applies")
	}
}

// quoted returns the value as JSON.
func (v Value) quoted() string {
	if v.variant != "" {
		return strconv.Quote(v.variant)
	}
	return v.String()
}

// percent tells how much of everybody is below a limit.
func (p point) percent() string {
	return strconv.FormatFloat(p.float()*100, 'g', 6, 64) + " %"
}

// text describes a filter, as in `person property "plan" exact "pro"`.
func (f *filter) text() string {
	var text string
	switch f.source {
	case inCohort, nearlyInCohort:
		text = "in cohort " + strconv.Quote(f.need.Name)
	case notInCohort:
		text = "not in cohort " + strconv.Quote(f.need.Name)
	case flagIs, flagIsOn, flagIsOff:
		text = "flag " + strconv.Quote(f.need.Name) + " is " + f.operand
	default:
		text = f.subject()
		if f.operator != "" {
			text += " " + f.operator
		}
		if f.operand != "" {
			text += " " + shortened(f.operand)
		}
	}
	if f.cohort != nil {
		text += ": " + f.cohort.root.text()
	}
	if f.negated {
		return "not: " + text
	}
	return text
}

// subject describes what a filter looks at, whatever it is.
func (f *filter) subject() string {
	if f.need.Kind == NeedDefinition {
		return strings.TrimSpace(f.typ+" property") + " " + strconv.Quote(f.key)
	}
	return f.need.String()
}

// shortened returns text, cut if it is long.
func shortened(text string) string {
	const most = 60
	characters := 0
	for at := range text {
		if characters++; characters > most {
			return text[:at] + "…"
		}
	}
	return text
}

// found describes what a filter found.
func (p *pass) found(f *filter) string {
	var properties map[string]any
	var fallback any
	switch f.source {
	case distinctID:
		properties, fallback = p.query.Person, p.distinctID()
	case personProperty:
		properties = p.query.Person
	case groupProperty, groupKey:
		key := p.query.Groups[f.need.Group]
		if key == "" {
			return "the query is about no such group"
		}
		properties = p.query.GroupProperties[f.need.Group]
		if f.source == groupKey {
			fallback = key
		}
	case flagIs, flagIsOn, flagIsOff:
		return p.foundFlag(f.flag)
	case nothing:
		return "PostHog never takes it to match"
	case inCohort, notInCohort, nearlyInCohort:
		if f.cohort == nil {
			return "the definitions lack it"
		}
		return ""
	default:
		return f.need.String()
	}
	property, ok := properties[f.need.Name]
	switch {
	case ok:
	case fallback != nil:
		property = fallback
	case f.unclear != nil:
		return f.unclear.Name
	default:
		return "not given"
	}
	if _, is := property.(unset); is {
		return "unset"
	}
	if f.unclear != nil {
		return f.unclear.Name
	}
	text, _ := value.AppendAny(nil, property)
	return "it is " + shortened(string(text))
}

// foundFlag describes the outcome of a flag that another depends on.
func (p *pass) foundFlag(f *flag) string {
	o := f.fixed
	if o == nil {
		o = &p.memory.flags[f.memo].outcome
	}
	if o.many {
		return "it is undecided: " + o.reason.String()
	}
	return "it is " + f.value(o.first).quoted()
}
