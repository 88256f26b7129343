package generator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/phgen/phgen/schema"
)

// names holds every exported identifier that a plan gives rise to, computed
// once. Identifiers are kept by what they are the name of: a *schema.Event,
// *schema.Property, *schema.Type, *schema.EnumValue, *schema.Variant,
// *schema.Group, *schema.Flag, *schema.Experiment, *schema.Survey,
// *schema.Question or *schema.Feature. Enum values, variants and inline types
// have the whole identifier, prefix included.
type names struct {
	initialisms map[string]bool
	idents      map[any]string
	named       map[any]string // Go types of go: named, by *schema.Property or alias *schema.Type

	types      []typeName                            // enums, objects and unions of package tracking
	payload    []typeName                            // those of package flags
	twins      []typeName                            // objects of package tracking that package flags has its own structs of
	features   []typeName                            // those of package ai
	namedTypes []namedType                           // distinct
	inFlags    map[*schema.Type]bool                 // inline types of payloads
	inAI       map[*schema.Type]bool                 // inline types of AI features
	choices    []typeName                            // those of package surveys
	inSurveys  map[*schema.Type]bool                 // the same
	answers    map[*schema.Question]*schema.Property // what the answers are; none for a link

	found schema.Diagnostics
}

// A typeName is a Go type made of an enum, object or union.
type typeName struct {
	typ   *schema.Type
	name  string
	what  string // in messages and comments: `type "LineItem"`
	owner string // what it is a part of; empty for a named type
	pos   schema.Pos
}

// A namedType is a Go type made by go: named.
type namedType struct {
	name string
	kind schema.Kind
	what string
	pos  schema.Pos
	text string // description

	shared bool // by other properties and aliases of the same name
}

// newNames computes the identifiers of p. What has none is among n.found.
func newNames(p *schema.Plan) *names {
	n := &names{
		initialisms: map[string]bool{},
		idents:      make(map[any]string, 8*len(p.Events)),
		named:       map[any]string{},
		inFlags:     map[*schema.Type]bool{},
		inAI:        map[*schema.Type]bool{},
		inSurveys:   map[*schema.Type]bool{},
		answers:     map[*schema.Question]*schema.Property{},
	}
	for _, w := range slices.Concat(strings.Fields(commonInitialisms), p.Go.Initialisms) {
		n.initialisms[w] = true
	}
	for _, t := range p.Types {
		n.idents[t] = t.Name
	}
	for _, t := range p.Types {
		what := fmt.Sprintf("type %q", t.Name)
		n.typeParts(t, typeName{typ: t, name: t.Name, what: what, pos: t.Pos}, &n.types)
		n.alias(t, what)
	}
	for _, s := range p.Sets {
		n.properties(s.Properties, n.derive(s.Name), fmt.Sprintf("property set %q", s.Name), &n.types)
	}
	n.properties(p.Context, "Context", "the context", &n.types)
	n.properties(p.Person, "Person", "the person", &n.types)
	for _, g := range p.Groups {
		what := fmt.Sprintf("group %q", g.Name)
		n.properties(g.Properties, n.top(g, g.Go, g.Name, what, g.Pos), what, &n.types)
	}
	for _, e := range p.Events {
		what := fmt.Sprintf("event %q", e.Name)
		n.properties(e.Own, n.top(e, e.Go, e.Name, what, e.Pos), what, &n.types)
	}
	n.flags(p.Flags)
	n.later(p)
	return n
}

// of is the identifier of x.
func (n *names) of(x any) string { return n.idents[x] }

func (n *names) derive(name string) string { return identifier(name, n.initialisms) }

// unexportedOf lowers the first word of the identifier id. Which word that is
// only the name tells, if id was derived from it: "a_uuid" is aUUID.
func (n *names) unexportedOf(name, id string) string {
	if id == n.derive(name) {
		first := n.derive(words(name)[0])
		return unexported(first) + id[len(first):]
	}
	return unexported(id)
}

// ident is the identifier that go: gives, else the derived one.
func (n *names) ident(g schema.GoName, name string) string {
	if g.Name != "" {
		return g.Name
	}
	return n.derive(name)
}

