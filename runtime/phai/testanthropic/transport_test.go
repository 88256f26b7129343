package testanthropic_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/phgen/phgen/runtime/phai"
)

func asking(model anthropic.Model) anthropic.MessageNewParams {
	return anthropic.MessageNewParams{
		Model:     model,
		MaxTokens: 100,
		System:    []anthropic.TextBlockParam{{Text: "Be brief, " + secret}},
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("What is " + secret + "?"))},
	}
}

// want fails the test unless an event has properties, as JSON has them.
func want(t *testing.T, e event, properties event) {
	t.Helper()
	for key, v := range properties {
		if got, want := fmt.Sprint(e[key]), fmt.Sprint(v); got != want {
			t.Errorf("%s of %s: got %s, want %s", key, e["event"], got, want)
		}
	}
}

func only(t *testing.T, events []event) event {
	t.Helper()
	if len(events) != 1 {
		t.Fatalf("got %d events, want 1: %v", len(events), events)
	}
	return events[0]
}

// inBoth runs a test with contents and without. What is redacted is nowhere in the bytes sent,
// and what is kept is there: a test that looks for it can fail.
func inBoth(t *testing.T, test func(t *testing.T, hog *posthog, p *provider, client anthropic.Client)) {
	for name, privacy := range map[string]phai.Policy{"redact": phai.Redact, "keep": phai.Keep} {
		t.Run(name, func(t *testing.T) {
			hog, p := newPostHog(t), newProvider(t)
			test(t, hog, p, p.client(t, phai.Privacy(privacy)))
			if got := hog.has(secret); got != (privacy == phai.Keep) {
				t.Errorf("what was said is in the bytes sent: %v", got)
			}
			if hog.has("sk-" + secret) {
				t.Error("the key is in the bytes sent")
			}
			if !strings.Contains(p.first(), secret) {
				t.Error("the provider has not read the request")
			}
		})
	}
}

func TestMessage(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *posthog, p *provider, client anthropic.Client) {
		said, err := client.Messages.New(hog.ctx(), asking("claude"))
		if err != nil || said.Content[0].Text != "It is "+secret {
			t.Fatalf("the client read %v, %v", said, err)
		}
		want(t, only(t, hog.events()), event{
			"event": "$ai_generation", "$ai_provider": "anthropic", "$ai_model": "claude-test", "$ai_base_url": p.URL + "/v1", "$ai_http_status": 200,
			"$ai_input_tokens": 10, "$ai_output_tokens": 4, "$ai_max_tokens": 100, "$ai_stop_reason": "end_turn", "$ai_response_id": "msg_0", "$ai_stream": nil,
		})
	})
}

// An agent that streams its answers and calls a tool in two rounds is one trace with three calls
// and two spans in it.
func TestStreamingAgent(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *posthog, _ *provider, client anthropic.Client) {
		ctx, trace := phai.Trace(hog.ctx(), "agent")
		params := asking("claude")
		params.Tools = []anthropic.ToolUnionParam{anthropic.ToolUnionParamOfTool(anthropic.ToolInputSchemaParam{}, "look")}
		for {
			stream := client.Messages.NewStreaming(ctx, params)
			var said anthropic.Message
			for stream.Next() {
				if err := said.Accumulate(stream.Current()); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(stream.Err(), stream.Close()); err != nil {
				t.Fatal(err)
			}
			if said.Content[0].Text != "It is xyzzy-plugh." {
				t.Errorf("the client read %q", said.Content[0].Text)
			}
			if said.StopReason != anthropic.StopReasonToolUse {
				break
			}
			tool := said.Content[1]
			_, span := phai.Span(ctx, tool.Name)
			span.Input(tool.Input)
			span.End(nil)
			params.Messages = append(params.Messages, said.ToParam(), anthropic.NewUserMessage(anthropic.NewToolResultBlock(tool.ID, secret, false)))
		}
		trace.End(nil)
		events := hog.events()
		names := ""
		for _, e := range events {
			names += e["event"].(string) + " "
			want(t, e, event{"$ai_trace_id": trace.TraceID()})
		}
		if names != "$ai_generation $ai_span $ai_generation $ai_span $ai_generation $ai_trace " {
			t.Fatalf("got %s", names)
		}
		want(t, events[0], event{
			"$ai_parent_id": trace.TraceID(), "$ai_input_tokens": 11, "$ai_output_tokens": 9, "$ai_stop_reason": "tool_use", "$ai_stream": true,
			"$ai_cache_read_input_tokens": 5, "$ai_cache_creation_input_tokens": 6, "$ai_cache_creation_5m_input_tokens": 2, "$ai_cache_creation_1h_input_tokens": 4,
			"$ai_cache_reporting_exclusive": true, "$ai_web_search_count": 1,
		})
		want(t, events[4], event{"$ai_input_tokens": 15, "$ai_stop_reason": "end_turn"})
		if events[0]["$ai_output_choices"] != nil {
			want(t, events[0], event{
				"$ai_output_choices": "[map[content:[map[text:It is xyzzy-plugh. type:text] map[id:toolu_1 input:map[at:xyzzy-plugh] name:look type:tool_use]] role:assistant]]",
			})
		}
		if first, _ := events[0]["$ai_time_to_first_token"].(float64); first <= 0 {
			t.Errorf("%v s to the first token", first)
		}
	})
}

func TestStreamBreaksOff(t *testing.T) {
	for model, kind := range map[anthropic.Model]string{"broken": "truncated", "failing": "api_error"} {
		inBoth(t, func(t *testing.T, hog *posthog, _ *provider, client anthropic.Client) {
			stream := client.Messages.NewStreaming(hog.ctx(), asking(model))
			for stream.Next() {
			}
			if stream.Err() == nil {
				t.Error("the client saw no error")
			}
			_ = stream.Close()
			got := only(t, hog.events())
			want(t, got, event{"$ai_is_error": true, "$ai_error_type": kind, "$ai_http_status": 200, "$ai_model": "claude-test", "$ai_input_tokens": 11})
			if got["$ai_output_choices"] != nil {
				want(t, got, event{"$ai_output_choices": "[map[content:[map[text:It is xyzzy type:text]] role:assistant]]"})
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *posthog, p *provider, client anthropic.Client) {
		defer close(p.release)
		ctx, cancel := context.WithCancel(hog.ctx())
		stream := client.Messages.NewStreaming(ctx, asking("slow"))
		if !stream.Next() {
			t.Fatal(stream.Err())
		}
		cancel()
		for stream.Next() {
		}
		if err := stream.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("the client saw %v", err)
		}
		_ = stream.Close()
		if err := hog.server.Wait(hog.ctx(), 1); err != nil {
			t.Fatal(err)
		}
		want(t, only(t, hog.events()), event{"$ai_is_error": true, "$ai_error_type": "canceled", "$ai_http_status": 200})
	})
}

func TestRefused(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *posthog, _ *provider, client anthropic.Client) {
		_, err := client.Messages.New(hog.ctx(), asking("busy"))
		var refused *anthropic.Error
		if !errors.As(err, &refused) || refused.StatusCode != 529 {
			t.Errorf("the client saw %v", err)
		}
		want(t, only(t, hog.events()), event{"$ai_is_error": true, "$ai_error_type": "overloaded_error", "$ai_http_status": 529, "$ai_model": "busy"})
	})
}
