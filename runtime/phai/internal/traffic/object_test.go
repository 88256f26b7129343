package traffic_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/phai/internal/traffic"
)

func TestObject(t *testing.T) {
	for _, tt := range []struct {
		in       string
		want     traffic.Request
		complete bool
	}{
		{`{}`, traffic.Request{}, true},
		{` { "model" : "m" } ` + "\n", traffic.Request{Model: "m"}, true},
		{`{"other":{"model":"n","a":["}\"]"]},"model":"m"}`, traffic.Request{Model: "m"}, true},
		{`{"mod\u0065l":"m"}`, traffic.Request{Model: "m"}, true},
		{`{"model":"m","stream":true,"n":2,"temperature":"hot"}`, traffic.Request{Model: "m", Stream: true, Parameters: traffic.Parameters{N: 2}}, true},
		{`{"model":5,"stream":"yes"}`, traffic.Request{}, true},
		{`{"model":"m","messages":[{"role":"user","content":"a}b"}]}`, traffic.Request{Model: "m", Input: json.RawMessage(`[{"role":"user","content":"a}b"}]`)}, true},
		{`{"model":"m","messages":[}`, traffic.Request{Model: "m"}, false},
		{`{"model":"m"`, traffic.Request{}, false},
		{`{"model":"m"}x`, traffic.Request{Model: "m"}, false},
		{`{"model"]}`, traffic.Request{}, false},
		{`["model"]`, traffic.Request{}, false},
		{``, traffic.Request{}, false},
		{`{"` + strings.Repeat("k", 100) + `":1,"model":"m"}`, traffic.Request{Model: "m"}, true},
	} {
		for _, step := range []int{1, 7, len(tt.in) + 1} {
			o := traffic.Chat.NewRequest(1<<10, true)
			for rest := tt.in; rest != ""; {
				n := min(step, len(rest))
				_, _ = o.Write([]byte(rest[:n]))
				rest = rest[n:]
			}
			if diff := cmp.Diff(traffic.Chat.Request(o), tt.want); diff != "" || o.Complete() != tt.complete {
				t.Errorf("%s by %d: complete is %v, want %v; (-got +want):\n%s", tt.in, step, o.Complete(), tt.complete, diff)
			}
		}
	}
}

// What is too large is left out and counted; the rest is read.
func TestObjectOmits(t *testing.T) {
	long := `"` + strings.Repeat("a", 1000) + `"`
	o := traffic.Embeddings.NewRequest(100, true)
	_, _ = o.Write([]byte(`{"input":` + long + `,"model":"m"}`))
	got := traffic.Embeddings.Request(o)
	if diff := cmp.Diff(got, traffic.Request{Model: "m", Omitted: int64(len(long))}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestRequest(t *testing.T) {
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	for _, tt := range []struct {
		api  traffic.API
		in   string
		want traffic.Request
	}{
		{traffic.Messages, `{"system":"be kind","messages":[{"role":"user","content":"hi"}]}`,
			traffic.Request{Input: raw(`[{"role":"system","content":"be kind"},{"role":"user","content":"hi"}]`)}},
		{traffic.Messages, `{"system":[{"type":"text","text":"be kind"}],"messages":[ ]}`,
			traffic.Request{Input: raw(`[{"role":"system","content":[{"type":"text","text":"be kind"}]} ]`)}},
		{traffic.Messages, `{"system":"be kind","stop_sequences":["x"]}`,
			traffic.Request{Input: raw(`[{"role":"system","content":"be kind"}]`), Parameters: traffic.Parameters{Stop: []string{"x"}}}},
		{traffic.Responses, `{"input":"hi","instructions":"be kind","tools":[{"type":"web_search"}]}`,
			traffic.Request{Input: raw(`[{"role":"user","content":"hi"}]`), Instructions: "be kind", Tools: raw(`[{"type":"web_search"}]`)}},
		{traffic.Responses, `{"input":null,"max_output_tokens":5}`, traffic.Request{Parameters: traffic.Parameters{MaxTokens: 5}}},
		{traffic.Chat, `{"temperature":0,"top_p":0.5,"stop":"x","messages":[],"max_completion_tokens":7}`,
			traffic.Request{Input: raw(`[]`), Parameters: traffic.Parameters{Temperature: new(float64), TopP: 0.5, Stop: []string{"x"}, MaxCompletion: 7}}},
		{traffic.Embeddings, `{"input":["a","b"],"dimensions":256}`,
			traffic.Request{Input: raw(`["a","b"]`)}},
	} {
		o := tt.api.NewRequest(1<<10, true)
		_, _ = o.Write([]byte(tt.in))
		if diff := cmp.Diff(tt.api.Request(o), tt.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tt.in, diff)
		}
		o = tt.api.NewRequest(1<<10, false)
		_, _ = o.Write([]byte(tt.in))
		if got := tt.api.Request(o); got.Input != nil || got.Instructions != "" || got.Parameters.Stop != nil {
			t.Errorf("%s: content was kept: %+v", tt.in, got)
		}
	}
}

func TestIsRequest(t *testing.T) {
	for in, want := range map[string]bool{
		`{"model":"m","messages":[]}`:          true,
		`{"model":"m","messages":[{"role":"us`: true, // not all of it was sent
		`{"messages":[]}`:                      false,
		`{"model":"m"}`:                        false,
		`{"model":"m","input":[]}`:             false,
		`[{"model":"m","messages":[]}]`:        false,
		`{"x":{"model":"m","messages":[]}}`:    false,
		`{"model":"m","messages":[]} and more`: false,
		`--boundary`:                           false,
		``:                                     false,
	} {
		o := traffic.Chat.NewRequest(1<<10, false)
		_, _ = o.Write([]byte(in))
		if got := traffic.Chat.IsRequest(o); got != want {
			t.Errorf("%s: got %v, want %v", in, got, want)
		}
	}
}
