package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// parts are the types of package tracking that records are made of.
type parts struct {
	types        map[*schema.Type]bool
	lists, dicts bool
}

// partsOf walks everything that records of the plan's events hold.
func (g *generator) partsOf() parts {
	u := parts{types: map[*schema.Type]bool{}}
	for _, e := range g.plan.Events {
		u.walk(e.Properties)
	}
	return u
}

func (u *parts) walk(list []*schema.Property) {
	for _, p := range list {
		if dropped(p.PII) {
			continue
		}
		t := p.Type
		for ; t.Elem != nil; t = t.Elem {
			u.lists = u.lists || t.Kind == schema.Array
			u.dicts = u.dicts || t.Kind == schema.Map
		}
		if u.types[t] {
			continue
		}
		u.types[t] = true
		u.walk(t.Properties)
		for _, v := range t.Variants {
			u.walk(v.Properties)
		}
	}
}

// decoderSource adds the functions that make values of package tracking again.
func (g *generator) decoderSource(d *folder) {
	u := g.partsOf()
	var types []typeName
	for _, t := range g.types {
		if u.types[t.typ] {
			types = append(types, t)
		}
	}
	if len(types) == 0 && !u.lists && !u.dicts {
		return
	}
	d.add("decode.go", func(f *jen.File) {
		for _, t := range types {
			g.decoder(f, t)
		}
		if u.lists {
			f.Add(listDecoder())
		}
		if u.dicts {
			f.Add(dictDecoder())
		}
	})
}

// The functions that decode arrays and maps.
const (
	decodeItems   = "decodeItems"
	decodeEntries = "decodeEntries"
)

func listDecoder() jen.Code {
	return doc("decodeItems makes a slice of an array.").decl(
		expr("func ", decodeItems, "[T any]"), jen.Params(jen.Id("v").Add(testValue), jen.Id("item").Func().Params(testValue).Id("T")),
		expr("[]T"), jen.Block(
			expr("var list []T"),
			jen.For(expr("_, x := range v.Items()")).Block(expr("list = append(list, item(x))")),
			expr("return list")))
}

func dictDecoder() jen.Code {
	return doc("decodeEntries makes a map of an object whose keys are data.").decl(
		expr("func ", decodeEntries, "[T any]"), jen.Params(jen.Id("v").Add(testValue), jen.Id("entry").Func().Params(testValue).Id("T")),
		expr("map[string]T"), jen.Block(
			expr("m := map[string]T{}"),
			jen.For(expr("k, x := range v.Entries()")).Block(expr("m[k] = entry(x)")),
			expr("return m")))
}

// asGiven decodes a value as if pii had not changed it: what does not fit comes
// out as a zero value, since the type has no other place for it.
var asGiven = &schema.PII{Action: "allow"}

// decoder prints the function that makes a t of a recorded value.
func (g *generator) decoder(f *jen.File, t typeName) {
	var body []jen.Code
	switch t.typ.Kind {
	case schema.Enum:
		body = []jen.Code{
			jen.Id("x, _ :=").Qual(g.home(t.typ), "Parse"+t.name).Call(expr("v.String()")),
			expr("return x"),
		}
	case schema.Object:
		body = g.objectDecoder(t)
	case schema.Union:
		var cases []jen.Code
		for _, x := range t.typ.Variants {
			fields := g.decoderFields(x.Properties)
			reads, args := g.decodeRequired(fields)
			made := jen.Return(jen.Qual(g.home(t.typ), g.of(x)).Call(args...))
			cases = append(cases, jen.Case(expr(quoted(x.Name))).Block(append(reads, made)...))
		}
		body = []jen.Code{
			expr("tag, _ := v.Field(", quoted(t.typ.Discriminator), ")"),
			jen.Switch(expr("tag.String()")).Block(cases...),
			jen.Return(jen.Add(g.goType(t.typ, "")).Values()),
		}
	}
	f.Add(jen.Line().Func().Id(g.decoders[t.typ]).Params(jen.Id("v").Add(testValue)).Add(g.goType(t.typ, "")).Block(body...))
}

// decoderFields names the variables of a decoder, beside the functions it calls.
func (g *generator) decoderFields(list []*schema.Property) []field {
	taken := []string{"v", "o", "x", "ok", "tag", decodeItems, decodeEntries}
	for _, p := range list {
		t := p.Type
		for t.Elem != nil {
			t = t.Elem
		}
		taken = append(taken, g.decoders[t])
	}
	return g.fieldsOf(list, taken...)
}

// decodeRequired reads the required fields into variables named as parameters
// are, and passes them on.
func (g *generator) decodeRequired(fields []field) (reads, args []jen.Code) {
	for _, f := range fields {
		if !f.Required {
			continue
		}
		if f.Type.Kind == schema.Money {
			reads = append(reads, expr(f.param, ", _ := v.Money(", quoted(f.MoneyKeys[0]), ", ", quoted(f.MoneyKeys[1]), ")"))
			args = append(args, expr(f.param))
			continue
		}
		reads = append(reads, expr(f.param, ", _ := v.Field(", quoted(f.Key), ")"))
		args = append(args, g.decode(f.Type, f.named, asGiven, f.param))
	}
	return reads, args
}

func (g *generator) objectDecoder(t typeName) []jen.Code {
	fields := g.decoderFields(t.typ.Properties)
	body, args := g.decodeRequired(fields)
	made := jen.Qual(g.home(t.typ), "New"+t.name).Call(args...)
	if len(args) == len(fields) {
		return append(body, jen.Return(made))
	}
	body = append(body, jen.Id("o :=").Add(made))
	for _, f := range fields {
		if f.Required {
			continue
		}
		read := expr("x, ok := v.Field(", quoted(f.Key), ")")
		value := jen.Add(g.decode(f.Type, f.named, asGiven, "x"))
		if f.Type.Kind == schema.Money {
			read = expr("x, ok := v.Money(", quoted(f.MoneyKeys[0]), ", ", quoted(f.MoneyKeys[1]), ")")
			value = expr("x")
		}
		if variadic(f.Type) {
			value = value.Op("...")
		}
		body = append(body, jen.If(read, expr("ok")).Block(jen.Id("o = o.With"+f.ident).Call(value)))
	}
	return append(body, expr("return o"))
}
