package generator

import (
	"slices"

	"github.com/phgen/phgen/schema"
)

// An Offer is what generated code offers its callers for one thing of a plan.
// Other identifiers are made of its Name: an event Order has the type OrderEvent
// and the record OrderRecord, an enum Plan the functions ParsePlan and PlanValues.
type Offer struct {
	Path    []string   // where the plan has the thing: "events", "order placed"
	Pos     schema.Pos // of the thing in the plan
	Package string     // the owner's, if the plan splits its events
	Name    string     // Go identifier; empty for what has none, such as a property set
	Type    string     // of a Go type made by go: named, or of what a flag is
	Func    string     // the function that takes Params by position; empty: there is none
	Params  []Slot
	Parts   []Slot // what is set or read by name: optional properties, values, variants
}

// A Slot is one parameter of a function, or one part that has a name.
type Slot struct {
	Pos  schema.Pos
	Key  string // in the plan
	Name string // Go identifier; empty for the key of a group
	Type string // in Go; empty for enum values and variants
}

// The sections of a plan that Offers name otherwise than the plan does.
const (
	namedSection = "named"      // Go types made by go: named, by their names
	groupKey     = "$group_key" // the key of a group among its parameters
)

// Offers returns what the code of the plan offers, sorted by path. It expects a
// plan in which Check finds no error.
func (x *Printer) Offers() []Offer {
	o := offers{names: x.names, split: x.Plan.Go.SplitOwner}
	p := x.Plan
	for _, t := range p.Types {
		o.typ([]string{"types", t.Name}, t.Pos, t)
	}
	for _, t := range x.names.namedTypes {
		o.add(Offer{Path: []string{namedSection, t.name}, Pos: t.pos, Name: t.name, Type: kinds[t.kind].base})
	}
	for _, s := range p.Sets {
		o.properties(Offer{Path: []string{"property_sets", s.Name}, Pos: s.Pos}, nil, s.Properties)
	}
	if len(p.Context) > 0 {
		o.properties(Offer{Path: []string{"context"}, Pos: p.Context[0].Pos}, nil, p.Context)
	}
	if len(p.Person) > 0 {
		o.properties(Offer{Path: []string{"person"}, Pos: p.Person[0].Pos}, nil, p.Person)
	}
	for _, g := range p.Groups {
		name := o.of(g)
		key := Slot{Pos: g.Pos, Key: groupKey, Type: o.typeText(g.Key, "")}
		o.properties(Offer{Path: []string{"groups", g.Name}, Pos: g.Pos, Name: name, Func: name, Params: []Slot{key}}, g.Properties, g.Properties)
	}
	for _, e := range p.Events {
		name := o.of(e)
		offer := Offer{Path: []string{"events", e.Name}, Pos: e.Pos, Name: name, Func: name}
		if o.split {
			offer.Package = e.Owner
		}
		o.properties(offer, e.Properties, e.Own)
	}
	o.names, o.plain = x.names.insideFlags(), true
	for _, f := range p.Flags {
		o.flag(f)
	}
	for _, e := range p.Experiments {
		offer := Offer{Path: []string{"experiments", e.Name}, Pos: e.Pos, Name: o.of(e)}
		if e.Flag != nil {
			offer.Type = flagsPackage + "." + o.of(e.Flag) + "Variant"
		} else {
			offer.Type, offer.Parts = experimentsPackage+"."+o.of(e)+"Variant", o.values(e.Variants)
		}
		o.add(offer)
	}
	o.names, o.plain = x.names, false
	for _, s := range p.Surveys {
		o.survey(s)
	}
	for _, f := range p.AI.Features {
		name := o.of(f)
		o.properties(Offer{Path: []string{aiPackage, f.Name}, Pos: f.Pos, Name: name, Func: name}, f.Properties, f.Properties)
	}
	slices.SortFunc(o.list, func(a, b Offer) int { return slices.Compare(a.Path, b.Path) })
	return o.list
}

// offers collects the offers of one plan.
type offers struct {
	*names
	split bool
	plain bool // inside flags, where objects are structs without a constructor
	list  []Offer
}

func (o *offers) add(x Offer) { o.list = append(o.list, x) }

