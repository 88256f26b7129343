package flags

import "fmt"

// maxGroups bounds how deep groups of a cohort may be nested.
const maxGroups = 64

// decodeCohorts reads the cohorts that begin at an offset, if there are any.
func (d *document) decodeCohorts(at int) error {
	if at < 0 {
		return nil
	}
	d.pos = at
	if !d.in("cohorts", '{') {
		if err := d.take(); err != nil {
			d.defs.problems = append(d.defs.problems, Problem{Index: -1, Err: err})
		}
		return nil
	}
	for n := 0; d.more('}'); n++ {
		if n == maxEntries {
			return fmt.Errorf("more than %d cohorts", maxEntries)
		}
		c := d.decodeCohort()
		if earlier, ok := d.cohorts[c.id]; ok {
			*earlier = *c // the last one counts
			continue
		}
		d.cohorts[c.id] = c
		d.cohortOrder = append(d.cohortOrder, c)
	}
	return nil
}

func (d *document) decodeCohort() *cohort {
	c := &cohort{id: d.name(), memo: -1}
	if e := d.decodeEntry(0); e.group != nil {
		c.root = *e.group
	} else {
		d.fail("it is no group of properties")
	}
	if err := d.take(); err != nil {
		d.problem("cohort", c.id, -1, err)
		c.broken = true
	}
	return c
}

// decodeEntry reads a group of a cohort, or a property.
func (d *document) decodeEntry(depth int) cohortEntry {
	f, s := d.decodeProperty()
	if !s.isGroup(&f) {
		return cohortEntry{filter: f}
	}
	g := &cohortGroup{or: f.typ == "OR"}
	switch {
	case s.empty:
	case f.typ != "AND" && f.typ != "OR" && f.typ != "property":
		d.fail("a group has the type %q, want AND or OR", f.typ)
	case s.values < 0:
		d.fail("a group has no values")
	case depth == maxGroups:
		d.fail("groups are nested more than %d deep", maxGroups)
	default:
		end := d.pos
		d.pos = s.values
		if d.in("values", '[') {
			for d.more(']') {
				g.entries = append(g.entries, d.decodeEntry(depth+1))
			}
		}
		d.pos = end
	}
	return cohortEntry{group: g}
}
