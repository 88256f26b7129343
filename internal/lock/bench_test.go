package lock

import (
	"testing"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/bigplan"
	"github.com/phgen/phgen/schema"
)

// BenchmarkLock does what every run of generate and check does with a lock, for a
// plan of 2,000 events. It should stay below a twentieth of what they take.
func BenchmarkLock(b *testing.B) {
	p, found := schema.Parse("plan.yaml", bigplan.Plan(2000))
	if found.HasErrors() {
		b.Fatal(found)
	}
	printer := generator.NewPrinter(p)
	text := Of(printer).Text()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		old, err := Parse(Name, text)
		if err != nil {
			b.Fatal(err)
		}
		now := Of(printer)
		if found := Compare(old, now); len(found) > 0 {
			b.Fatal(found)
		}
		now.Text()
	}
}
