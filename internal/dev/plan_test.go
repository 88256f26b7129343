package dev

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/coverage"
	"github.com/phgen/phgen/internal/sink"
)

const otherPlan = `phgen: 1
plan: {name: other, version: 2.0.0}
events:
  signed_up: {extra_properties: allow, status: deprecated, deprecated: gone}
  came: {}
`

func TestSetPlan(t *testing.T) {
	s := newStore(t)
	post(t, s, raw("signed_up", `{"source":"web"}`), raw("paid", `{}`), raw("came", `{}`), raw("$pageview", `{}`))
	run := s.Summary().Run
	s.SetPlan(parsePlan(t, otherPlan), "other.yaml", nil)
	var got []string
	for _, row := range s.Events(Filter{}).Rows {
		got = append(got, fmt.Sprintf("%s: %s: %s: %s", row.Event, row.Verdict, row.Finding, row.Deprecated))
	}
	want := []string{
		`signed_up: ok: : event "signed_up": gone`,
		`paid: unplanned: unplanned: not an event of the plan: `,
		`came: ok: : `,
		`$pageview: ok: : `,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	sum := s.Summary()
	if diff := cmp.Diff(PlanState{File: "other.yaml", Name: "other", Version: "2.0.0", Events: []string{"signed_up", "came"}, Revision: 2}, sum.Plan); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Counts{OK: 3, Unplanned: 1}, sum.Counts); diff != "" || sum.Deprecated != 1 || sum.Run != run {
		t.Errorf("%d deprecated, counts (-want +got):\n%s", sum.Deprecated, diff)
	}
	// Deprecated events are not to be used, so only one counts.
	if got := s.Coverage().Kinds[string(coverage.Event)]; got != (coverage.Share{Covered: 1, Of: 1}) {
		t.Errorf("coverage: got %+v, want 1 of 1", got)
	}

	s.SetPlan(nil, "other.yaml", errors.New("other.yaml:3:1: PH107: unknown key"))
	if got := s.Summary().Plan; got.Name != "other" || got.Error != "other.yaml:3:1: PH107: unknown key" {
		t.Errorf("got %+v, want the plan before and the error", got)
	}
	if rows := post(t, s, raw("paid", `{}`)); rows[0].Verdict != Unplanned {
		t.Errorf("got %+v, want the plan before to judge", rows)
	}
	s.SetPlan(nil, "", nil)
	if got := s.Summary(); got.Plan.File != "" || got.Plan.Error != "" || got.Counts.OK != 5 {
		t.Errorf("got %+v, want no plan and nothing against any event", got)
	}
}

// Plans come and go while events arrive: in the end all are judged by the last plan, and
// counted once.
func TestSetPlanWhileEventsArrive(t *testing.T) {
	const senders, requests = 4, 200
	s := newStore(t)
	x := exchange(t, moment, raw("signed_up", `{"source":"web"}`), raw("came", `{}`))
	var sent sync.WaitGroup
	for range senders {
		sent.Go(func() {
			for range requests {
				s.Add(x)
			}
		})
	}
	for i := range 20 {
		if i%2 == 0 {
			s.SetPlan(parsePlan(t, planText), "plan.yaml", nil)
		} else {
			s.SetPlan(parsePlan(t, otherPlan), "other.yaml", nil)
		}
	}
	sent.Wait()
	s.mu.Lock()
	seen := s.plan.covered.Seen
	s.mu.Unlock()
	sum := s.Summary()
	if sum.Counts != (Counts{OK: 2 * senders * requests}) || seen != 2*senders*requests || sum.Deprecated != senders*requests {
		t.Errorf("got %+v, %d deprecated and %d seen for coverage", sum.Counts, sum.Deprecated, seen)
	}
	for _, row := range s.Events(Filter{Limit: 10_000}).Rows {
		if row.Verdict != OK || (row.Deprecated != "") != (row.Event == "signed_up") {
			t.Fatalf("got %+v, want what the last plan says", row)
		}
	}
}

// What was judged by a plan that has gone meanwhile is not kept, but judged again.
func TestKeepOfAnotherPlan(t *testing.T) {
	s := newStore(t)
	x := exchange(t, moment, raw("paid", `{}`))
	p := s.current()
	in := arrive(x, x.Events[0])
	in.judgement, in.planning = p.assess(x.Events[0]), p.number
	s.SetPlan(parsePlan(t, otherPlan), "other.yaml", nil)
	if rows, ok := s.keep(p, x, []arrival{in}); ok || s.Summary().Last != 0 || s.Summary().Requests != 0 {
		t.Errorf("kept %+v", rows)
	}
}

