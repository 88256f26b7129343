package dev

import (
	"encoding/json"
	"io"
	"testing"

	"github.com/phgen/phgen/internal/sink"
)

// Whatever event the sink takes, everything that is asked about it can be answered, in JSON.
func FuzzStore(f *testing.F) {
	p := parsePlan(f, planText)
	for _, text := range []string{
		raw("paid", `{"total":{},"notes":[[]],"$groups":[],"$set":1,"a.b":{},"notes[0]":1}`),
		raw("signed_up", `{"source":"fax","seats":1e999,"tier":null,"$set":{"tier":[],"x":{"":1}},"$context_tags":[1,{}]}`),
		raw("came \u2028", `{"":{"a":[{"b":[null,{}]}]},"yes":1,"\"":2,"distinct_id":{}}`),
		ai("$ai_span", `,"$ai_span_id":1,"$ai_parent_id":"t1","$ai_latency":-1e308,"$ai_total_cost_usd":"x"`),
		ai("$ai_trace", `,"$ai_span_name":{},"ai_feature":"digest"`),
		raw("$groupidentify", `{"$group_type":"team","$group_key":[],"$group_set":{"seats":"x","y":1}}`),
	} {
		f.Add(text, "/batch/")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		e, err := sink.ParseEvent(path, json.RawMessage(text))
		if err != nil {
			return
		}
		s := NewStore(Config{Plan: p, PlanFile: "plan.yaml"})
		row := s.Add(sink.Exchange{Request: sink.Request{Path: path, Status: 200}, At: moment, Events: []sink.Event{e}})[0]
		d, ok := s.Event(row.Seq)
		if !ok || d.Verdict != row.Verdict || d.Findings != row.Findings || len(d.All) != row.Findings || (row.Verdict == OK) != (row.Findings == 0) {
			t.Errorf("%s: got row %+v, and in detail %+v", text, row, d)
		}
		trees, _ := s.Trace("t1")
		for _, answer := range []any{d, s.Events(Filter{Text: text}), s.Summary(), s.Coverage(), s.Traces(), trees, s.Requests(0, 0)} {
			if _, err := json.Marshal(answer); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
		if err := s.Export(io.Discard, Filter{}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		s.SetPlan(p, "plan.yaml", nil)
		if again := s.Events(Filter{}).Rows[0]; again.Verdict != row.Verdict || again.Finding != row.Finding {
			t.Errorf("%s: got %+v, and judged anew %+v", text, row, again)
		}
	})
}
