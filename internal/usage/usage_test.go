package usage

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/vet"
	"github.com/phgen/phgen/schema"
)

const plan = `
phgen: 1
plan: {name: shop, version: 1.0.0}
go: {out: ./gen}
owners: {growth: {}, billing: {}}
events:
  order paid: {description: Paid., owner: billing}
  clicked: {description: Clicked., owner: growth}
  later: {description: Later., status: draft}
  a|b: {description: Odd.}
flags:
  fast: {kind: boolean, description: Fast., default: false, owner: growth, expires: "2024-01-31"}
  old: {kind: boolean, description: Old., default: false, owner: growth, deprecated: gone}
  new: {kind: boolean, description: New., default: false, owner: growth, expires: "2024-02-01"}
`

func report(t *testing.T) (*schema.Plan, *Report) {
	t.Helper()
	p, findings := schema.Parse("plan.yaml", []byte(plan))
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	pkg := p.Go.ImportPath
	return p, Of(p, []vet.Record{
		{Kind: vet.EventUsed, Name: "clicked", Package: pkg + "/tracking", File: "b.go", Line: 3, Col: 2},
		{Kind: vet.EventUsed, Name: "clicked", Package: pkg + "/tracking", File: "a.go", Line: 7, Col: 2},
		{Kind: vet.EventUsed, Name: "order paid", Package: "example.com/other/tracking", File: "a.go", Line: 9, Col: 2},
		{Kind: vet.EventSent, Name: "clicked", File: "raw.go", Line: 1, Col: 20},
		{Kind: vet.EventSent, Name: "unplanned", File: "raw.go", Line: 2, Col: 20},
		{Kind: vet.FlagRead, Name: "new", Package: pkg + "/flags", File: "a.go", Line: 1, Col: 1},
		{Kind: vet.FlagRead, Name: "old", Package: pkg + "/flags", File: "a.go", Line: 2, Col: 1},
		{Kind: vet.EventDeclared, Name: "later", Package: pkg + "/tracking", File: "gen/tracking/events_1.go", Line: 1, Col: 1},
	})
}

func TestText(t *testing.T) {
	_, r := report(t)
	want := `billing
  event "order paid": unused

growth
  event clicked: 3 places
    a.go:7
    b.go:3
    raw.go:1 (by a string)
  flag fast: unused
  flag old: 1 place, deprecated
    a.go:2
  flag new: 1 place
    a.go:1

without an owner
  event later: unused, draft
  event a|b: unused
`
	if diff := cmp.Diff(want, r.Text()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestMarkdown(t *testing.T) {
	_, r := report(t)
	r.Keep(func(thing *Thing, event bool) bool { return event && thing.Owner != "billing" })
	want := `# Usage

## growth

| | name | status | used in |
|---|---|---|---|
| event | clicked | active | a.go:7<br>b.go:3<br>raw.go:1 (by a string) |

## without an owner

| | name | status | used in |
|---|---|---|---|
| event | later | draft | **nowhere** |
| event | a&#124;b | active | **nowhere** |
`
	if diff := cmp.Diff(want, r.Markdown()); diff != "" {
		t.Errorf("Markdown (-want +got):\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	_, r := report(t)
	r.Keep(func(thing *Thing, _ bool) bool { return thing.Name == "order paid" || thing.Name == "old" })
	var got strings.Builder
	if err := r.WriteJSON(&got); err != nil {
		t.Fatal(err)
	}
	want := `{
  "version": 1,
  "events": [
    {
      "name": "order paid",
      "owner": "billing",
      "status": "active",
      "unused": true,
      "places": []
    }
  ],
  "flags": [
    {
      "name": "old",
      "owner": "growth",
      "status": "deprecated",
      "unused": false,
      "places": [
        {
          "file": "a.go",
          "line": 2,
          "col": 1
        }
      ]
    }
  ]
}
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestStale(t *testing.T) {
	p, r := report(t)
	got := map[string]string{}
	for _, s := range r.Stale(p, time.Date(2024, 2, 1, 23, 0, 0, 0, time.UTC)) {
		got[s.Name] = strings.Join(s.Why, ", ")
	}
	want := map[string]string{"fast": "expired on 2024-01-31, never read", "old": "deprecated"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stale flags (-want +got):\n%s", diff)
	}
}
