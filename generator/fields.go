package generator

import (
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// expr is Go source made of identifiers of names.go, literals of quoted and words
// of this package: never of text of a plan as it is. One token instead of ten
// keeps large plans fast.
func expr(source ...string) *jen.Statement {
	return jen.Id(strings.Join(source, ""))
}

// A field is one property of a generated struct. A const property has none.
type field struct {
	*schema.Property
	ident string // exported, in the names of setters
	name  string // of the struct field
	param string // of the constructor
	named string // Go type made by go: named; empty: none
}

// optional reports whether the field has a setter and a presence bit.
func (f field) optional() bool { return !f.Required }

// A record is a generated struct: its name, receiver and fields.
type record struct {
	g      *generator
	name   string
	recv   string
	path   string // from the receiver to the fields: "e." or "e.person."
	prefix string // of the setters' names
	fields []field
	nulls  bool // nullable fields can be set to null
	unsets bool // fields can be removed: those of the person
}

// ownFields are the names of struct fields and methods besides those of properties.
var ownFields = []string{"has", "null", "unset", "person", "extra", "phgenVisit", "phgenFields"}

// fieldsOf names the fields and parameters of list, beside taken names.
func (g *generator) fieldsOf(list []*schema.Property, taken ...string) []field {
	structScope, params := newScope(taken...), newScope(taken...)
	var fields []field
	for _, p := range list {
		if p.Type.Kind == schema.Const {
			continue
		}
		id := g.of(p)
		low := g.unexportedOf(p.Key, id)
		fields = append(fields, field{
			Property: p, ident: id, name: structScope.claim(low), param: params.claim(low), named: g.typeOf(p, p.Type),
		})
	}
	return fields
}

// structFields are the struct fields of r. A field that may be missing has one
// bit in has, null or unset, or none.
func (r record) structFields() []jen.Code {
	var code []jen.Code
	var has, null, unset []string
	for _, f := range r.fields {
		unset = append(unset, f.name)
		if f.Write == schema.WriteUnset {
			continue
		}
		code = append(code, jen.Id(f.name).Add(r.g.goType(f.Type, f.named)))
		if f.optional() {
			has = append(has, f.name)
		}
		if f.Nullable {
			null = append(null, f.name)
		}
	}
	code = append(code, bits("has", has)...)
	if r.nulls {
		code = append(code, bits("null", null)...)
	}
	if r.unsets {
		code = append(code, bits("unset", unset)...)
	}
	return code
}

// bits is a struct of booleans with the names of fields.
func bits(name string, fields []string) []jen.Code {
	if len(fields) == 0 {
		return nil
	}
	const perLine = 8
	if len(fields) <= perLine {
		return []jen.Code{expr(name, " struct{ ", strings.Join(fields, ", "), " bool }")}
	}
	var lines []jen.Code
	for len(fields) > 0 {
		n := min(perLine, len(fields))
		lines = append(lines, expr(strings.Join(fields[:n], ", "), " bool"))
		fields = fields[n:]
	}
	return []jen.Code{jen.Id(name).Struct(lines...)}
}

// params are the parameters of a constructor: those before, and the required
// fields. On one line, neighbours of one type share its name.
func (r record) params(before ...param) *jen.Statement {
	for _, f := range r.fields {
		if f.Required {
			before = append(before, param{f.param, r.g.goType(f.Type, f.named)})
		}
	}
	const perLine = 6
	oneLine := len(before) <= perLine
	var code []jen.Code
	for i, p := range before {
		name := jen.Id(p.name)
		if !oneLine || i+1 == len(before) || before[i+1].typ != p.typ {
			name.Add(p.typ)
		}
		code = append(code, name)
	}
	if oneLine {
		return jen.Params(code...)
	}
	return jen.Custom(jen.Options{Open: "(", Close: ")", Separator: ",", Multi: true}, code...)
}

// A param is one parameter. Basic types are equal if they are one token.
type param struct {
	name string
	typ  jen.Code
}

// values are the elements of the composite literal in a constructor.
func (r record) values() []jen.Code {
	var code []jen.Code
	for _, f := range r.fields {
		if f.Required {
			code = append(code, expr(f.name, ": ", f.param))
		}
	}
	return code
}

// literal is a composite literal, one element to a line if there are many.
func literal(typ string, values []jen.Code) *jen.Statement {
	return jen.Id(typ).Add(elements(values))
}

func elements(values []jen.Code) *jen.Statement {
	const perLine = 4
	if len(values) <= perLine {
		return jen.Values(values...)
	}
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, values...)
}

