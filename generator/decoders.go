package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// parts are what decoders are needed for: types of package tracking, names of
// go: named and units of durations, as generator.decoders has them.
type parts struct {
	g           *generator
	used        map[any]bool
	lists, maps bool
}

// partsOf walks everything that records of the plan's events hold.
func (g *generator) partsOf() parts {
	u := parts{g: g, used: map[any]bool{}}
	for _, e := range g.plan.Events {
		for _, p := range e.Properties {
			if !dropped(p.PII) {
				u.walk(p.Type, g.typeOf(p, p.Type), p.PII)
			}
		}
	}
	return u
}

func (u *parts) walk(t *schema.Type, named string, pii *schema.PII) {
	switch t.Kind {
	case schema.Array, schema.Map:
		u.lists = u.lists || t.Kind == schema.Array
		u.maps = u.maps || t.Kind == schema.Map
		u.walk(t.Elem, u.g.typeOf(nil, t.Elem), elemPII(t, pii))
		return
	case schema.Enum, schema.Object, schema.Union:
		if u.used[t] {
			return
		}
		u.used[t] = true
	case schema.Duration:
		u.used[t.Unit] = true
	default:
		u.used[named] = u.used[named] || !hashed(pii)
	}
	u.fields(t.Properties)
	for _, v := range t.Variants {
		u.fields(v.Properties)
	}
}

func (u *parts) fields(list []*schema.Property) {
	for _, p := range list {
		u.walk(p.Type, u.g.typeOf(p, p.Type), asGiven)
	}
}

// unitOrder are the units of durations, the shortest first.
var unitOrder = []string{"ns", "us", "ms", "s", "min", "h", "d"}

// decoderSource adds the functions that make values of package tracking again.
func (g *generator) decoderSource(d *folder) {
	u := g.partsOf()
	var decoders []jen.Code
	for _, t := range g.types {
		if u.used[t.typ] {
			decoders = append(decoders, g.decoder(t))
		}
	}
	for _, t := range g.namedTypes {
		if u.used[t.name] {
			decoders = append(decoders, g.namedDecoder(t))
		}
	}
	for _, unit := range unitOrder {
		if u.used[unit] {
			decoders = append(decoders, g.durationDecoder(unit))
		}
	}
	if u.lists {
		decoders = append(decoders, listDecoder())
	}
	if u.maps {
		decoders = append(decoders, mapDecoder())
	}
	each(d, "decode", decoders, func(f *jen.File, c jen.Code) { f.Add(c) })
}

// The functions that make decoders of arrays and maps.
const (
	listOf = "listOf"
	mapOf  = "mapOf"
)

// decoderType is the type of a decoder.
func decoderType(result jen.Code) *jen.Statement {
	return jen.Func().Params(testValue).Add(result)
}

func listDecoder() jen.Code {
	return doc("listOf returns a function that decodes an array, given one that decodes an item.").decl(
		expr("func ", listOf, "[T any]"), jen.Params(jen.Id("item").Add(decoderType(expr("T")))), decoderType(expr("[]T")), jen.Block(
			jen.Return(jen.Func().Params(jen.Id("v").Add(testValue)).Add(expr("[]T")).Block(
				expr("var list []T"),
				jen.For(expr("_, x := range v.Items()")).Block(expr("list = append(list, item(x))")),
				expr("return list")))))
}

func mapDecoder() jen.Code {
	return doc("mapOf returns a function that decodes a map, given one that decodes a value.").decl(
		expr("func ", mapOf, "[T any]"), jen.Params(jen.Id("entry").Add(decoderType(expr("T")))), decoderType(expr("map[string]T")), jen.Block(
			jen.Return(jen.Func().Params(jen.Id("v").Add(testValue)).Add(expr("map[string]T")).Block(
				expr("m := map[string]T{}"),
				jen.For(expr("k, x := range v.Entries()")).Block(expr("m[k] = entry(x)")),
				expr("return m")))))
}

// namedDecoder prints the decoder of a type made by go: named.
func (g *generator) namedDecoder(t namedType) jen.Code {
	return g.decodeFunc(g.decoders[t.name], jen.Qual(g.path+"/"+trackingPackage, t.name),
		jen.Return(jen.Qual(g.path+"/"+trackingPackage, t.name).Parens(expr("v.", kinds[t.kind].read, "()"))))
}

// durationDecoder prints the decoder of durations in a unit.
func (g *generator) durationDecoder(unit string) jen.Code {
	return g.decodeFunc(g.decoders[unit], goDuration, jen.Return(jen.Id("v.Duration").Call(units[unit])))
}

func (g *generator) decodeFunc(name string, result jen.Code, body ...jen.Code) jen.Code {
	return jen.Line().Func().Id(name).Params(jen.Id("v").Add(testValue)).Add(result).Block(body...)
}

// asGiven decodes a value as if pii had not changed it: what does not fit comes
// out as a zero value, since the type has no other place for it.
var asGiven = &schema.PII{Action: "allow"}

// decoder prints the function that makes a t of a recorded value.
func (g *generator) decoder(t typeName) jen.Code {
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
	return g.decodeFunc(g.decoders[t.typ], g.goType(t.typ, ""), body...)
}

// decoderFields names the variables of a decoder, beside the functions it calls.
func (g *generator) decoderFields(list []*schema.Property) []field {
	taken := []string{"v", "o", "x", "ok", "tag", listOf, mapOf}
	for _, p := range list {
		t, named := p.Type, g.typeOf(p, p.Type)
		for t.Elem != nil {
			t, named = t.Elem, g.typeOf(nil, t.Elem)
		}
		taken = append(taken, g.decoderName(t, named, asGiven))
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
		args = append(args, g.decode(f, f.param))
	}
	return reads, args
}

// decode is the expression that makes a value of f of the phtest.Value v.
func (g *generator) decode(f field, v string) *jen.Statement {
	if f.Type.Elem == nil && g.decoderName(f.Type, f.named, asGiven) == "" {
		return expr(v, ".", readMethod(f.Type, asGiven), "()")
	}
	return jen.Add(g.decoderOf(f.Type, f.named, asGiven)).Call(expr(v))
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
		value := g.decode(f, "x")
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
