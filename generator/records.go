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
	f.Add(doc(name + " is one recorded event " + quoted(e.Name) + ", as it was sent.").decl(
		jen.Type().Id(name).Struct(jen.Id("r").Add(testRecord))))
	wrap := jen.Func().Params(jen.Id("r").Add(testRecord)).Id(name).Block(expr("return ", name, "{r}"))
	f.Add(doc(g.of(e) + " returns the events " + quoted(e.Name) + " that rec recorded.").noinline().decl(
		jen.Func().Id(g.of(e)).Params(jen.Id("rec").Op("*").Add(testRecorder)).Add(testRecords).Types(jen.Id(name)).Block(
			jen.Return(testFind.Clone().Call(expr("rec"), expr(quoted(e.Name)), wrap)))))
	for _, p := range e.Properties {
		if p.Type.Kind != schema.Const && !dropped(p.PII) {
			g.getter(f, name, p)
		}
	}
	f.Add(doc("PhgenRecord returns the record without its types.").noinline().decl(
		expr("func (r ", name, ") PhgenRecord()"), testRecord, jen.Block(expr("return r.r"))))
}

func dropped(p *schema.PII) bool { return p != nil && p.Action == "drop" }

// getter prints the method that returns one property.
func (g *generator) getter(f *jen.File, record string, p *schema.Property) {
	id, named := g.of(p), g.typeOf(p, p.Type)
	result, ok, find := jen.Add(g.recordedType(p.Type, named, p.PII)), "_", testRequired
	if !p.Required {
		result, ok, find = jen.Params(result, jen.Bool()), "ok", testOptional
	}
	body := []jen.Code{jen.Return(find.Clone().Call(expr("r.r"), expr(quoted(p.Key)), g.decoderOf(p.Type, named, p.PII)))}
	if p.Type.Kind == schema.Money {
		body = []jen.Code{expr("v, ", ok, " := r.r.Money(", quoted(p.MoneyKeys[0]), ", ", quoted(p.MoneyKeys[1]), ")"), expr("return v")}
		if !p.Required {
			body = []jen.Code{expr("return r.r.Money(", quoted(p.MoneyKeys[0]), ", ", quoted(p.MoneyKeys[1]), ")")}
		}
	}
	f.Add(getterDoc(id, p).noinline().decl(expr("func (r ", record, ") ", id, "()"), result, jen.Block(body...)))
}

// getterDoc says what a getter returns: with pii, not what the caller gave.
func getterDoc(id string, p *schema.Property) *comment {
	what := quoted(p.Key)
	if p.PII != nil {
		switch p.PII.Action {
		case "hash":
			hash := "the keyed hash of "
			if p.Type.Elem != nil {
				hash = "the keyed hashes of "
			}
			what = hash + what
		case "mask":
			what = "the masked " + what
		case "truncate":
			what = "the truncated " + what
		}
	}
	c := doc(id + " returns " + what + ".")
	switch {
	case p.Nullable:
		c = doc(id+" returns "+what+".", "It reports false if the property was not sent, or is null.")
	case !p.Required:
		c = doc(id+" returns "+what+".", "It reports false if the property was not sent.")
	}
	return c
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

// decoderOf is the function that makes a Go value of a phtest.Value: a method of
// it wherever there is one, since that compiles fastest.
func (g *generator) decoderOf(t *schema.Type, named string, pii *schema.PII) jen.Code {
	switch t.Kind {
	case schema.Array:
		return expr(listOf).Call(g.decoderOf(t.Elem, g.typeOf(nil, t.Elem), elemPII(t, pii)))
	case schema.Map:
		return expr(mapOf).Call(g.decoderOf(t.Elem, g.typeOf(nil, t.Elem), elemPII(t, pii)))
	}
	if name := g.decoderName(t, named, pii); name != "" {
		return expr(name)
	}
	return testValue.Clone().Dot(readMethod(t, pii))
}

// decoderName is the generated function that makes a value of type t; empty if a
// method of phtest.Value does.
func (g *generator) decoderName(t *schema.Type, named string, pii *schema.PII) string {
	switch {
	case t.Kind == schema.Enum || t.Kind == schema.Object || t.Kind == schema.Union:
		return g.decoders[t]
	case hashed(pii):
		return ""
	case t.Kind == schema.Duration:
		return g.decoders[t.Unit]
	case named != "":
		return g.decoders[named]
	}
	return ""
}

// readMethod is the method of phtest.Value that reads a value of type t.
func readMethod(t *schema.Type, pii *schema.PII) string {
	if hashed(pii) {
		return "String"
	}
	return kinds[t.Kind].read
}
