package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// trackingtest is the package in which tests of the user's code find events.
func (g *generator) trackingtest() []source {
	d := g.folder(testPackage, testPackage)
	d.plan(doc("Package trackingtest finds the events of the tracking plan " + g.plan.Name + ", version " + g.plan.Version + ", in what a test recorded."))
	g.decoderSource(d)
	chunks(d, "records", g.plan.Events, g.record)
	return d.sources
}

// record prints the record of one event.
func (g *generator) record(f *jen.File, e *schema.Event) {
	name := g.of(e) + "Record"
	f.Add(doc(name + " is one recorded event " + quoted(e.Name) + ", as it is sent.").decl(
		jen.Type().Id(name).Struct(jen.Id("r").Add(testRecord))))
	wrap := jen.Func().Params(jen.Id("r").Add(testRecord)).Id(name).Block(expr("return ", name, "{r}"))
	f.Add(doc(g.of(e) + " returns the events " + quoted(e.Name) + " that rec has recorded.").decl(
		jen.Func().Id(g.of(e)).Params(jen.Id("rec").Op("*").Add(testRecorder)).Add(testRecords).Types(jen.Id(name)).Block(
			jen.Return(testFind.Clone().Call(expr("rec"), expr(quoted(e.Name)), wrap)))))
	for _, p := range e.Properties {
		if p.Type.Kind != schema.Const && !dropped(p.PII) {
			g.getter(f, name, p)
		}
	}
	f.Add(doc("PhgenRecord is the record behind the typed one.").decl(
		expr("func (r ", name, ") PhgenRecord()"), testRecord, jen.Block(expr("return r.r"))))
}

func dropped(p *schema.PII) bool { return p != nil && p.Action == "drop" }

// getter prints the method that returns one property.
func (g *generator) getter(f *jen.File, record string, p *schema.Property) {
	id := g.of(p)
	typ := g.recordedType(p.Type, g.typeOf(p, p.Type), p.PII)
	result, ok := jen.Add(typ), "_"
	sentence := id + " is " + quoted(p.Key)
	if p.PII != nil && p.PII.Action != "allow" {
		sentence += ", " + piiWords[p.PII.Action]
	}
	if !p.Required {
		result, ok = jen.Params(typ, jen.Bool()), "ok"
		sentence += ", and whether the event has it"
	}
	read := jen.Id("v, " + ok).Op(":=").Id("r.r.Value").Call(expr(quoted(p.Key)))
	value := g.decode(p.Type, g.typeOf(p, p.Type), p.PII, "v")
	if p.Type.Kind == schema.Money {
		read = jen.Id("v, "+ok).Op(":=").Id("r.r.Money").Call(expr(quoted(p.MoneyKeys[0])), expr(quoted(p.MoneyKeys[1])))
		value = expr("v")
	}
	if !p.Required {
		value = jen.List(value, expr("ok"))
	}
	f.Add(doc(sentence+".").decl(expr("func (r ", record, ") ", id, "()"), result, jen.Block(read, jen.Return(value))))
}

// hashed reports whether pii turns a value into text of another meaning.
func hashed(p *schema.PII) bool {
	return p != nil && (p.Action == "hash" || p.Action == "mask")
}

// recordedType is the Go type of a value as it is sent.
func (g *generator) recordedType(t *schema.Type, named string, pii *schema.PII) jen.Code {
	switch {
	case t.Kind == schema.Array:
		return jen.Index().Add(g.recordedType(t.Elem, g.typeOf(nil, t.Elem), elemPII(t, pii)))
	case t.Kind == schema.Map:
		return jen.Map(jen.String()).Add(g.recordedType(t.Elem, g.typeOf(nil, t.Elem), elemPII(t, pii)))
	case hashed(pii):
		return jen.String()
	}
	return g.goType(t, named)
}

// elemPII is what pii does to the items of a property.
func elemPII(t *schema.Type, pii *schema.PII) *schema.PII {
	if pii == nil {
		return t.Elem.PII
	}
	return pii
}

// decode is the expression that makes a Go value of the phtest.Value v.
func (g *generator) decode(t *schema.Type, named string, pii *schema.PII, v string) jen.Code {
	switch t.Kind {
	case schema.Enum, schema.Object, schema.Union:
		return expr(g.decoders[t], "(", v, ")")
	case schema.Array:
		return jen.Id(decodeItems).Call(expr(v), g.decodeFunc(t.Elem, elemPII(t, pii)))
	case schema.Map:
		return jen.Id(decodeEntries).Call(expr(v), g.decodeFunc(t.Elem, elemPII(t, pii)))
	case schema.Duration:
		return jen.Id(v + ".Duration").Call(units[t.Unit])
	}
	if hashed(pii) {
		return expr(v, ".String()")
	}
	read := expr(v, ".", kinds[t.Kind].read, "()")
	if named == "" {
		return read
	}
	return jen.Add(g.goType(t, named)).Parens(read)
}

// decodeFunc is decode as a function of its argument.
func (g *generator) decodeFunc(t *schema.Type, pii *schema.PII) jen.Code {
	named := g.typeOf(nil, t)
	switch t.Kind {
	case schema.Enum, schema.Object, schema.Union:
		return expr(g.decoders[t])
	case schema.Array, schema.Map, schema.Duration:
	default:
		if hashed(pii) {
			return testValue.Clone().Dot("String")
		}
		if named == "" {
			return testValue.Clone().Dot(kinds[t.Kind].read)
		}
	}
	return jen.Func().Params(jen.Id("v").Add(testValue)).Add(g.recordedType(t, named, pii)).Block(
		jen.Return(g.decode(t, named, pii, "v")))
}
