package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// experimentsPackage is the package of experiments: none if no flag has one.
func (g *generator) experimentsPackage() []source {
	var flagged []*schema.Experiment
	for _, x := range g.plan.Experiments {
		if x.Flag != nil {
			flagged = append(flagged, x)
		}
	}
	if len(flagged) == 0 {
		return nil
	}
	d := g.folder(experimentsPackage, experimentsPackage)
	d.plan(doc("Package experiments holds the experiments of the tracking plan " + g.plan.Name + ", version " + g.plan.Version + "."))
	each(d, "experiments", flagged, g.experiment)
	return d.sources
}

// experiment prints the accessor of one experiment.
func (g *generator) experiment(f *jen.File, x *schema.Experiment) {
	flag := g.of(x.Flag)
	c := doc(g.of(x)+" returns the variant of the experiment "+quoted(x.Name)+" that the user of ctx takes part in.", x.Description)
	facts := []string{"The flag " + quoted(x.Flag.Key) + " decides; reading it is the exposure."}
	if x.Hypothesis != "" {
		facts = append(facts, "Hypothesis: "+x.Hypothesis)
	}
	for _, v := range x.Variants {
		if v.Value == x.Control {
			facts = append(facts, "Control: flags."+g.of(v)+".")
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
	c.text(facts...)
	g.deprecateFlag(c, x.Flag, "flags.")
	home := g.path + "/" + flagsPackage
	f.Add(c.decl(jen.Func().Id(g.of(x)).Params(ctxParam).Qual(home, flag+"Variant").Block(
		jen.Return(jen.Qual(home, flag).Call(expr("ctx"))))))
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
