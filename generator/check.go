package generator

import (
	"fmt"
	"go/token"
	"slices"

	"github.com/phgen/phgen/schema"
)

// Check reports what keeps p from becoming Go: names without an identifier
// (PH302), identifiers that two things need (PH301) or that generated code needs
// itself (PH303), and Go types that cannot be (PH305). Generate expects a plan
// without such findings.
func Check(p *schema.Plan) schema.Diagnostics { return NewPrinter(p).Check() }

// Check is the function Check.
func (x *Printer) Check() schema.Diagnostics {
	p, n := x.Plan, *x.names
	n.found = slices.Clip(n.found) // what the checker adds is its own
	c := checker{names: &n, parts: map[string]string{}, clashed: map[[2]string]bool{}}
	c.tracking(p)
	c.trackingtest(p)
	c.flags(p)
	c.experiments(p)
	c.surveys(p)
	c.ai(p)
	c.owners(p)
	c.reportClashes()
	return c.found.Sort(p.Files)
}

// A checker collects findings about identifiers.
type checker struct {
	*names
	parts   map[string]string // what something is a part of, whose identifier its own begins with
	clashes []clash
	clashed map[[2]string]bool // pairs of clashes, by what and in both orders: one finding says it all
}

// A clash is an identifier that two things need.
type clash struct {
	a, b  claim
	ident string
}

// A space is a set of identifiers that must differ: the exported ones of a
// package, or the members of a type.
type space map[string]claim

// A claim says who needs an identifier. One of generated code itself has no what.
type claim struct {
	what string
	pos  schema.Pos
}

// fixed makes a space in which generated code needs some identifiers itself.
func fixed(idents ...string) space {
	s := space{}
	for _, id := range idents {
		s[id] = claim{}
	}
	return s
}

// claim adds identifiers that what needs. Those of a name that has no identifier
// are left alone: that was reported.
func (c *checker) claim(s space, what string, pos schema.Pos, idents ...string) {
	for _, id := range idents {
		other, taken := s[id]
		switch {
		case !exported(id):
		case !taken:
			s[id] = claim{what, pos}
		case other.what == "":
			c.report(pos, "PH303", fmt.Sprintf("%s needs the Go name %q, which generated code needs itself", what, id),
				"rename it, or give it go: {name: …}")
			return
		case !c.clashed[[2]string{other.what, what}]:
			c.clashed[[2]string{other.what, what}] = true
			c.clashed[[2]string{what, other.what}] = true
			c.clashes = append(c.clashes, clash{claim{what, pos}, other, id})
		}
	}
}

// claimPart is claim for a part of owner.
func (c *checker) claimPart(s space, owner, what string, pos schema.Pos, idents ...string) {
	c.parts[what] = owner
	c.claim(s, what, pos, idents...)
}

// reportClashes reports both sides of each clash that is no consequence of another.
func (c *checker) reportClashes() {
	for _, x := range c.clashes {
		if c.follows(x.a.what, x.b.what) {
			continue
		}
		for _, side := range [][2]claim{{x.a, x.b}, {x.b, x.a}} {
			c.report(side[0].pos, "PH301",
				fmt.Sprintf("%s and %s at %s both need the Go name %q", side[0].what, side[1].what, place(side[1].pos, side[0].pos), x.ident),
				"give one of them another name with go: {name: …}")
		}
	}
}

// follows reports whether what a and b are parts of clashes already.
func (c *checker) follows(a, b string) bool {
	for x := a; x != ""; x = c.parts[x] {
		for y := b; y != ""; y = c.parts[y] {
			if (x != a || y != b) && c.clashed[[2]string{x, y}] {
				return true
			}
		}
	}
	return false
}

