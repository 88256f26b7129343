package lint_test

import (
	"testing"
	"time"

	"github.com/phgen/phgen/internal/bigplan"
	"github.com/phgen/phgen/internal/lint"
	"github.com/phgen/phgen/schema"
)

// BenchmarkRun2000 applies every rule to a plan of 2,000 events that was loaded.
func BenchmarkRun2000(b *testing.B) {
	plan, found := schema.Parse("plan.yaml", bigplan.Plan(2000))
	if plan == nil {
		b.Fatal(found)
	}
	for b.Loop() {
		if got := lint.Run(plan, found, &schema.LintConfig{}, time.Now()); len(got) > 0 {
			b.Fatal(got)
		}
	}
}
