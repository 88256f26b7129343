package generator

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// aiPackage is the package of AI features: none if the plan has none.
func (g *generator) aiPackage() []source {
	if len(g.plan.AI.Features) == 0 {
		return nil
	}
	d := g.folder(aiPackage, aiPackage)
	c := doc("Package ai holds the AI features of the tracking plan " + g.plan.Name + ", version " + g.plan.Version + ".")
	c.text("Each feature is a function that takes its required properties. Optional ones are set by methods, and package phai puts them on the $ai_* events of a run.")
	d.plan(c)
	each(d, "enums", ofKind(g.features, schema.Enum), g.enum)
	each(d, "objects", ofKind(g.features, schema.Object), g.object)
	each(d, "unions", ofKind(g.features, schema.Union), g.union)
	each(d, "features", g.plan.AI.Features, g.feature)
	each(d, "tables", g.featureTables(), g.table)
	return d.sources
}

// featureProperties are those of the features, and of the types in package ai.
func (g *generator) featureProperties() []*schema.Property {
	var list []*schema.Property
	for _, x := range g.plan.AI.Features {
		list = append(list, x.Properties...)
	}
	for _, t := range g.features {
		list = append(list, t.typ.Properties...)
		for _, v := range t.typ.Variants {
			list = append(list, v.Properties...)
		}
	}
	return list
}

// featureTables are the types of package tracking whose unexported tables the rows of package ai
// refer to.
func (g *generator) featureTables() []*schema.Type {
	return slices.DeleteFunc(tablesOf(g.featureProperties()), func(t *schema.Type) bool { return g.inAI[t] })
}

// featuresHoldParts reports whether package ai holds objects or unions of package tracking.
func (g *generator) featuresHoldParts() bool {
	return slices.ContainsFunc(g.featureProperties(), func(p *schema.Property) bool {
		t := leafOf(p.Type)
		return (t.Kind == schema.Object || t.Kind == schema.Union) && !g.inAI[t]
	})
}

// feature prints the value of one AI feature.
func (g *generator) feature(f *jen.File, x *schema.Feature) {
	name := g.of(x)
	r := record{
		g: g, name: name + "Feature", recv: "f", path: "f.", prefix: "With", nulls: true,
		fields: g.fieldsOf(x.Properties, ownFields...),
	}
	f.Add(g.featureDoc(x).decl(
		jen.Type().Id(r.name).Struct(append([]jen.Code{equalField}, r.structFields()...)...)))
	f.Add(r.constructorDoc(name+" returns the AI feature "+quoted(x.Name)+".", x.Description).decl(
		jen.Func().Id(name).Add(r.params()).Id(r.name).Block(jen.Return(literal(r.name, r.values())))))
	r.setters(f)
	r.compare(f, "the feature")
	policy := phaiRedact
	if g.plan.AI.Privacy == keepContent {
		policy = phaiKeep
	}
	f.Add(doc("PhgenFeature is called by package phai.").noinline().decl(
		r.method("PhgenFeature"), jen.Params(ctxParam), phaiFeatureSpec,
		jen.Block(jen.Return(phaiFeatureSpec.Clone().Values(
			expr("Name: ", quoted(x.Name)),
			jen.Id("Members:").Add(phMembers).Call(expr("ctx"), expr("f")),
			jen.Id("Privacy:").Add(policy))))))

	spec := g.vars[x]
	v := visitor{table: table{g: g}}
	v.properties(r, x.Properties, func(p *schema.Property) row {
		row := rowOf(p)
		if word := g.plan.Defaults.OnInvalid; row.onInvalid == schema.Inherit && word != schema.Report {
			row.onInvalid = word // the event around it has none
		}
		return row
	})
	f.Add(v.visitDecl(r, spec))
	f.Add(v.spec(spec, expr("Name: ", quoted(x.Name))))
}

// keepContent is the word for privacy that sends prompts and answers.
const keepContent = "keep"

// featureDoc documents the type of a feature: everything that the plan says of it.
func (g *generator) featureDoc(x *schema.Feature) *comment {
	c := doc(g.of(x)+"Feature is the AI feature "+quoted(x.Name)+".", x.Description)
	var facts []string
	if x.Owner != "" {
		facts = append(facts, "Owner: "+x.Owner+".")
	}
	if len(x.Tags) > 0 {
		facts = append(facts, "Tags: "+enumeration(x.Tags)+".")
	}
	c.text(facts...)
	if g.plan.AI.Privacy == keepContent {
		return c.text("Its prompts, answers and states are sent.")
	}
	return c.text("Its prompts, answers and states are never sent.")
}
