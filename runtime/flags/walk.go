package flags

import (
	"strconv"

	"github.com/phgen/phgen/runtime/value"
)

// What every query may lack.
var (
	noDistinctID = Need{Kind: NeedDistinctID}
	noDeviceID   = doubt{ReasonMissingContext, &Need{Kind: NeedDeviceID}}
	noMemory     = doubt{ReasonExperienceContinuity, &Need{Kind: NeedBucket}}
)

// A walk evaluates one flag that is not the same for everybody. Its outcome has no place
// here: the Need of one goes to the heap, and the pass would follow.
type walk struct {
	*pass
	flag *flag
	values
	reason Reason // what ended it
	index  int32  // of the condition that did, −1 for none
	bucket bucket
	failed failure
}

// A bucket is what conditions with the same target have in common.
type bucket struct {
	target *target
	doubt  *doubt // why id is not known, nil if it is
	id     string // what PostHog hashes
	point  point  // of the rollout, once hashed
	hashed bool
	absent bool // the query is not about such a group
}

// A failure is the best of the conditions that did not match.
type failure struct {
	index  int32
	reason Reason
	sure   bool
}

// walk evaluates a flag in the server's order: enrollment, holdout, release conditions.
// Each step adds the values that the flag may get from it; a step that is certain to
// apply ends the walk.
func (p *pass) walk(f *flag) outcome {
	before := p.mark()
	p.doubt = doubt{}
	w := walk{pass: p, flag: f, failed: failure{index: -1, reason: ReasonNoConditionMatch}}
	switch {
	case f.personal && p.isNobody():
		p.doubts(ReasonMissingContext, &noDistinctID)
		w.set, w.many = anything, true
	case f.overridden && w.overrides():
	default:
		w.releases()
	}
	o := outcome{w.values, nil, w.index, w.reason}
	if o.many {
		o.reason, o.condition, o.need = p.doubt.reason, -1, p.doubt.need
	} else if p.trace != nil {
		p.reset(before)
	}
	p.doubt = before.doubt
	return o
}

// overrides takes the steps before the release conditions.
func (w *walk) overrides() bool {
	f := w.flag
	return f.enrollment != nil && w.enrollment() || f.super != nil && w.superCondition() || f.holdout != nil && w.holdout()
}

// releases looks at the release conditions. If none ends the walk, false is possible.
func (w *walk) releases() {
	conditions := w.flag.conditions
	for i := range conditions {
		c := &conditions[i]
		if w.trace == nil && w.condition(int32(i), c) || w.trace != nil && w.traced(int32(i), c) {
			return
		}
	}
	w.add(choiceFalse)
	w.stop(w.failed.reason, w.failed.index)
}

// stop says what ended the walk.
func (w *walk) stop(reason Reason, index int32) bool {
	w.reason, w.index = reason, index
	return true
}

// enrollment looks at the person property that overrides everything. It reports
// whether the walk ends.
func (w *walk) enrollment() bool {
	property, ok := w.query.Person[w.flag.enrollment.Name]
	if !ok {
		return w.mayOverride(w.flag.enrollment)
	}
	if _, is := property.(unset); is {
		return false
	}
	enrolled := w.isTrue(property)
	if enrolled {
		w.add(choiceTrue)
	} else {
		w.add(choiceFalse)
	}
	w.trace.step("enrollment", verdictOf(enrolled), "")
	return w.stop(ReasonSuperCondition, -1)
}

// mayOverride adds both answers of a property that would override everything: it may
// exist on the server.
func (w *walk) mayOverride(need *Need) bool {
	w.doubts(ReasonMissingContext, need)
	w.add(choiceTrue)
	w.add(choiceFalse)
	w.trace.step("enrollment", unsure, "")
	return false
}

// superCondition applies the condition that overrides all others if the person has one of
// the properties it looks at.
func (w *walk) superCondition() bool {
	switch touched, need := w.touches(w.flag.super.filters); touched {
	case no:
		return false
	case unsure:
		return w.mayOverride(need)
	}
	matches := w.all(w.flag.super.filters)
	in := no
	if matches != no {
		in = w.rollout(w.flag.target, w.flag.super.limit)
	}
	if in != no {
		w.add(choiceTrue)
	}
	if matches != yes || in != yes {
		w.add(choiceFalse)
	}
	return w.stop(ReasonSuperCondition, -1)
}

// isTrue reports whether a property is true or "true" in JSON.
func (p *pass) isTrue(property any) bool {
	switch v := property.(type) {
	case bool:
		return v
	case string:
		return v == "true"
	}
	text, _ := value.AppendAny(p.scratch.empty(), property)
	return string(text) == "true" || string(text) == `"true"`
}

// touches tells whether the person has one of the properties that filters look at, and
// which is missing if that is unsure.
func (p *pass) touches(filters []filter) (v verdict, need *Need) {
	for i := range filters {
		f := &filters[i]
		if f.source != personProperty && f.source != distinctID {
			continue
		}
		property, ok := p.query.Person[f.need.Name]
		_, isUnset := property.(unset)
		switch {
		case ok && !isUnset:
			return yes, nil
		case !ok && need == nil:
			v, need = unsure, &f.need
		}
	}
	return v, need
}

