package flags

import "fmt"

// decodeFilter reads one property of a condition.
func (d *document) decodeFilter() filter {
	f, _ := d.decodeProperty()
	if f.negated && f.typ == "cohort" {
		f.confuse("negation outside of a cohort")
	}
	f.negated = false // PostHog ignores it here
	return f
}

// A shape is what tells a group of a cohort from a property.
type shape struct {
	empty  bool
	values int // where they begin, −1 if there are none
}

// decodeProperty reads one property, or the outside of a group.
func (d *document) decodeProperty() (filter, shape) {
	f := filter{group: noGroup}
	s := shape{empty: true, values: -1}
	var operand []byte
	if !d.in("a property", '{') {
		d.fail("a property is null, want an object")
		return f, s
	}
	for d.more('}') {
		s.empty = false
		switch name := d.name(); name {
		case "key":
			f.key = d.keyText(name)
		case "value":
			f.operand = d.raw()
			operand = d.doc[d.pos-len(f.operand) : d.pos]
		case "operator":
			f.operator = d.word(name)
		case "type":
			f.typ = d.word("a property's type")
		case "group_type_index":
			f.group = d.groupIndex(name)
		case "negation":
			f.negated = d.setting(name) == on
		case "dependency_chain":
			f.chain = d.decodeChain(name)
		case "values":
			if d.null() {
				break
			}
			s.values = d.pos
			d.raw()
		default:
			d.raw()
		}
	}
	if !s.isGroup(&f) {
		d.classify(&f, operand)
	}
	return f, s
}

// isGroup reports whether what was read as a property is a group of properties.
func (s shape) isGroup(f *filter) bool {
	return s.empty || s.values >= 0 || f.typ == "AND" || f.typ == "OR"
}

func (d *document) decodeChain(field string) []string {
	if !d.in(field, '[') {
		return nil
	}
	chain := []string{}
	for d.more(']') {
		chain = append(chain, d.keyText("a flag of the "+field))
	}
	return chain
}

// classify says what a filter looks at, as far as it is known without the rest of the
// document.
func (d *document) classify(f *filter, operand []byte) {
	f.reason = ReasonMissingContext
	switch f.typ {
	case "", "person":
		f.need = Need{Kind: NeedPersonProperty, Name: f.key}
		if f.key == "distinct_id" {
			f.source = distinctID
		}
	case "group":
		f.source, f.need = groupProperty, Need{Kind: NeedGroupProperty, Name: f.key}
	case "person_metadata":
		f.source, f.need = unavailable, Need{Kind: NeedPersonMetadata, Name: f.key}
		f.reason = ReasonUnsupportedDefinition
	case "cohort":
		d.classifyCohort(f)
		return
	case "flag":
		d.classifyFlag(f)
		return
	default:
		f.confuse(fmt.Sprintf("property type %q", f.typ))
		return
	}
	if f.key == "" {
		d.fail("a property has no key")
	}
	f.predicate = newPredicate(f.operator, operand, d.explicit)
	if why := f.predicate.unsupported(); why != "" {
		f.reason, f.unclear = ReasonUnsupportedDefinition, &Need{Kind: NeedDefinition, Name: why}
	}
}

// confuse makes a filter one that nothing is known about.
func (f *filter) confuse(why string) {
	f.source, f.reason = incomprehensible, ReasonUnsupportedDefinition
	f.need = Need{Kind: NeedDefinition, Name: why}
}

func (d *document) classifyCohort(f *filter) {
	f.reason = ReasonUnsupportedDefinition
	f.need = Need{Kind: NeedCohort, Name: f.operandText()}
	switch f.operator {
	case "", "in":
		f.source = inCohort
	case "not_in":
		f.source = notInCohort
	case "exact":
		f.source = nearlyInCohort
	default:
		f.confuse(fmt.Sprintf("operator %q of a cohort", f.operator))
	}
	if f.need.Name == "" {
		f.confuse("a cohort without an id")
	}
}

func (d *document) classifyFlag(f *filter) {
	f.reason = ReasonUnresolvedDependency
	f.need = Need{Kind: NeedFlag, Name: f.key}
	if f.operator != "flag_evaluates_to" || f.key == "" || f.operand == "" {
		f.source = nothing
		return
	}
	switch f.operand[0] {
	case 't':
		f.source = flagIsOn
	case 'f':
		f.source = flagIsOff
	case '"':
		f.source = flagIs
	default:
		f.source = nothing
		return
	}
	if len(f.chain) == 0 {
		f.source = incomprehensible // the server found a circle
	}
}

// operandText returns the operand if it is a string or a number, else "".
func (f *filter) operandText() string {
	c := cursor{text: f.operand}
	switch {
	case f.operand == "":
		return ""
	case f.operand[0] == '"':
		return c.string()
	case f.operand[0] == '-' || isDigit(f.operand[0]):
		return f.operand
	}
	return ""
}
