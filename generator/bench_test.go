package generator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/phgen/phgen/schema"
)

// largePlan has n events of eight properties each, five of which have bounds.
func largePlan(t testing.TB, n int) *schema.Plan {
	t.Helper()
	var b strings.Builder
	b.WriteString(`phgen: 1
plan: {name: large}
types: {Tier: {enum: [free, pro, enterprise]}}
events:
`)
	for i := range n {
		fmt.Fprintf(&b, `  thing_%d_happened:
    description: The thing number %d happened in the service that does such things.
    properties:
      project_id: uuid!
      name: {type: string, required: true, max_length: 200, description: What people call it}
      tier: Tier!
      score: {type: float, required: true, min: 0, max: 100}
      members: {type: int, min: 1, max: 1000, description: People invited at creation}
      note: {type: string, max_length: 80}
      trial: bool
      seen_at: timestamp
`, i, i)
	}
	p, found := schema.Parse("plan.yaml", []byte(b.String()))
	return checked(t, p, found)
}

func BenchmarkGenerate2000(b *testing.B) {
	p := largePlan(b, 2000)
	b.ReportAllocs()
	for b.Loop() {
		size := 0
		for _, f := range generate(b, p) {
			size += len(f.Data)
		}
		b.SetBytes(int64(size))
	}
}

// BenchmarkRecall2000 is Generate of a plan that has not changed.
func BenchmarkRecall2000(b *testing.B) {
	p := largePlan(b, 2000)
	known := earlier{}
	known.generate(b, p)
	b.ReportAllocs()
	for b.Loop() {
		known.generate(b, p)
	}
}

func BenchmarkCheck2000(b *testing.B) {
	p := largePlan(b, 2000)
	for b.Loop() {
		if found := Check(p); len(found) > 0 {
			b.Fatal(found)
		}
	}
}
