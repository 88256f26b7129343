package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// enum prints the Go type of an enum.
func (g *generator) enum(f *jen.File, t typeName) {
	f.Add(typeDoc(t, "an enum", "Its zero value is unset and not valid.").decl(
		jen.Type().Id(t.name).Uint8()))
	g.enumValues(f, t.name, "value", g.vars[t.typ], t.typ.Values)
	f.Add(g.enumTable(g.vars[t.typ], t.typ.Values))
}

// enumValues prints the constants and methods of the enum typ, whose values are called what and
// listed in the variable table.
func (g *generator) enumValues(f *jen.File, typ, what, table string, values []*schema.EnumValue) {
	f.Add(g.constants(typ, "The "+what+"s of "+typ+", in the order of the plan.", "iota + 1", values))
	f.Add(doc(typ + "Values returns every " + what + ", in the order of the plan.").decl(
		g.valuesFunc(typ, nil, values)))
	f.Add(doc("Parse" + typ + " returns the " + what + " that is sent as s. It reports false if there is none.").decl(
		jen.Func().Id("Parse"+typ).Params(jen.Id("s").String()).Params(jen.Id(typ), jen.Bool()).Block(
			jen.For(expr("i, v := range ", table, ".Values")).Block(
				jen.If(expr("v == s")).Block(expr("return ", typ, "(i + 1), true"))),
			expr("return 0, false"))))
	f.Add(doc("String returns what is sent for v, or nothing if v is not valid.").decl(
		expr("func (v ", typ, ") String() string"), jen.Block(
			jen.If(expr("!v.Valid()")).Block(jen.Return(expr(`""`))),
			expr("return ", table, ".Values[v-1]"))))
	f.Add(doc("Valid reports whether v is one of the plan's "+what+"s.").decl(
		expr("func (v ", typ, ") Valid() bool"), jen.Block(
			expr("return v != 0 && int(v) <= len(", table, ".Values)"))))
}

// enumTable declares the variable table, the list of the wire values of an enum.
func (g *generator) enumTable(table string, values []*schema.EnumValue) jen.Code {
	var words []string
	for _, v := range values {
		words = append(words, v.Value)
	}
	return jen.Line().Var().Id(table).Op("=").Add(phEnumSpec).Values(
		jen.Id("Values:").Index().String().Add(stringValues(words)))
}

// constants declares the values of an enum or the variants of a flag.
func (g *generator) constants(typ, sentence, first string, values []*schema.EnumValue, lines ...jen.Code) jen.Code {
	for i, v := range values {
		name := g.of(v)
		c := doc(name+" is "+quoted(v.Value)+".", v.Description)
		use := ""
		for _, other := range values {
			if v.Deprecated != nil && other.Value == v.Deprecated.Use {
				use = g.of(other)
			}
		}
		deprecate(c, v.Deprecated, use)
		declared := jen.Id(name)
		if i == 0 && first != "" {
			declared = expr(name, " ", typ, " = ", first)
		}
		lines = append(lines, c.decl(declared))
	}
	return doc(sentence).decl(jen.Const().Defs(lines...))
}

// valuesFunc is the function that lists constants.
func (g *generator) valuesFunc(typ string, before []jen.Code, values []*schema.EnumValue) jen.Code {
	for _, v := range values {
		before = append(before, jen.Id(g.of(v)))
	}
	return jen.Func().Id(typ + "Values").Params().Index().Id(typ).Block(
		jen.Return(jen.Index().Id(typ).Add(elements(before))))
}

// typeDoc documents a type, which is a what, or that of one property.
func typeDoc(t typeName, what, more string) *comment {
	sentence := t.name + " is " + what + " of the plan."
	switch {
	case t.typ.Name == "" && t.owner == "":
		sentence = t.name + " is the type of what " + t.what + " holds."
	case t.typ.Name == "":
		sentence = t.name + " is the type of " + t.what + "."
	}
	c := doc(sentence, t.typ.Description, more)
	deprecate(c, t.typ.Deprecated, "")
	return c
}

// object prints the Go type of an object.
func (g *generator) object(f *jen.File, t typeName) {
	r := record{
		g: g, name: t.name, recv: "o", path: "o.", prefix: "With", nulls: true,
		fields: g.fieldsOf(t.typ.Properties, ownFields...),
	}
	f.Add(typeDoc(t, "an object", "").decl(
		jen.Type().Id(t.name).Struct(append([]jen.Code{equalField}, r.structFields()...)...)))
	constructor := r.constructorDoc(r.newSentence())
	deprecate(constructor, t.typ.Deprecated, "")
	f.Add(constructor.decl(
		jen.Func().Id("New" + t.name).Add(r.params()).Id(t.name).Block(jen.Return(literal(t.name, r.values())))))
	r.setters(f)
	r.compare(f, "the value")

	v := visitor{table: table{g: g}}
	v.properties(r, t.typ.Properties, rowOf)
	g.partVisit(f, r, t, v)
}

