// Package photelai turns OpenTelemetry's spans about language models into PostHog's events, for
// programs whose models are instrumented already.
//
//	provider := sdktrace.NewTracerProvider(
//		sdktrace.WithSpanProcessor(photelai.NewProcessor()),
//		…
//	)
//
// It knows the spans by the attributes gen_ai.* of the semantic conventions, and leaves all others
// alone:
//
//	gen_ai.operation.name                        event
//	chat, text_completion, generate_content      $ai_generation
//	embeddings                                   $ai_embedding
//	execute_tool                                 $ai_span of type "tool"
//	invoke_agent, create_agent                   $ai_span of type "agent"
//	any other                                    $ai_span of that type
//
// The events of a trace have its ID, and their spans' IDs. The parent of one is the next span
// around it that is an event too. In a trace of package phai they are part of that.
//
// Messages are read from the attributes gen_ai.input.messages, gen_ai.output.messages and
// gen_ai.system_instructions, of the span or of one of its events, and from the events that were
// there before those. Instrumentations record them only if told to, and phai.Redact, the default,
// does not send them.
//
// A program that uses phai.Transport for the same calls has every one of them twice.
package photelai