// top names x, which has a name of its own.
func (n *names) top(x any, g schema.GoName, name, what string, pos schema.Pos) string {
	id := n.ident(g, name)
	if !exported(id) {
		n.report(pos, "PH302", what+" has no Go name: it would have to begin with an ASCII letter", "give it go: {name: …}")
	}
	n.idents[x] = id
	return id
}

// part names x behind the prefix that its type gives it.
func (n *names) part(x any, prefix string, g schema.GoName, name, what string, pos schema.Pos) string {
	id := n.ident(g, name)
	if id == "" {
		n.report(pos, "PH302", what+" has no Go name: it holds no ASCII letter or digit", "give it go: {name: …}")
		return prefix
	}
	n.idents[x] = prefix + id
	return prefix + id
}

func (n *names) report(pos schema.Pos, code, message, fix string) {
	n.found = append(n.found, schema.Diagnostic{Pos: pos, Code: code, Message: message, Fix: fix})
}

// properties names those of owner, and the types inside them.
func (n *names) properties(list []*schema.Property, owner, what string, types *[]typeName) {
	for _, p := range list {
		if p.Type.Kind == schema.Const {
			continue // nobody names it: it is always sent
		}
		here := propertyOf(p, what)
		id := n.top(p, p.Go, p.Key, here, p.Pos)
		n.inline(p.Type, typeName{name: owner + id, what: here, owner: what, pos: p.Pos}, types)
		n.property(p, here)
	}
}

// inline names the type of one property that is not a named one: that of its
// items, if it has items.
func (n *names) inline(t *schema.Type, as typeName, types *[]typeName) {
	for t.Name == "" && t.Elem != nil {
		t = t.Elem
	}
	if t.Name != "" {
		return
	}
	n.idents[t] = as.name
	as.typ = t
	n.typeParts(t, as, types)
}

// typeParts names what is inside a type and adds it to types if it becomes one
// in Go. Its own name is known.
func (n *names) typeParts(t *schema.Type, as typeName, types *[]typeName) {
	switch t.Kind {
	case schema.Enum:
		*types = append(*types, as)
		for _, v := range t.Values {
			n.part(v, as.name, v.Go, v.Value, fmt.Sprintf("value %q of %s", v.Value, as.what), v.Pos)
		}
	case schema.Object:
		*types = append(*types, as)
		n.properties(t.Properties, as.name, as.what, types)
	case schema.Union:
		*types = append(*types, as)
		for _, v := range t.Variants {
			what := fmt.Sprintf("variant %q of %s", v.Name, as.what)
			n.properties(v.Properties, n.part(v, as.name, v.Go, v.Name, what, v.Pos), what, types)
		}
	case schema.Array, schema.Map:
		n.inline(t.Elem, as, types)
	}
}

// property notes the Go type that go: named gives p.
func (n *names) property(p *schema.Property, what string) {
	switch {
	case !p.Go.Named:
	case p.Go.NamedAs == "" && p.Type.Name != "" && p.Type.Go.Named: // filled in from the alias
		n.named[p] = n.named[p.Type]
	default:
		name := p.Go.NamedAs
		if name == "" {
			name = n.of(p)
		}
		if n.nameType(name, p.Type.Kind, what, p.Pos, p.Go.Pos, p.Description) {
			n.named[p] = name
		}
	}
}

// alias notes the Go type that go: named gives every use of t.
func (n *names) alias(t *schema.Type, what string) {
	if !t.Go.Named {
		return
	}
	name := t.Go.NamedAs
	if name == "" {
		name = t.Name
	}
	if n.nameType(name, t.Kind, what, t.Pos, t.Go.Pos, t.Description) {
		n.named[t] = name
	}
}

