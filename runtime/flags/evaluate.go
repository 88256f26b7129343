package flags

// Evaluate evaluates one flag. A flag that is not in the definitions is undecided with
// [ReasonUnknownFlag].
func (d *Definitions) Evaluate(key string, q *Query) (r Result) {
	f, ok := d.Lookup(key)
	switch {
	case !ok:
		r.Reason, r.Condition = ReasonUnknownFlag, -1
	case f.def.fixed != nil:
		f.def.report(*f.def.fixed, &r)
	default:
		p := d.begin(q)
		f.def.report(p.flag(f.def), &r)
		d.end(p)
	}
	return r
}

// EvaluateAll evaluates every flag in one pass, into dst[:0] and what it grows to:
// result i is that of [Definitions.At](i).
func (d *Definitions) EvaluateAll(q *Query, dst []Result) []Result {
	dst = dst[:0]
	if d.Len() == 0 {
		return dst
	}
	p := d.begin(q)
	for i, f := range d.flags {
		dst = append(dst, Result{})
		f.report(p.flag(f), &dst[i])
	}
	d.end(p)
	return dst
}

// A pass evaluates flags for one query.
type pass struct {
	query    Query
	id       string // the distinct ID as the server sees it, if it is known already
	groupKey string // likewise, of the filter that is looked at
	text     []byte // that was hashed last
	scratch  scratch
	doubt    doubt
	trace    *trace // nil unless somebody wants to know

	// What was evaluated in this pass, if its epoch is that of the pass.
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

func (d *Definitions) begin(q *Query) *pass {
	p, ok := d.passes.Get().(*pass)
	if !ok {
		p = &pass{flags: make([]flagMemo, d.flagMemos), cohorts: make([]cohortMemo, d.cohortMemos)}
	}
	if p.epoch++; p.epoch == 0 { // memos of the first epochs would come to life
		clear(p.flags)
		clear(p.cohorts)
		p.epoch = 1
	}
	if q != nil {
		p.query = *q
		p.scratch.now = q.Now
	}
	return p
}

// end takes p back. It must not keep what belongs to the caller.
func (d *Definitions) end(p *pass) {
	p.query = Query{}
	p.id, p.groupKey = "", ""
	p.doubt = doubt{}
	if cap(p.text) > 4096 {
		p.text = nil
	}
	d.passes.Put(p)
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
	return id == "" || id[0] == 0 && p.distinctID() == ""
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
	if f.memo < 0 {
		return p.walk(f)
	}
	m := &p.flags[f.memo]
	if m.epoch == p.epoch {
		p.trace.recall(f)
		return m.outcome
	}
	needs := p.mark().needs
	o := p.walk(f)
	m.epoch, m.outcome = p.epoch, o
	p.trace.remember(f, needs)
	return o
}