// holdout keeps a share of everybody out of the conditions.
func (w *walk) holdout() bool {
	h := w.flag.holdout
	in := no
	w.aim(w.flag.target)
	switch {
	case h.limit == points:
		in = yes
	case h.limit == 0:
	case w.bucket.doubt != nil:
		w.doubts(w.bucket.doubt.reason, w.bucket.doubt.need)
		in = unsure
	default:
		in = verdictOf(w.hash(holdoutPrefix, w.bucket.id, "") < h.limit)
	}
	if w.trace != nil {
		w.trace.step("holdout of "+h.limit.percent(), in, "")
	}
	if in != no {
		w.add(h.choice)
	}
	return in == yes && w.stop(ReasonHoldout, -1)
}

// traced is condition with a trace.
func (w *walk) traced(i int32, c *condition) bool {
	w.trace.open("condition " + strconv.Itoa(int(i)))
	before := w.set
	ends := w.condition(i, c)
	w.trace.closeCondition(w, before, ends)
	return ends
}

// condition looks at release condition i and reports whether the walk ends.
func (w *walk) condition(i int32, c *condition) bool {
	matches, before := yes, w.mark()
	if c.target.kind != toPerson {
		if w.aim(c.target); w.bucket.absent {
			if w.trace != nil {
				w.trace.step("group "+strconv.Quote(c.target.group), no, "the query is about no such group")
			}
			return w.fail(ReasonNoGroupType, i, true)
		}
	}
	if len(c.filters) > 0 {
		if matches = w.all(c.filters); matches == no {
			w.reset(before)
			return w.fail(ReasonNoConditionMatch, i, true)
		}
	}
	if c.target.kind == toUnknownGroup {
		w.doubts(w.bucket.doubt.reason, w.bucket.doubt.need)
		matches = unsure
	}
	in := w.rollout(c.target, c.limit)
	early := w.flag.earlyExit
	if in == no {
		w.fail(ReasonOutOfRollout, i, matches == yes)
		if !early {
			w.reset(before)
			return false
		}
		w.add(choiceFalse)
		return matches == yes && w.stop(ReasonOutOfRollout, i)
	}
	if c.value != choiceFalse {
		w.add(c.value)
	} else {
		w.variant(c.target)
	}
	if in == unsure && early {
		w.add(choiceFalse)
	}
	return matches == yes && (in == yes || early) && w.stop(ReasonConditionMatch, i)
}

// fail notes that condition i did not match. What is unsure counts only if nothing is
// sure.
func (w *walk) fail(reason Reason, i int32, sure bool) bool {
	if f := &w.failed; sure && !f.sure || sure == f.sure && reason >= f.reason {
		*f = failure{i, reason, sure}
	}
	return false
}

// variant adds the variants that what is hashed for a target may get.
func (w *walk) variant(t *target) {
	w.aim(t)
	if w.bucket.doubt == nil {
		w.add(w.flag.pick(w.hash(w.flag.hashed, w.bucket.id, variantSalt)))
		return
	}
	w.addAll(&w.flag.reachable)
	if w.flag.reachable.many {
		w.doubts(w.bucket.doubt.reason, w.bucket.doubt.need)
	}
}

// rollout tells whether what is hashed for a target is below a limit.
func (w *walk) rollout(t *target, limit point) verdict {
	if limit == points {
		return yes
	}
	return w.share(t, limit)
}

// share is rollout for less than all.
func (w *walk) share(t *target, limit point) verdict {
	v := no
	if limit > 0 {
		v = w.below(t, limit)
	}
	if w.trace != nil {
		w.trace.step("rollout of "+limit.percent(), v, "")
	}
	return v
}

func (w *walk) below(t *target, limit point) verdict {
	w.aim(t)
	b := &w.bucket
	if b.doubt != nil {
		w.doubts(b.doubt.reason, b.doubt.need)
		return unsure
	}
	if !b.hashed {
		b.point, b.hashed = w.hash(w.flag.hashed, b.id, ""), true
	}
	return verdictOf(b.point < limit)
}

// aim finds what is hashed for a target.
func (w *walk) aim(t *target) {
	if w.bucket.target == t {
		return
	}
	w.bucket = bucket{target: t}
	b := &w.bucket
	switch {
	case t.kind == toPerson && w.flag.bucketing == byDistinctID:
		b.id = w.distinctID()
	case t.kind == toNobody:
		b.absent = true
	case t.kind == toUnknownGroup:
		b.doubt = &t.doubt
	case t.kind == toGroup:
		if b.id = wireID(w.query.Groups[t.group]); b.id == "" {
			b.absent, b.doubt = true, &t.doubt // only a holdout asks for such a bucket
		}
	case w.flag.bucketing == byMemory:
		b.doubt = &noMemory
	default:
		if b.id = wireID(w.query.DeviceID); b.id == "" {
			b.doubt = &noDeviceID
		}
	}
}
