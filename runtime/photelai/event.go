package photelai

import (
	"context"
	"errors"
	"strings"

	"github.com/phgen/phgen/runtime/phai"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// capture captures a span of an operation, in the trace of ctx or in one of its own.
func capture(ctx context.Context, s sdktrace.ReadOnlySpan, kind string, a attributes, parent string, opts []phai.Option) {
	step := stepOf(s, a)
	step.ParentID = parent
	if phai.TraceIDOf(ctx) == "" {
		step.TraceID = s.SpanContext().TraceID().String()
	}
	switch kind {
	case "chat", "text_completion", "generate_content":
		e := phai.GenerationEvent{
			Step:       step,
			Model:      modelOf(a),
			Usage:      usageOf(a),
			Input:      withSystem(a.text(attrInstructions), messages(a.text(attrInput))),
			Output:     messages(a.text(attrOutput)),
			Tools:      content(a.text("gen_ai.tool.definitions")),
			StopReason: strings.Join(a.texts("gen_ai.response.finish_reasons"), ","),
			ResponseID: a.text("gen_ai.response.id"),
			HTTPStatus: int(a.integer("http.response.status_code")),
		}
		e.Capture(ctx, opts...)
	case "embeddings":
		e := phai.EmbeddingEvent{
			Step:       step,
			Model:      modelOf(a),
			Usage:      usageOf(a),
			Input:      messages(a.text(attrInput)),
			HTTPStatus: int(a.integer("http.response.status_code")),
		}
		e.Capture(ctx, opts...)
	default:
		e := spanOf(kind, a)
		e.Step = step
		if e.Name = a.first("gen_ai.tool.name", "gen_ai.agent.name", "gen_ai.workflow.name"); e.Name == "" {
			e.Name = s.Name()
		}
		e.Capture(ctx, opts...)
	}
}

// stepOf returns what all events have in common.
func stepOf(s sdktrace.ReadOnlySpan, a attributes) phai.Step {
	step := phai.Step{
		SpanID:    s.SpanContext().SpanID().String(),
		SessionID: a.text("gen_ai.conversation.id"),
		Name:      s.Name(),
		Latency:   s.EndTime().Sub(s.StartTime()),
		Timestamp: s.EndTime(),
	}
	kind, status := a.text(attrErrorType), s.Status()
	if status.Code != codes.Error && kind == "" {
		return step
	}
	text := status.Description
	if text == "" {
		text = kind
	}
	if kind == "" {
		kind = "error"
	}
	step.Err, step.ErrorType = errors.New(text), kind
	return step
}

// spanOf returns the event of an operation that is no call of a model.
func spanOf(kind string, a attributes) *phai.SpanEvent {
	switch kind {
	case "execute_tool":
		return &phai.SpanEvent{
			Type:   "tool",
			Input:  content(a.text("gen_ai.tool.call.arguments")),
			Output: content(a.text("gen_ai.tool.call.result")),
		}
	case "invoke_agent", "create_agent":
		kind = "agent"
	}
	return &phai.SpanEvent{
		Type:   kind,
		Input:  withSystem(a.text(attrInstructions), messages(a.text(attrInput))),
		Output: messages(a.text(attrOutput)),
	}
}

// providers are those that PostHog calls otherwise than the conventions do.
var providers = map[string]string{
	"aws.bedrock":        "bedrock",
	"azure.ai.inference": "azure",
	"azure.ai.openai":    "azure",
	"az.ai.inference":    "azure",
	"az.ai.openai":       "azure",
	"gcp.gemini":         "gemini",
	"gcp.gen_ai":         "gemini",
	"gcp.vertex_ai":      "vertex",
	"gemini":             "gemini",
	"ibm.watsonx.ai":     "watsonx",
	"mistral_ai":         "mistral",
	"vertex_ai":          "vertex",
	"x_ai":               "xai",
	"xai":                "xai",
}

func modelOf(a attributes) phai.Model {
	m := phai.Model{
		Provider: strings.ToLower(a.first(attrProvider, attrSystem)),
		Name:     a.first("gen_ai.response.model", attrRequestModel),
		Parameters: phai.Parameters{
			TopP:             a.number("gen_ai.request.top_p"),
			FrequencyPenalty: a.number("gen_ai.request.frequency_penalty"),
			PresencePenalty:  a.number("gen_ai.request.presence_penalty"),
			MaxTokens:        a.integer("gen_ai.request.max_tokens"),
			N:                a.integer("gen_ai.request.choice.count"),
		},
	}
	if name, ok := providers[m.Provider]; ok {
		m.Provider = name
	}
	if _, ok := a["gen_ai.request.temperature"]; ok {
		m.Parameters.Temperature = phai.Temperature(a.number("gen_ai.request.temperature"))
	}
	if host := a.text("server.address"); host != "" && !strings.ContainsAny(host, "/@?#") {
		if port := a.integer("server.port"); port == 0 || port == 443 { // of others nothing says the scheme
			m.BaseURL = "https://" + host
		}
	}
	return m
}

func usageOf(a attributes) phai.Usage {
	return phai.Usage{
		InputTokens:         a.integer("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
		OutputTokens:        a.integer("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
		CacheReadTokens:     a.integer("gen_ai.usage.cache_read.input_tokens"),
		CacheCreationTokens: a.integer("gen_ai.usage.cache_creation.input_tokens"),
		ReasoningTokens:     a.integer("gen_ai.usage.reasoning.output_tokens"),
	}
}
