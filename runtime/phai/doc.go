// Package phai tells PostHog what an application does with language models: traces, the steps in
// them, the calls of models with their tokens and times, and what people think of the answers.
//
//	ctx, trace := phai.Trace(ctx, "summarise ticket", phai.WithFeature(ai.TicketSummary(ticket.ID)))
//	ctx, call := phai.Generation(ctx, phai.Model{Provider: "openai", Name: "gpt-5"})
//	call.Input(messages)
//	answer, err := model.Complete(ctx, messages)
//	call.Output(answer.Text)
//	call.Usage(phai.Usage{InputTokens: answer.In, OutputTokens: answer.Out})
//	call.End(err)
//	trace.End(err)
//
// What is begun with a context is part of what the context was made by, so the tree of steps is
// that of the contexts. Every step is one event, sent when it ends; the order of the ends does not
// matter, End counts once, and a step that is never ended sends nothing and holds nothing. A step
// that was timed by somebody else is sent with the Capture method of [TraceEvent],
// [SpanEvent], [GenerationEvent] or [EmbeddingEvent].
//
// Events are those of the client and scope of the context, as all of package runtime's are. Of
// nobody known they are about the trace's ID, and make no person. With a client that is nil,
// closed or disabled, and in a scope that has opted out, nothing is begun: contexts come back
// as they are, and [Run] and [Call] are nil, which is safe to use.
//
// # Privacy
//
// What people and models say is left out of events unless [Privacy] or the feature of the tracking
// plan says [Keep]: inputs, outputs, states, instructions, custom data, the data of spans and MCP
// servers, and the texts of errors, whose types are sent. A feature that redacts can not be
// overruled; one that keeps can. Names are sent, and so are metadata, the tools that a model is
// offered, what a provider says about usage, feedback, and every other property.
//
// Files in contents never are: data URLs in base64, long texts that are nothing but base64 where
// models put files, and bytes that are no text become "[base64 image redacted]" or the like.
//
// # Size
//
// PostHog takes 8 MiB for an event, or 900 KiB with [Lane](false). A content that makes its event
// larger is sent as null; [MaxText] cuts texts before that.
package phai
