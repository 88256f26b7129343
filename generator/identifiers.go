package generator

import (
	"github.com/phgen/phgen/schema"
)

// An Identifier is the Go name of one thing of a plan.
type Identifier struct {
	Kind    IdentifierKind
	Path    []string // where the plan has the thing: "events", "order placed", and a key of it
	Package string   // import path
	Name    string   // a Type.Method is a method
}

// An IdentifierKind says what an [Identifier] is the name of.
type IdentifierKind string

// The kinds.
const (
	EventFunc      IdentifierKind = "event"      // builds an event
	SetterMethod   IdentifierKind = "setter"     // sets an optional property of an event
	GroupFunc      IdentifierKind = "group"      // puts events into a group
	FlagFunc       IdentifierKind = "flag"       // reads a flag, except for a remote config
	PayloadFunc    IdentifierKind = "payload"    // reads the payload of a flag
	VariantType    IdentifierKind = "variants"   // the type of a flag's variants
	VariantConst   IdentifierKind = "variant"    // one of them; without a key, the one for off
	ExperimentFunc IdentifierKind = "experiment" // reads the flag of an experiment, or records its variant
	SurveyFunc     IdentifierKind = "survey"     // builds an event about a survey
	FeatureFunc    IdentifierKind = "feature"    // builds an AI feature
)

// Identifiers returns the Go names by which people use events, groups, flags,
// experiments, surveys and AI features, in the order of the plan. It expects a plan in which Check finds no
// error.
func (x *Printer) Identifiers() []Identifier {
	var list []Identifier
	add := func(kind IdentifierKind, pkg, name string, path ...string) {
		list = append(list, Identifier{kind, path, x.Plan.Go.ImportPath + "/" + pkg, name})
	}
	for _, g := range x.Plan.Groups {
		add(GroupFunc, trackingPackage, "In"+x.names.of(g), "groups", g.Name)
	}
	for _, e := range x.Plan.Events {
		pkg, name := trackingPackage, x.names.of(e)
		if x.Plan.Go.SplitOwner && e.Owner != "" {
			pkg += "/" + e.Owner
		}
		add(EventFunc, pkg, name, "events", e.Name)
		for _, p := range e.Properties {
			if !p.Required && p.Type.Kind != schema.Const {
				add(SetterMethod, pkg, name+"Event.With"+x.names.of(p), "events", e.Name, p.Key)
			}
		}
	}
	for _, f := range x.Plan.Flags {
		name := x.names.of(f)
		if f.Kind != remoteConfigFlag {
			add(FlagFunc, flagsPackage, name, "flags", f.Key)
		}
		if f.HasPayload {
			add(PayloadFunc, flagsPackage, name+"Config", "flags", f.Key)
		}
		if len(f.Variants) == 0 {
			continue
		}
		add(VariantType, flagsPackage, name+"Variant", "flags", f.Key)
		add(VariantConst, flagsPackage, name+"Off", "flags", f.Key)
		for _, v := range f.Variants {
			add(VariantConst, flagsPackage, x.names.of(v), "flags", f.Key, v.Value)
		}
	}
	for _, e := range x.Plan.Experiments {
		add(ExperimentFunc, experimentsPackage, x.names.of(e), "experiments", e.Name)
		if e.Flag != nil {
			continue
		}
		add(VariantType, experimentsPackage, x.names.of(e)+"Variant", "experiments", e.Name)
		for _, v := range e.Variants {
			add(VariantConst, experimentsPackage, x.names.of(v), "experiments", e.Name, v.Value)
		}
	}
	for _, s := range x.Plan.Surveys {
		for _, e := range surveyEvents {
			add(SurveyFunc, surveysPackage, x.names.of(s)+e.suffix, "surveys", s.Key)
		}
		for _, q := range s.Questions {
			if x.names.answers[q] == nil {
				continue
			}
			if !q.Required {
				add(SetterMethod, surveysPackage, x.names.of(s)+"SentEvent.With"+x.names.of(q), "surveys", s.Key, q.Key)
			}
			add(SetterMethod, surveysPackage, x.names.of(s)+"DismissedEvent.With"+x.names.of(q), "surveys", s.Key, q.Key)
		}
	}
	for _, f := range x.Plan.AI.Features {
		add(FeatureFunc, aiPackage, x.names.of(f), "ai", f.Name)
		for _, p := range f.Properties {
			if !p.Required && p.Type.Kind != schema.Const {
				add(SetterMethod, aiPackage, x.names.of(f)+"Feature.With"+x.names.of(p), "ai", f.Name, p.Key)
			}
		}
	}
	return list
}
