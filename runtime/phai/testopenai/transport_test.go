package testopenai_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/phgen/phgen/runtime/phai"
	"github.com/phgen/phgen/runtime/phai/internal/phaitest"
)

const question = "What is " + secret + "?"

func asking(model string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("Be brief, " + secret), openai.UserMessage(question)},
	}
}

// inBoth runs a test with contents and without.
func inBoth(t *testing.T, test func(t *testing.T, hog *phaitest.PostHog, p *provider, client openai.Client)) {
	phaitest.InBoth(t, secret, func(t *testing.T, hog *phaitest.PostHog, privacy phai.Option) string {
		p := newProvider(t)
		test(t, hog, p, p.client(t, privacy))
		return p.first()
	})
}

func TestStreamingChat(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, p *provider, client openai.Client) {
		params := asking("gpt")
		params.StreamOptions.IncludeUsage = openai.Bool(true)
		stream := client.Chat.Completions.NewStreaming(hog.Context(), params)
		defer stream.Close()
		var said openai.ChatCompletionAccumulator
		for stream.Next() {
			said.AddChunk(stream.Current())
		}
		if err := stream.Err(); err != nil || said.Choices[0].Message.Content != "It is xyzzy-plugh." {
			t.Errorf("the client read %q, %v", said.Choices[0].Message.Content, err)
		}
		got := phaitest.Only(t, hog.Events())
		got.Want(t, phaitest.Event{
			"event": "$ai_generation", "$ai_provider": "openai", "$ai_model": "gpt-test", "$ai_base_url": p.URL + "/v1", "$ai_http_status": 200,
			"$ai_input_tokens": 11, "$ai_output_tokens": 7, "$ai_total_tokens": 18, "$ai_cache_read_input_tokens": 3,
			"$ai_stop_reason": "stop", "$ai_response_id": "c1", "$ai_stream": true, "$ai_is_error": nil,
		})
		first, _ := got["$ai_time_to_first_token"].(float64)
		if latency, _ := got["$ai_latency"].(float64); first <= 0 || latency < first {
			t.Errorf("%v s to the first token of %v s", first, latency)
		}
		if got["$ai_output_choices"] != nil {
			got.Want(t, phaitest.Event{"$ai_output_choices": "[map[content:It is xyzzy-plugh. role:assistant]]"})
		}
	})
}

// An agent that calls a tool in two rounds is one trace with three calls and two spans in it.
func TestAgent(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, _ *provider, client openai.Client) {
		ctx, trace := phai.Trace(hog.Context(), "agent")
		params := asking("gpt")
		params.Messages = params.Messages[1:]
		params.Tools = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "look"})}
		for {
			said, err := client.Chat.Completions.New(ctx, params)
			if err != nil {
				t.Fatal(err)
			}
			message := said.Choices[0].Message
			if len(message.ToolCalls) == 0 {
				break
			}
			params.Messages = append(params.Messages, message.ToParam())
			for _, call := range message.ToolCalls {
				_, span := phai.Span(ctx, call.Function.Name)
				span.Type("tool")
				span.Input(call.Function.Arguments)
				params.Messages = append(params.Messages, openai.ToolMessage(secret, call.ID))
				span.End(nil)
			}
		}
		trace.End(nil)
		events := hog.Events()
		if len(events) != 6 {
			t.Fatalf("got %d events, want 6", len(events))
		}
		names := ""
		for _, e := range events {
			names += e["event"].(string) + " "
			e.Want(t, phaitest.Event{"$ai_trace_id": trace.TraceID()})
			if e["event"] != "$ai_trace" {
				e.Want(t, phaitest.Event{"$ai_parent_id": trace.TraceID()})
			}
		}
		if names != "$ai_generation $ai_span $ai_generation $ai_span $ai_generation $ai_trace " {
			t.Errorf("got %s", names)
		}
		events[0].Want(t, phaitest.Event{"$ai_stop_reason": "tool_calls", "$ai_input_tokens": 1, "$ai_tools": "[map[function:map[name:look] type:function]]"})
		events[4].Want(t, phaitest.Event{"$ai_stop_reason": "stop", "$ai_input_tokens": 5})
	})
}

