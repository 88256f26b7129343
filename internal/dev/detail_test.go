package dev

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// detail returns all that a new store has of one event.
func detail(t *testing.T, raw string) Detail {
	t.Helper()
	s := newStore(t)
	post(t, s, raw)
	d, ok := s.Event(1)
	if !ok {
		t.Fatalf("%s: not kept", raw)
	}
	return d
}

func TestDetail(t *testing.T) {
	text := `{"event":"signed_up","distinct_id":"u1","uuid":"0190C8A4111172228333444455556666","timestamp":"soon",` +
		`"properties":{"source":"fax","seat":3,"old_seats":1,"tier":1,"$set":{"tier":"gold"},"locale":"?","$lib":"web","$lib_version":"1.0"}}`
	got := detail(t, text)
	want := Detail{
		Row: Row{
			Seq: 1, At: moment, Event: "signed_up", Person: "u1", Verdict: Invalid,
			Finding: "seat: extra_properties: not in the plan", Findings: 5,
			Deprecated: `value "fax" of "source": use web (and 1 more)`, Bytes: len(text), Request: 1,
		},
		UUID: "0190c8a4-1111-7222-8333-444455556666", Timestamp: "soon", Path: "/batch/", SDK: "web/1.0",
		Raw: json.RawMessage(text),
		All: []Finding{
			{Path: "seat", Rule: "extra_properties", Message: `not in the plan; did you mean "seats"?`, Plan: "plan.yaml:21:3"},
			{Path: "tier", Rule: "extra_properties", Message: `not in the plan`, Plan: "plan.yaml:21:3"},
			{Path: "locale", Rule: "type", Message: "no locale", Plan: "plan.yaml:10:5"},
			{Path: "$set.tier", Rule: "enum", Message: "not one of the values", Plan: "plan.yaml:13:5"},
			{Rule: "protocol", Message: "timestamp is unreadable"},
		},
		Plan: "plan.yaml:21:3",
		Planned: []Planned{
			{Key: "source", Type: "Source", Required: true, Plan: "plan.yaml:26:7", Sent: true, Valid: true},
			{Key: "seats", Type: "int", Description: "Seats taken", Plan: "plan.yaml:27:7", Valid: true},
			{Key: "old_seats", Type: "int", Deprecated: `use "seats"`, Plan: "plan.yaml:28:7", Sent: true, Valid: true},
			{Key: "locale", Type: "locale", Plan: "plan.yaml:10:5", Sent: true},
			{Key: "$set.tier", Type: "one of free, pro", Plan: "plan.yaml:13:5", Sent: true},
		},
		Snippet: "# below the event's properties:\n      seat: int\n      tier: int\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDetailOfOtherEvents(t *testing.T) {
	for _, tt := range []struct {
		raw  string
		want Detail
	}{
		{
			raw("payed", `{"count":1}`),
			Detail{
				All:     []Finding{{Rule: "unplanned", Message: `not an event of the plan; did you mean "paid"?`}},
				Snippet: "# below events:\n  payed:\n    properties:\n      count: int\n",
			},
		},
		{
			raw("paid", `{"total":1.5,"total_currency":"JPY","notes":["a"]}`),
			Detail{
				All: []Finding{
					{Path: "total", Rule: "type", Message: "more than the 0 decimals of its currency", Plan: "plan.yaml:32:7"},
					{Path: "$groups.team", Rule: "group", Message: "missing", Plan: "plan.yaml:16:3"},
				},
				Plan: "plan.yaml:29:3",
				Planned: []Planned{
					{Key: "total", Type: "money", Required: true, Plan: "plan.yaml:32:7", Sent: true},
					{Key: "notes", Type: "array of string", Plan: "plan.yaml:33:7", Sent: true, Valid: true},
					{Key: "locale", Type: "locale", Plan: "plan.yaml:10:5", Valid: true},
					{Key: "$groups.team", Type: "group", Required: true, Plan: "plan.yaml:16:3"},
				},
			},
		},
		{
			raw("$identify", `{"$set":{"tier":"pro","age":7},"$set_once":{"from":"web"}}`),
			Detail{
				All: []Finding{
					{Path: "$set.age", Rule: "person", Message: "not in the plan"},
					{Path: "$set_once.from", Rule: "person", Message: "not in the plan"},
				},
				Planned: []Planned{
					{Key: "$set.tier", Type: "one of free, pro", Plan: "plan.yaml:13:5", Sent: true, Valid: true},
					{Key: "$set_once.born", Type: "date", Plan: "plan.yaml:14:5", Valid: true},
				},
				Snippet: "# below person: properties:\n    age: int\n    from:\n      type: string\n      write: set_once\n",
			},
		},
		{
			raw("$groupidentify", `{"$group_type":"team","$group_key":"t1","$group_set":{"seats":1,"name":"Acme"}}`),
			Detail{
				All:     []Finding{{Path: "$group_set.name", Rule: "extra_properties", Message: "not in the plan"}},
				Planned: []Planned{{Key: "$group_set.seats", Type: "int", Plan: "plan.yaml:16:23", Sent: true, Valid: true}},
				Snippet: "# below the group's properties:\n      name: string\n",
			},
		},
		{
			raw("$ai_generation", `{"ai_feature":"digest","ticket":1}`),
			Detail{
				All: []Finding{{Path: "ticket", Rule: "type", Message: "no string", Plan: "plan.yaml:19:27"}},
				Planned: []Planned{
					{Key: "ticket", Type: "string", Required: true, Plan: "plan.yaml:19:27", Sent: true},
					{Key: "locale", Type: "locale", Plan: "plan.yaml:10:5", Valid: true},
				},
			},
		},
		{raw("$pageview", `{"x":1}`), Detail{}},
	} {
		got := detail(t, tt.raw)
		if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Detail{}, "Row", "Raw", "Path")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.raw, diff)
		}
	}
}

