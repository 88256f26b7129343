package flags

// An Explanation says how a flag came to its result.
type Explanation struct {
	Result  Result
	Missing []Need // all that was missing, each once, in the order it was met; empty if decided
	Steps   []Step
}

// A Step is one thing that evaluation looked at.
type Step struct {
	Text    string // what was looked at: `condition 1`, `person property "plan" exact "pro"`
	Verdict string // "yes", "no" or "unsure"; "" if the step is no question
	Note    string // why, or what followed; may be empty
	Steps   []Step // what the verdict is made of
}

// Explain evaluates one flag as [Definitions.Evaluate] does and records each step. It is
// for people: it allocates, shows values of properties, and its texts may change.
func (d *Definitions) Explain(key string, q *Query) Explanation {
	f, ok := d.Lookup(key)
	if !ok {
		return Explanation{Result: d.Evaluate(key, q)}
	}
	var p pass
	p.begin(q, &d.memories)
	p.trace = &trace{known: map[any][]Need{}, stack: make([]Step, 1)}
	var e Explanation
	o := p.flag(f.def)
	f.def.report(&o, &e.Result)
	e.Steps = p.trace.stack[0].Steps
	if !e.Result.Decided() {
		e.Missing = distinct(p.trace.needs)
		if len(e.Missing) == 0 && e.Result.Need.Kind != NeedNothing {
			e.Missing = []Need{e.Result.Need} // the definition alone says so
		}
	}
	p.end(&d.memories)
	return e
}
