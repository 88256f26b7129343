package phai_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phai"
)

// An agent asks a model, calls a tool and asks again. Each of them is an event of one trace.
func Example() {
	ctx, end := begin("$ai_span_name", "$ai_model", "$ai_span_type", "$ai_input_tokens", "$ai_stop_reason")
	defer end()

	ctx, trace := phai.Trace(ctx, "weather agent", phai.Session("conversation-7"))
	model := phai.Model{Provider: "openai", Name: "gpt-5"}
	messages := []phai.Message{{Role: "user", Content: "Is it raining in Ghent?"}}

	thinking, call := phai.Generation(ctx, model)
	call.Input(messages)
	call.Usage(phai.Usage{InputTokens: 12, OutputTokens: 9})
	call.StopReason("tool_calls")
	call.End(nil)

	_, tool := phai.Span(thinking, "weather")
	tool.Type("tool")
	tool.Output("rain")
	tool.End(nil)

	_, call = phai.Generation(ctx, model)
	call.Input(append(messages, phai.Message{Role: "tool", Content: "rain"}))
	call.Output("It is.")
	call.Usage(phai.Usage{InputTokens: 30, OutputTokens: 4})
	call.StopReason("stop")
	call.End(nil)
	trace.End(nil)
	// Output:
	// $ai_generation: $ai_model=gpt-5 $ai_input_tokens=12 $ai_stop_reason=tool_calls
	// $ai_span: $ai_span_name=weather $ai_span_type=tool
	// $ai_generation: $ai_model=gpt-5 $ai_input_tokens=30 $ai_stop_reason=stop
	// $ai_trace: $ai_span_name=weather agent
}

// Contents are left out unless somebody says that they may be sent. Files are left out always.
func ExamplePrivacy() {
	ctx, end := begin("$ai_input", "$ai_output_choices")
	defer end()

	e := phai.GenerationEvent{
		Input: []phai.Message{{Role: "user", Content: []phai.Part{
			{Type: "text", Text: "What is this?"},
			{Type: "image", Image: "data:image/png;base64,iVBORw0KGgo="},
		}}},
		Output: "A cat.",
	}
	e.Capture(ctx)
	e.Capture(ctx, phai.Privacy(phai.Keep))
	// Output:
	// $ai_generation:
	// $ai_generation: $ai_input=[map[content:[map[text:What is this? type:text] map[image:[base64 image redacted] type:image]] role:user]] $ai_output_choices=[map[content:A cat. role:assistant]]
}

// Chunk is told of a streamed answer as it comes: it knows when the first part did.
func ExampleCall_Chunk() {
	ctx, end := begin("$ai_output_choices", "$ai_is_error", "$ai_error")
	defer end()

	_, call := phai.Generation(ctx, phai.Model{Provider: "anthropic", Name: "claude"}, phai.Privacy(phai.Keep))
	for part := range strings.SplitSeq("It is|, I th", "|") {
		call.Chunk(part)
	}
	call.End(errors.New("the stream broke off"))
	// Output: $ai_generation: $ai_output_choices=[map[content:It is, I th role:assistant]] $ai_is_error=true $ai_error=the stream broke off
}

// summary is what the generated package ai has for a feature of the tracking plan.
type summary struct{ ticket int }

func (s summary) PhgenFeature(context.Context) phai.FeatureSpec {
	return phai.FeatureSpec{Name: "ticket_summary", Members: fmt.Appendf(nil, `"ticket_id":%d`, s.ticket), Privacy: phai.Redact}
}

// All events of a run have the properties of the feature it is part of.
func ExampleWithFeature() {
	ctx, end := begin("ai_feature", "ticket_id")
	defer end()

	ctx, trace := phai.Trace(ctx, "summarise", phai.WithFeature(summary{ticket: 7}))
	_, call := phai.Embedding(ctx, phai.Model{Name: "text-embedding-3-small"})
	call.End(nil)
	trace.End(nil)
	// Output:
	// $ai_embedding: ai_feature=ticket_summary ticket_id=7
	// $ai_trace: ai_feature=ticket_summary ticket_id=7
}

// An answer is judged later, when its trace has long ended.
func ExampleFeedback() {
	ctx, end := begin("$ai_trace_id", "$ai_feedback_text", "$ai_metric_name", "$ai_metric_value")
	defer end()

	_, trace := phai.Trace(ctx, "answer", phai.TraceID("trace-7"))
	id := trace.TraceID() // to be kept with the answer
	trace.End(nil)

	phai.Feedback(ctx, "wrong town", phai.TraceID(id))
	phai.Metric(ctx, "accuracy", "0.2", phai.TraceID(id))
	// Output:
	// $ai_trace: $ai_trace_id=trace-7
	// $ai_feedback: $ai_trace_id=trace-7 $ai_feedback_text=wrong town
	// $ai_metric: $ai_trace_id=trace-7 $ai_metric_name=accuracy $ai_metric_value=0.2
}

// What was timed elsewhere is sent as it is.
func ExampleGenerationEvent() {
	ctx, end := begin("$ai_latency", "$ai_time_to_first_token", "$ai_total_cost_usd")
	defer end()

	e := phai.GenerationEvent{
		Step:       phai.Step{Latency: 1200 * time.Millisecond},
		Model:      phai.Model{Provider: "openai", Name: "gpt-5"},
		Usage:      phai.Usage{InputTokens: 100, OutputTokens: 20, Cost: &phai.Cost{Total: 0.0004}},
		FirstToken: 300 * time.Millisecond,
	}
	e.Capture(ctx)
	// Output: $ai_generation: $ai_latency=1.2 $ai_time_to_first_token=0.3 $ai_total_cost_usd=0.0004
}

// begin returns the context of a user, whose client prints some properties of every event, and
// what ends it.
func begin(keys ...string) (context.Context, func()) {
	client, err := ph.New(ph.Config{
		APIKey: "phc_…",
		BeforeSend: func(m *ph.Message) bool {
			text := m.Event + ":"
			for _, key := range keys {
				if v, ok := m.Properties[key]; ok {
					text += fmt.Sprintf(" %s=%v", key, v)
				}
			}
			fmt.Println(text)
			return true
		},
		Transport: offline{},
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
	}
	return ph.With(context.Background(), ph.UseClient(client), ph.User("ann")), func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel() // nothing can be delivered
		_ = client.Close(ended)
	}
}

// offline is a network without PostHog.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("offline") }
