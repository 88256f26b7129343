package generator

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// person prints the updates of the person: $identify and $set.
func (g *generator) person(f *jen.File) {
	r := record{
		g: g, name: "PersonUpdate", recv: "u", path: "u.", prefix: "With", nulls: true, unsets: true,
		fields: g.fieldsOf(g.plan.Person, ownFields...),
	}
	f.Add(doc("PersonUpdate is an update of the properties of a person: the user of the context that it is sent with.").decl(
		jen.Type().Id(r.name).Struct(append([]jen.Code{equalField}, r.structFields()...)...)))
	f.Add(doc("Person returns an update that changes nothing yet.").decl(
		jen.Func().Id("Person").Params().Id(r.name).Block(expr("return PersonUpdate{}"))))
	r.setters(f)
	for _, x := range r.fields {
		name := "Without" + x.ident
		c := doc(name + " removes " + quoted(x.Key) + " from the person.")
		if x.Write == schema.WriteUnset {
			c.text("The plan has retired it.", x.Description)
		}
		f.Add(c.decl(r.method(name), jen.Params(), jen.Id(r.name), jen.Block(r.assign(x, "unset"), expr("return ", r.recv))))
	}
	spec := g.personVar
	r.send(f, "Identify", phBegin, spec, "Identify sends the update as $identify and returns the UUID of that event. The zero UUID says that it was refused.")
	r.send(f, "Set", phBeginSet, spec, "Set sends the update as $set and returns the UUID of that event. The zero UUID says that it was refused.")
	r.compare(f, "the update")

	if len(g.plan.Flags) > 0 {
		f.Add(doc("PersonFlagProperties has the flags of a scope look at the properties in u, as if PostHog knew them of its user already.").decl(
			jen.Func().Id("PersonFlagProperties").Params(jen.Id("u").Id(r.name)).Add(phScopeOption).Block(
				jen.Return(phPersonFlagProps.Clone().Call(expr("u"))))))
	}

	v := visitor{table: table{g: g}}
	v.buckets(r)
	v.unsets(r)
	f.Add(v.visitDecl(r, spec))
	f.Add(v.spec(spec, g.updateFields("$identify", phKindPerson)...))
}

// updateFields are the fields of the spec of an update, its rows excepted. An
// update has no word of its own for invalid values: the plan's default holds.
func (g *generator) updateFields(event string, kind *jen.Statement) []jen.Code {
	fields := []jen.Code{expr("Name: ", quoted(event)), jen.Id("Kind:").Add(kind)}
	if word := g.plan.Defaults.OnInvalid; onInvalids[word] != nil && word != schema.Report {
		fields = append(fields, jen.Id("OnInvalid:").Add(onInvalids[word]))
	}
	return fields
}

// send prints a method that sends an update.
func (r record) send(f *jen.File, name string, begin *jen.Statement, spec, sentence string) {
	f.Add(doc(sentence).noinline().decl(r.method(name), captureParams, goUUID, jen.Block(
		jen.Id("w :=").Add(begin).Call(expr("ctx"), expr("&", spec), expr("opts")),
		expr(r.recv, ".PhgenVisit(w)"),
		expr("id, _ := w.End()"),
		expr("return id"))))
}

// unsets visits the keys of the fields that are to be removed.
func (v *visitor) unsets(r record) {
	if len(r.fields) == 0 {
		return
	}
	keys := 0
	var body []jen.Code
	for _, f := range r.fields {
		names := []string{f.Key}
		if f.Type.Kind == schema.Money {
			names = f.MoneyKeys[:]
		}
		var assign []jen.Code
		for _, key := range names {
			keys++
			assign = append(assign, expr("unset[n] = ", quoted(jsonKey(key))), expr("n++"))
		}
		body = append(body, jen.If(expr(r.path, "unset.", f.name)).Block(assign...))
	}
	v.stmt(expr("n := 0"))
	v.stmt(expr("var unset [", strconv.Itoa(keys), "]string"))
	v.body = append(v.body, body...)
	v.stmt(jen.If(expr("n > 0")).Block(expr("w.Unsets(unset[:n]...)")))
}