func TestReset(t *testing.T) {
	s := newStore(t)
	post(t, s, raw("signed_up", `{"source":"web"}`))
	before := s.Summary()
	s.Reset()
	got := s.Summary()
	if got.Run == before.Run || got.Last != 0 || got.Kept != 0 || got.Counts != (Counts{}) || got.Requests != 0 || len(got.Names) != 0 || got.Plan.Name != "acme" {
		t.Errorf("got %+v", got)
	}
	if _, ok := s.Event(1); ok {
		t.Error("an event is left")
	}
	if got := s.Coverage().Total.Covered; got != 0 {
		t.Errorf("coverage: got %d, want 0", got)
	}
	if rows := post(t, s, raw("signed_up", `{"source":"web"}`)); rows[0].Seq != 1 || rows[0].Request != 1 {
		t.Errorf("got %+v, want numbers that begin anew", rows)
	}
}

func TestCoverage(t *testing.T) {
	s := NewStore(Config{Plan: parsePlan(t, planText), MaxEvents: 1})
	post(t, s, raw("signed_up", `{"source":"web","seats":1}`), raw("$pageview", `{}`)) // the first one is dropped
	got := s.Coverage()
	want := CoverageDoc{
		Total: coverage.Share{Covered: 4, Of: 14},
		Kinds: got.Kinds,
		Unused: []Unused{
			{Kind: "property", Name: "context.locale", Plan: "plan.yaml:10:5"},
			{Kind: "property", Name: "person.tier", Plan: "plan.yaml:13:5"},
			{Kind: "value", Name: "person.tier free", Plan: "plan.yaml:13:19"},
			{Kind: "value", Name: "person.tier pro", Plan: "plan.yaml:13:25"},
			{Kind: "property", Name: "person.born", Plan: "plan.yaml:14:5"},
			{Kind: "property", Name: "team.seats", Plan: "plan.yaml:16:23"},
			{Kind: "property", Name: "digest.ticket", Plan: "plan.yaml:19:27"},
			{Kind: "event", Name: "paid", Plan: "plan.yaml:29:3"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(coverage.Share{Covered: 1, Of: 2}, got.Kinds["event"]); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// A plan has a say in one property that the protocol v1 sends elsewhere.
func TestPersonlessEvents(t *testing.T) {
	const id = `"distinct_id":"u1","uuid":"0190c8a4-1111-7222-8333-444455556666","timestamp":"2026-01-02T03:04:05Z"`
	s := NewStore(Config{Plan: parsePlan(t, "phgen: 1\nplan: {name: x}\nevents:\n  probe: {person_profile: never}\n")})
	for _, tt := range []struct {
		path, raw string
		want      Verdict
	}{
		{"/batch/", `{"event":"probe",` + id + `,"properties":{"$process_person_profile":false}}`, OK},
		{"/batch/", `{"event":"probe",` + id + `,"properties":{}}`, Invalid},
		{"/i/v1/analytics/events", `{"event":"probe",` + id + `,"options":{"process_person_profile":false},"properties":{}}`, OK},
		{"/i/v1/analytics/events", `{"event":"probe",` + id + `,"options":{"process_person_profile":true},"properties":{}}`, Invalid},
		{"/i/v1/analytics/events", `{"event":"probe",` + id + `,"options":{},"properties":{"$process_person_profile":false}}`, OK},
	} {
		e, err := sink.ParseEvent(tt.path, json.RawMessage(tt.raw))
		if err != nil {
			t.Fatal(err)
		}
		row := s.Add(sink.Exchange{Request: sink.Request{Path: tt.path, Status: 200}, At: moment, Events: []sink.Event{e}})[0]
		d, _ := s.Event(row.Seq)
		if row.Verdict != tt.want || d.Verdict != tt.want || d.Path != tt.path {
			t.Errorf("%s %s: got %s, and %s in detail, want %s", tt.path, tt.raw, row.Verdict, d.Verdict, tt.want)
		}
	}
}

// BenchmarkSetPlan has another plan judge 100,000 events, and tells how long an event that
// comes meanwhile is held up at most.
func BenchmarkSetPlan(b *testing.B) {
	p := parsePlan(b, planText)
	s := NewStore(Config{Plan: p})
	flood(s, defaultMaxEvents)
	x := exchange(b, moment, raw("signed_up", `{"source":"web"}`))
	var longest time.Duration
	for b.Loop() {
		done := make(chan struct{})
		go func() { // ends when all were judged
			defer close(done)
			s.SetPlan(p, "plan.yaml", nil)
		}()
		for judging := true; judging; {
			start := time.Now()
			s.Add(x)
			longest = max(longest, time.Since(start))
			select {
			case <-done:
				judging = false
			case <-time.After(time.Millisecond):
			}
		}
	}
	b.ReportMetric(float64(longest)/float64(time.Millisecond), "ms-longest-Add")
}
