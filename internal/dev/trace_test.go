package dev

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// ai is an event of trace t1, given what it has besides.
func ai(name, more string) string {
	return raw(name, `{"$ai_trace_id":"t1"`+more+`}`)
}

// outline writes trees as "id(child child)".
func outline(nodes []TraceNode) string {
	var texts []string
	for _, n := range nodes {
		text := n.ID
		if text == "" {
			text = strings.TrimPrefix(n.Event, "$ai_")
		}
		if len(n.Nodes) > 0 {
			text += "(" + outline(n.Nodes) + ")"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func TestTraceTree(t *testing.T) {
	span := func(id, parent string) string {
		return ai("$ai_span", fmt.Sprintf(`,"$ai_span_id":%q,"$ai_parent_id":%q`, id, parent))
	}
	for _, tt := range []struct {
		raws []string
		want string
	}{
		{[]string{span("a", ""), span("b", "a"), span("c", "a"), span("d", "b")}, "a(b(d) c)"},
		{[]string{span("d", "b"), span("b", "a"), span("a", "t1"), ai("$ai_trace", "")}, "t1(a(b(d)))"}, // children come first
		{[]string{span("a", ""), ai("$ai_metric", ""), ai("$ai_trace", "")}, "t1(a metric)"},
		{[]string{span("a", "gone"), span("b", "a")}, "a(b)"},
		{[]string{ai("$ai_trace", ""), span("a", "gone")}, "t1(a)"},
		{[]string{ai("$ai_trace", `,"$ai_span_id":"root"`), span("a", "root"), span("b", "t1")}, "root(a b)"},
		{[]string{span("a", "a")}, "a"},
		{[]string{span("a", "b"), span("b", "a")}, "a(b)"},
		{[]string{span("a", "b"), span("b", "c"), span("c", "d"), span("d", "b")}, "b(a d(c))"}, // a leads into a circle
		{[]string{span("a", ""), span("a", ""), span("b", "a")}, "a(b) a"},                      // one was sent twice
		{[]string{ai("$ai_trace", ""), ai("$ai_trace", "")}, "t1(t1)"},
		{[]string{ai("$ai_generation", `,"$ai_generation_id":"g"`), span("a", "g")}, "g(a)"},
	} {
		s := NewStore(Config{})
		post(t, s, tt.raws...)
		nodes, ok := s.Trace("t1")
		if got := outline(nodes); got != tt.want || !ok {
			t.Errorf("%s:\ngot %s, want %s", strings.Join(tt.raws, "\n"), got, tt.want)
		}
	}
}

func TestTraceNode(t *testing.T) {
	s := NewStore(Config{})
	rows := post(t, s,
		ai("$ai_generation", `,"$ai_span_id":"s","$ai_model":"m-1","$ai_latency":1.5,"$ai_input_tokens":10,"$ai_output_tokens":2.0,"$ai_input_cost_usd":0.25,"$ai_output_cost_usd":0.5,"$ai_is_error":true`),
		ai("$ai_span", `,"$ai_span_name":"search","$ai_parent_id":"s","$ai_latency":"long","$ai_input_tokens":1e300,"$ai_total_cost_usd":1e308,"$ai_input_cost_usd":1`),
		ai("$ai_embedding", `,"$ai_input_cost_usd":1e308,"$ai_output_cost_usd":1e308,"$ai_is_error":"yes"`),
	)
	want := []TraceNode{
		{
			Row: rows[0], ID: "s", Name: "m-1", Latency: 1.5, Tokens: [2]int64{10, 2}, Cost: 0.75, Failed: true,
			Nodes: []TraceNode{{Row: rows[1], Parent: "s", Name: "search", Cost: 1e308}},
		},
		{Row: rows[2]},
	}
	got, _ := s.Trace("t1")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
}

func TestTraces(t *testing.T) {
	s := NewStore(Config{MaxEvents: 5})
	post(t, s, ai("$ai_span", ""), ai("$ai_generation", `,"$ai_is_error":true`), raw("$ai_span", `{}`), raw("other", `{"$ai_trace_id":"t9"}`))
	s.Add(exchange(t, moment.Add(time.Second), ai("$ai_trace", `,"$ai_span_name":"Summary"`), raw("$ai_span", `{"$ai_trace_id":"t2","$ai_trace_name":"Other"}`)))
	want := []TraceRow{
		{ID: "t2", Name: "Other", At: moment.Add(time.Second), Events: 1},
		{ID: "t1", Name: "Summary", At: moment, Events: 2, Errors: 1}, // its first event is gone
	}
	if diff := cmp.Diff(want, s.Traces()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, id := range []string{"", "t9", "none"} {
		if nodes, ok := s.Trace(id); ok || nodes != nil {
			t.Errorf("%q: got %+v", id, nodes)
		}
	}
	if got := NewStore(Config{}).Traces(); got == nil || len(got) > 0 {
		t.Errorf("of none: got %v, want an empty list", got)
	}
}

// Whoever names whom as parent, every event is in the forest once, and none too deep.
func TestTraceHoldsAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(rt, "n")
		chain := rapid.Bool().Draw(rt, "chain")
		id := rapid.IntRange(0, n)
		var raws []string
		for i := range n {
			self, parent := id.Draw(rt, "id"), id.Draw(rt, "parent")
			if chain {
				self, parent = i, i-1
			}
			name := rapid.SampledFrom([]string{"$ai_span", "$ai_span", "$ai_generation", "$ai_trace"}).Draw(rt, "name")
			raws = append(raws, ai(name, fmt.Sprintf(`,"$ai_span_id":"%d","$ai_parent_id":"%d"`, self, parent)))
		}
		s := NewStore(Config{})
		s.Add(exchange(rt, moment, raws...))
		nodes, _ := s.Trace("t1")
		seen := map[uint64]bool{}
		var walk func(nodes []TraceNode, level int)
		walk = func(nodes []TraceNode, level int) {
			for _, node := range nodes {
				if seen[node.Seq] || level > maxDeep {
					rt.Fatalf("event %d is there twice, or on level %d", node.Seq, level)
				}
				seen[node.Seq] = true
				walk(node.Nodes, level+1)
			}
		}
		walk(nodes, 1)
		if len(seen) != n {
			rt.Fatalf("got %d events, want %d", len(seen), n)
		}
	})
}
