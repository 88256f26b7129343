package phai

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/internal/golden"
	ph "github.com/phgen/phgen/runtime"
)

// A ticket is a feature of a plan, as generated code has it.
type ticket struct{ privacy Policy }

func (f ticket) PhgenFeature(context.Context) FeatureSpec {
	return FeatureSpec{Name: "ticket_summary", Members: []byte(`"ticket_id":7,"language":"en"`), Privacy: f.privacy}
}

var fullStep = Step{
	TraceID: "trace:1", SessionID: "session", GroupID: "group", SpanID: "span", ParentID: "parent", Name: "answer", TraceName: "support",
	Framework: "agents", Lib: "lib", LibVersion: "1.2.3",
	Latency: 1500 * time.Millisecond, Err: errors.New("model is tired"), ErrorType: "user_error",
	ExceptionID: uuid.MustParse("0190c8a4-7777-7222-8333-444455556666"),
	Timestamp:   time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	Extra:       ph.Props{"plan": "pro"},
}

var fullModel = Model{
	Provider: "openai", Name: "gpt-5",
	Parameters: Parameters{
		Temperature: Temperature(0), TopP: 0.9, FrequencyPenalty: -0.5, PresencePenalty: 0.25, MaxTokens: 100, MaxCompletionTokens: 200, N: 2,
		Stop: []string{"END"}, Stream: true, Streaming: true,
	},
	BaseURL:    "https://user:password@api.openai.com/v1?key=secret#x",
	RequestURL: "https://api.openai.com/v1/chat/completions?key=secret",
}

var fullUsage = Usage{
	InputTokens: 10, OutputTokens: 20, TotalTokens: 30, ReasoningTokens: 5,
	CacheReadTokens: 3, CacheCreationTokens: 4, CacheCreation5mTokens: 4, CacheExclusive: true,
	WebSearches: 1, RawUsage: json.RawMessage(`{"prompt_tokens": 10}`), Cost: &Cost{Input: 0.001, Output: 0.002},
}

var conversation = []Message{
	{Role: "system", Content: "Be brief."},
	{Role: "user", Content: []Part{{Type: "text", Text: "What is \"this\"?"}, {Type: "image", Image: "data:image/png;base64,QUJD"}}},
	{Role: "assistant", ToolCalls: []ToolCall{{ID: "call_1", Type: "function", Function: Function{"look", `{"at":"it"}`}}}},
	{Role: "tool", Content: "a cat", ToolCallID: "call_1", Name: "look"},
}

func TestWire(t *testing.T) {
	for _, test := range []struct {
		name  string
		event interface {
			Capture(context.Context, ...Option) uuid.UUID
		}
	}{
		{"trace", &TraceEvent{Step: fullStep, Input: ph.Props{"question": "why"}, Output: "because", Metadata: ph.Props{"tier": 1}}},
		{"span", &SpanEvent{
			Step: fullStep, Type: "guardrail", Input: []any{1, "two"}, Output: true,
			Agent:     Agent{[]string{"a"}, []string{"b", "c"}, "text", "from", "to", false},
			MCPServer: "server", MCPTools: []string{"tool"}, MCPData: "mcp", CustomData: "custom", SpanData: "data", ProviderMetadata: map[string]any{"region": "eu"},
		}},
		{"generation", &GenerationEvent{
			Step: fullStep, Model: fullModel, Usage: fullUsage, Input: conversation, Output: "It is a cat.",
			Tools: json.RawMessage(`[{"type":"function","function":{"name":"look"}}]`), Instructions: "Look twice.", StopReason: "stop",
			ResponseID: "resp_1", CompletionID: "chatcmpl_1", FirstToken: 20 * time.Millisecond, HTTPStatus: 200, CustomData: "custom",
			ProviderMetadata: map[string]any{"region": "eu"},
		}},
		{"embedding", &EmbeddingEvent{Step: fullStep, Model: fullModel, Usage: fullUsage, Input: []string{"a", "b"}, HTTPStatus: 429}},
		{"metric", &MetricEvent{TraceID: "trace:1", Name: "accuracy", Value: "0.9", Timestamp: fullStep.Timestamp, Extra: ph.Props{"judge": "ann"}}},
		{"feedback", &FeedbackEvent{TraceID: "trace:1", Text: "good", Timestamp: fullStep.Timestamp}},
		{"empty", &GenerationEvent{Step: Step{TraceID: "t", SpanID: "s"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			var got []byte
			for _, p := range []Policy{Keep, Redact} {
				test.event.Capture(With(r.ctx(), WithFeature(ticket{p})), Privacy(Keep))
				got = append(append(got, golden.Event(r.one().text)...), '\n')
			}
			test.event.Capture(r.anybody())
			got = append(append(got, golden.Event(r.one().text)...), '\n')
			golden.Compare(t, filepath.Join("testdata", test.name+".jsonl"), string(got))
		})
	}
}
