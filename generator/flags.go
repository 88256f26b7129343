package generator

import (
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// The kinds of flags.
const (
	booleanFlag      = "boolean"
	multivariateFlag = "multivariate"
	remoteConfigFlag = "remote_config"
)

// flagSet is the variable of package flags that holds what the runtime needs of
// the plan's flags.
const flagSet = "plan"

// flagsPackage is the package of feature flags: none if the plan has none.
func (g *generator) flagsPackage() []source {
	if len(g.plan.Flags) == 0 {
		return nil
	}
	g = g.insideFlags()
	d := g.folder(flagsPackage, flagsPackage)
	d.plan(doc("Package flags holds the feature flags of the tracking plan " + g.plan.Name + ", version " + g.plan.Version + "."))
	var variants, payloads []*schema.Flag
	var fields []*schema.Property
	for _, x := range g.plan.Flags {
		if x.Kind == multivariateFlag {
			variants = append(variants, x)
		}
		if x.HasPayload {
			payloads = append(payloads, x)
			fields = append(fields, x.Payload...)
		}
	}
	d.add("flags.go", g.flags)
	each(d, "variants", variants, g.variants)
	each(d, "enums", ofKind(g.payload, schema.Enum), g.enum)
	each(d, "payloads", payloads, g.payloadOf)
	each(d, "objects", g.twins, g.payloadObject)
	each(d, "tables", g.foreignTables(fields), g.table)
	return d.sources
}

// flags prints the accessors of all flags, and what they call.
func (g *generator) flags(f *jen.File) {
	var specs []jen.Code
	for i, x := range g.plan.Flags {
		a := accessors{generator: g, flag: x, name: g.of(x), place: strconv.Itoa(i)}
		if x.Kind != remoteConfigFlag {
			a.value(f)
			a.detail(f)
		}
		if x.HasPayload {
			a.config(f)
		}
		if x.Kind == booleanFlag {
			a.override(f)
		}
		if x.HasPayload {
			a.configOverride(f)
		}
		specs = append(specs, g.flagSpec(x))
	}
	load := doc("Load evaluates every flag of the plan for the user of ctx and returns a context that remembers the answers.",
		"PostHog is asked at most once, for what cannot be told here.",
		"Flags need no Load: it spares work where several are read.")
	f.Add(load.decl(jen.Func().Id("Load").Params(ctxParam).Add(goContext).Block(expr("return ", flagSet, ".Load(ctx)"))))
	override := doc("Override returns a context in which flags are what the overrides say, whatever PostHog says.",
		"It is meant for tests, previews and QA: nobody is asked, and nothing is sent.")
	f.Add(override.decl(jen.Func().Id("Override").Params(ctxParam, jen.Id("overrides").Op("...").Add(phFlagOverride)).Add(goContext).Block(
		jen.Return(phOverrideFlags.Clone().Call(expr("ctx"), expr("overrides..."))))))
	f.Add(jen.Line().Var().Id(flagSet).Op("=").Add(phFlagSet).Values(
		jen.Id("Flags: []").Add(phFlagSpec).Add(jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, specs...))))
}

// flagSpec is what the runtime needs of x.
func (g *generator) flagSpec(x *schema.Flag) jen.Code {
	fields := []jen.Code{expr("Key: ", quoted(x.Key))}
	if x.Kind == multivariateFlag {
		fields = append(fields, expr("Variants: ", g.vars[x]))
	}
	if n := flagDefault(x); n > 0 {
		fields = append(fields, expr("Default: ", strconv.Itoa(n)))
	}
	if evaluation := flagEvaluations[x.Evaluate]; evaluation != nil {
		fields = append(fields, jen.Id("Evaluate:").Add(evaluation))
	}
	if x.Kind == remoteConfigFlag {
		fields = append(fields, expr("RemoteConfig: true"))
	}
	return elements(fields)
}

// flagDefault is the plan's answer when nobody can tell: the number of a variant,
// 0 for Off, or 1 for a boolean flag that is on.
func flagDefault(x *schema.Flag) int {
	if x.Kind == booleanFlag && x.Default == "true" {
		return 1
	}
	for i, v := range x.Variants {
		if v.Value == x.Default {
			return i + 1
		}
	}
	return 0
}

// accessors print the functions of one flag.
type accessors struct {
	*generator
	flag  *schema.Flag
	name  string
	place string // in flagSet
}

var ctxParam = jen.Id("ctx").Add(goContext)

// about documents a function of the flag, which the sentences introduce.
func (a accessors) about(sentences ...string) *comment {
	c := doc(sentences...)
	a.deprecateFlag(c, a.flag, "")
	return c
}

// what is how comments call the flag.
func (a accessors) what() string { return "the flag " + quoted(a.flag.Key) }

