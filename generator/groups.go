package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// group prints the update of one group type, and its scope option.
func (g *generator) group(f *jen.File, x *schema.Group) {
	name := g.of(x)
	r := record{
		g: g, name: name + "Group", recv: "g", path: "g.", prefix: "With", nulls: true,
		fields: g.fieldsOf(x.Properties, append([]string{"key"}, ownFields...)...),
	}
	key := kinds[x.Key.Kind]

	in := doc("In"+name+" puts the events of a scope, or of one call, into the group "+quoted(x.Name)+" with that key.", x.Description)
	option := groupOptions[x.Key.Kind].Clone().Call(expr(quoted(x.Name)), expr("key"))
	fields := g.updateFields("$groupidentify", phKindGroup)
	if ruleOf(x.Key) != nil || x.Key.MaxBytes != nil {
		option.Dot("Checked").Call(expr("&", g.vars[x]))
		fields = append(fields, jen.Id("Key: &").Add(phProp).Add(row{typ: x.Key}.code(g)))
	}
	f.Add(in.param("key", typeFacts(x.Key)).decl(
		jen.Func().Id("In" + name).Params(jen.Id("key").Add(key.typ)).Add(phOption).Block(jen.Return(option))))

	c := doc(r.name+" is an update of the properties of one "+quoted(x.Name)+".", x.Description)
	if x.Owner != "" {
		c.text("Owner: " + x.Owner + ".")
	}
	members := append([]jen.Code{equalField, jen.Id("key").Add(key.typ)}, r.structFields()...)
	f.Add(c.decl(jen.Type().Id(r.name).Struct(members...)))

	values := append([]jen.Code{expr("key: key")}, r.values()...)
	constructor := doc(name+" returns an update of the group "+quoted(x.Name)+" with that key.").param("key", typeFacts(x.Key))
	f.Add(r.paramDocs(constructor).decl(
		jen.Func().Id(name).Add(r.params(param{"key", key.typ})).Id(r.name).Block(jen.Return(literal(r.name, values)))))
	r.setters(f)

	if len(g.plan.Flags) > 0 {
		option := doc(name+"FlagProperties has the flags of a scope look at the "+quoted(x.Name)+" with that key and the properties in g, as if PostHog knew them already.",
			"It puts no event into the group.")
		f.Add(option.decl(jen.Func().Id(name+"FlagProperties").Params(jen.Id("key").Add(key.typ), jen.Id("g").Id(r.name)).Add(phScopeOption).Block(
			jen.Return(phGroupFlagProps.Clone().Call(expr("In", name, "(key)"), expr("g"))))))
	}

	spec := g.vars[x]
	r.send(f, "Identify", phBegin, spec, "Identify sends the update as $groupidentify and returns the UUID of that event. The zero UUID says that it was refused.")
	r.compare(f, "the update")

	v := visitor{table: table{g: g}}
	v.stmt(jen.Id("w.Group").Call(expr(quoted(x.Name)), keyText(x.Key.Kind)))
	v.properties(r, x.Properties, rowOf)
	v.stmt(expr("w.EndObject()"))
	f.Add(v.visitDecl(r, spec))
	f.Add(v.spec(spec, fields...))
}

// groupOrder prints the order of the groups, which the events of a package share.
func (g *generator) groupOrder(f *jen.File) {
	var types []string
	for _, x := range g.plan.Groups {
		types = append(types, x.Name)
	}
	f.Add(jen.Line().Var().Id(g.orderVar).Op("=").Add(phGroupOrder).Values(
		jen.Id("Types:").Index().String().Add(stringValues(types))))
}

// keyText is the key of a group as text, which it always is on the wire.
func keyText(k schema.Kind) jen.Code {
	switch k {
	case schema.Int:
		return jen.Qual("strconv", "FormatInt").Call(expr("g.key"), expr("10"))
	case schema.UUID:
		return expr("g.key.String()")
	}
	return expr("g.key")
}
