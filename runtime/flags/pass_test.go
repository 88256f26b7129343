package flags

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
)

// What is remembered counts for one pass only, also when the number of the pass starts again.
func TestEpochs(t *testing.T) {
	d := mustParse(t, `{"flags":[`+activeFlag("f", when(dependsOn("pro", "true")))+`,`+activeFlag("pro", when(isPro))+`]}`)
	m := d.memories.Get().(*memory)
	m.epoch = math.MaxUint32 - 2
	pool := &sync.Pool{New: func() any { return m }}
	for i, plan := range []string{"pro", "free", "pro", "free", "pro", "free", "pro"} {
		var p pass
		p.begin(&Query{DistinctID: low, Person: map[string]any{"plan": plan}}, pool)
		f := d.flags[0]
		o := p.flag(f)
		if got := f.value(o.first).On(); got != (plan == "pro") {
			t.Errorf("pass %d of %s: got %v", i, plan, got)
		}
		if got := m.flags[d.flags[1].memo].epoch; got != m.epoch {
			t.Errorf("pass %d: got epoch %d, want %d", i, got, m.epoch)
		}
	}
}

// A chain of flags that look twice at the next is not walked once for every way through it.
func TestManyWays(t *testing.T) {
	const length = 40
	list := activeFlag("f0", when(isPro))
	for i := 1; i < length; i++ {
		next := dependsOn(fmt.Sprintf("f%d", i-1), "true")
		list += "," + activeFlag(fmt.Sprintf("f%d", i), when(next, next))
	}
	d := mustParse(t, `{"flags":[`+list+`]}`)
	q := &Query{DistinctID: low, Person: map[string]any{"plan": "pro"}}
	for i := range length {
		key := fmt.Sprintf("f%d", i)
		if got := d.Evaluate(key, q).Value; got != True {
			t.Errorf("%s: got %v, want true", key, got)
		}
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
