package flags

import (
	"math"
	"slices"
	"sync"
	"testing"
)

// Memos of a pass count for that pass only, also when its number starts again.
func TestEpochs(t *testing.T) {
	d := mustParse(t, `{"flags":[`+activeFlag("f", when(dependsOn("pro", "true")))+`,`+activeFlag("pro", when(isPro))+`]}`)
	p := d.begin(nil)
	p.epoch = math.MaxUint32 - 2
	d.end(p)
	for i, plan := range []string{"pro", "free", "pro", "free", "pro", "free", "pro"} {
		q := &Query{DistinctID: low, Person: map[string]any{"plan": plan}}
		if got := d.Evaluate("f", q).Value.On(); got != (plan == "pro") {
			t.Errorf("pass %d of %s: got %v", i, plan, got)
		}
	}
}

// A pass keeps nothing of its query.
func TestEndOfPass(t *testing.T) {
	d := mustParse(t, flagDoc(when(isPro, `{"key":"distinct_id","value":"niklaus"}`)))
	p := d.begin(&Query{DistinctID: low, Person: map[string]any{"plan": "pro"}, Groups: map[string]string{"company": "acme"}})
	p.flag(d.flags[0])
	d.end(p)
	if q := &p.query; q.DistinctID != "" || q.Person != nil || q.Groups != nil || p.id != "" || p.groupKey != "" || p.doubt != (doubt{}) {
		t.Errorf("left behind: %+v", p)
	}
}

func TestConcurrentUse(t *testing.T) {
	d := mustParse(t, string(benchmarkDocument(50)))
	want := d.EvaluateAll(&benchmarkQuery, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if got := d.EvaluateAll(&benchmarkQuery, nil); !slices.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
					return
				}
				d.Explain("flag-8", &benchmarkQuery)
			}
		})
	}
	wg.Wait()
}

func TestReasons(t *testing.T) {
	for reason, want := range map[Reason]string{
		ReasonNone: "", ReasonMissingDependency: "missing_dependency", ReasonDisabled: "flag_disabled", ReasonNoGroupType: "no_group_type",
		ReasonNoConditionMatch: "no_condition_match", ReasonOutOfRollout: "out_of_rollout_bound", ReasonConditionMatch: "condition_match",
		ReasonHoldout: "holdout_condition_value", ReasonSuperCondition: "super_condition_value", ReasonExperienceContinuity: "experience_continuity",
		ReasonUnsupportedDefinition: "unsupported_definition", ReasonUnresolvedDependency: "unresolved_dependency",
		ReasonMissingContext: "missing_context", ReasonUnknownFlag: "unknown_flag",
	} {
		if got := reason.String(); got != want {
			t.Errorf("%d: got %q, want %q", reason, got, want)
		}
	}
}
