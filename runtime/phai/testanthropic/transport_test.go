package testanthropic_test

import (
	"context"
	"errors"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/phgen/phgen/runtime/phai"
	"github.com/phgen/phgen/runtime/phai/internal/phaitest"
)

func asking(model anthropic.Model) anthropic.MessageNewParams {
	return anthropic.MessageNewParams{
		Model:     model,
		MaxTokens: 100,
		System:    []anthropic.TextBlockParam{{Text: "Be brief, " + secret}},
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("What is " + secret + "?"))},
	}
}

// inBoth runs a test with contents and without.
func inBoth(t *testing.T, test func(t *testing.T, hog *phaitest.PostHog, p *provider, client anthropic.Client)) {
	phaitest.InBoth(t, secret, func(t *testing.T, hog *phaitest.PostHog, privacy phai.Option) string {
		p := newProvider(t)
		test(t, hog, p, p.client(t, privacy))
		return p.first()
	})
}

func TestMessage(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, p *provider, client anthropic.Client) {
		said, err := client.Messages.New(hog.Context(), asking("claude"))
		if err != nil || said.Content[0].Text != "It is "+secret {
			t.Fatalf("the client read %v, %v", said, err)
		}
		phaitest.Only(t, hog.Events()).Want(t, phaitest.Event{
			"event": "$ai_generation", "$ai_provider": "anthropic", "$ai_model": "claude-test", "$ai_base_url": p.URL + "/v1", "$ai_http_status": 200,
			"$ai_input_tokens": 10, "$ai_output_tokens": 4, "$ai_max_tokens": 100, "$ai_stop_reason": "end_turn", "$ai_response_id": "msg_0", "$ai_stream": nil,
		})
	})
}

// An agent that streams its answers and calls a tool in two rounds is one trace with three calls
// and two spans in it.
func TestStreamingAgent(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, _ *provider, client anthropic.Client) {
		ctx, trace := phai.Trace(hog.Context(), "agent")
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
		events := hog.Events()
		names := ""
		for _, e := range events {
			names += e["event"].(string) + " "
			e.Want(t, phaitest.Event{"$ai_trace_id": trace.TraceID()})
		}
		if names != "$ai_generation $ai_span $ai_generation $ai_span $ai_generation $ai_trace " {
			t.Fatalf("got %s", names)
		}
		events[0].Want(t, phaitest.Event{
			"$ai_parent_id": trace.TraceID(), "$ai_input_tokens": 11, "$ai_output_tokens": 9, "$ai_stop_reason": "tool_use", "$ai_stream": true,
			"$ai_cache_read_input_tokens": 5, "$ai_cache_creation_input_tokens": 6, "$ai_cache_creation_5m_input_tokens": 2, "$ai_cache_creation_1h_input_tokens": 4,
			"$ai_cache_reporting_exclusive": true, "$ai_web_search_count": 1,
		})
		events[4].Want(t, phaitest.Event{"$ai_input_tokens": 15, "$ai_stop_reason": "end_turn"})
		if events[0]["$ai_output_choices"] != nil {
			events[0].Want(t, phaitest.Event{
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
		inBoth(t, func(t *testing.T, hog *phaitest.PostHog, _ *provider, client anthropic.Client) {
			stream := client.Messages.NewStreaming(hog.Context(), asking(model))
			for stream.Next() {
			}
			if stream.Err() == nil {
				t.Error("the client saw no error")
			}
			_ = stream.Close()
			got := phaitest.Only(t, hog.Events())
			got.Want(t, phaitest.Event{"$ai_is_error": true, "$ai_error_type": kind, "$ai_http_status": 200, "$ai_model": "claude-test", "$ai_input_tokens": 11})
			if got["$ai_output_choices"] != nil {
				got.Want(t, phaitest.Event{"$ai_output_choices": "[map[content:[map[text:It is xyzzy type:text]] role:assistant]]"})
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, p *provider, client anthropic.Client) {
		defer close(p.release)
		ctx, cancel := context.WithCancel(hog.Context())
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
		if err := hog.Server.Wait(hog.Context(), 1); err != nil {
			t.Fatal(err)
		}
		phaitest.Only(t, hog.Events()).Want(t, phaitest.Event{"$ai_is_error": true, "$ai_error_type": "canceled", "$ai_http_status": 200})
	})
}

func TestRefused(t *testing.T) {
	inBoth(t, func(t *testing.T, hog *phaitest.PostHog, _ *provider, client anthropic.Client) {
		_, err := client.Messages.New(hog.Context(), asking("busy"))
		var refused *anthropic.Error
		if !errors.As(err, &refused) || refused.StatusCode != 529 {
			t.Errorf("the client saw %v", err)
		}
		phaitest.Only(t, hog.Events()).Want(t, phaitest.Event{"$ai_is_error": true, "$ai_error_type": "overloaded_error", "$ai_http_status": 529, "$ai_model": "busy"})
	})
}