// Without a plan there is nothing to break but the protocol.
func TestDetailWithoutAPlan(t *testing.T) {
	s := NewStore(Config{})
	rows := post(t, s, raw("anything", `{"x":1}`), `{"event":"x","distinct_id":"u1","timestamp":"soon"}`)
	if rows[0].Verdict != OK || rows[1].Verdict != Invalid || rows[1].Finding != "protocol: timestamp is unreadable" {
		t.Errorf("got %+v, want ok and invalid", rows)
	}
	d, ok := s.Event(1)
	if !ok || d.Planned != nil || d.Snippet != "" || d.All != nil {
		t.Errorf("got %+v", d)
	}
	if _, ok := s.Event(3); ok {
		t.Error("got an event that never was")
	}
	if got := s.Coverage(); got.Total.Of != 0 || got.Kinds == nil || got.Unused == nil {
		t.Errorf("got %+v, want an empty coverage", got)
	}
	if got := s.Summary().Plan; got.File != "" || got.Error != "" {
		t.Errorf("got %+v, want no plan", got)
	}
	s.SetPlan(nil, "plan.yaml", errors.New("plan.yaml:1:1: PH101: empty"))
	if got := s.Summary().Plan; got.File != "" || got.Error != "plan.yaml:1:1: PH101: empty" {
		t.Errorf("got %+v, want the error", got)
	}
}

// A finding never holds a value of the event, whoever made it.
func TestProtocolFinding(t *testing.T) {
	for problem, want := range map[string]Finding{
		`key "properties.a.b" is written twice`:                        {Path: "a.b", Rule: "protocol", Message: "is written twice"},
		`key "event" is written twice`:                                 {Path: "event", Rule: "protocol", Message: "is written twice"},
		`timestamp "se\"cret" is unreadable`:                           {Rule: "protocol", Message: "timestamp is unreadable"},
		`distinct_id "guest" is a placeholder: no person is processed`: {Rule: "protocol", Message: "distinct_id is a placeholder: no person is processed"},
		`distinct_id is longer than 200 characters`:                    {Rule: "protocol", Message: "distinct_id is longer than 200 characters"},
		`timestamp "2027-01-01T00:00:00Z" is more than 23 hours ahead`: {Rule: "protocol", Message: "timestamp is more than 23 hours ahead"},
	} {
		if diff := cmp.Diff(want, protocolFinding(problem)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", problem, diff)
		}
	}
}
