package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// flagsPackage is the package of feature flags: none if the plan has none.
func (g *generator) flagsPackage() []source {
	if len(g.plan.Flags) == 0 {
		return nil
	}
	d := g.folder(flagsPackage, flagsPackage)
	d.plan(doc("Package flags holds the feature flags of the tracking plan " + g.plan.Name + ", version " + g.plan.Version + "."))
	var variants, payloads []*schema.Flag
	for _, x := range g.plan.Flags {
		if x.Kind == "multivariate" {
			variants = append(variants, x)
		}
		if x.HasPayload {
			payloads = append(payloads, x)
		}
	}
	each(d, "variants", variants, g.variants)
	each(d, "enums", ofKind(g.payload, schema.Enum), g.enum)
	each(d, "payloads", payloads, g.payloadOf)
	return d.sources
}

// variants prints the variants of a flag. Unlike an enum it has a zero value of
// its own: Off, which is also what a variant that the plan does not know becomes.
func (g *generator) variants(f *jen.File, x *schema.Flag) {
	name := g.of(x)
	typ, off := name+"Variant", name+"Off"
	list := g.vars[x]
	c := doc(typ+" is one of the variants of the flag "+quoted(x.Key)+", or "+off+".", x.Description)
	g.deprecateFlag(c, x)
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
	words := []string{"false"}
	for _, v := range x.Variants {
		words = append(words, v.Value)
	}
	f.Add(jen.Line().Var().Id(list).Op("=").Index(jen.Op("...")).String().Add(stringValues(words)))
}

// deprecateFlag adds a note if the plan deprecates x.
func (g *generator) deprecateFlag(c *comment, x *schema.Flag) {
	d := x.Deprecated
	if d == nil {
		if x.Status != "deprecated" {
			return
		}
		d = &schema.Deprecation{}
	}
	use := ""
	for _, other := range g.plan.Flags {
		if d.Use != "" && other.Key == d.Use {
			use = g.of(other)
		}
	}
	deprecate(c, d, use)
}

func (g *generator) variantConstants(x *schema.Flag, typ, off string) jen.Code {
	zero := doc(off + " says that the flag is off, or in a variant that the plan does not know.").decl(
		expr(off, " ", typ, " = iota"))
	return g.constants("", "The variants of the flag "+quoted(x.Key)+", in the order of the plan.", "", x.Variants, zero)
}

// payloadOf prints the struct of a flag's payload and the plan's own payload.
func (g *generator) payloadOf(f *jen.File, x *schema.Flag) {
	typ := g.of(x) + "Payload"
	c := doc(typ+" is the payload of the flag "+quoted(x.Key)+".", x.Description)
	g.deprecateFlag(c, x)
	f.Add(c.decl(jen.Type().Id(typ).Struct(g.payloadFields(x.Payload)...)))
	for _, t := range g.payloadTypes(x.Payload) {
		f.Add(typeDoc(t, "an object", "").decl(
			jen.Type().Id(t.name).Struct(g.payloadFields(t.typ.Properties)...)))
	}
	f.Add(doc(typ + "Defaults returns the payload that the plan's defaults make.").decl(
		jen.Func().Id(typ + "Defaults").Params().Id(typ).Block(
			jen.Return(jen.Id(typ).Add(elements(g.defaults(x.Payload, nil)))))))
}

// payloadTypes are the objects inside a payload.
func (g *generator) payloadTypes(list []*schema.Property) []typeName {
	inside := map[*schema.Type]bool{}
	var walk func([]*schema.Property)
	walk = func(list []*schema.Property) {
		for _, p := range list {
			t := p.Type
			for t.Elem != nil {
				t = t.Elem
			}
			inside[t] = true
			walk(t.Properties)
		}
	}
	walk(list)
	var types []typeName
	for _, t := range ofKind(g.payload, schema.Object) {
		if inside[t.typ] {
			types = append(types, t)
		}
	}
	return types
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