// setters are the methods that set the optional fields of r.
func (r record) setters(f *jen.File) {
	for _, x := range r.fields {
		if !x.optional() || x.Write == schema.WriteUnset {
			continue
		}
		name := r.prefix + x.ident
		f.Add(r.setterDoc(x, name+" sets "+r.subject(x)).decl(
			r.method(name), jen.Params(r.g.setterParam(x)), jen.Id(r.name),
			jen.Block(r.assign(x, "has"), expr("return ", r.recv))))
		if x.Nullable && r.nulls {
			name += "Null"
			f.Add(r.nullDoc(x, name+" sets "+r.subject(x)+" to null").decl(
				r.method(name), jen.Params(), jen.Id(r.name),
				jen.Block(r.assign(x, "null"), expr("return ", r.recv))))
		}
	}
}

// subject says what the setter of x sets.
func (r record) subject(x field) string {
	if r.prefix == "WithPerson" {
		return quoted(x.Key) + " of the person"
	}
	return quoted(x.Key)
}

// assign gives a field its value, or marks it null or unset. The last call wins,
// whatever came before.
func (r record) assign(x field, bit string) jen.Code {
	var left, right []string
	if bit == "has" {
		left, right = append(left, r.path+x.name), append(right, "v")
	}
	set := func(name string) {
		left, right = append(left, r.path+name+"."+x.name), append(right, strconv.FormatBool(name == bit))
	}
	if x.Write != schema.WriteUnset {
		set("has")
	}
	if x.Nullable && r.nulls {
		set("null")
	}
	if r.unsets {
		set("unset")
	}
	return expr(strings.Join(left, ", "), " = ", strings.Join(right, ", "))
}

// method begins a method of r: func (e ProjectCreatedEvent) name.
func (r record) method(name string) jen.Code {
	return expr("func (", r.recv, " ", r.name, ") ", name)
}

// setterParam is the parameter of the setter of x.
func (g *generator) setterParam(x field) jen.Code {
	if variadic(x.Type) {
		return jen.Id("v").Op("...").Add(g.goType(x.Type.Elem, g.typeOf(nil, x.Type.Elem)))
	}
	return jen.Id("v").Add(g.goType(x.Type, x.named))
}

// variadic reports whether the setter of a t takes its items one by one: those
// of scalars and enums are.
func variadic(t *schema.Type) bool {
	if t.Kind != schema.Array {
		return false
	}
	switch t.Elem.Kind {
	case schema.Object, schema.Union, schema.Map, schema.JSON:
		return false
	}
	return true
}

// goType is the type of a value in Go.
func (g *generator) goType(t *schema.Type, named string) jen.Code {
	if named != "" {
		return jen.Qual(g.path+"/"+trackingPackage, named)
	}
	switch t.Kind {
	case schema.Array:
		return jen.Index().Add(g.goType(t.Elem, g.typeOf(nil, t.Elem)))
	case schema.Map:
		return jen.Map(jen.String()).Add(g.goType(t.Elem, g.typeOf(nil, t.Elem)))
	case schema.Enum, schema.Object, schema.Union:
		return jen.Qual(g.home(t), g.of(t))
	}
	return kinds[t.Kind].typ
}

// home is the import path of the package that defines the Go type of t.
func (g *generator) home(t *schema.Type) string {
	switch {
	case g.inFlags[t]:
		return g.path + "/" + flagsPackage
	case g.inAI[t]:
		return g.path + "/" + aiPackage
	case g.inSurveys[t]:
		return g.path + "/" + surveysPackage
	}
	return g.path + "/" + trackingPackage
}

// equalField makes == a compile error.
var equalField = jen.Id("_").Index(jen.Lit(0)).Func().Params().Comment("// compare with Equal")