// nameType declares a Go type, or finds that it is declared already.
func (n *names) nameType(name string, k schema.Kind, what string, pos, goPos schema.Pos, description string) bool {
	i := slices.IndexFunc(n.namedTypes, func(t namedType) bool { return t.name == name })
	if i < 0 {
		n.namedTypes = append(n.namedTypes, namedType{name: name, kind: k, what: what, pos: pos, text: description})
		return true
	}
	if first, base := n.namedTypes[i], kinds[k].base; kinds[first.kind].base != base {
		n.report(goPos, "PH305", fmt.Sprintf("%s gives the Go type %s the base type %s, but %s at %s gives it %s",
			what, name, base, first.what, place(first.pos, pos), kinds[first.kind].base), "name one of them otherwise")
		return false
	}
	n.namedTypes[i].shared = true
	return true
}

// typeOf is the name that go: named gives the value of p, or of a part of it
// whose type is t; empty: none.
func (n *names) typeOf(p *schema.Property, t *schema.Type) string {
	if p != nil && p.Type == t {
		if name := n.named[p]; name != "" {
			return name
		}
	}
	return n.named[t]
}

// flags names flags, their variants and the types of their payloads.
func (n *names) flags(list []*schema.Flag) {
	for _, f := range list {
		what := fmt.Sprintf("flag %q", f.Key)
		name := n.top(f, f.Go, f.Key, what, f.Pos)
		for _, v := range f.Variants {
			n.part(v, name, v.Go, v.Value, fmt.Sprintf("variant %q of %s", v.Value, what), v.Pos)
		}
		n.properties(f.Payload, name+"Payload", "the payload of "+what, &n.payload)
	}
	for _, t := range n.payload {
		n.inFlags[t.typ] = true
	}
	n.twins = n.payloadTwins(list)
}

// payloadTwins are the objects inside named types that payloads hold.
func (n *names) payloadTwins(list []*schema.Flag) []typeName {
	held := map[*schema.Type]bool{}
	for _, f := range list {
		for _, p := range nestedProperties(f.Payload) {
			held[leafOf(p.Type)] = true
		}
	}
	var twins []typeName
	for _, t := range ofKind(n.types, schema.Object) {
		if held[t.typ] {
			twins = append(twins, t)
		}
	}
	return twins
}

// later names experiments, surveys and AI features.
func (n *names) later(p *schema.Plan) {
	for _, x := range p.Experiments {
		what := fmt.Sprintf("experiment %q", x.Name)
		name := n.top(x, schema.GoName{}, x.Name, what, x.Pos)
		if x.Flag != nil {
			continue
		}
		for _, v := range x.Variants {
			n.part(v, name, v.Go, v.Value, fmt.Sprintf("variant %q of %s", v.Value, what), v.Pos)
		}
	}
	for _, s := range p.Surveys {
		what := fmt.Sprintf("survey %q", s.Key)
		name := n.top(s, s.Go, s.Key, what, s.Pos)
		for _, q := range s.Questions {
			here := fmt.Sprintf("question %q of %s", q.Key, what)
			id := n.top(q, q.Go, q.Key, here, q.Pos)
			n.answer(q, typeName{name: name + id, what: here, owner: what, pos: q.Pos})
		}
	}
	for _, f := range p.AI.Features {
		what := fmt.Sprintf("AI feature %q", f.Name)
		n.properties(f.Properties, n.top(f, f.Go, f.Name, what, f.Pos), what, &n.features)
	}
	for _, t := range n.features {
		n.inAI[t.typ] = true
	}
}

// answer names the answer to a question, whose type is as if it becomes one in Go, and its choices.
func (n *names) answer(q *schema.Question, as typeName) {
	for _, v := range q.Choices {
		n.part(v, as.name, v.Go, v.Value, fmt.Sprintf("choice %q of %s", v.Value, as.what), v.Pos)
	}
	p := answerOf(q)
	if p == nil {
		return
	}
	n.answers[q], n.idents[p] = p, n.of(q)
	if as.typ = leafOf(p.Type); as.typ.Kind == schema.Enum {
		n.idents[as.typ], n.inSurveys[as.typ] = as.name, true
		n.choices = append(n.choices, as)
	}
}

// place says where a is to a reader of b.
func place(a, b schema.Pos) string {
	if a.File == b.File {
		return fmt.Sprintf("line %d", a.Line)
	}
	return fmt.Sprintf("%s:%d", a.File, a.Line)
}
