package schema_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/phgen/phgen/schema"
)

// largePlan is a plan of that many events with eight properties each.
func largePlan(events int) []byte {
	var b strings.Builder
	b.WriteString("phgen: 1\nplan: {name: large, version: 2.0.0}\nowners: {growth: {}, billing: {}}\n")
	b.WriteString("types:\n  Tier: {enum: [free, pro, enterprise]}\n  Percent: {type: float, min: 0, max: 100}\n")
	b.WriteString("property_sets:\n  request:\n    request_id: {type: uuid, description: Id of the request}\nevents:\n")
	for i := range events {
		fmt.Fprintf(&b, `  thing_%d_changed:
    description: The thing number %d was changed by a person in the settings screen.
    owner: growth
    tags: [core, settings]
    since: 1.2.0
    use: [request]
    idempotency: [thing_id]
    properties:
      thing_id: {type: uuid, required: true, description: Id of the thing}
      name: {type: string, required: true, max_length: 200, description: What the thing is called}
      tier: Tier!
      seats: {type: int, min: 1, max: 1000, description: Seats of the thing}
      completion: Percent
      labels: [string]
      referrer: {type: url, nullable: true, strip_query: true}
      method: {enum: [email, google, sso], description: How the change was made}
`, i, i)
	}
	return []byte(b.String())
}

// BenchmarkLoad2000 reads a plan of 2,000 events, about 1.5 MB.
func BenchmarkLoad2000(b *testing.B) {
	dir := b.TempDir()
	src := largePlan(2000)
	path := filepath.Join(dir, "tracking-plan.yaml")
	for name, text := range map[string][]byte{path: src, filepath.Join(dir, "go.mod"): []byte("module example.com/app\n")} {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		plan, found, err := schema.Load(path)
		if err != nil || len(found) > 0 || len(plan.Events) != 2000 {
			b.Fatalf("Load: %v, %v", found, err)
		}
	}
}
