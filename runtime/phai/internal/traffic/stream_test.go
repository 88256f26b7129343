package traffic_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/phai/internal/traffic"
)

// events writes each datum as an event.
func events(data ...string) string {
	return "data: " + strings.Join(data, "\n\ndata: ") + "\n\n"
}

var streams = []struct {
	name     string
	api      traffic.API
	in       string
	output   string
	stop     string
	usage    traffic.Usage
	complete bool
	failure  string // its type
}{
	{
		name: "chat", api: traffic.Chat,
		in: events(`{"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`,
			`{"choices":[{"index":0,"delta":{"content":"Hel"}}]}`,
			`{"choices":[{"index":0,"delta":{"content":"lo"}}]}`,
			`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
			`{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}`, `[DONE]`),
		output: `[{"role":"assistant","content":"Hello"}]`, stop: "stop", complete: true, usage: traffic.Usage{Input: 3, Output: 2},
	},
	{
		name: "chat with tools", api: traffic.Chat,
		in: events(`{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"add","arguments":""}}]}}]}`,
			`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}}]}`,
			`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"t2","function":{"name":"now","arguments":"{}"}}]}}]}`,
			`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}]}`, `[DONE]`),
		output: `[{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"add","arguments":"{\"a\":1}"}},` +
			`{"id":"t2","type":"function","function":{"name":"now","arguments":"{}"}}]}]`, stop: "tool_calls", complete: true,
	},
	{
		name: "chat with two choices", api: traffic.Chat,
		in: events(`{"choices":[{"index":1,"delta":{"content":"b"}},{"index":0,"delta":{"content":"a","reasoning_content":"hm"}}]}`,
			`{"choices":[{"index":0,"delta":{"refusal":"no"}}]}`, `[DONE]`),
		output: `[{"role":"assistant","content":"b"},{"role":"assistant","content":"a","reasoning_content":"hm","refusal":"no"}]`, complete: true,
	},
	{
		name: "chat that breaks off", api: traffic.Chat,
		in:     events(`{"choices":[{"index":0,"delta":{"content":"Hel"}}]}`) + `data: {"choices":[{"ind`,
		output: `[{"role":"assistant","content":"Hel"}]`,
	},
	{
		name: "chat that fails", api: traffic.Chat,
		in:     events(`{"choices":[{"index":0,"delta":{"content":"Hel"}}]}`, `{"error":{"type":"server_error","message":"oops"}}`),
		output: `[{"role":"assistant","content":"Hel"}]`, failure: "server_error",
	},
	{
		name: "messages", api: traffic.Messages,
		in: events(`{"type":"message_start","message":{"id":"msg1","model":"m","role":"assistant","content":[],"usage":{"input_tokens":25,"output_tokens":1,"cache_read_input_tokens":7}}}`,
			`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}`,
			`{"type":"content_block_stop","index":0}`, `{"type":"ping"}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}`,
			`{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hello"}}`,
			`{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t1","name":"add","input":{}}}`,
			`{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}`,
			`{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}}`,
			`{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":15}}`, `{"type":"message_stop"}`),
		output: `[{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Hello"},` +
			`{"id":"t1","input":{"a":1},"name":"add","type":"tool_use"}]}]`,
		stop: "tool_use", complete: true, usage: traffic.Usage{Input: 25, Output: 15, CacheRead: 7},
	},
	{
		name: "messages that break off in a tool call", api: traffic.Messages,
		in: events(`{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t1","name":"add","input":{}}}`,
			`{"type":"content_block_delta","index":0,"delta":{"partial_json":"{\"a\":"}}`, `{"type":"error","error":{"type":"overloaded_error"}}`),
		output: `[{"role":"assistant","content":[{"id":"t1","input":"{\"a\":","name":"add","type":"tool_use"}]}]`, failure: "overloaded_error",
	},
	{
		name: "responses", api: traffic.Responses,
		in: events(`{"type":"response.created","response":{"id":"r1","model":"m"}}`,
			`{"type":"response.output_text.delta","output_index":0,"delta":"Hel"}`,
			`{"type":"response.completed","response":{"id":"r1","model":"m","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hello"}]}],"usage":{"input_tokens":1,"output_tokens":2}}}`),
		output: `[{"role":"assistant","content":[{"type":"text","text":"Hello"}]}]`, stop: "completed", complete: true, usage: traffic.Usage{Input: 1, Output: 2},
	},
	{
		name: "responses that break off", api: traffic.Responses,
		in: events(`{"type":"response.output_item.done","output_index":0,"item":{"type":"web_search_call","id":"w"}}`,
			`{"type":"response.output_text.delta","output_index":1,"delta":"Hel"}`,
			`{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","call_id":"f1","name":"add"}}`,
			`{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"a"}`,
			`{"type":"response.refusal.delta","output_index":3,"delta":"no"}`, `{"type":"error","code":"server_error","message":"x"}`),
		output: `[{"role":"assistant","content":[{"type":"web_search_call","id":"w"},{"type":"text","text":"Hel"},` +
			`{"type":"function","id":"f1","function":{"name":"add","arguments":"{\"a"}},{"type":"refusal","refusal":"no"}]}]`,
		failure: "server_error",
	},
}

func TestStream(t *testing.T) {
	for _, tt := range streams {
		for _, step := range []int{1, 13, len(tt.in)} {
			s := tt.api.NewStream(1<<12, true)
			write(s, tt.in, step)
			got := s.Response()
			if diff := cmp.Diff(string(got.Output), tt.output); diff != "" {
				t.Errorf("%s by %d: output (-got +want):\n%s", tt.name, step, diff)
			}
			failure := ""
			if got.Failure != nil {
				failure = got.Failure.Type
			}
			if got.StopReason != tt.stop || got.Usage != tt.usage || got.Complete != tt.complete || failure != tt.failure || got.Malformed {
				t.Errorf("%s by %d: got %+v, failure %q; want stop %q, usage %+v, complete %v, failure %q",
					tt.name, step, got, failure, tt.stop, tt.usage, tt.complete, tt.failure)
			}
			if !s.Started() {
				t.Errorf("%s: the model has said nothing", tt.name)
			}
		}
		s := tt.api.NewStream(1<<12, false)
		write(s, tt.in, len(tt.in))
		if got := s.Response(); got.Output != nil || got.Usage != tt.usage || got.Complete != tt.complete {
			t.Errorf("%s: without content: got %+v", tt.name, got)
		}
	}
}

func write(s *traffic.Stream, in string, step int) {
	for in != "" {
		n := min(step, len(in))
		_, _ = s.Write([]byte(in[:n]))
		in = in[n:]
	}
}

func TestStreamOfGarbage(t *testing.T) {
	for _, in := range []string{"<html>", events("{"), events("hello", `{"choices":[]}`), "\x00\xff\n\n"} {
		for _, api := range []traffic.API{traffic.Chat, traffic.Responses, traffic.Messages} {
			s := api.NewStream(1<<10, true)
			write(s, in, 3)
			if got := s.Response(); !got.Malformed || got.Complete {
				t.Errorf("%q as API %d: got %+v, want it malformed", in, api, got)
			}
		}
	}
}

// Content beyond the bound is counted, and the rest of the answer is read.
func TestStreamOmits(t *testing.T) {
	chunk := `{"choices":[{"index":0,"delta":{"content":"` + strings.Repeat("a", 600) + `"}}]}`
	s := traffic.Chat.NewStream(1000, true)
	write(s, events(chunk, chunk, `{"choices":[],"usage":{"completion_tokens":2}}`, `[DONE]`), 100)
	got := s.Response()
	if got.Omitted != 600 || got.Usage.Output != 2 || !got.Complete {
		t.Errorf("got %d bytes omitted, usage %+v, complete %v", got.Omitted, got.Usage, got.Complete)
	}
	many := make([]string, 3000)
	for i := range many {
		many[i] = `{"choices":[{"index":` + strings.Repeat("1", i%9+1) + `,"delta":{"content":"a"}}]}`
	}
	s = traffic.Chat.NewStream(1000, true)
	write(s, events(many...), 1000)
	if got := strings.Count(string(s.Response().Output), `"role"`); got != 9 {
		t.Errorf("got %d choices, want 9", got)
	}
}
