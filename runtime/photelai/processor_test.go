package photelai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phai"
	"github.com/phgen/phgen/runtime/photelai"
	"github.com/phgen/phgen/runtime/phtest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func tracer(t *testing.T, opts ...phai.Option) trace.Tracer {
	t.Helper()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(photelai.NewProcessor(opts...)))
	t.Cleanup(func() {
		if err := provider.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return provider.Tracer("test")
}

// events returns the properties about models of what was captured, each with its event.
func events(t *testing.T, rec *phtest.Recorder) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, r := range rec.Events() {
		var e struct {
			Properties map[string]any `json:"properties"`
		}
		if err := json.Unmarshal([]byte(r.String()), &e); err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(e.Properties, func(key string, _ any) bool { return !strings.HasPrefix(key, "$ai_") })
		e.Properties["event"], e.Properties["user"] = r.Event(), r.DistinctID()
		all = append(all, e.Properties)
	}
	return all
}

// one returns the only event, without what no test can know.
func one(t *testing.T, rec *phtest.Recorder) map[string]any {
	t.Helper()
	all := events(t, rec)
	if len(all) != 1 {
		t.Fatalf("got %d events, want 1", len(all))
	}
	for _, key := range []string{"$ai_latency", "$ai_trace_id", "$ai_span_id"} {
		if all[0][key] == nil {
			t.Errorf("%s is missing", key)
		}
		delete(all[0], key)
	}
	return all[0]
}

func decoded(t *testing.T, text string) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

const (
	asked    = `[{"role":"user","parts":[{"type":"text","content":"What is xyzzy?"},{"type":"uri","uri":"https://x.example/xyzzy.png"}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"t1","response":"xyzzy"}]},{"role":"user","content":"xyzzy?"}]`
	answered = `[{"role":"assistant","parts":[{"type":"text","content":"xyzzy"},{"type":"tool_call","id":"t2","name":"look","arguments":{"at":"xyzzy"}}],"finish_reason":"tool_call"}]`
)

var chat = []attribute.KeyValue{
	attribute.String("gen_ai.operation.name", "chat"),
	attribute.String("gen_ai.provider.name", "azure.ai.openai"),
	attribute.String("gen_ai.request.model", "gpt-5"),
	attribute.String("gen_ai.response.model", "gpt-5-2025"),
	attribute.String("gen_ai.response.id", "c1"),
	attribute.StringSlice("gen_ai.response.finish_reasons", []string{"tool_call"}),
	attribute.Float64("gen_ai.request.temperature", 0),
	attribute.Float64("gen_ai.request.top_p", 0.5),
	attribute.Int("gen_ai.request.max_tokens", 100),
	attribute.Int("gen_ai.usage.input_tokens", 10),
	attribute.Int("gen_ai.usage.output_tokens", 5),
	attribute.Int("gen_ai.usage.cache_read.input_tokens", 4),
	attribute.String("gen_ai.conversation.id", "conv1"),
	attribute.String("gen_ai.system_instructions", `[{"type":"text","content":"Be brief, xyzzy."}]`),
	attribute.String("gen_ai.input.messages", asked),
	attribute.String("gen_ai.output.messages", answered),
	attribute.String("server.address", "api.example.com"),
	attribute.Int("server.port", 443),
	attribute.Int("http.response.status_code", 200),
	attribute.String("http.request.header.authorization", "xyzzy"),
}

const chatEvent = `"event":"$ai_generation","user":"ann","$ai_span_name":"chat gpt-5","$ai_session_id":"conv1","$ai_provider":"azure","$ai_model":"gpt-5-2025",
	"$ai_base_url":"https://api.example.com","$ai_model_parameters":{"temperature":0,"top_p":0.5,"max_tokens":100},"$ai_temperature":0,"$ai_max_tokens":100,
	"$ai_input_tokens":10,"$ai_output_tokens":5,"$ai_cache_read_input_tokens":4,"$ai_tokens_source":"sdk","$ai_stop_reason":"tool_call","$ai_response_id":"c1","$ai_http_status":200`