// properties adds x, whose function takes the required properties of params. Of
// own, the others are parts; without a function all are. The types inside own
// follow.
func (o *offers) properties(x Offer, params, own []*schema.Property) {
	for _, p := range params {
		if p.Required && p.Type.Kind != schema.Const {
			x.Params = append(x.Params, o.slot(p))
		}
	}
	for _, p := range own {
		if p.Type.Kind != schema.Const && (!p.Required || x.Func == "") {
			x.Parts = append(x.Parts, o.slot(p))
		}
	}
	o.add(x)
	for _, p := range own {
		o.inline(child(x.Path, p.Key), p.Pos, p.Type)
	}
}

func (o *offers) slot(p *schema.Property) Slot {
	return Slot{Pos: p.Pos, Key: p.Key, Name: o.of(p), Type: o.typeText(p.Type, o.typeOf(p, p.Type))}
}

// child is the path of a part of what stands at path.
func child(path []string, key string) []string { return append(slices.Clip(path), key) }

// inline adds what a type offers that has no name in the plan.
func (o *offers) inline(path []string, pos schema.Pos, t *schema.Type) {
	for t.Name == "" && t.Elem != nil {
		t = t.Elem
	}
	if t.Name == "" {
		o.typ(path, pos, t)
	}
}

// typ adds an enum, object or union, or those inside another type.
func (o *offers) typ(path []string, pos schema.Pos, t *schema.Type) {
	name := o.of(t)
	switch t.Kind {
	case schema.Enum:
		o.add(Offer{Path: path, Pos: pos, Name: name, Parts: o.values(t.Values)})
	case schema.Object:
		x := Offer{Path: path, Pos: pos, Name: name}
		if !o.plain {
			x.Func = "New" + name
		}
		o.properties(x, t.Properties, t.Properties)
	case schema.Union:
		x := Offer{Path: path, Pos: pos, Name: name}
		for _, v := range t.Variants {
			x.Parts = append(x.Parts, Slot{Pos: v.Pos, Key: v.Name, Name: o.of(v)})
		}
		o.add(x)
		for _, v := range t.Variants {
			o.properties(Offer{Path: child(path, v.Name), Pos: v.Pos, Name: o.of(v), Func: o.of(v)}, v.Properties, v.Properties)
		}
	case schema.Array, schema.Map:
		o.inline(path, pos, t.Elem)
	}
}

func (o *offers) values(list []*schema.EnumValue) []Slot {
	var parts []Slot
	for _, v := range list {
		parts = append(parts, Slot{Pos: v.Pos, Key: v.Value, Name: o.of(v)})
	}
	return parts
}

func (o *offers) flag(f *schema.Flag) {
	name := o.of(f)
	x := Offer{Path: []string{"flags", f.Key}, Pos: f.Pos, Name: name, Parts: o.values(f.Variants)}
	switch f.Kind {
	case booleanFlag:
		x.Type = "bool"
	case multivariateFlag:
		x.Type = flagsPackage + "." + name + "Variant"
	}
	o.add(x)
	if f.HasPayload {
		o.properties(Offer{Path: child(x.Path, "payload"), Pos: f.Pos, Name: name + "Payload"}, nil, f.Payload)
	}
}

// survey adds what the event of a survey that was sent takes. A link has no answer.
func (o *offers) survey(s *schema.Survey) {
	name := o.of(s)
	var answers []*schema.Property
	for _, q := range s.Questions {
		if p := o.answers[q]; p != nil {
			answers = append(answers, p)
		}
	}
	o.properties(Offer{Path: []string{surveysPackage, s.Key}, Pos: s.Pos, Name: name, Func: name + "Sent"}, answers, answers)
}

// typeText is goType as text, seen from outside: types of package tracking stand
// without its name.
func (o *offers) typeText(t *schema.Type, named string) string {
	if named != "" {
		return named
	}
	switch t.Kind {
	case schema.Array:
		return "[]" + o.typeText(t.Elem, o.typeOf(nil, t.Elem))
	case schema.Map:
		return "map[string]" + o.typeText(t.Elem, o.typeOf(nil, t.Elem))
	case schema.Enum, schema.Object, schema.Union:
		switch {
		case o.inFlags[t]:
			return flagsPackage + "." + o.of(t)
		case o.inAI[t]:
			return aiPackage + "." + o.of(t)
		case o.inSurveys[t]:
			return surveysPackage + "." + o.of(t)
		}
		return o.of(t)
	}
	return kinds[t.Kind].text
}
