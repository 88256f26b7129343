package bigplan

import (
	"testing"
	"time"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

func TestPlan(t *testing.T) {
	for _, events := range []int{0, 1, 40, Most + 1} {
		plan, found := schema.Parse("plan.yaml", Plan(events))
		if plan == nil {
			t.Fatalf("a plan of %d events: %v", events, found[:min(3, len(found))])
		}
		found = append(found, generator.Check(plan)...)
		if found = append(found, schema.Lint(plan, time.Now())...); events >= 40 && len(found) > 0 {
			t.Errorf("a plan of %d events: %d findings, the first %v", events, len(found), found[:min(3, len(found))])
		}
		if got, want := len(plan.Events), min(events, Most); got != want {
			t.Errorf("events: %d, want %d", got, want)
		}
		if got, want := len(plan.Flags), min(events, Most)/eventsPerFlag; got != want {
			t.Errorf("flags: %d, want %d", got, want)
		}
		for i, e := range plan.Events {
			if e.Name != Event(i) || len(e.Properties) != 12 {
				t.Fatalf("event %d is %q with %d properties, want %q with 12", i, e.Name, len(e.Properties), Event(i))
			}
		}
	}
}