func (c *checker) tracking(p *schema.Plan) {
	pkg := fixed("Person", "PersonUpdate", "PersonFlagProperties")
	c.types(pkg, c.names.types)
	for _, t := range c.namedTypes {
		c.claim(pkg, t.what, t.pos, t.name)
	}
	for _, x := range p.Context {
		c.setters(pkg, []*schema.Property{x}, "the context")
	}
	c.members(p.Context, "the context", space{})
	person := fixed("Identify", "Set", "Validate", "Equal")
	c.members(p.Person, "the person", space{})
	c.setters(person, p.Person, "the person")
	for _, x := range p.Person {
		c.claim(person, propertyOf(x, "the person"), x.Pos, "Without"+c.of(x))
	}
	for _, g := range p.Groups {
		what := fmt.Sprintf("group %q", g.Name)
		id := c.of(g)
		c.claim(pkg, what, g.Pos, id, id+"Group", "In"+id, id+"FlagProperties")
		c.members(g.Properties, what, space{})
		c.setters(space{}, g.Properties, what)
	}
	for _, e := range p.Events {
		what := fmt.Sprintf("event %q", e.Name)
		c.claim(pkg, what, e.Pos, c.of(e), c.of(e)+"Event")
		members := space{}
		if e.ExtraProperties {
			members = fixed("WithExtra")
		}
		c.members(e.Properties, what, fixed("PhgenRecord"))
		c.setters(members, e.Properties, what)
		for _, x := range e.Person {
			setters := []string{"WithPerson" + c.of(x)}
			if x.Nullable {
				setters = append(setters, setters[0]+"Null")
			}
			c.claim(members, fmt.Sprintf("person property %q of %s", x.Key, what), e.Pos, setters...)
		}
	}
}

// types claims the identifiers of enums, objects and unions in pkg, and checks
// the members of each.
func (c *checker) types(pkg space, list []typeName) {
	for _, t := range list {
		c.claimPart(pkg, t.owner, t.what, t.pos, t.name)
		switch t.typ.Kind {
		case schema.Enum:
			c.claim(pkg, t.what, t.pos, "Parse"+t.name, t.name+"Values")
			for _, v := range t.typ.Values {
				c.claimPart(pkg, t.what, fmt.Sprintf("value %q of %s", v.Value, t.what), v.Pos, c.of(v))
			}
		case schema.Object:
			c.claim(pkg, t.what, t.pos, "New"+t.name)
			c.members(t.typ.Properties, t.what, space{})
			c.setters(space{}, t.typ.Properties, t.what)
		case schema.Union:
			for _, v := range t.typ.Variants {
				what := fmt.Sprintf("variant %q of %s", v.Name, t.what)
				c.claimPart(pkg, t.what, what, v.Pos, c.of(v))
				c.members(v.Properties, what, space{})
			}
		}
	}
}

// members checks that the properties of one owner have different identifiers:
// they are the getters of its record.
func (c *checker) members(list []*schema.Property, owner string, s space) {
	for _, p := range list {
		c.claim(s, propertyOf(p, owner), p.Pos, c.of(p))
	}
}

// setters claims the setters of the optional properties of owner.
func (c *checker) setters(s space, list []*schema.Property, owner string) {
	for _, p := range list {
		id := c.of(p)
		if !exported(id) || p.Required || p.Type.Kind == schema.Const || p.Write == schema.WriteUnset {
			continue
		}
		c.claim(s, propertyOf(p, owner), p.Pos, "With"+id)
		if p.Nullable {
			c.claim(s, propertyOf(p, owner), p.Pos, "With"+id+"Null")
		}
	}
}

func propertyOf(p *schema.Property, owner string) string {
	return "property " + quoted(p.Key) + " of " + owner // called so often that fmt would show
}

func (c *checker) trackingtest(p *schema.Plan) {
	pkg := space{}
	for _, e := range p.Events {
		c.claim(pkg, fmt.Sprintf("event %q", e.Name), e.Pos, c.of(e), c.of(e)+"Record")
	}
}

