package dev

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/schema"
)

const planText = `phgen: 1
plan: {name: acme, version: 1.2.0}
types:
  Source:
    enum:
      web: Created on the web
      fax: {description: On paper, deprecated: use web}
context:
  properties:
    locale: locale
person:
  properties:
    tier: {enum: [free, pro]}
    born: {type: date, write: set_once}
groups:
  team: {properties: {seats: int}}
ai:
  features:
    digest: {properties: {ticket: string!}}
events:
  signed_up:
    description: Somebody came.
    owner: growth
    person: [tier]
    properties:
      source: Source!
      seats: {type: int, min: 1, description: Seats taken}
      old_seats: {type: int, deprecated: {use: seats}}
  paid:
    groups: [team!]
    properties:
      total: {type: money, required: true}
      notes: [string]
  left: {status: deprecated, deprecated: {use: paid}}
owners: {growth: {}}
`

func parsePlan(t testing.TB, text string) *schema.Plan {
	t.Helper()
	p, found := schema.Parse("plan.yaml", []byte(text))
	if p == nil {
		t.Fatal(found)
	}
	return p
}

func newStore(t testing.TB) *Store {
	t.Helper()
	return NewStore(Config{Plan: parsePlan(t, planText), PlanFile: "plan.yaml"})
}

var moment = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// raw is an event of person u1 as a library sends it.
func raw(name, properties string) string {
	return fmt.Sprintf(`{"event":%q,"distinct_id":"u1","properties":%s}`, name, properties)
}

// post gives the store a request with events, as a sink that took them would.
func post(t testing.TB, s *Store, raws ...string) []Row {
	t.Helper()
	return s.Add(exchange(t, moment, raws...))
}

func exchange(t fataler, at time.Time, raws ...string) sink.Exchange {
	x := sink.Exchange{Request: sink.Request{Path: "/batch/", Status: 200}, Method: "POST", At: at, Kind: "capture"}
	for _, raw := range raws {
		e, err := sink.ParseEvent("/batch/", json.RawMessage(raw))
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		x.Events = append(x.Events, e)
	}
	return x
}

