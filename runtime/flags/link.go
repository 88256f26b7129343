package flags

import "strconv"

// link resolves what refers to other parts of the document.
func (d *document) link() {
	for _, f := range d.defs.flags {
		f.linkValues()
	}
	for _, c := range d.cohortOrder {
		d.linkGroup(&c.root)
	}
	for _, f := range d.defs.flags {
		if f.fixed == nil {
			d.linkFlag(f)
		}
	}
	d.sort()
}

func (d *document) linkGroup(g *cohortGroup) {
	for i := range g.entries {
		e := &g.entries[i]
		if e.group != nil {
			d.linkGroup(e.group)
			continue
		}
		if e.filter.typ == "group" {
			e.filter.confuse("a property of a group in a cohort")
		}
		d.linkFilter(&e.filter, &person)
	}
}

func (d *document) linkFlag(f *flag) {
	f.target = d.target(f.group, toUnknownGroup)
	f.personal = f.enrollment != nil || f.super != nil || f.holdout != nil && f.target.kind == toPerson
	if f.enrollment != nil {
		f.enrollment.Name = "$feature_enrollment/" + f.key
		f.super = nil
	}
	f.overridden = f.enrollment != nil || f.super != nil || f.holdout != nil
	if f.super != nil {
		d.linkCondition(f, f.super)
	}
	for i := range f.conditions {
		c := &f.conditions[i]
		d.linkCondition(f, c)
		f.personal = f.personal || c.target.kind == toPerson
	}
	if len(f.conditions) == 0 && f.enrollment == nil && f.super == nil && f.holdout == nil {
		f.setFixed(decided(choiceFalse, ReasonNoConditionMatch, -1))
	}
}

// linkValues numbers the values of f.
func (f *flag) linkValues() {
	f.hashed = f.key + "."
	if len(f.variants) > 0 {
		f.choices = make(map[string]choice, len(f.variants))
	}
	for i := range f.variants {
		v := &f.variants[i]
		c, ok := f.choices[v.value.variant]
		if !ok {
			c = firstVariant + choice(i)
			f.choices[v.value.variant] = c
		}
		v.choice = c
	}
	if h := f.holdout; h != nil {
		c, ok := f.choices[h.value.variant]
		if !ok {
			c = firstVariant + choice(len(f.variants))
		}
		h.choice = c
	}
	f.reach()
}

// target returns what a group index stands for; unknown is the kind of one that stands
// for nothing.
func (d *document) target(i groupIndex, unknown targetKind) *target {
	if i == noGroup {
		return &person
	}
	id := targetID{i, unknown}
	t, ok := d.targets[id]
	if !ok {
		if group, ok := d.defs.groups[int(i)]; ok {
			t = &target{toGroup, group, doubt{ReasonMissingContext, &Need{Kind: NeedGroup, Group: group}}}
		} else {
			index := strconv.FormatInt(int64(i), 10)
			t = &target{unknown, index, doubt{ReasonUnsupportedDefinition, &Need{Kind: NeedGroupType, Group: index}}}
		}
		d.targets[id] = t
	}
	return t
}

// A targetID is what a document says of a target.
type targetID struct {
	group   groupIndex
	unknown targetKind
}

func (d *document) linkCondition(f *flag, c *condition) {
	c.target = f.target
	if c.group != inherited {
		c.target = d.target(c.group, toNobody)
	}
	switch {
	case c.variant != "" && f.choices[c.variant] != choiceFalse: // an unknown one is ignored
		c.value = f.choices[c.variant]
	case len(f.variants) == 0:
		c.value = choiceTrue
	}
	for i := range c.filters {
		d.linkFilter(&c.filters[i], c.target)
	}
}

// linkFilter resolves what a filter looks at, in a condition for t.
func (d *document) linkFilter(f *filter, t *target) {
	switch f.source {
	case personProperty, distinctID:
		if f.typ == "" && t.kind != toPerson {
			d.linkGroupProperty(f, t)
		}
	case groupProperty:
		if f.group != noGroup {
			t = d.target(f.group, toUnknownGroup)
		}
		d.linkGroupProperty(f, t)
	case inCohort, notInCohort, nearlyInCohort:
		f.cohort = d.cohorts[f.need.Name]
	case flagIs, flagIsOn, flagIsOff:
		d.linkDependency(f)
	}
}

func (d *document) linkGroupProperty(f *filter, t *target) {
	switch t.kind {
	case toGroup:
		f.source = groupProperty
		if f.key == "$group_key" {
			f.source = groupKey
		}
		f.need = Need{Kind: NeedGroupProperty, Group: t.group, Name: f.key}
	case toPerson:
		f.confuse("a property of a group without its type")
	default:
		f.source, f.reason = incomprehensible, ReasonUnsupportedDefinition
		f.need = Need{Kind: NeedGroupType, Group: t.group}
	}
}

func (d *document) linkDependency(f *filter) {
	for _, key := range f.chain {
		if d.index[key] == nil {
			f.source, f.need.Name = incomprehensible, key
			return
		}
	}
	f.flag = d.index[f.key]
	switch {
	case f.flag == nil:
		f.source = incomprehensible
	case f.source == flagIs:
		f.want = f.flag.choiceOf(f.operandText())
	}
}
