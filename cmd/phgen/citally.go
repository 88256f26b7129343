package main

import (
	"cmp"
	"regexp"
	"slices"
	"sync"

	"github.com/phgen/phgen/internal/coverage"
	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/eventfile"
	eventjudge "github.com/phgen/phgen/internal/judge"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/internal/verify"
	"github.com/phgen/phgen/schema"
)

// The rules of findings that no file of events can have.
const (
	ruleProtocol = "protocol"
	ruleRefused  = "refused"
)

// A tally is what ci has seen. It is safe for concurrent use until the report is printed.
type tally struct {
	plan   string
	places *eventjudge.Places
	detail func(seq uint64) (dev.Detail, bool)

	mu       sync.Mutex
	counts   verify.Counts
	coverage *coverage.Coverage
	findings map[findingKind]*tallied
	untold   int // findings beyond maxKinds
}

// findingKind is what findings have in common that are one.
type findingKind struct{ event, path, rule, message string }

// A tallied finding is one that came that often. Its place is that in the plan.
type tallied struct {
	verify.Finding
	count int
}

// maxKinds bounds the findings that are told apart: names come from whoever sends.
const maxKinds = 10_000

func newTally(p *schema.Plan, file string, detail func(uint64) (dev.Detail, bool)) *tally {
	return &tally{plan: file, places: eventjudge.NewPlaces(p), detail: detail, coverage: coverage.New(p), findings: map[findingKind]*tallied{}}
}

// add counts a request and its events, whose rows are those.
func (t *tally) add(x sink.Exchange, rows []dev.Row) {
	found := make([][]dev.Finding, len(rows))
	for i, row := range rows {
		if row.Findings == 0 {
			continue
		}
		if d, ok := t.detail(row.Seq); ok && len(d.All) > 0 {
			found[i] = d.All
		} else { // it had to make room already
			found[i] = []dev.Finding{{Rule: string(row.Verdict), Message: row.Finding}}
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range x.Events {
		t.coverage.Add(e.Name, e.Properties)
	}
	for i, row := range rows {
		t.counts.Events++
		switch row.Verdict {
		case dev.OK:
			t.counts.Valid++
		case dev.Unplanned:
			t.counts.Unplanned++
		default:
			t.counts.Invalid++
		}
		for _, f := range found[i] {
			t.find(row.Event, f)
		}
	}
	if x.Kind == "capture" && x.Refusal != "" && !x.Fault {
		t.counts.Unreadable++
		t.find("", dev.Finding{Rule: ruleRefused, Message: x.Refusal})
	}
}

var arrayIndex = regexp.MustCompile(`\[\d+\]`)

// find counts a finding; the caller holds the lock.
func (t *tally) find(event string, f dev.Finding) {
	kind := findingKind{event, arrayIndex.ReplaceAllString(f.Path, "[]"), f.Rule, f.Message}
	if known := t.findings[kind]; known != nil {
		known.count++
		return
	}
	if len(t.findings) == maxKinds {
		t.untold++
		return
	}
	pos := t.places.Of(event, f.Path)
	if pos.File == "" {
		pos.File = t.plan
	}
	t.findings[kind] = &tallied{count: 1, Finding: verify.Finding{
		File: pos.File, Place: eventfile.Place{Line: pos.Line, Col: pos.Col, Index: -1},
		Event: event, Path: kind.path, Rule: f.Rule, Message: f.Message,
	}}
}

// sorted returns the findings by their place in the plan.
func (t *tally) sorted() []*tallied {
	var all []*tallied
	for _, f := range t.findings {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *tallied) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			cmp.Compare(a.Event, b.Event), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return all
}
