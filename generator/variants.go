package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// variants prints the variants of a flag. Unlike an enum it has a zero value of
// its own: Off, which is also what a variant that the plan does not know becomes.
func (g *generator) variants(f *jen.File, x *schema.Flag) {
	name := g.of(x)
	typ, off := name+"Variant", name+"Off"
	list := g.vars[x]
	c := doc(typ+" is one of the variants of the flag "+quoted(x.Key)+", or "+off+".", x.Description)
	g.deprecateFlag(c, x, "")
	f.Add(c.decl(jen.Type().Id(typ).Uint8()))
	f.Add(g.variantConstants(x, typ, off))
	f.Add(doc(typ + "Values returns " + off + " and every variant, in the order of the plan.").decl(
		g.valuesFunc(typ, []jen.Code{jen.Id(off)}, x.Variants)))
	f.Add(doc("Parse" + typ + " returns the variant that PostHog calls s. It reports false if there is none.").decl(
		jen.Func().Id("Parse"+typ).Params(jen.Id("s").String()).Params(jen.Id(typ), jen.Bool()).Block(
			jen.For(expr("i, v := range ", list)).Block(
				jen.If(expr("v == s")).Block(expr("return ", typ, "(i), true"))),
			expr("return ", off, ", false"))))
	f.Add(doc("String returns what PostHog calls v, \"false\" for "+off+", or nothing if v is not valid.").decl(
		expr("func (v ", typ, ") String() string"), jen.Block(
			jen.If(expr("!v.Valid()")).Block(jen.Return(expr(`""`))),
			expr("return ", list, "[v]"))))
	f.Add(doc("Valid reports whether v is "+off+" or one of the plan's variants.").decl(
		expr("func (v ", typ, ") Valid() bool"), jen.Block(expr("return int(v) < len(", list, ")"))))
	f.Add(doc("Override gives the flag "+quoted(x.Key)+" the variant v where the function Override puts it.").noinline().decl(
		expr("func (v ", typ, ") Override()"), phFlagOverride, jen.Block(
			jen.Return(phOverrideVariant.Clone().Call(expr(quoted(x.Key)), expr("v.String()"))))))
	words := []string{"false"}
	for _, v := range x.Variants {
		words = append(words, v.Value)
	}
	f.Add(jen.Line().Var().Id(list).Op("=").Index().String().Add(stringValues(words)))
}

func (g *generator) variantConstants(x *schema.Flag, typ, off string) jen.Code {
	zero := doc(off + " says that the flag is off, or in a variant that the plan does not know.").decl(
		expr(off, " ", typ, " = iota"))
	return g.constants("", "The variants of the flag "+quoted(x.Key)+", in the order of the plan.", "", x.Variants, zero)
}
