package generator

import (
	"math/big"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// eventsPerFile keeps files small enough to read and to format at the same time.
const eventsPerFile = 50

// event prints everything that package tracking has of one event.
func (g *generator) event(f *jen.File, e *schema.Event) {
	name := g.of(e)
	r := record{
		g: g, name: name + "Event", recv: "e", path: "e.", prefix: "With", nulls: true,
		fields: g.fieldsOf(e.Properties, ownFields...),
	}
	person := record{
		g: g, name: r.name, recv: "e", path: "e.person.", prefix: "WithPerson", nulls: true,
		fields: g.fieldsOf(e.Person, ownFields...),
	}

	members := append([]jen.Code{equalField}, r.structFields()...)
	if len(e.Person) > 0 {
		members = append(members, jen.Id("person").Struct(person.structFields()...))
	}
	if e.ExtraProperties {
		members = append(members, jen.Id("extra").Add(phExtra))
	}
	f.Add(g.eventDoc(e).decl(jen.Type().Id(r.name).Struct(members...)))

	constructor := r.constructorDoc(name+" returns the event "+quoted(e.Name)+".", e.Description)
	g.deprecateEvent(constructor, e)
	f.Add(constructor.decl(jen.Func().Id(name).Add(r.params()).Id(r.name).Block(jen.Return(literal(r.name, r.values())))))
	r.setters(f)
	person.setters(f)
	if e.ExtraProperties {
		f.Add(doc("WithExtra sets a property that is not in the plan. A key that is in the plan is a violation and left out.").decl(
			r.method("WithExtra"), jen.Params(jen.Id("key").String(), jen.Id("v").Any()), jen.Id(r.name),
			jen.Block(expr("e.extra = e.extra.With(key, v)"), expr("return e"))))
	}
	spec := g.vars[e]
	r.capture(f, spec)
	r.compare(f, "the event")
	g.eventVisit(f, e, r, person, spec)
}

// capture prints the two methods that send an event.
func (r record) capture(f *jen.File, spec string) {
	begin := jen.Id("w :=").Add(phBegin).Call(expr("ctx"), expr("&", spec), expr("opts"))
	f.Add(doc("Capture sends the event and returns its UUID. The zero UUID says that it was refused.").noinline().decl(
		r.method("Capture"), captureParams, goUUID,
		jen.Block(begin, expr(r.recv, ".PhgenVisit(w)"), expr("id, _ := w.End()"), expr("return id"))))
	f.Add(doc("TryCapture is Capture, but also says why the event was refused.").noinline().decl(
		r.method("TryCapture"), captureParams, jen.Params(goUUID, jen.Error()),
		jen.Block(begin, expr(r.recv, ".PhgenVisit(w)"), expr("return w.End()"))))
}

var captureParams = jen.Params(jen.Id("ctx").Add(goContext), jen.Id("opts").Op("...").Add(phOption))

// compare prints the methods that every generated value has.
func (r record) compare(f *jen.File, what string) {
	f.Add(doc("Validate returns the rules of the plan that "+what+" breaks, as one error, or nil.").noinline().decl(
		r.method("Validate"), jen.Params(), jen.Error(),
		jen.Block(jen.Return(phValidate.Clone().Call(expr(r.recv))))))
	f.Add(doc("Equal reports whether "+what+" and other hold the same values.").noinline().decl(
		r.method("Equal"), jen.Params(expr("other ", r.name)), jen.Bool(),
		jen.Block(jen.Return(phEqual.Clone().Call(expr(r.recv), expr("other"))))))
}

// eventVisit prints the visitor of e and the spec whose rows it refers to.
func (g *generator) eventVisit(f *jen.File, e *schema.Event, r, person record, spec string) {
	v := visitor{table: table{g: g, extra: e.ExtraProperties}}
	places := map[*schema.Property]int{}
	for i, p := range e.Idempotency {
		places[p] = i + 1
	}
	v.properties(r, e.Properties, func(p *schema.Property) row {
		row := rowOf(p)
		row.idempotent = places[p]
		return row
	})
	if e.ExtraProperties {
		v.stmt(expr("w.Extra(e.extra)"))
	}
	v.buckets(person)
	f.Add(v.visitDecl(r, spec))
	f.Add(v.spec(spec, g.eventFields(e)...))
}

const visitDoc = "PhgenVisit is called by the runtime."

// visitDecl is the method PhgenVisit of r.
func (v *visitor) visitDecl(r record, spec string) jen.Code {
	return doc(visitDoc).noinline().decl(
		r.method("PhgenVisit"), visitParams, jen.Block(append([]jen.Code{v.propsStmt(spec)}, v.body...)...))
}

// eventFields are the fields of the spec of e, its rows excepted.
func (g *generator) eventFields(e *schema.Event) []jen.Code {
	fields := []jen.Code{expr("Name: ", quoted(e.Name))}
	if word := onInvalids[e.OnInvalid]; word != nil && e.OnInvalid != schema.Report {
		fields = append(fields, jen.Id("OnInvalid:").Add(word))
	}
	if e.Personless {
		fields = append(fields, expr("Personless: true"))
	}
	if e.ExtraProperties {
		fields = append(fields, expr("Extra: true"))
	}
	var groups []string
	for _, x := range e.Groups {
		if x.Required {
			groups = append(groups, x.Group.Name)
		}
	}
	fields = append(fields, stringList("Groups", groups)...)
	if g.orderVar != "" {
		fields = append(fields, expr("GroupOrder: &", g.orderVar))
	}
	fields = append(fields, stringList("Flags", g.flagsOf(e))...)
	fields = append(fields, stringList("Experiments", ownExperimentsOf(e))...)
	if n := len(e.Idempotency); n > 0 {
		fields = append(fields, expr("Idempotent: ", strconv.Itoa(n)))
	}
	if e.Twin != nil {
		fields = append(fields, expr("Twin: ", quoted(e.Twin.Name)))
	}
	if e.Sampling.Rate != 1 {
		fields = append(fields, samplingField(e.Sampling))
	}
	return fields
}

// flagsOf are the keys of the flags whose value e carries: those of its
// experiments, in the order of the plan.
func (g *generator) flagsOf(e *schema.Event) []string {
	if len(e.Experiments) == 0 {
		return nil
	}
	carried := map[*schema.Flag]bool{}
	for _, x := range e.Experiments {
		carried[x.Flag] = true
	}
	var keys []string
	for _, f := range g.plan.Flags {
		if carried[f] {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

// ownExperimentsOf are the names of the experiments whose variant e carries as the application says it:
// those that no flag decides.
func ownExperimentsOf(e *schema.Event) []string {
	var names []string
	for _, x := range e.Experiments {
		if x.Flag == nil {
			names = append(names, x.Name)
		}
	}
	return names
}

func stringList(field string, list []string) []jen.Code {
	if len(list) == 0 {
		return nil
	}
	return []jen.Code{jen.Id(field + ":").Index().String().Add(stringValues(list))}
}

func stringValues(list []string) *jen.Statement {
	var code []jen.Code
	for _, s := range list {
		code = append(code, expr(quoted(s)))
	}
	return elements(code)
}

func samplingField(s schema.Sampling) jen.Code {
	values := []jen.Code{expr("Threshold: ", threshold(s.Rate))}
	if s.ByDistinctID {
		values = append(values, expr("ByDistinctID: true"))
	}
	return jen.Id("Sampling: &").Add(phSampling).Values(values...)
}

// threshold is floor(rate·2^64), exact.
func threshold(rate float64) string {
	scaled := new(big.Float).SetMantExp(big.NewFloat(rate), 64)
	whole, _ := scaled.Int(nil)
	return whole.String()
}
