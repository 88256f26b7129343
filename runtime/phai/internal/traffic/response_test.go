package traffic_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/phai/internal/traffic"
)

func TestResponse(t *testing.T) {
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	for _, tt := range []struct {
		name string
		api  traffic.API
		in   string
		want string // as JSON
	}{
		{"chat", traffic.Chat, `{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],
			"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":5},"completion_tokens_details":{"reasoning_tokens":2}}}`,
			`{"ID":"c1","Model":"m","StopReason":"stop","Output":[{"role":"assistant","content":"hi"}],` +
				`"Usage":{"Input":9,"Output":4,"Total":13,"CacheRead":5,"CacheWrite":0,"CacheWrite5m":0,"CacheWrite1h":0,"Reasoning":2,"WebSearches":0},` +
				`"Failure":null,"Complete":true,"Malformed":false,"Omitted":0}`},
		{"responses", traffic.Responses, `{"id":"r1","model":"m","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"error":null,
			"output":[{"type":"reasoning","id":"x"},{"type":"message","content":[{"type":"output_text","text":"hi"},{"type":"refusal","refusal":"no"}]},
			{"type":"function_call","call_id":"f1","name":"add","arguments":"{}"}],"usage":{"input_tokens":1,"output_tokens":2}}`,
			`{"ID":"r1","Model":"m","StopReason":"max_output_tokens","Output":[{"role":"assistant","content":[{"type":"reasoning","id":"x"},{"type":"text","text":"hi"},` +
				`{"type":"refusal","refusal":"no"},{"type":"function","id":"f1","function":{"name":"add","arguments":"{}"}}]}],` +
				`"Usage":{"Input":1,"Output":2,"Total":0,"CacheRead":0,"CacheWrite":0,"CacheWrite5m":0,"CacheWrite1h":0,"Reasoning":0,"WebSearches":0},` +
				`"Failure":null,"Complete":true,"Malformed":false,"Omitted":0}`},
		{"messages", traffic.Messages, `{"id":"msg1","model":"m","role":"assistant","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn",
			"usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":3,"cache_creation_input_tokens":9,
			"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":5},"server_tool_use":{"web_search_requests":6}}}`,
			`{"ID":"msg1","Model":"m","StopReason":"end_turn","Output":[{"role":"assistant","content":[{"type":"text","text":"hi"}]}],` +
				`"Usage":{"Input":1,"Output":2,"Total":0,"CacheRead":3,"CacheWrite":9,"CacheWrite5m":4,"CacheWrite1h":5,"Reasoning":0,"WebSearches":6},` +
				`"Failure":null,"Complete":true,"Malformed":false,"Omitted":0}`},
		{"embeddings", traffic.Embeddings, `{"object":"list","data":[{"embedding":[0.1,0.2]}],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8}}`,
			`{"ID":"","Model":"m","StopReason":"","Output":null,` +
				`"Usage":{"Input":8,"Output":0,"Total":8,"CacheRead":0,"CacheWrite":0,"CacheWrite5m":0,"CacheWrite1h":0,"Reasoning":0,"WebSearches":0},` +
				`"Failure":null,"Complete":true,"Malformed":false,"Omitted":0}`},
		{"another page", traffic.Chat, `{"hello":"world"}`, string(encoded(t, traffic.Response{Complete: true, Malformed: true}))},
		{"no JSON", traffic.Chat, `<html>`, string(encoded(t, traffic.Response{Malformed: true}))},
		{"failed", traffic.Responses, `{"status":"failed","error":{"code":"server_error","message":"oops"},"output":[]}`,
			string(encoded(t, traffic.Response{StopReason: "failed", Complete: true, Failure: &traffic.Failure{Type: "server_error", Message: "oops"}}))},
		{"negative", traffic.Chat, `{"choices":[],"usage":{"prompt_tokens":-5,"completion_tokens":"many"}}`, string(encoded(t, traffic.Response{Complete: true}))},
	} {
		o := tt.api.NewResponse(1 << 12)
		_, _ = o.Write([]byte(tt.in))
		got := tt.api.Response(o, true)
		if diff := cmp.Diff(string(encoded(t, got)), string(encoded(t, raw(tt.want)))); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tt.name, diff)
		}
		if got := tt.api.Response(o, false); got.Output != nil {
			t.Errorf("%s: content was kept: %+v", tt.name, got)
		}
	}
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadFailure(t *testing.T) {
	for in, want := range map[string]traffic.Failure{
		`{"error":{"message":"slow down","type":"rate_limit_error","code":null}}`:       {Type: "rate_limit_error", Message: "slow down"},
		`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`:   {Type: "overloaded_error", Message: "Overloaded"},
		`{"error":{"message":"x","type":"you said: secret","code":"context_too_long"}}`: {Type: "context_too_long", Message: "x"},
		`{"error":"model not found"}`: {Message: "model not found"},
		`{"message":"gone"}`:          {Message: "gone"},
		`{"error":{"code":404}}`:      {},
		`{"error":null}`:              {},
		`busy`:                        {},
	} {
		o := traffic.NewFailure(1 << 10)
		_, _ = o.Write([]byte(in))
		if diff := cmp.Diff(*traffic.ReadFailure(o), want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", in, diff)
		}
	}
}
