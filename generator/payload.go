package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// payloadOf prints the struct of a flag's payload and the plan's own payload.
func (g *generator) payloadOf(f *jen.File, x *schema.Flag) {
	typ := g.of(x) + "Payload"
	c := doc(typ+" is the payload of the flag "+quoted(x.Key)+".", x.Description)
	g.deprecateFlag(c, x, "")
	f.Add(c.decl(jen.Type().Id(typ).Struct(g.payloadFields(x.Payload)...)))
	f.Add(doc(typ + "Defaults returns the payload that the plan's defaults make.").decl(
		jen.Func().Id(typ + "Defaults").Params().Id(typ).Block(
			jen.Return(jen.Id(typ).Add(elements(g.defaults(x.Payload, nil)))))))
	g.payloadRead(f, typ, g.payloadVars[x], expr(typ, "Defaults()"), x.Payload)
	for _, t := range g.payloadTypes(x.Payload) {
		g.payloadObject(f, t)
	}
}

// payloadObject prints the struct of an object inside a payload.
func (g *generator) payloadObject(f *jen.File, t typeName) {
	f.Add(typeDoc(t, "an object", "").decl(
		jen.Type().Id(t.name).Struct(g.payloadFields(t.typ.Properties)...)))
	fresh := jen.Id(t.name).Add(elements(g.defaults(t.typ.Properties, nil)))
	g.payloadRead(f, t.name, g.payloadVars[t.typ], fresh, t.typ.Properties)
}

// payloadTypes are the objects inside a payload that are its own.
func (g *generator) payloadTypes(list []*schema.Property) []typeName {
	inside := map[*schema.Type]bool{}
	for _, p := range nestedProperties(list) {
		inside[leafOf(p.Type)] = true
	}
	var types []typeName
	for _, t := range ofKind(g.payload, schema.Object) {
		if inside[t.typ] {
			types = append(types, t)
		}
	}
	return types
}

// leafOf is the type of the innermost items or values of t.
func leafOf(t *schema.Type) *schema.Type {
	for t.Elem != nil {
		t = t.Elem
	}
	return t
}

// nestedProperties are those of list and of the objects in them.
func nestedProperties(list []*schema.Property) []*schema.Property {
	var all []*schema.Property
	for _, p := range list {
		all = append(append(all, p), nestedProperties(leafOf(p.Type).Properties)...)
	}
	return all
}

func (g *generator) payloadFields(list []*schema.Property) []jen.Code {
	var fields []jen.Code
	for _, p := range list {
		sentences := append([]string{g.of(p) + " is " + quoted(p.Key) + "."}, facts(p)...)
		if p.Default != nil {
			sentences = append(sentences, "The default is "+jsonValue(p.Default)+".")
		}
		c := doc(sentences...)
		deprecate(c, p.Deprecated, "")
		fields = append(fields, c.decl(jen.Id(g.of(p)).Add(g.goType(p.Type, g.typeOf(p, p.Type)))))
	}
	return fields
}

// insideFlags is g for the package flags.
func (g *generator) insideFlags() *generator {
	own := *g
	own.names = g.names.insideFlags()
	return &own
}

// insideFlags is n for the package flags. There the objects inside named types
// are plain structs like all other objects of payloads: those of package tracking
// are for sending, and nobody can look into them.
func (n *names) insideFlags() *names {
	own := *n
	own.inFlags = map[*schema.Type]bool{}
	for _, list := range [][]typeName{n.payload, n.twins} {
		for _, t := range list {
			own.inFlags[t.typ] = true
		}
	}
	return &own
}

// foreignTables are the types of package tracking whose unexported tables the
// rows of payloads refer to.
func (g *generator) foreignTables(list []*schema.Property) []*schema.Type {
	var foreign []*schema.Type
	for _, t := range tablesOf(nestedProperties(list)) {
		if !g.inFlags[t] {
			foreign = append(foreign, t)
		}
	}
	return foreign
}

