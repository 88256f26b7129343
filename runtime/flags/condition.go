package flags

// A condition is one release condition of a flag: it matches whoever has all of its
// properties and is within its rollout.
type condition struct {
	filters []filter
	limit   point   // the first point outside of the rollout
	target  *target // what is bucketed
	value   choice  // what whoever matches gets; choiceFalse if that is hashed
	group   groupIndex
	variant string // that whoever matches gets, as it was written
}

// A target is what a condition releases to.
type target struct {
	kind  targetKind
	group string // the group type, of toGroup; its index, of toUnknownGroup
	doubt doubt  // if the group is not known
}

// person is the target of everything that is not for groups.
var person target

type targetKind uint8

const (
	toPerson       targetKind = iota
	toGroup                   // of a type
	toUnknownGroup            // of a type that the definitions do not name
	toNobody                  // PostHog skips the condition
)

// A groupIndex is the number of a group type, or one of the two below.
type groupIndex int64

const (
	noGroup   groupIndex = -1
	inherited groupIndex = -2 // a condition says nothing
)

// A filter is one property that a condition or a cohort asks for.
type filter struct {
	source    source
	negated   bool   // in cohorts
	reason    Reason // if it is unsure
	predicate predicate
	need      Need  // what it looks at: a property, a cohort or a flag
	unclear   *Need // what of it is not understood, nil if everything is
	cohort    *cohort
	flag      *flag
	want      choice // of flag; −1 is a value that it does not have

	// As written.
	typ, key string
	operator string
	operand  string // JSON text
	group    groupIndex
	chain    []string // the flags that a dependency depends on; nil if absent
}

// A source says where a filter looks.
type source uint8

const (
	personProperty   source = iota // a property of the person
	distinctID                     // the person property distinct_id
	groupProperty                  // a property of a group
	groupKey                       // the group property $group_key
	unavailable                    // a property that is never known here
	inCohort                       // whether the person is in one
	notInCohort                    // whether it is not
	nearlyInCohort                 // as inCohort, but the server may say no to members
	flagIs                         // whether a flag has the value that is wanted
	flagIsOn                       // whether it has any but false
	flagIsOff                      // whether it is false
	nothing                        // PostHog never takes the filter to match
	incomprehensible               // nothing is known
)

// all tells whether every filter matches.
func (p *pass) all(filters []filter) verdict {
	all := yes
	for i := range filters {
		var v verdict
		if f := &filters[i]; p.trace == nil {
			v = p.look(f) // none is negated
		} else {
			v = p.filter(f)
		}
		switch v {
		case no:
			return no
		case unsure:
			all = unsure
		}
	}
	return all
}

// filter tells whether a filter matches.
func (p *pass) filter(f *filter) verdict {
	if p.trace != nil {
		return p.tracedFilter(f)
	}
	v := p.look(f)
	if f.negated {
		v = v.not()
	}
	return v
}

// tracedFilter is filter with a trace.
func (p *pass) tracedFilter(f *filter) verdict {
	p.trace.open(f.text())
	v := p.look(f)
	if f.negated {
		v = v.not()
	}
	p.trace.close(v, p.found(f))
	return v
}

// look is filter without its negation.
func (p *pass) look(f *filter) verdict {
	var v verdict
	switch f.source {
	case personProperty:
		property, ok := p.query.Person[f.need.Name]
		v = p.test(f, property, ok)
	case distinctID:
		if property, ok := p.query.Person[f.need.Name]; ok {
			v = p.test(f, property, ok)
		} else {
			v = f.predicate.matchText(p.distinctID(), &p.scratch)
		}
	case groupProperty, groupKey:
		v = p.testGroup(f)
	case unavailable:
		v = f.predicate.absent()
	case inCohort:
		return p.cohort(f)
	case notInCohort:
		return p.cohort(f).not()
	case nearlyInCohort:
		if v = p.cohort(f); v == yes {
			v = unsure
		}
	case flagIs, flagIsOn, flagIsOff:
		v = p.depend(f)
	case nothing:
		return no
	default:
		v = unsure
	}
	if v == unsure {
		p.doubts(f.reason, f.missing())
	}
	return v
}

// missing returns what an unsure filter lacks.
func (f *filter) missing() *Need {
	if f.unclear != nil {
		return f.unclear
	}
	return &f.need
}

// test applies a filter's predicate to a property.
func (p *pass) test(f *filter, property any, ok bool) verdict {
	if !ok {
		return f.predicate.absent()
	}
	switch property := property.(type) {
	case string:
		return f.predicate.matchText(property, &p.scratch)
	case unset:
		return f.predicate.unset()
	}
	return f.predicate.match(property, &p.scratch)
}

// testGroup is test for a property of a group. Those of a group that the query is not
// about are not known.
func (p *pass) testGroup(f *filter) verdict {
	key := p.query.Groups[f.need.Group]
	if key == "" {
		return f.predicate.absent()
	}
	property, ok := p.query.GroupProperties[f.need.Group][f.need.Name]
	if !ok && f.source == groupKey {
		return f.predicate.matchText(wireID(key), &p.scratch)
	}
	return p.test(f, property, ok)
}

// depend tells whether another flag has the value that a filter wants.
func (p *pass) depend(f *filter) verdict {
	before := p.mark()
	o := p.flag(f.flag)
	v := o.is(f.want)
	switch f.source {
	case flagIsOn:
		v = o.isOn()
	case flagIsOff:
		v = o.isOn().not()
	}
	if v != unsure {
		p.reset(before)
	}
	return v
}
