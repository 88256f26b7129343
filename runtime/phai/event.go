package phai

import (
	"context"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// A Step is what traces, spans and model calls have in common. Every field may be zero: its
// property is then left out, but for the trace's ID, which is that of the context or a random
// one.
type Step struct {
	TraceID   string // $ai_trace_id
	SessionID string // $ai_session_id
	GroupID   string // $ai_group_id
	SpanID    string // $ai_span_id
	ParentID  string // $ai_parent_id; that of the context by default
	Name      string // $ai_span_name
	TraceName string // $ai_trace_name

	Framework  string // $ai_framework
	Lib        string // $ai_lib
	LibVersion string // $ai_lib_version

	// Latency is how long the step took, sent as $ai_latency in seconds.
	Latency time.Duration

	// Err is why the step failed. It is sent as $ai_is_error, as $ai_error unless contents are
	// redacted, and as $ai_error_type, which is ErrorType, "canceled", "deadline_exceeded", or
	// the type of Err.
	Err       error
	ErrorType string

	// ExceptionID is the UUID of the $exception that says more, $exception_event_id.
	ExceptionID uuid.UUID

	// Timestamp is the event's, now if it is zero.
	Timestamp time.Time

	// Extra are further properties. They win over those of the fields, but for what is said about
	// an error, and are redacted by the same keys.
	Extra ph.Props
}

// A TraceEvent is $ai_trace: a whole run. PostHog makes one of the other events of the trace if
// none is sent.
type TraceEvent struct {
	Step
	Input    any // $ai_input_state
	Output   any // $ai_output_state
	Metadata any // $ai_trace_metadata
}

// A SpanEvent is $ai_span: a step such as the call of a tool. Contents may be anything that has
// JSON.
type SpanEvent struct {
	Step
	Type   string // $ai_span_type: "tool", "agent", "handoff", "guardrail", …
	Input  any    // $ai_input_state
	Output any    // $ai_output_state

	Agent Agent

	MCPServer string   // $ai_mcp_server
	MCPTools  []string // $ai_mcp_tools
	MCPData   any      // $ai_mcp_data; redacted

	CustomData       any // $ai_custom_data; redacted
	SpanData         any // $ai_span_data; redacted
	ProviderMetadata any // $ai_provider_metadata
}

// An Agent is what a span of type "agent", "handoff" or "guardrail" says about it.
type Agent struct {
	Handoffs   []string // $ai_agent_handoffs
	Tools      []string // $ai_agent_tools
	OutputType string   // $ai_agent_output_type
	From       string   // $ai_handoff_from_agent
	To         string   // $ai_handoff_to_agent
	Triggered  bool     // $ai_guardrail_triggered; also sent if false with the type "guardrail"
}

// A GenerationEvent is $ai_generation: one call of a model.
type GenerationEvent struct {
	Step
	Model
	Usage

	// Input is what the model was given: []Message, text, which counts as a user's message, JSON
	// as json.RawMessage or []byte, or anything that has JSON. It is sent as $ai_input.
	Input any
	// Output is what it answered, as Input, but text counts as the assistant's:
	// $ai_output_choices.
	Output any

	Tools        any    // $ai_tools: what was offered to the model
	Instructions string // $ai_instructions
	StopReason   string // $ai_stop_reason, as the provider spells it
	ResponseID   string // $ai_response_id
	CompletionID string // $ai_completion_id

	// FirstToken is the time to the first token of a stream: $ai_time_to_first_token, in seconds.
	FirstToken time.Duration

	HTTPStatus       int // $ai_http_status
	CustomData       any // $ai_custom_data; redacted
	ProviderMetadata any // $ai_provider_metadata
}

// An EmbeddingEvent is $ai_embedding: one call of an embedding model.
type EmbeddingEvent struct {
	Step
	Model
	Usage
	Input      any // $ai_input: text, a list of texts, or anything that has JSON
	HTTPStatus int // $ai_http_status
}

// A MetricEvent is $ai_metric: how well a trace did, by some measure.
type MetricEvent struct {
	TraceID   string // $ai_trace_id; that of the context by default
	Name      string // $ai_metric_name
	Value     string // $ai_metric_value
	Timestamp time.Time
	Extra     ph.Props
}

// A FeedbackEvent is $ai_feedback: what a user thinks of a trace.
type FeedbackEvent struct {
	TraceID   string // $ai_trace_id; that of the context by default
	Text      string // $ai_feedback_text
	Timestamp time.Time
	Extra     ph.Props
}

// Model is a model and how it is called.
type Model struct {
	Provider   string // $ai_provider: "openai", "anthropic", …
	Name       string // $ai_model
	Parameters Parameters
	BaseURL    string // $ai_base_url; without user, query and fragment
	RequestURL string // $ai_request_url; likewise
}

// Parameters are sent as $ai_model_parameters, those that are not zero. Temperature, the limit of
// tokens and whether the answer is streamed are also sent as $ai_temperature, $ai_max_tokens and
// $ai_stream.
type Parameters struct {
	Temperature         *float64 // because 0 is one; see [Temperature]
	TopP                float64
	FrequencyPenalty    float64
	PresencePenalty     float64
	MaxTokens           int64
	MaxCompletionTokens int64
	N                   int64
	Stop                []string
	Stream              bool
	Streaming           bool
}

// Temperature returns a temperature for [Parameters].
func Temperature(t float64) *float64 { return &t }

// Usage counts tokens and what they cost. Zero is unknown; only the input and output tokens are
// sent nevertheless.
type Usage struct {
	InputTokens     int64 // $ai_input_tokens
	OutputTokens    int64 // $ai_output_tokens; not of embeddings
	TotalTokens     int64 // $ai_total_tokens
	ReasoningTokens int64 // $ai_reasoning_tokens

	CacheReadTokens       int64 // $ai_cache_read_input_tokens
	CacheCreationTokens   int64 // $ai_cache_creation_input_tokens
	CacheCreation5mTokens int64 // $ai_cache_creation_5m_input_tokens, of which …
	CacheCreation1hTokens int64 // $ai_cache_creation_1h_input_tokens: both are sent or none
	CacheExclusive        bool  // $ai_cache_reporting_exclusive: InputTokens are without those of the cache

	WebSearches int64 // $ai_web_search_count
	RawUsage    any   // $ai_usage: as the provider says it

	Cost *Cost // nil: PostHog computes it
}

// Cost is in US dollars: $ai_input_cost_usd, $ai_output_cost_usd and $ai_total_cost_usd. A Total
// of zero means their sum.
type Cost struct{ Input, Output, Total float64 }

// A Message is one message of a conversation.
type Message struct {
	Role       string     `json:"role"`
	Content    any        `json:"content"` // text, []Part, or anything that has JSON
	ToolCalls  []ToolCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
	Name       string     `json:"name,omitempty"`
	Refusal    string     `json:"refusal,omitempty"`
	Audio      any        `json:"audio,omitempty"`
}

// A Part is one part of a message's content.
type Part struct {
	Type     string    `json:"type"` // "text", "image", "function", …
	Text     string    `json:"text,omitempty"`
	Image    any       `json:"image,omitempty"`
	ID       string    `json:"id,omitempty"`
	Function *Function `json:"function,omitempty"`
}

// A ToolCall is a call that the model asks for.
type ToolCall struct {
	ID       string   `json:"id,omitempty"`
	Type     string   `json:"type"` // "function"
	Function Function `json:"function"`
}

// A Function is a function and what it is called with: JSON as text, as models send it, or
// anything that has JSON.
type Function struct {
	Name      string `json:"name"`
	Arguments any    `json:"arguments"`
}

// Capture sends the event and returns its UUID; the zero UUID says that it was refused. What the
// event leaves open, options and the place of ctx in a trace say. Like ph.Capture it does not wait
// for the network. A nil event is none.
func (e *TraceEvent) Capture(ctx context.Context, opts ...Option) uuid.UUID {
	if e == nil {
		return uuid.Nil
	}
	return capture(ctx, "$ai_trace", e, opts)
}

// Capture is [TraceEvent.Capture] for a span.
func (e *SpanEvent) Capture(ctx context.Context, opts ...Option) uuid.UUID {
	if e == nil {
		return uuid.Nil
	}
	return capture(ctx, "$ai_span", e, opts)
}

// Capture is [TraceEvent.Capture] for a call of a model.
func (e *GenerationEvent) Capture(ctx context.Context, opts ...Option) uuid.UUID {
	if e == nil {
		return uuid.Nil
	}
	return capture(ctx, "$ai_generation", e, opts)
}

// Capture is [TraceEvent.Capture] for an embedding.
func (e *EmbeddingEvent) Capture(ctx context.Context, opts ...Option) uuid.UUID {
	if e == nil {
		return uuid.Nil
	}
	return capture(ctx, "$ai_embedding", e, opts)
}

// Capture is [TraceEvent.Capture] for a metric. Without a trace it is refused.
func (e *MetricEvent) Capture(ctx context.Context, opts ...Option) uuid.UUID {
	if e == nil {
		return uuid.Nil
	}
	return capture(ctx, "$ai_metric", e, opts)
}

// Capture is [TraceEvent.Capture] for feedback. Without a trace it is refused.
func (e *FeedbackEvent) Capture(ctx context.Context, opts ...Option) uuid.UUID {
	if e == nil {
		return uuid.Nil
	}
	return capture(ctx, "$ai_feedback", e, opts)
}

// Metric captures how well the trace of ctx did. Outside a trace it is refused.
func Metric(ctx context.Context, name, value string, opts ...Option) uuid.UUID {
	return (&MetricEvent{Name: name, Value: value}).Capture(ctx, opts...)
}

// Feedback captures what a user thinks of the trace of ctx. Outside a trace it is refused.
func Feedback(ctx context.Context, text string, opts ...Option) uuid.UUID {
	return (&FeedbackEvent{Text: text}).Capture(ctx, opts...)
}
