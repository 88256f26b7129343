package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// experimentsPackage is the package of experiments: none if the plan has none.
func (g *generator) experimentsPackage() []source {
	if len(g.plan.Experiments) == 0 {
		return nil
	}
	d := g.folder(experimentsPackage, experimentsPackage)
	d.plan(doc("Package experiments holds the experiments of the tracking plan " + g.plan.Name + ", version " + g.plan.Version + "."))
	var flagged, own []*schema.Experiment
	for _, x := range g.plan.Experiments {
		if x.Flag != nil {
			flagged = append(flagged, x)
		} else {
			own = append(own, x)
		}
	}
	each(d, "experiments", flagged, g.experiment)
	each(d, "variants", own, g.ownExperiment)
	return d.sources
}

// experiment prints the accessor of an experiment that a flag decides.
func (g *generator) experiment(f *jen.File, x *schema.Experiment) {
	flag := g.of(x.Flag)
	c := doc(g.of(x)+" returns the variant of the experiment "+quoted(x.Name)+" that the user of ctx takes part in.", x.Description)
	c.text(g.experimentFacts(x, "flags.", "The flag "+quoted(x.Flag.Key)+" decides; reading it is the exposure.")...)
	g.deprecateFlag(c, x.Flag, "flags.")
	home := g.path + "/" + flagsPackage
	f.Add(c.decl(jen.Func().Id(g.of(x)).Params(ctxParam).Qual(home, flag+"Variant").Block(
		jen.Return(jen.Qual(home, flag).Call(expr("ctx"))))))
}

// ownExperiment prints what an experiment has that no flag decides: its variants, and the functions
// by which the application says who is in which.
func (g *generator) ownExperiment(f *jen.File, x *schema.Experiment) {
	name := g.of(x)
	typ, table := name+"Variant", g.vars[x]
	f.Add(doc(typ + " is one of the variants of the experiment " + quoted(x.Name) + ". Its zero value is unset and not valid.").decl(
		jen.Type().Id(typ).Uint8()))
	g.enumValues(f, typ, "variant", table, x.Variants)
	f.Add(g.enumTable(table, x.Variants))

	variant := jen.Id("v").Id(typ)
	pair := []jen.Code{expr(quoted(x.Name)), expr("v.String()")}
	c := doc(name+" records that the user of ctx sees the variant v of the experiment "+quoted(x.Name)+".", x.Description)
	c.text(g.experimentFacts(x, "", "The application decides who sees what.")...)
	c.text("It returns a context whose events carry the variant, if they list the experiment or are its metrics.")
	f.Add(c.decl(jen.Func().Id(name).Params(ctxParam, variant).Add(goContext).Block(
		jen.Return(phExpose.Clone().Call(append([]jen.Code{expr("ctx")}, pair...)...)))))
	f.Add(doc("With"+name+" is "+name+" for a scope, or for one call, and records no exposure.",
		"It is for later requests of somebody who saw the variant before.").decl(
		jen.Func().Id("With" + name).Params(variant).Add(phOption).Block(
			jen.Return(phInVariant.Clone().Call(pair...)))))
}

// experimentFacts are sentences about x behind the first; the variants stand behind pkg.
func (g *generator) experimentFacts(x *schema.Experiment, pkg, first string) []string {
	facts := []string{first}
	if x.Hypothesis != "" {
		facts = append(facts, "Hypothesis: "+x.Hypothesis)
	}
	for _, v := range x.Variants {
		if v.Value == x.Control {
			facts = append(facts, "Control: "+pkg+g.of(v)+".")
		}
	}
	for _, s := range []string{metrics("primary", x.Primary), metrics("secondary", x.Secondary), metrics("guardrail", x.Guardrail)} {
		if s != "" {
			facts = append(facts, s)
		}
	}
	if x.Owner != "" {
		facts = append(facts, "Owner: "+x.Owner+".")
	}
	return facts
}

// metrics is a sentence about the metrics of one kind; empty if there are none.
func metrics(kind string, events []*schema.Event) string {
	var names []string
	for _, e := range events {
		names = append(names, quoted(e.Name))
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "Its " + kind + " metric is " + names[0] + "."
	}
	return "Its " + kind + " metrics are " + enumeration(names) + "."
}
