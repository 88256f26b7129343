package generator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// A folder collects the files of one package.
type folder struct {
	dir, pkg, path string
	sources        []source
}

func (g *generator) folder(dir, pkg string) *folder {
	return &folder{dir: dir, pkg: pkg, path: g.path + "/" + dir}
}

// add adds the file name.
func (d *folder) add(name string, build func(*jen.File)) {
	d.sources = append(d.sources, source{dir: d.dir, name: name, pkg: d.pkg, path: d.path, build: build})
}

// each prints list into one file, or into none if it is empty.
func each[T any](d *folder, name string, list []T, print func(*jen.File, T)) {
	if len(list) == 0 {
		return
	}
	d.add(name+".go", func(f *jen.File) {
		for _, x := range list {
			print(f, x)
		}
	})
}

// chunks prints events into files of a bounded size, named by number.
func chunks(d *folder, name string, events []*schema.Event, print func(*jen.File, *schema.Event)) {
	n := 0
	for part := range slices.Chunk(events, eventsPerFile) {
		n++
		each(d, name+"_"+strconv.Itoa(n), part, print)
		d.sources[len(d.sources)-1].events = part
	}
}

// plan adds the file that documents the package and holds its handshake with
// the runtime.
func (d *folder) plan(doc *comment) {
	d.add("plan.go", func(f *jen.File) {
		hint := new(comment)
		hint.text("If this line does not compile, the runtime is older than this code. Run:").code(handshakeHint)
		f.Add(hint.decl(jen.Const().Id("_").Op("=").Add(ph(handshake))))
	})
	d.sources[len(d.sources)-1].doc = doc
}

func (g *generator) tracking() []source {
	d := g.folder(trackingPackage, trackingPackage)
	c := doc("Package tracking holds the events of the tracking plan "+g.plan.Name+", version "+g.plan.Version+".", g.plan.Description)
	c.text("Each event is a function that takes its required properties. Optional ones are set by methods, and Capture sends the event.")
	d.plan(c)
	each(d, "enums", ofKind(g.types, schema.Enum), g.enum)
	each(d, "objects", ofKind(g.types, schema.Object), g.object)
	each(d, "unions", ofKind(g.types, schema.Union), g.union)
	g.scalars(d)
	d.add("person.go", g.person)
	if len(g.plan.Groups) > 0 {
		d.add("groups.go", func(f *jen.File) {
			for _, x := range g.plan.Groups {
				g.group(f, x)
			}
			if g.orderVar != "" && len(g.eventsOf("")) > 0 {
				g.groupOrder(f)
			}
		})
	}
	if len(g.plan.Context) > 0 {
		d.add("context.go", g.context)
	}
	chunks(d, "events", g.eventsOf(""), g.event)
	return d.sources
}

// scalars adds the file of the types that hold one value each.
func (g *generator) scalars(d *folder) {
	var ruled []*schema.Type
	for _, t := range g.plan.Types {
		if g.rules[t] != "" {
			ruled = append(ruled, t)
		}
	}
	if len(g.namedTypes) == 0 && len(ruled) == 0 {
		return
	}
	d.add("types.go", func(f *jen.File) {
		for _, t := range g.namedTypes {
			g.named(f, t)
		}
		for _, t := range ruled {
			g.rule(f, t)
		}
	})
}

func ofKind(list []typeName, k schema.Kind) []typeName {
	var some []typeName
	for _, t := range list {
		if t.typ.Kind == k {
			some = append(some, t)
		}
	}
	return some
}

// eventsOf are the events whose package is that of owner: all belong to that of
// no owner, unless the plan splits them.
func (g *generator) eventsOf(owner string) []*schema.Event {
	if !g.plan.Go.SplitOwner {
		return g.plan.Events
	}
	var some []*schema.Event
	for _, e := range g.plan.Events {
		if e.Owner == owner {
			some = append(some, e)
		}
	}
	return some
}

// owners are the packages of split: owner. Types stay in package tracking; the
// tables that rows refer to are repeated, since they are no part of its API.
func (g *generator) owners() []source {
	if !g.plan.Go.SplitOwner {
		return nil
	}
	var all []source
	for _, o := range g.plan.Owners {
		events := g.eventsOf(o.Name)
		if len(events) == 0 {
			continue
		}
		d := g.folder(trackingPackage+"/"+o.Name, ownerPackage(o.Name))
		d.plan(doc("Package "+d.pkg+" holds the events that "+o.Name+" owns, of the tracking plan "+g.plan.Name+", version "+g.plan.Version+".", o.Description))
		var list []*schema.Property
		for _, e := range events {
			list = append(append(list, e.Properties...), e.Person...)
		}
		if tables := tablesOf(list); len(tables) > 0 || g.orderVar != "" {
			d.add("tables.go", func(f *jen.File) {
				for _, t := range tables {
					g.table(f, t)
				}
				if g.orderVar != "" {
					g.groupOrder(f)
				}
			})
		}
		chunks(d, "events", events, g.event)
		all = append(all, d.sources...)
	}
	return all
}

// table prints what rows of another package than tracking refer to of a type.
func (g *generator) table(f *jen.File, t *schema.Type) {
	if t.Kind == schema.Enum {
		f.Add(g.enumTable(g.vars[t], t.Values))
	} else {
		g.rule(f, t)
	}
}

// tablesOf are the enums and the named types with bounds that the rows of
// properties refer to, in the order of their use.
func tablesOf(properties []*schema.Property) []*schema.Type {
	var list []*schema.Type
	seen := map[*schema.Type]bool{}
	for _, p := range properties {
		for t := p.Type; t != nil && !seen[t]; t = t.Elem {
			if t.Kind == schema.Enum || t.Name != "" && ruleOf(t) != nil {
				seen[t] = true
				list = append(list, t)
			}
		}
	}
	return list
}

// ownerPackage is the name of an owner's package: its letters and digits.
func ownerPackage(owner string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(owner)
}

// unusable are folders and package names that Go gives a meaning of their own, and
// those of devices on Windows, which no module may have.
var unusable = map[string]bool{
	"internal": true, "vendor": true, "testdata": true, "main": true, "init": true, "documentation": true,
	"aux": true, "con": true, "nul": true, "prn": true,
	"com1": true, "com2": true, "com3": true, "com4": true, "com5": true, "com6": true, "com7": true, "com8": true, "com9": true,
	"lpt1": true, "lpt2": true, "lpt3": true, "lpt4": true, "lpt5": true, "lpt6": true, "lpt7": true, "lpt8": true, "lpt9": true,
}