// newSentence says what the constructor of an object returns.
func (r record) newSentence() string {
	required := 0
	for _, f := range r.fields {
		if f.Required {
			required++
		}
	}
	switch s := "New" + r.name + " returns a new " + r.name; {
	case len(r.fields) == 0:
		return s + "."
	case required == 0:
		return s + ". Its methods set its properties."
	case required < len(r.fields):
		return s + " with its required properties. Its methods set the others."
	default:
		return s + " with all its properties."
	}
}

// unionFields are the names of a union's fields and methods besides those of
// properties.
var unionFields = []string{"variant", "phgenVisit", "phgenFields"}

// union prints the Go type of a discriminated union: one struct that holds the
// properties of all variants and says which of them counts.
func (g *generator) union(f *jen.File, t typeName) {
	var list []*schema.Property // of all variants; fields of one name are kept apart by a scope
	for _, x := range t.typ.Variants {
		list = append(list, x.Properties...)
	}
	r := record{g: g, name: t.name, recv: "u", path: "u.", fields: g.fieldsOf(list, unionFields...)}
	members := append([]jen.Code{equalField, jen.Id("variant").Uint8()}, r.structFields()...)
	f.Add(typeDoc(t, "a union", "Its zero value is unset and not valid.").decl(
		jen.Type().Id(t.name).Struct(members...)))

	v := visitor{table: table{g: g}}
	var cases []jen.Code
	next := 0
	for i, x := range t.typ.Variants {
		variant := record{g: g, name: t.name, recv: r.recv, path: r.path, fields: g.fieldsOf(x.Properties, unionFields...)}
		for j := range variant.fields {
			variant.fields[j].name = r.fields[next].name
			next++
		}
		number := jen.Lit(i + 1)
		values := append([]jen.Code{jen.Id("variant:").Add(number)}, variant.values()...)
		constructor := variant.constructorDoc(g.of(x)+" returns the variant "+quoted(x.Name)+" of "+t.name+".", x.Description)
		deprecate(constructor, t.typ.Deprecated, "")
		f.Add(constructor.decl(
			jen.Func().Id(g.of(x)).Add(variant.params()).Id(t.name).Block(jen.Return(literal(t.name, values)))))
		body := v.nested(func(inner *visitor) {
			kind := &schema.Value{Kind: schema.String, Text: x.Name}
			tag := row{key: t.typ.Discriminator, typ: &schema.Type{Kind: schema.Const, Const: kind}}
			inner.stmt(expr("w.Const(", inner.ref(inner.add(tag)), ")"))
			inner.properties(variant, x.Properties, rowOf)
		})
		cases = append(cases, jen.Case(number).Block(body...))
	}
	cases = append(cases, jen.Default().Block(expr("w.Unset(&p[0])")))
	v.stmt(jen.Switch(expr("u.variant")).Block(cases...))
	r.compare(f, "the value")
	g.partVisit(f, r, t, v)
}

// partVisit prints the visitors of an object or union. Its rows are its own, so
// that it can be a part of anything.
func (g *generator) partVisit(f *jen.File, r record, t typeName, v visitor) {
	spec := g.vars[t.typ]
	recv := "func (" + r.recv + " *" + r.name + ") "
	whole := doc(visitDoc).noinline()
	f.Add(whole.decl(r.method("PhgenVisit"), visitParams, jen.Block(
		expr(r.recv, ".phgenFields(w, w.Props(&", spec, "))"))))

	at := doc(g.visitMethod() + " writes the value as a part of another, by the rules of p.")
	params := jen.Params(jen.Id("w").Op("*").Add(phWriter), jen.Id("p").Op("*").Add(phProp))
	body := []jen.Code{
		expr("w.Object(p)"),
		expr(r.recv, ".phgenFields(w, ", spec, ".Props)"),
		expr("w.EndObject()"),
	}
	if t.typ.Kind == schema.Union {
		unset := jen.If(expr("u.variant == 0")).Block(expr("w.Unset(p)"), jen.Return())
		body = append([]jen.Code{unset}, body...)
	}
	f.Add(at.decl(expr(recv, g.visitMethod()), params, jen.Block(body...)))

	rows := jen.Params(jen.Id("w").Op("*").Add(phWriter), jen.Id("p").Index().Add(phProp))
	f.Add(doc("phgenFields writes the fields; p holds their rules.").decl(
		expr(recv, "phgenFields"), rows, jen.Block(v.body...)))
	f.Add(v.spec(spec, expr("Name: ", quoted(t.name))))
}

// named prints a Go type made by go: named.
func (g *generator) named(f *jen.File, t namedType) {
	what := t.what
	if t.shared {
		what += " and others"
	}
	f.Add(doc(t.name+" is the Go type of "+what+".", t.text).decl(jen.Type().Id(t.name).Add(kinds[t.kind].typ)))
}

// rule prints the bounds that every use of a named type shares.
func (g *generator) rule(f *jen.File, t *schema.Type) {
	f.Add(jen.Line().Var().Id(g.rules[t]).Op("=").Add(ruleOf(t).value))
}
