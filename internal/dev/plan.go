package dev

import (
	"fmt"
	"maps"
	"sync"

	"github.com/phgen/phgen/internal/coverage"
	"github.com/phgen/phgen/internal/judge"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/internal/typo"
	"github.com/phgen/phgen/schema"
)

// rules are a plan made ready to judge events. Without a schema.Plan every event is as
// planned. They never change.
type rules struct {
	*schema.Plan
	file    string
	judge   *judge.Judge
	places  *judge.Places
	old     *deprecations
	events  map[string]*schema.Event
	names   []string        // of events
	context map[string]bool // keys of context properties
}

func newRules(p *schema.Plan, file string) *rules {
	if p == nil {
		return &rules{}
	}
	r := &rules{
		Plan: p, file: file, judge: judge.New(p), places: judge.NewPlaces(p), old: newDeprecations(p),
		events: make(map[string]*schema.Event, len(p.Events)), context: map[string]bool{},
	}
	for _, e := range p.Events {
		r.events[e.Name] = e
		r.names = append(r.names, e.Name)
	}
	for _, c := range p.Context {
		r.context[c.Key] = true
		if c.Type.Kind == schema.Money {
			r.context[c.MoneyKeys[0]], r.context[c.MoneyKeys[1]] = true, true
		}
	}
	return r
}

// A plan judges events and counts what they cover. It is safe for concurrent use.
type plan struct {
	*rules
	number uint64 // grows from plan to plan

	mu      sync.Mutex // guards what follows
	covered *coverage.Coverage
	near    map[string]string // names of unplanned events to those that may be meant
}

// begin returns a plan that has judged nothing.
func (r *rules) begin(number uint64) *plan {
	p := &plan{rules: r, number: number, near: map[string]string{}}
	if r.Plan != nil {
		p.covered = coverage.New(r.Plan)
	}
	return p
}

// A judgement is what a plan says of an event.
type judgement struct {
	verdict    Verdict
	findings   []Finding
	deprecated string
}

// first says the first finding on one line.
func (j judgement) first() string {
	if len(j.findings) == 0 {
		return ""
	}
	return cut(j.findings[0].String(), maxText)
}

// String says it on one line.
func (f Finding) String() string {
	if f.Path == "" {
		return f.Rule + ": " + f.Message
	}
	return f.Path + ": " + f.Rule + ": " + f.Message
}

// assess judges an event. The findings have no places in the plan.
func (p *plan) assess(e sink.Event) judgement {
	j := judgement{verdict: OK}
	if p.Plan != nil {
		properties := wholeProperties(e)
		verdict := p.judge.Judge(e.Name, properties)
		switch {
		case verdict.Unplanned:
			j.verdict = Unplanned
			j.findings = []Finding{{Rule: unplannedRule, Message: "not an event of the plan" + p.didYouMean(e.Name)}}
		case !verdict.OK:
			j.verdict = Invalid
			j.findings = make([]Finding, 0, len(verdict.Problems)+len(e.Problems))
			for _, problem := range verdict.Problems {
				j.findings = append(j.findings, Finding{Path: problem.Path, Rule: problem.Rule, Message: problem.Message})
			}
		}
		j.deprecated = p.old.used(e.Name, properties)
	}
	for _, problem := range e.Problems {
		j.findings = append(j.findings, protocolFinding(problem))
		if j.verdict == OK {
			j.verdict = Invalid // the server loses something of it
		}
	}
	return j
}

// wholeProperties are the properties with the only one among those that v1 sends elsewhere
// on which a plan has a say.
func wholeProperties(e sink.Event) map[string]any {
	profile, lifted := e.Options["process_person_profile"]
	if !lifted {
		return e.Properties
	}
	whole := make(map[string]any, len(e.Properties)+1)
	maps.Copy(whole, e.Properties)
	whole["$process_person_profile"] = profile
	return whole
}

// maxNear bounds the names for which the one meant is remembered: looking for it takes a
// walk through the plan.
const maxNear = 1_000

func (p *plan) didYouMean(name string) string {
	p.mu.Lock()
	near, known := p.near[name]
	full := len(p.near) >= maxNear
	p.mu.Unlock()
	if !known && !full && len(name) <= maxName {
		near = typo.Nearest(name, p.names)
		p.mu.Lock()
		p.near[name] = near
		p.mu.Unlock()
	}
	return meant(near)
}

func meant(near string) string {
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}

// cover counts what events use of the plan.
func (p *plan) cover(events []sink.Event) {
	if p.Plan == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		p.covered.Add(e.Name, e.Properties)
	}
}

// coverage tells what events have used of the plan.
func (p *plan) coverage() CoverageDoc {
	doc := CoverageDoc{Kinds: map[string]coverage.Share{}, Unused: []Unused{}}
	if p.Plan == nil {
		return doc
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	doc.Total = p.covered.Total()
	for _, kind := range coverage.Kinds() {
		doc.Kinds[string(kind)] = p.covered.Share(kind)
	}
	for _, item := range p.covered.Uncovered() {
		doc.Unused = append(doc.Unused, Unused{Kind: string(item.Kind), Name: item.Name, Owner: item.Owner, Plan: item.Pos.String()})
	}
	return doc
}

// state tells which plan it is.
func (p *plan) state() PlanState {
	if p.Plan == nil {
		return PlanState{}
	}
	return PlanState{File: p.file, Name: p.Name, Version: p.Version, Events: p.names}
}
