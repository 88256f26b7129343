package flags

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// MaxDocument is how many bytes [Parse] accepts.
const MaxDocument = 64 << 20

// Parse decodes and compiles the document that PostHog serves for local evaluation.
// The error says that the whole document is unusable: too large, no JSON, or without
// a list of flags. Whatever else is malformed is a [Problem] of one flag or cohort.
// Null means absent everywhere, and unknown fields are ignored. Of flags with the same
// key the last counts. Parse does not keep doc itself, but a copy of it.
func Parse(doc []byte) (*Definitions, error) {
	d, err := parse(doc)
	if err != nil {
		return nil, fmt.Errorf("flag definitions: %w", err)
	}
	return d, nil
}

func parse(doc []byte) (*Definitions, error) {
	if len(doc) > MaxDocument {
		return nil, fmt.Errorf("%d bytes are more than %d", len(doc), MaxDocument)
	}
	text := string(doc) // flags share its memory
	if err := check(text); err != nil {
		return nil, err
	}
	d := document{
		decoder: decoder{cursor: cursor{text: text}, doc: doc},
		defs:    &Definitions{groups: map[int]string{}},
		index:   map[string]*flag{},
		cohorts: map[string]*cohort{},
		targets: map[targetID]*target{},
	}
	flags, cohorts, err := d.header()
	if err != nil {
		return nil, err
	}
	if err := d.decodeCohorts(cohorts); err != nil {
		return nil, err
	}
	if err := d.decodeFlags(flags); err != nil {
		return nil, err
	}
	d.link()
	return d.defs, nil
}

// maxEntries bounds the flags of a document, and its cohorts.
const maxEntries = 1 << 17

// check reports what is wrong with a JSON text.
func check(text string) error {
	if !utf8.ValidString(text) {
		return errors.New("the text is not UTF-8")
	}
	c := cursor{text: text}
	if err := c.check(0); err != nil {
		return err
	}
	if c.space(); c.pos < len(text) {
		return c.unexpected()
	}
	return nil
}

// A document compiles one document.
type document struct {
	decoder
	defs        *Definitions
	cohorts     map[string]*cohort
	cohortOrder []*cohort
	index       map[string]*flag
	targets     map[targetID]*target
	filters     []filter // those of the condition that is decoded
}

// header reads everything but flags and cohorts, and returns where those begin, −1 if
// they are absent. Shared caches of other libraries may write names in camel case.
func (d *document) header() (flags, cohorts int, err error) {
	flags, cohorts = -1, -1
	if d.peek() != '{' {
		return 0, 0, fmt.Errorf("it is %s, want an object", d.kind())
	}
	for d.pos++; d.more('}'); {
		switch name := d.name(); name {
		case "flags":
			flags = d.pos
			d.raw()
		case "cohorts":
			cohorts = d.pos
			d.raw()
		case "group_type_mapping", "groupTypeMapping":
			d.decodeGroups()
		case "minimal_flag_called_events", "minimalFlagCalledEvents":
			d.defs.minimal = d.raw() == "true"
		case "property_matching_version", "propertyMatchingVersion":
			d.explicit = d.raw() == "2"
		default:
			d.raw()
		}
	}
	if err := d.take(); err != nil {
		return 0, 0, err
	}
	if flags < 0 {
		return 0, 0, errors.New("there is no list of flags")
	}
	d.pos = flags
	if d.peek() != '[' {
		return 0, 0, fmt.Errorf("flags is %s, want a list", d.kind())
	}
	return flags, cohorts, nil
}

// decodeGroups reads the names of group types. A mistake in them would turn flags off for
// groups, so it is one of the whole document.
func (d *document) decodeGroups() {
	const field = "group_type_mapping"
	if !d.in(field, '{') {
		return
	}
	for d.more('}') {
		name := d.name()
		index, err := strconv.ParseUint(name, 10, 31)
		if err != nil {
			d.fail("%s has the name %q, want a number", field, name)
		}
		if group := d.word(field); group != "" {
			d.defs.groups[int(index)] = group
		}
	}
}

func (d *document) decodeFlags(at int) error {
	d.pos = at
	d.in("flags", '[')
	var all []*flag
	for index := 0; d.more(']'); index++ {
		if index == maxEntries {
			return fmt.Errorf("more than %d flags", maxEntries)
		}
		f := d.decodeFlag()
		f.position = index
		if err := d.take(); err != nil {
			d.problem("flag", f.key, index, err)
			f.fail(err)
		}
		if f.key != "" {
			d.index[f.key] = f
			all = append(all, f)
		}
	}
	d.defs.flags = slices.DeleteFunc(all, func(f *flag) bool { return d.index[f.key] != f })
	d.defs.table = newTable(d.defs.flags)
	return nil
}

// problem records that a flag or a cohort is malformed. The index of a cohort is −1.
func (d *document) problem(what, key string, index int, err error) {
	p := Problem{Index: index}
	if key == "" && index >= 0 {
		p.Err = fmt.Errorf("%s %d: %w", what, index, err)
	} else {
		p.Err = fmt.Errorf("%s %q: %w", what, shortened(key), err)
	}
	if index >= 0 {
		p.Key = key
	}
	d.defs.problems = append(d.defs.problems, p)
}

// fail makes f undecided for everybody.
func (f *flag) fail(err error) {
	f.setFixed(undecided(ReasonUnsupportedDefinition, &Need{Kind: NeedDefinition, Name: err.Error()}))
}

func (f *flag) setFixed(o outcome) { f.fixed = &o }