func TestAdd(t *testing.T) {
	s := newStore(t)
	got := post(t, s,
		raw("signed_up", `{"source":"web"}`),
		raw("signed_up", `{"source":"fax","seats":0,"color":"red"}`),
		raw("sined_up", `{}`),
		raw("$pageview", `{}`),
		raw("left", `{"$lib":"posthog-js","$lib_version":"1.2.3"}`),
		`{"event":"signed_up","distinct_id":7,"timestamp":"yesterday","properties":{"source":"web","source":"web"}}`,
	)
	want := []Row{
		{Seq: 1, Event: "signed_up", Verdict: OK},
		{Seq: 2, Event: "signed_up", Verdict: Invalid, Finding: "seats: min: below 1", Findings: 2, Deprecated: `value "fax" of "source": use web`},
		{Seq: 3, Event: "sined_up", Verdict: Unplanned, Finding: `unplanned: not an event of the plan; did you mean "signed_up"?`, Findings: 1},
		{Seq: 4, Event: "$pageview", Verdict: OK},
		{Seq: 5, Event: "left", Verdict: OK, Deprecated: `event "left": use "paid"`},
		{Seq: 6, Event: "signed_up", Person: "7", Verdict: Invalid, Finding: "source: protocol: is written twice", Findings: 2},
	}
	sizes := []int{73, 94, 57, 58, 104, 105}
	for i := range want {
		want[i].At, want[i].Request = moment, 1
		if want[i].Person == "" {
			want[i].Person = "u1"
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Row{}, "Bytes")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for i, row := range got {
		if row.Bytes != sizes[i] {
			t.Logf("row %d has %d bytes", i, row.Bytes)
		}
	}
	page := s.Events(Filter{})
	if diff := cmp.Diff(got, page.Rows); diff != "" || page.More || page.Last != 6 {
		t.Errorf("page %+v (-want +got):\n%s", page, diff)
	}
}

// What the store keeps is its own: the sink's buffers are used again.
func TestAddCopies(t *testing.T) {
	s := newStore(t)
	x := exchange(t, moment, raw("signed_up", `{"source":"web"}`))
	want := string(x.Events[0].Raw)
	s.Add(x)
	clear(x.Events[0].Raw)
	d, ok := s.Event(1)
	if !ok || string(d.Raw) != want {
		t.Errorf("got %s, want %s", d.Raw, want)
	}
}

// Numbers that no event has yet are behind all and before none.
func TestEventsAtTheEnds(t *testing.T) {
	s := newStore(t)
	post(t, s, raw("paid", `{}`), raw("paid", `{}`))
	for _, tt := range []struct {
		filter Filter
		want   []uint64
	}{
		{Filter{Since: 2}, []uint64{}},
		{Filter{Since: math.MaxUint64}, []uint64{}},
		{Filter{Before: math.MaxUint64}, []uint64{1, 2}},
		{Filter{Before: 1}, []uint64{}},
		{Filter{Since: 1, Before: 1}, []uint64{}},
		{Filter{Limit: -1}, []uint64{1, 2}},
	} {
		page := s.Events(tt.filter)
		if diff := cmp.Diff(tt.want, seqs(page.Rows)); diff != "" || page.More || page.Last != 2 {
			t.Errorf("%+v: got %+v (-want +got):\n%s", tt.filter, page, diff)
		}
	}
}

// The names of events that nobody planned are not remembered without end.
func TestSuggestionsAreBounded(t *testing.T) {
	s := newStore(t)
	for i := range 2 * maxNear {
		post(t, s, raw(fmt.Sprintf("sined_up%d", i), `{}`))
	}
	if got := len(s.plan.near); got != maxNear {
		t.Errorf("remembers %d names, want %d", got, maxNear)
	}
}

func BenchmarkAdd(b *testing.B) {
	p, found, err := schema.Load("../../examples/tracking-plan.yaml")
	if p == nil {
		b.Fatal(found, err)
	}
	x := exchange(b, moment, exampleEvents...)
	for len(x.Events) < 100 {
		x.Events = append(x.Events, x.Events...)
	}
	x.Events = x.Events[:100]
	s := NewStore(Config{Plan: p})
	b.ReportAllocs()
	for b.Loop() {
		s.Add(x)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/100, "µs/event")
}

// exampleEvents are as planned, and of the size of everyday's.
var exampleEvents = []string{
	raw("order_completed", `{"order_id":"o1","price":49.99,"currency":"USD","items":[{"sku":"ABC-12","quantity":1,"unit_price":4.99,"unit_price_currency":"USD"},`+
		`{"sku":"ABC-13","quantity":2,"unit_price":4.99,"unit_price_currency":"USD"}],"payment":{"kind":"card","brand":"visa"},"paid_at":"2026-01-02T03:04:05.006Z",`+
		`"$lib":"phgen-go","$lib_version":"1.0.0","$os":"linux","$go_version":"go1.26","$groups":{"organization":"org_7"},"$feature/new-checkout":"one-page"}`),
	raw("project_created", `{"project_id":"0190c8a4-1111-7222-8333-444455556666","name":"Acme","source":"web","channel":"server","members":3,"labels":["a","b"],`+
		`"$groups":{"organization":"org_7"},"$lib":"phgen-go","$lib_version":"1.0.0","$os":"linux","$go_version":"go1.26","locale":"de-DE","$context_tags":["locale"],`+
		`"settings":{"theme":"dark","padding":"`+strings.Repeat("x", 600)+`"}}`),
}

func TestExport(t *testing.T) {
	s := newStore(t)
	post(t, s, raw("signed_up", `{"source":"web"}`), "{\"event\": \"paid\",\n \"distinct_id\":\"u1\"}", raw("signed_up", `{"source":"fax"}`))
	for _, tt := range []struct {
		filter Filter
		want   string
	}{
		{Filter{}, raw("signed_up", `{"source":"web"}`) + "\n" + `{"event":"paid","distinct_id":"u1"}` + "\n" + raw("signed_up", `{"source":"fax"}`) + "\n"},
		{Filter{Event: "signed_up", Limit: 1}, raw("signed_up", `{"source":"fax"}`) + "\n"},
		{Filter{Limit: 2}, `{"event":"paid","distinct_id":"u1"}` + "\n" + raw("signed_up", `{"source":"fax"}`) + "\n"},
		{Filter{Event: "nobody"}, ""},
	} {
		var got bytes.Buffer
		if err := s.Export(&got, tt.filter); err != nil || got.String() != tt.want {
			t.Errorf("%+v: got %q and %v, want %q", tt.filter, got.String(), err, tt.want)
		}
	}
}

// A fataler is a test of either kind.
type fataler interface {
	Fatalf(format string, args ...any)
}