func (a accessors) value(f *jen.File) {
	clause, result := "reports whether "+a.what()+" is on", jen.Bool()
	value := expr(flagSet, ".Bool(ctx, ", a.place, ")")
	if a.flag.Kind == multivariateFlag {
		clause, result = "returns the variant of "+a.what(), jen.Id(a.name+"Variant")
		value = expr(a.name, "Variant(", flagSet, ".Variant(ctx, ", a.place, "))")
	}
	c := doc(a.name+" "+clause+" for the user of ctx.", a.flag.Description)
	c.text(a.flagFacts(a.flag)...)
	a.deprecateFlag(c, a.flag, "")
	f.Add(c.decl(jen.Func().Id(a.name).Params(ctxParam).Add(result).Block(jen.Return(value))))
}

func (a accessors) detail(f *jen.File) {
	c := a.about(a.name + "Detail is " + a.name + " with the reason.")
	head := jen.Func().Id(a.name + "Detail").Params(ctxParam)
	if a.flag.Kind == multivariateFlag {
		f.Add(c.decl(head.Params(jen.Id(a.name+"Variant"), phFlagDetail).Block(
			expr("v, d := ", flagSet, ".VariantDetail(ctx, ", a.place, ")"),
			expr("return ", a.name, "Variant(v), d"))))
		return
	}
	f.Add(c.decl(head.Params(jen.Bool(), phFlagDetail).Block(
		expr("return ", flagSet, ".BoolDetail(ctx, ", a.place, ")"))))
}

func (a accessors) config(f *jen.File) {
	payload := a.name + "Payload"
	c := doc(a.name + "Config returns the payload of " + a.what() + " for the user of ctx.")
	if a.flag.Kind == remoteConfigFlag {
		c = doc(a.name+"Config returns the payload of the remote config "+quoted(a.flag.Key)+".", a.flag.Description)
		c.text(a.flagFacts(a.flag)...)
	}
	c.text("It returns " + payload + "Defaults and false if there is no payload, or one that breaks the plan.")
	a.deprecateFlag(c, a.flag, "")
	f.Add(c.decl(jen.Func().Id(a.name+"Config").Params(ctxParam).Params(expr("p ", payload), expr("ok bool")).Block(
		expr("ok = ", flagSet, ".Config(ctx, ", a.place, ", &p)"),
		expr("return p, ok"))))
}

func (a accessors) override(f *jen.File) {
	f.Add(doc(a.name + "Override turns " + a.what() + " on or off where Override puts it.").decl(
		jen.Func().Id(a.name + "Override").Params(jen.Id("v").Bool()).Add(phFlagOverride).Block(
			jen.Return(phOverrideBool.Clone().Call(expr(quoted(a.flag.Key)), expr("v"))))))
}

func (a accessors) configOverride(f *jen.File) {
	f.Add(doc(a.name + "ConfigOverride gives " + a.what() + " the payload p where Override puts it.").decl(
		jen.Func().Id(a.name + "ConfigOverride").Params(jen.Id("p").Id(a.name + "Payload")).Add(phFlagOverride).Block(
			jen.Return(phOverridePayload.Clone().Call(expr(quoted(a.flag.Key)), expr("p"))))))
}

// flagFacts are sentences about x, each of which begins with a word of ours.
func (g *generator) flagFacts(x *schema.Flag) []string {
	var facts []string
	switch n := flagDefault(x); {
	case x.Kind == remoteConfigFlag:
	case x.Kind == booleanFlag && n == 1:
		facts = append(facts, "It is on if nobody can tell.")
	case x.Kind == booleanFlag:
		facts = append(facts, "It is off if nobody can tell.")
	case n > 0:
		facts = append(facts, "It is "+g.of(x.Variants[n-1])+" if nobody can tell.")
	default:
		facts = append(facts, "It is "+g.of(x)+"Off if nobody can tell.")
	}
	switch x.Evaluate {
	case "local_only":
		facts = append(facts, "It is evaluated in this process alone.")
	case "remote":
		facts = append(facts, "It is evaluated by PostHog alone.")
	}
	var needs []string
	for _, p := range x.DependsPerson {
		needs = append(needs, "the person's "+quoted(p.Key))
	}
	for _, group := range x.DependsGroups {
		needs = append(needs, "the group "+quoted(group.Name))
	}
	if len(needs) > 0 {
		facts = append(facts, "Its conditions look at "+enumeration(needs)+".")
	}
	if x.Status == "draft" {
		facts = append(facts, "Draft.")
	}
	if x.Owner != "" {
		facts = append(facts, "Owner: "+x.Owner+".")
	}
	if len(x.Tags) > 0 {
		facts = append(facts, "Tags: "+strings.Join(x.Tags, ", ")+".")
	}
	if x.Expires != "" {
		facts = append(facts, "Expires on "+x.Expires+".")
	}
	return facts
}

// deprecateFlag adds a note if the plan deprecates x. The names of accessors
// stand behind pkg.
func (g *generator) deprecateFlag(c *comment, x *schema.Flag, pkg string) {
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
			use = pkg + g.of(other)
			if other.Kind == remoteConfigFlag {
				use += "Config"
			}
		}
	}
	deprecate(c, d, use)
}