func TestStreamingResponses(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, _ *provider, client openai.Client) {
		stream := client.Responses.NewStreaming(hog.Context(), responses.ResponseNewParams{
			Model:        "gpt",
			Instructions: openai.String("Be brief, " + secret),
			Input:        responses.ResponseNewParamsInputUnion{OfString: openai.String(question)},
		})
		defer stream.Close()
		text := ""
		for stream.Next() {
			text += stream.Current().Delta
		}
		if err := stream.Err(); err != nil || text != "It is "+secret {
			t.Errorf("the client read %q, %v", text, err)
		}
		phaitest.Only(t, hog.Events()).Want(t, phaitest.Event{
			"event": "$ai_generation", "$ai_model": "gpt-test", "$ai_input_tokens": 12, "$ai_output_tokens": 6,
			"$ai_cache_read_input_tokens": 2, "$ai_reasoning_tokens": 1, "$ai_stop_reason": "completed", "$ai_response_id": "r1",
		})
	})
}

func TestEmbeddingJob(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, _ *provider, client openai.Client) {
		ctx, trace := phai.Trace(hog.Context(), "index")
		for i := range 5 {
			got, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{
				Model: "embed", Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{fmt.Sprint(secret, i), question}},
			})
			if err != nil || len(got.Data[0].Embedding) != 1501 {
				t.Fatalf("got %v", err)
			}
		}
		trace.End(nil)
		events := hog.Events()
		if len(events) != 6 {
			t.Fatalf("got %d events, want 6", len(events))
		}
		for _, e := range events[:5] {
			e.Want(t, phaitest.Event{"event": "$ai_embedding", "$ai_model": "embed-test", "$ai_input_tokens": 4, "$ai_trace_id": trace.TraceID(), "$ai_output_choices": nil})
		}
	})
}

func TestStreamBreaksOff(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, _ *provider, client openai.Client) {
		stream := client.Chat.Completions.NewStreaming(hog.Context(), asking("broken"))
		defer stream.Close()
		for stream.Next() {
		}
		if stream.Err() == nil {
			t.Error("the client saw no error")
		}
		got := phaitest.Only(t, hog.Events())
		got.Want(t, phaitest.Event{"$ai_is_error": true, "$ai_error_type": "truncated", "$ai_http_status": 200, "$ai_model": "gpt-test", "$ai_stop_reason": nil})
		if got["$ai_output_choices"] != nil {
			got.Want(t, phaitest.Event{"$ai_output_choices": "[map[content:It is xyzzy role:assistant]]"})
		}
	})
}

func TestCancelled(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, p *provider, client openai.Client) {
		defer close(p.release)
		ctx, cancel := context.WithCancel(hog.Context())
		stream := client.Chat.Completions.NewStreaming(ctx, asking("slow"))
		if !stream.Next() || !stream.Next() {
			t.Fatal(stream.Err())
		}
		cancel()
		for stream.Next() {
		}
		if err := stream.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("the client saw %v", err)
		}
		_ = stream.Close()
		if err := hog.Server.Wait(hog.Context(), 1); err != nil {
			t.Fatal(err)
		}
		phaitest.Only(t, hog.Events()).Want(t, phaitest.Event{"$ai_is_error": true, "$ai_error_type": "canceled", "$ai_http_status": 200})
	})
}

// Every attempt of the client's is a call.
func TestRetries(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, _ *provider, client openai.Client) {
		_, err := client.Chat.Completions.New(hog.Context(), asking("busy"))
		var refused *openai.Error
		if !errors.As(err, &refused) || refused.StatusCode != 429 || refused.Type != "rate_limit_error" {
			t.Errorf("the client saw %v", err)
		}
		events := hog.Events()
		if len(events) != 2 {
			t.Fatalf("got %d events, want 2", len(events))
		}
		for i, kind := range []string{"http_429", "rate_limit_error"} { // of the first only the status is read
			events[i].Want(t, phaitest.Event{"$ai_is_error": true, "$ai_error_type": kind, "$ai_http_status": 429, "$ai_model": "busy"})
		}
	})
}