func (c *checker) flags(p *schema.Plan) {
	pkg := fixed("Load", "Override")
	for _, f := range p.Flags {
		what := fmt.Sprintf("flag %q", f.Key)
		id := c.of(f)
		if f.Kind != "remote_config" {
			c.claim(pkg, what, f.Pos, id, id+"Detail", id+"Override")
		}
		if f.HasPayload {
			c.claim(pkg, what, f.Pos, id+"Config", id+"ConfigOverride", id+"Payload", id+"PayloadDefaults")
			payload := "the payload of " + what
			c.parts[payload] = what
			c.members(f.Payload, payload, fixed(payloadMethod))
		}
		if f.Kind == "multivariate" {
			c.claim(pkg, what, f.Pos, id+"Variant", id+"VariantValues", "Parse"+id+"Variant", id+"Off")
		}
		for _, v := range f.Variants {
			c.claimPart(pkg, what, fmt.Sprintf("variant %q of %s", v.Value, what), v.Pos, c.of(v))
		}
	}
	c.types(pkg, c.payload)
	for _, t := range c.twins {
		c.claimPart(pkg, t.owner, t.what, t.pos, t.name)
	}
	for _, t := range slices.Concat(ofKind(c.payload, schema.Object), c.twins) {
		c.members(t.typ.Properties, t.what, fixed(payloadMethod))
	}
}

func (c *checker) experiments(p *schema.Plan) {
	pkg := space{}
	for _, x := range p.Experiments {
		what := fmt.Sprintf("experiment %q", x.Name)
		id := c.of(x)
		c.claim(pkg, what, x.Pos, id)
		if x.Flag != nil {
			continue
		}
		c.claim(pkg, what, x.Pos, id+"Variant", id+"VariantValues", "Parse"+id+"Variant", "With"+id)
		for _, v := range x.Variants {
			c.claimPart(pkg, what, fmt.Sprintf("variant %q of %s", v.Value, what), v.Pos, c.of(v))
		}
	}
}

func (c *checker) surveys(p *schema.Plan) {
	pkg := space{}
	for _, s := range p.Surveys {
		what := fmt.Sprintf("survey %q", s.Key)
		id := c.of(s)
		for _, suffix := range []string{"Shown", "Sent", "Dismissed"} {
			c.claim(pkg, what, s.Pos, id+suffix, id+suffix+"Event")
		}
		members := fixed("WithIteration", "WithSubmissionID")
		questions := space{}
		for _, q := range s.Questions {
			here := fmt.Sprintf("question %q of %s", q.Key, what)
			c.claim(questions, here, q.Pos, c.of(q))
			c.claim(members, here, q.Pos, "With"+c.of(q))
			if len(q.Choices) == 0 || q.OpenChoice {
				continue
			}
			enum := id + c.of(q)
			c.claimPart(pkg, what, here, q.Pos, enum, "Parse"+enum, enum+"Values")
			for _, v := range q.Choices {
				c.claimPart(pkg, here, fmt.Sprintf("choice %q of %s", v.Value, here), v.Pos, c.of(v))
			}
		}
	}
}

func (c *checker) ai(p *schema.Plan) {
	pkg := space{}
	for _, f := range p.AI.Features {
		what := fmt.Sprintf("AI feature %q", f.Name)
		c.claim(pkg, what, f.Pos, c.of(f), c.of(f)+"Feature")
		c.members(f.Properties, what, space{})
		c.setters(space{}, f.Properties, what)
	}
	c.types(pkg, c.features)
}

// owners checks the packages of split: owner, one for each owner of an event. Two
// of one name would compile, but no file could import both by it.
func (c *checker) owners(p *schema.Plan) {
	if !p.Go.SplitOwner {
		return
	}
	owns := map[string]bool{}
	for _, e := range p.Events {
		owns[e.Owner] = true
	}
	packages := map[string]*schema.Owner{}
	for _, o := range p.Owners {
		name := ownerPackage(o.Name)
		switch first := packages[name]; {
		case !owns[o.Name]:
		case unusable[o.Name] || unusable[name] || token.IsKeyword(name):
			c.report(o.Pos, "PH303", fmt.Sprintf("owner %q cannot be the name of a Go package", o.Name), "rename the owner")
		case first != nil:
			for _, side := range [][2]*schema.Owner{{o, first}, {first, o}} {
				c.report(side[0].Pos, "PH301", fmt.Sprintf("owner %q and owner %q at %s both need the Go package %q",
					side[0].Name, side[1].Name, place(side[1].Pos, side[0].Pos), name), "rename one of them")
			}
		default:
			packages[name] = o
		}
	}
}