func TestGeneration(t *testing.T) {
	rec := phtest.New(t)
	_, span := tracer(t, phai.Privacy(phai.Keep)).Start(rec.Context(ph.User("ann")), "chat gpt-5", trace.WithAttributes(chat...))
	span.End()
	want := decoded(t, `{`+chatEvent+`,
		"$ai_input":[{"role":"system","content":[{"type":"text","text":"Be brief, xyzzy."}]},
			{"role":"user","content":[{"type":"text","text":"What is xyzzy?"},{"type":"uri","uri":"https://x.example/xyzzy.png"}]},
			{"role":"tool","tool_call_id":"t1","content":"xyzzy"},{"role":"user","content":"xyzzy?"}],
		"$ai_output_choices":[{"role":"assistant","content":[{"type":"text","text":"xyzzy"},{"type":"function","id":"t2","function":{"name":"look","arguments":{"at":"xyzzy"}}}]}]}`)
	if diff := cmp.Diff(one(t, rec), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestRedacted(t *testing.T) {
	rec := phtest.New(t)
	_, span := tracer(t).Start(rec.Context(ph.User("ann")), "chat gpt-5", trace.WithAttributes(chat...))
	span.AddEvent("gen_ai.user.message", trace.WithAttributes(attribute.String("content", "xyzzy")))
	span.RecordError(errors.New("xyzzy"))
	span.SetStatus(codes.Error, "xyzzy")
	span.End()
	if diff := cmp.Diff(one(t, rec), decoded(t, `{`+chatEvent+`,"$ai_is_error":true,"$ai_error_type":"error"}`)); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if text := rec.Events()[0].String(); strings.Contains(text, "xyzzy") {
		t.Errorf("what was said is in %s", text)
	}
}

func TestMessages(t *testing.T) {
	text := attribute.String
	for _, tt := range []struct {
		name          string
		attributes    []attribute.KeyValue
		events        map[string][]attribute.KeyValue
		input, output string
	}{
		{
			name: "no list", attributes: []attribute.KeyValue{text("gen_ai.input.messages", "hi"), text("gen_ai.output.messages", "{broken")},
			input: `[{"role":"user","content":"hi"}]`, output: `[{"role":"assistant","content":"{broken"}]`,
		},
		{
			name: "instructions only", attributes: []attribute.KeyValue{text("gen_ai.system_instructions", "Be brief.")},
			input: `[{"role":"system","content":"Be brief."}]`, output: `null`,
		},
		{
			name: "an event with attributes",
			events: map[string][]attribute.KeyValue{
				"gen_ai.client.inference.operation.details": {text("gen_ai.input.messages", `[{"role":"user","parts":[{"type":"text","content":"hi"}]}]`), text("gen_ai.output.messages", `[]`)},
			},
			input: `[{"role":"user","content":[{"type":"text","text":"hi"}]}]`, output: `[]`,
		},
		{
			name: "events of old",
			events: map[string][]attribute.KeyValue{
				"gen_ai.tool.message": {text("content", "4"), text("id", "t1")},
				"gen_ai.choice":       {text("message", `{"role":"assistant","content":"four"}`)},
			},
			input: `[{"role":"tool","content":"4","tool_call_id":"t1"}]`, output: `[{"role":"assistant","content":"four"}]`,
		},
		{
			name: "events older still",
			events: map[string][]attribute.KeyValue{
				"gen_ai.content.prompt":     {text("gen_ai.prompt", "hi")},
				"gen_ai.content.completion": {text("gen_ai.completion", "ho")},
				"log":                       {text("content", "no message")},
			},
			input: `[{"role":"user","content":"hi"}]`, output: `[{"role":"assistant","content":"ho"}]`,
		},
	} {
		rec := phtest.New(t)
		_, span := tracer(t, phai.Privacy(phai.Keep)).Start(rec.Context(), "x", trace.WithAttributes(
			text("gen_ai.system", "openai"), text("gen_ai.request.model", "m")))
		span.SetAttributes(tt.attributes...)
		for name, all := range tt.events {
			span.AddEvent(name, trace.WithAttributes(all...))
		}
		span.End()
		got := one(t, rec)
		for key, want := range map[string]string{"$ai_input": tt.input, "$ai_output_choices": tt.output} {
			if diff := cmp.Diff(map[string]any{"": got[key]}, decoded(t, `{"":`+want+`}`)); diff != "" {
				t.Errorf("%s: %s (-got +want):\n%s", tt.name, key, diff)
			}
		}
	}
}

// An agent's spans are a tree, in which spans about other things leave no gap.
func TestTree(t *testing.T) {
	rec := phtest.New(t)
	tr := tracer(t, phai.Privacy(phai.Keep))
	op := func(name string) trace.SpanStartOption {
		return trace.WithAttributes(attribute.String("gen_ai.operation.name", name))
	}
	ctx, request := tr.Start(rec.Context(ph.User("ann")), "POST /ask")
	ctx, agent := tr.Start(ctx, "invoke_agent helper", op("invoke_agent"), trace.WithAttributes(attribute.String("gen_ai.agent.name", "helper")))
	inner, between := tr.Start(ctx, "loop")
	_, call := tr.Start(inner, "chat", op("chat"))
	call.End()
	_, tool := tr.Start(inner, "execute_tool look", op("execute_tool"), trace.WithAttributes(
		attribute.String("gen_ai.tool.name", "look"), attribute.String("gen_ai.tool.call.arguments", `{"at":"it"}`), attribute.String("gen_ai.tool.call.result", "a cat"),
		attribute.String("error.type", "timeout")))
	tool.End()
	between.End()
	_, embedding := tr.Start(ctx, "embeddings", op("embeddings"), trace.WithAttributes(attribute.Int("gen_ai.usage.input_tokens", 3)))
	embedding.End()
	_, search := tr.Start(ctx, "search", op("retrieval"))
	search.End()
	agent.End()
	request.End()

	id := func(s trace.Span) string { return s.SpanContext().SpanID().String() }
	var got []string
	for _, e := range events(t, rec) {
		if e["$ai_trace_id"] != agent.SpanContext().TraceID().String() || e["user"] != "ann" {
			t.Errorf("got %v", e)
		}
		got = append(got, fmt.Sprint(e["event"], " ", e["$ai_span_type"], " ", e["$ai_span_name"], " ", e["$ai_span_id"], " in ", e["$ai_parent_id"], " ",
			e["$ai_input_state"], " ", e["$ai_output_state"], " ", e["$ai_error_type"]))
	}
	want := []string{
		"$ai_generation <nil> chat " + id(call) + " in " + id(agent) + " <nil> <nil> <nil>",
		"$ai_span tool look " + id(tool) + " in " + id(agent) + " map[at:it] a cat timeout",
		"$ai_embedding <nil> embeddings " + id(embedding) + " in " + id(agent) + " <nil> <nil> <nil>",
		"$ai_span retrieval search " + id(search) + " in " + id(agent) + " <nil> <nil> <nil>",
		"$ai_span agent helper " + id(agent) + " in <nil> <nil> <nil> <nil>",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestInTraceOfPhai(t *testing.T) {
	rec := phtest.New(t)
	ctx, run := phai.Trace(rec.Context(), "run")
	_, span := tracer(t).Start(ctx, "chat", trace.WithAttributes(chat...))
	span.End()
	got := events(t, rec)[0]
	if got["$ai_trace_id"] != run.TraceID() || got["$ai_parent_id"] != run.TraceID() {
		t.Errorf("got %v", got)
	}
}

// Spans that never end are forgotten, and those that were are captured nevertheless.
func TestForgets(t *testing.T) {
	rec := phtest.New(t)
	tr := tracer(t)
	for range 10_000 {
		tr.Start(rec.Context(), "endless")
	}
	_, span := tr.Start(rec.Context(), "chat", trace.WithAttributes(chat...))
	span.End()
	if got := len(rec.Events()); got != 1 {
		t.Errorf("got %d events", got)
	}
}

func BenchmarkOtherSpan(b *testing.B) {
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(photelai.NewProcessor()))
	tr := provider.Tracer("test")
	ctx := phtest.New(b).Context()
	b.ReportAllocs()
	for b.Loop() {
		_, span := tr.Start(ctx, "query", trace.WithAttributes(attribute.String("db.system", "postgresql")))
		span.End()
	}
}