// payloadMethod is the method of a struct by which the runtime fills it in.
const payloadMethod = "PhgenRead"

// payloadRead prints the method by which the runtime fills in a struct of type
// typ, and the rows with its rules. Fresh is what the struct is before.
func (g *generator) payloadRead(f *jen.File, typ, rows string, fresh jen.Code, list []*schema.Property) {
	x := payloadPrinter{table: table{g: g}}
	var required []jen.Code
	for _, p := range list {
		if p.Required {
			required = append(required, expr(rowRef(len(x.rows))))
		}
		x.value(p.Type, g.typeOf(p, p.Type), "v."+g.of(p), row{key: p.Key, typ: p.Type}, 0)
	}
	body := []jen.Code{jen.Id("*v =").Add(fresh)}
	if len(x.rows) > 0 {
		body = append(body, expr("p := &", rows))
	}
	if len(required) > 0 {
		body = append(body, jen.Id("r.Require").Call(required...))
	}
	params := jen.Params(jen.Id("r").Op("*").Add(phPayloadReader))
	f.Add(doc(payloadMethod+" is called by the runtime.").decl(
		expr("func (v *", typ, ") ", payloadMethod), params, jen.Block(append(body, x.body...)...)))
	if len(x.rows) > 0 {
		f.Add(jen.Line().Var().Id(rows).Op("=").Index(jen.Op("...")).Add(phProp).Add(
			jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, x.rows...)))
	}
}

// A payloadPrinter prints the statements of one PhgenRead and, beside each, the
// row that it refers to.
type payloadPrinter struct {
	table
	body []jen.Code
}

func (x *payloadPrinter) stmt(code ...jen.Code) { x.body = append(x.body, jen.Add(code...)) }

// value reads a value of type t into the variable into. Loops within loops number
// their variables.
func (x *payloadPrinter) value(t *schema.Type, named, into string, r row, depth int) {
	at := rowRef(x.add(r))
	switch t.Kind {
	case schema.Array:
		item := numbered("x", depth)
		x.loop("Array", at, t, item, depth,
			expr(into, " = nil"), expr(into, " = append(", into, ", ", item, ")"))
	case schema.Map:
		item := numbered("x", depth)
		x.loop("Map", at, t, item, depth,
			jen.Id(into+" =").Add(x.g.goType(t, "")).Values(), expr(into, "[r.Key()] = ", item))
	case schema.Enum:
		x.stmt(expr("r.Enum(", at, ", (*uint8)(&", into, "))"))
	case schema.Object:
		x.stmt(expr("r.Object(", at, ", &", into, ")"))
	default:
		x.stmt(expr("r.", kinds[t.Kind].write, "(", at, ", "), pointerTo(t, named, into), expr(")"))
	}
}

// pointerTo is the address of a variable as the type that the reader takes.
func pointerTo(t *schema.Type, named, into string) jen.Code {
	switch {
	case named == "":
		return expr("&", into)
	case t.Kind == schema.UUID:
		return jen.Parens(jen.Op("*").Add(goUUID)).Parens(expr("&", into))
	}
	return expr("(*", kinds[t.Kind].base, ")(&", into, ")")
}

// loop reads the items of an array or map into the variable item, one by one.
func (x *payloadPrinter) loop(method, at string, t *schema.Type, item string, depth int, empty, add jen.Code) {
	named := x.g.typeOf(nil, t.Elem)
	inner := payloadPrinter{table: x.table}
	inner.value(t.Elem, named, item, row{typ: t.Elem}, depth+1)
	x.table = inner.table
	body := append([]jen.Code{jen.Var().Id(item).Add(x.g.goType(t.Elem, named))}, inner.body...)
	x.stmt(jen.If(expr("r.", method, "(", at, ")")).Block(empty, jen.For(expr("r.Next()")).Block(append(body, add)...)))
}
