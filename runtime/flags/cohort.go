package flags

// A cohort is a set of persons, told by their properties.
type cohort struct {
	id     string
	root   cohortGroup
	broken bool // nothing can be said of it
	asked  bool // a filter asks for it
	memo   int  // the slot of its verdict in a memory; −1 if at most one filter asks for it
}

// A cohortGroup joins what it holds by and, or by or.
type cohortGroup struct {
	or      bool
	entries []cohortEntry
}

// A cohortEntry is a group, or a filter if there is no group.
type cohortEntry struct {
	group  *cohortGroup
	filter filter
}

// cohort tells whether the person is in a cohort, once in a pass.
func (p *pass) cohort(f *filter) verdict {
	c := f.cohort
	if c == nil || c.broken {
		p.doubts(f.reason, &f.need)
		return unsure
	}
	remembers := c.memo >= 0 && p.memory != nil
	if remembers {
		if m := &p.memory.cohorts[c.memo]; m.epoch == p.memory.epoch {
			p.blame(m.doubt)
			p.trace.recall(c)
			return m.verdict
		}
	}
	before := p.mark()
	p.doubt = doubt{}
	v := p.group(&c.root)
	found := p.doubt
	p.doubt = before.doubt
	p.blame(found)
	if remembers {
		p.memory.cohorts[c.memo] = cohortMemo{p.memory.epoch, v, found}
		p.trace.remember(c, before.needs)
	}
	return v
}

// group tells whether the person is in a group of a cohort. One entry may decide, however
// little is known of the others.
func (p *pass) group(g *cohortGroup) verdict {
	decisive := verdictOf(g.or)
	v := decisive.not()
	before := p.mark()
	for i := range g.entries {
		switch p.entry(&g.entries[i]) {
		case decisive:
			p.reset(before)
			return decisive
		case unsure:
			v = unsure
		}
	}
	return v
}

func (p *pass) entry(e *cohortEntry) verdict {
	if e.group == nil {
		return p.filter(&e.filter)
	}
	if p.trace == nil {
		return p.group(e.group)
	}
	p.trace.open(e.group.text())
	v := p.group(e.group)
	p.trace.close(v, "")
	return v
}

func (g *cohortGroup) text() string {
	if g.or {
		return "any of"
	}
	return "all of"
}
