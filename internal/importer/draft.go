package importer

import (
	"slices"
	"strconv"
)

// A draft is a plan in the making. Readers fill it; settle makes it sound.
type draft struct {
	name, description string

	owners  []*entity
	types   []*namedType
	sets    []*set
	context []*property
	person  []*property
	groups  []*group
	events  []*event
	flags   []*flag

	losses  []Loss
	renamed []*entity
	index   map[string]*event
}

func newDraft() *draft { return &draft{index: map[string]*event{}} }

// lose notes what the plan will not say.
func (d *draft) lose(at Place, what, why string) {
	d.losses = append(d.losses, Loss{at, what, why})
}

// An entity is what has a name in a plan, and what a finding can be about.
type entity struct {
	noun   string // "event"
	name   string
	from   Place
	notes  []string // for whoever reads the draft
	goName string
	gone   string // why it is left out; empty: it is not
	tries  int    // of names
	called string // the last one
	why    string // it is called so
}

func (e *entity) what() string { return e.noun + " " + strconv.Quote(clip(e.name)) }

// note adds a comment once.
func (e *entity) note(text string) {
	if !slices.Contains(e.notes, text) {
		e.notes = append(e.notes, text)
	}
}

// A typ is what a property holds.
type typ struct {
	name          string // of a type of the language, or enum, union, const
	ref           *namedType
	choices       []*choice   // enum
	fields        []*property // object
	discriminator string      // union
	variants      []*variant
	elem          *typ // array, map
	limits        []*limit
	constant      string // as YAML
}

func plain(name string) *typ { return &typ{name: name} }

// A limit is a key of a type beside those that make it the type it is.
type limit struct {
	entity
	text string // as YAML
}

func (t *typ) limit(key, text string, from Place) {
	t.limits = append(t.limits, &limit{entity{noun: "key", name: key, from: from}, text})
}

type namedType struct {
	entity
	typ         *typ
	description string
}

type choice struct {
	entity
	description string
}

type variant struct {
	entity
	fields []*property
}

type property struct {
	entity
	typ                *typ
	required, nullable bool
	description        string
	deprecated         string
	write              string // person only
	other              []*limit
}

// also adds a key of the property itself.
func (p *property) also(key, text string, from Place) {
	p.other = append(p.other, &limit{entity{noun: "key", name: key, from: from}, text})
}

type set struct {
	entity
	properties []*property
}

type group struct {
	entity
	description string
	properties  []*property
}

type event struct {
	entity
	description string
	owner       *entity
	tags        []string
	status      string
	deprecated  string
	use         []*set
	groups      []*group
	person      []*property
	properties  []*property
	extra       bool // properties that the plan does not list are allowed
}

type flag struct {
	entity
	kind        string
	description string
	fallback    string // default, as YAML; empty: none
	variants    []*choice
	payload     []*property
}

// event is the event of a name, which is made when it is asked for first.
func (d *draft) event(name string, from Place) (e *event, fresh bool) {
	if e = d.index[name]; e != nil {
		return e, false
	}
	e = &event{entity: entity{noun: "event", name: name, from: from}}
	d.index[name], d.events = e, append(d.events, e)
	return e, true
}

// owner is the owner of a name.
func (d *draft) owner(name string, from Place) *entity {
	name = slug(name, '-')
	if i := slices.IndexFunc(d.owners, func(o *entity) bool { return o.name == name }); i >= 0 {
		return d.owners[i]
	}
	o := &entity{noun: "owner", name: name, from: from}
	d.owners = append(d.owners, o)
	return o
}

// group is the group type of a name.
func (d *draft) group(name string, from Place) *group {
	if i := slices.IndexFunc(d.groups, func(g *group) bool { return g.name == name }); i >= 0 {
		return d.groups[i]
	}
	g := &group{entity: entity{noun: "group", name: name, from: from}}
	d.groups = append(d.groups, g)
	return g
}

// join adds properties to a list. Of two with one key the first stays, and is required
// only if both are.
func (d *draft) join(list []*property, more []*property) []*property {
	for _, p := range more {
		i := slices.IndexFunc(list, func(q *property) bool { return q.name == p.name })
		if i < 0 {
			list = append(list, p)
			continue
		}
		list[i].required = list[i].required && p.required
		list[i].nullable = list[i].nullable || p.nullable
		if !sameShape(list[i].typ, p.typ) {
			d.lose(p.from, p.what(), "it has another type than at "+list[i].from.String()+", which stays")
		}
	}
	return list
}

// sameShape reports whether two types are alike as far as names go.
func sameShape(a, b *typ) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.name == b.name && a.ref == b.ref && sameShape(a.elem, b.elem) && len(a.choices) == len(b.choices) && len(a.fields) == len(b.fields)
}
