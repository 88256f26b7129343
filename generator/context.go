package generator

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// context prints the options that set the context properties of a scope.
func (g *generator) context(f *jen.File) {
	v := visitor{table: table{g: g}}
	fields := g.fieldsOf(g.plan.Context)
	r := record{g: g, prefix: "With", fields: fields}
	for _, x := range fields {
		name := "With" + x.ident
		place := g.contextVar + "[" + strconv.Itoa(len(v.rows)) + "]"
		c := r.setterDoc(x, name+" sets "+quoted(x.Key)+" on every event of a scope, or of one call")
		f.Add(c.decl(jen.Func().Id(name).Params(g.setterParam(x)).Add(phOption).Block(
			jen.Return(g.contextOption(&v, x, place)))))
		if x.Nullable {
			f.Add(r.nullDoc(x, name+"Null sets "+quoted(x.Key)+" to null on every event of a scope, or of one call").decl(
				jen.Func().Id(name + "Null").Params().Add(phOption).Block(
					jen.Return(ph("ContextNull").Call(expr("&", place))))))
		}
	}
	rows := jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, v.rows...)
	f.Add(jen.Line().Var().Id(g.contextVar).Op("=").Index(jen.Op("...")).Add(phProp).Add(rows))
}

// contextOption is the expression that makes the option of x, whose row is place.
func (g *generator) contextOption(v *visitor, x field, place string) jen.Code {
	row := rowOf(x.Property)
	if word := g.plan.Defaults.OnInvalid; row.onInvalid == schema.Inherit && word != schema.Report {
		row.onInvalid = word // no event around it has one
	}
	if option := kinds[x.Type.Kind].context; option != nil {
		v.add(row)
		if x.Type.Kind == schema.Enum {
			return option.Clone().Call(expr("&", place), expr("uint8(v)"))
		}
		return option.Clone().Call(expr("&", place), converted(x.Type, x.named, "v"))
	}
	body := v.nested(func(inner *visitor) { inner.value(x.Type, x.named, "v", row, 0) })
	rows := expr("p := ", g.contextVar, "[:]")
	return ph("ContextValue").Call(expr("&", place),
		jen.Func().Params(jen.Id("w").Op("*").Add(phWriter)).Block(append([]jen.Code{rows}, body...)...))
}
