//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/launchdarkly/go-jsonstream/v3/jreader"
	"github.com/launchdarkly/go-sdk-common/v3/ldcontext"
	"github.com/launchdarkly/go-sdk-common/v3/ldvalue"
	evaluation "github.com/launchdarkly/go-server-sdk-evaluation/v3"
	"github.com/launchdarkly/go-server-sdk-evaluation/v3/ldbuilders"
	"github.com/launchdarkly/go-server-sdk-evaluation/v3/ldmodel"
)

// A ldStore holds the flags by key, as LaunchDarkly's client does.
type ldStore struct {
	flags    map[string]*ldmodel.FeatureFlag
	segments map[string]*ldmodel.Segment
}

// GetFeatureFlag returns the flag with a key.
func (s *ldStore) GetFeatureFlag(key string) *ldmodel.FeatureFlag { return s.flags[key] }

// GetSegment returns the segment with a key.
func (s *ldStore) GetSegment(key string) *ldmodel.Segment { return s.segments[key] }

// Every flag but the multivariate ones has two variations.
const (
	ldTrue = iota
	ldFalse
)

// variantID is the attribute that LaunchDarkly hashes to pick a variant: PostHog's
// second salt is after the ID.
const variantID = "variant_id"

func newLaunchDarkly(p *project) (*contender, error) {
	store := &ldStore{flags: make(map[string]*ldmodel.FeatureFlag), segments: map[string]*ldmodel.Segment{"7": ldSegment()}}
	keys := make([]string, len(p.keys))
	for i, key := range p.keys {
		keys[i] = strings.TrimSuffix(key, "."+flagSalt)
		f := ldFlag(keys[i], i)
		store.flags[keys[i]] = &f
	}
	document, err := json.Marshal(map[string]any{"flags": store.flags, "segments": store.segments})
	if err != nil {
		return nil, err
	}
	contexts := make([]ldcontext.Context, len(users))
	for i, u := range users {
		contexts[i] = u.ldContext(p.properties)
	}
	evaluator := evaluation.NewEvaluator(store)
	one := func(flag, user int) (ldvalue.Value, error) {
		result := evaluator.Evaluate(store.flags[keys[flag]], contexts[user], nil)
		if result.Detail.Reason.GetErrorKind() != "" {
			return ldvalue.Null(), fmt.Errorf("LaunchDarkly: %v", result.Detail.Reason)
		}
		return result.Detail.Value, nil
	}
	return &contender{
		name: "LaunchDarkly",
		one: func(flag, user int) error {
			_, err := one(flag, user)
			return err
		},
		all: func(user int) error {
			all := make(map[string]ldvalue.Value, len(keys))
			for key, f := range store.flags {
				all[key] = evaluator.Evaluate(f, contexts[user], nil).Detail.Value
			}
			return nil
		},
		load: func() error {
			loaded, err := ldLoad(document)
			if err == nil && len(loaded.flags) != len(keys) {
				err = errors.New("LaunchDarkly lost flags")
			}
			return err
		},
		value: func(flag, user int) (string, error) {
			v, err := one(flag, user)
			return strings.Trim(v.String(), `"`), err
		},
	}, nil
}

func (u user) ldContext(properties int) ldcontext.Context {
	person := ldcontext.NewBuilder(u.id).SetString(variantID, u.id+"variant")
	for name, v := range u.properties(properties) {
		person.SetValue(name, ldvalue.CopyArbitraryValue(v))
	}
	return ldcontext.NewMulti(person.Build(), ldcontext.NewWithKind("organization", u.organization))
}

// ldFlag returns flag i.
func ldFlag(key string, i int) ldmodel.FeatureFlag {
	f := ldbuilders.NewFlagBuilder(key).On(true).Salt(flagSalt).OffVariation(ldFalse)
	rule := ldbuilders.NewRuleBuilder().ID("r").Variation(ldTrue)
	half := ldbuilders.Rollout(ldbuilders.Bucket(ldTrue, 50_000), ldbuilders.Bucket(ldFalse, 50_000))
	switch i % len(kinds) {
	case 0:
		return boolean(f).Fallthrough(half).Build()
	case exactKind:
		rule.Clauses(clause("plan", ldmodel.OperatorIn, "pro", "team", "enterprise"))
	case 2:
		rule.Clauses(clause("email", ldmodel.OperatorContains, "@acme.example"))
	case 3:
		rule.Clauses(clause("email", ldmodel.OperatorMatches, pattern))
	case 4:
		rule.Clauses(ldbuilders.Clause("seats", ldmodel.OperatorGreaterThan, ldvalue.Int(9))).
			VariationOrRollout(ldbuilders.Rollout(ldbuilders.Bucket(ldTrue, 75_000), ldbuilders.Bucket(ldFalse, 25_000)))
	case multivariateKind:
		split := ldbuilders.Rollout(ldbuilders.Bucket(0, 34_000), ldbuilders.Bucket(1, 33_000), ldbuilders.Bucket(2, 33_000))
		split.Rollout.BucketBy = clause(variantID, "").Attribute
		return f.Variations(ldvalue.String("control"), ldvalue.String("a"), ldvalue.String("b")).Fallthrough(split).Build()
	case 6:
		rule.Clauses(ldbuilders.SegmentMatchClause("7"))
	case 7:
		half.Rollout.ContextKind = "organization"
		return boolean(f).Fallthrough(half).Build()
	case dependencyKind:
		return boolean(f).AddPrerequisite(fmt.Sprintf("flag-%d", dependency(i)), ldTrue).FallthroughVariation(ldTrue).Build()
	}
	return boolean(f).AddRule(rule).FallthroughVariation(ldFalse).Build()
}

func boolean(f *ldbuilders.FlagBuilder) *ldbuilders.FlagBuilder {
	return f.Variations(ldvalue.Bool(true), ldvalue.Bool(false))
}

// ldSegment returns the cohort: its rules are alternatives, the clauses of each must all match.
func ldSegment() *ldmodel.Segment {
	s := ldbuilders.NewSegmentBuilder("7").
		AddRule(ldbuilders.NewSegmentRuleBuilder().Clauses(
			clause("plan", ldmodel.OperatorIn, "free"),
			ldbuilders.Clause("seats", ldmodel.OperatorLessThan, ldvalue.Int(12)))).
		AddRule(ldbuilders.NewSegmentRuleBuilder().Clauses(
			clause("country", ldmodel.OperatorIn, "DE"),
			clause("email", ldmodel.OperatorContains, "@acme.example"))).
		Build()
	return &s
}

func clause(attribute string, op ldmodel.Operator, values ...string) ldmodel.Clause {
	operands := slices.Collect(func(yield func(ldvalue.Value) bool) {
		for _, v := range values {
			if !yield(ldvalue.String(v)) {
				return
			}
		}
	})
	return ldbuilders.Clause(attribute, op, operands...)
}

// ldLoad decodes a document, which prepares the flags, too.
func ldLoad(document []byte) (*ldStore, error) {
	s := &ldStore{flags: make(map[string]*ldmodel.FeatureFlag), segments: make(map[string]*ldmodel.Segment)}
	r := jreader.NewReader(document)
	for all := r.Object(); all.Next(); {
		of := string(all.Name())
		for items := r.Object(); items.Next(); {
			switch of {
			case "flags":
				f := ldmodel.UnmarshalFeatureFlagFromJSONReader(&r)
				s.flags[f.Key] = &f
			case "segments":
				segment := ldmodel.UnmarshalSegmentFromJSONReader(&r)
				s.segments[segment.Key] = &segment
			}
		}
	}
	return s, r.Error()
}
