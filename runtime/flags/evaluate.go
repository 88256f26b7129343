package flags

import (
	"crypto/sha1"
	"sync"
)

// Evaluate evaluates one flag. A flag that is not in the definitions is undecided with
// [ReasonUnknownFlag].
func (d *Definitions) Evaluate(key string, q *Query) (r Result) {
	f, _ := d.Lookup(key)
	f.evaluate(q, &r)
	return r
}

// Evaluate evaluates f as [Definitions.Evaluate] does.
func (f Flag) Evaluate(q *Query) (r Result) {
	f.evaluate(q, &r)
	return r
}

func (f Flag) evaluate(q *Query, r *Result) {
	switch {
	case f.def == nil:
		r.Reason, r.Condition = ReasonUnknownFlag, -1
	case f.def.fixed != nil:
		f.def.report(f.def.fixed, r)
	default:
		var p pass
		p.begin(q, f.def.memories)
		o := p.walk(f.def)
		f.def.report(&o, r)
		p.end(f.def.memories)
	}
}

// EvaluateAll evaluates every flag in one pass, into dst[:0] and what it grows to:
// result i is that of [Definitions.At](i).
func (d *Definitions) EvaluateAll(q *Query, dst []Result) []Result {
	dst = dst[:0]
	if d.Len() == 0 {
		return dst
	}
	var p pass
	p.begin(q, &d.memories)
	for i, f := range d.flags {
		dst = append(dst, Result{})
		o := p.flag(f)
		f.report(&o, &dst[i])
	}
	p.end(&d.memories)
	return dst
}

// A pass evaluates flags for one query. It lives on the stack: nothing may keep it, nor
// put a pointer to it into an interface.
type pass struct {
	query   Query  // a copy, for escape analysis would let that of a pointer escape
	id      string // the distinct ID as the server sees it, if it is known already
	scratch scratch
	digest  *digest // nil until something was hashed
	doubt   doubt
	trace   *trace  // nil unless somebody wants to know
	memory  *memory // nil if everything is looked at anew
}

// A memory is what was evaluated in a pass: whatever has its epoch.
type memory struct {
	epoch   uint32
	flags   []flagMemo
	cohorts []cohortMemo
}

type flagMemo struct {
	epoch   uint32
	outcome outcome
}

type cohortMemo struct {
	epoch   uint32
	verdict verdict
	doubt   doubt
}

// A doubt is why something is unsure.
type doubt struct {
	reason Reason
	need   *Need
}

// doubts records why something is unsure. The first of the gravest reasons stays.
func (p *pass) doubts(reason Reason, need *Need) {
	p.blame(doubt{reason, need})
	if p.trace != nil {
		p.trace.needs = append(p.trace.needs, *need)
	}
}

// blame records a doubt, if there is one.
func (p *pass) blame(d doubt) {
	if d.need != nil && (p.doubt.need == nil || d.reason < p.doubt.reason) {
		p.doubt = d
	}
}

// begin makes an empty p a pass for q, with a memory if there is a pool of such.
func (p *pass) begin(q *Query, memories *sync.Pool) {
	if q != nil {
		p.query = *q
		p.scratch.now = q.Now
	}
	if memories != nil {
		p.remember(memories)
	}
}

func (p *pass) remember(memories *sync.Pool) {
	p.memory = memories.Get().(*memory)
	p.memory.next()
}

// next makes m forget.
func (m *memory) next() {
	if m.epoch++; m.epoch == 0 { // what is from the first epochs would come to life
		clear(m.flags)
		clear(m.cohorts)
		m.epoch = 1
	}
}

// hash returns the point of a text in three parts.
func (p *pass) hash(prefix, id, suffix string) point {
	if len(prefix)+len(id)+len(suffix) > maxShort {
		text := p.scratch.empty()
		p.scratch.buf = append(append(append(text, prefix...), id...), suffix...)
		return pointOf(sha1.Sum(p.scratch.buf))
	}
	if p.digest == nil {
		p.digest = digests.Get().(*digest)
	}
	return p.digest.point(prefix, id, suffix)
}

// end gives back what p has borrowed.
func (p *pass) end(memories *sync.Pool) {
	if p.digest != nil {
		digests.Put(p.digest)
	}
	if p.memory != nil {
		memories.Put(p.memory)
	}
	p.scratch.end()
}

// distinctID returns the distinct ID as the server sees it.
func (p *pass) distinctID() string {
	if p.id == "" {
		p.id = wireDistinctID(p.query.DistinctID)
	}
	return p.id
}

// isNobody reports whether the query has no distinct ID.
func (p *pass) isNobody() bool {
	id := p.query.DistinctID
	return id == "" || id[0] == 0 && wireDistinctID(id) == ""
}

// A mark is the state of doubt before something is looked at.
type mark struct {
	doubt doubt
	needs int
}

func (p *pass) mark() mark {
	m := mark{doubt: p.doubt}
	if p.trace != nil {
		m.needs = len(p.trace.needs)
	}
	return m
}

// reset forgets the doubts since m: they turned out not to matter.
func (p *pass) reset(m mark) {
	p.doubt = m.doubt
	if p.trace != nil {
		p.trace.needs = p.trace.needs[:m.needs]
	}
}

// flag evaluates a flag, once in a pass.
func (p *pass) flag(f *flag) outcome {
	if f.fixed != nil {
		return *f.fixed
	}
	if f.memo < 0 || p.memory == nil {
		return p.walk(f)
	}
	m := &p.memory.flags[f.memo]
	if m.epoch == p.memory.epoch {
		p.trace.recall(f)
		return m.outcome
	}
	needs := p.mark().needs
	o := p.walk(f)
	m.epoch, m.outcome = p.memory.epoch, o
	p.trace.remember(f, needs)
	return o
}
