package main

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/internal/verify"
	"github.com/phgen/phgen/schema"
)

func lines(t *tally) (all []string) {
	for _, f := range t.sorted() {
		all = append(all, fmt.Sprintf("%s: %s", eventPos(f.Finding), f))
	}
	return all
}

func TestTally(t *testing.T) {
	p, findings := schema.Parse("plan.yaml", []byte("phgen: 1\nplan: {name: shop}\nevents:\n  paid: {properties: {items: {type: array, of: string}}}\n"))
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	details := map[uint64]dev.Detail{
		1: {All: []dev.Finding{{Path: "items[3]", Rule: "type", Message: "no string"}, {Rule: "protocol", Message: `key "a" is written twice`}}},
		2: {All: []dev.Finding{{Path: "items[7]", Rule: "type", Message: "no string"}}},
	}
	seen := newTally(p, "plan.yaml", func(seq uint64) (dev.Detail, bool) { d, ok := details[seq]; return d, ok })
	exchange := sink.Exchange{Kind: "capture", Events: []sink.Event{{Name: "paid"}, {Name: "paid"}, {Name: "paid"}, {Name: "paid"}}}
	seen.add(exchange, []dev.Row{
		{Seq: 1, Event: "paid", Verdict: dev.Invalid, Finding: "x", Findings: 2},
		{Seq: 2, Event: "paid", Verdict: dev.Invalid, Finding: "x", Findings: 1},
		{Seq: 3, Event: "paid", Verdict: dev.Invalid, Finding: "items[0]: type: no string", Findings: 1}, // dropped since
		{Seq: 4, Event: "paid", Verdict: dev.OK},
	})
	seen.add(sink.Exchange{Kind: "capture", Refusal: "the body is no JSON"}, nil)
	seen.add(sink.Exchange{Kind: "capture", Refusal: "as asked", Fault: true}, nil)
	seen.add(sink.Exchange{Kind: "unknown", Refusal: "no such path"}, nil)
	want := []string{
		"plan.yaml: the body is no JSON (refused)",
		`plan.yaml:4:3: event "paid": items[0]: type: no string (invalid)`,
		`plan.yaml:4:3: event "paid": key "a" is written twice (protocol)`,
		`plan.yaml:4:23: event "paid": property "items[]": no string (type), 2 times`,
	}
	if diff := cmp.Diff(lines(seen), want); diff != "" {
		t.Errorf("findings (-got +want):\n%s", diff)
	}
	if got, want := seen.counts, (verify.Counts{Events: 4, Valid: 1, Invalid: 3, Unreadable: 1}); got != want {
		t.Errorf("counts: got %+v, want %+v", got, want)
	}
	if got := seen.coverage.Seen; got != 4 {
		t.Errorf("coverage has seen %d events, want 4", got)
	}
}

// Whoever makes up names cannot make it remember them all.
func TestTallyIsBounded(t *testing.T) {
	seen := newTally(&schema.Plan{}, "plan.yaml", nil)
	for i := range maxKinds + 3 {
		seen.find(fmt.Sprint("event ", i), dev.Finding{Rule: "unplanned", Message: "not an event of the plan"})
	}
	if len(seen.findings) != maxKinds || seen.untold != 3 {
		t.Errorf("%d findings and %d untold, want %d and 3", len(seen.findings), seen.untold, maxKinds)
	}
}
