package phai

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// A Run is a trace or span that was begun and is to be ended. Its methods may be called by many
// goroutines, and on nil, which is what a client that takes no events gives. After End they do
// nothing. One that is never ended sends nothing, and holds nothing but its own memory.
type Run struct {
	node *node
	name string // of the event

	mu    sync.Mutex
	event SpanEvent
	ended bool
}

// Trace begins a trace: what an application does for one request, with however many calls of
// models and tools. What is begun with the context it returns is part of it. Within a trace it
// begins a span of that, unless [TraceID] names another. The event is sent by End. A nil ctx counts
// as context.Background.
func Trace(ctx context.Context, name string, opts ...Option) (context.Context, *Run) {
	return begin(ctx, "$ai_trace", name, opts)
}

// Span begins a step of the trace of ctx: the call of a tool, a retrieval, an agent. Without a
// trace it begins one that has no event of its own.
func Span(ctx context.Context, name string, opts ...Option) (context.Context, *Run) {
	return begin(ctx, "$ai_span", name, opts)
}

func begin(ctx context.Context, event, name string, opts []Option) (context.Context, *Run) {
	if ctx == nil {
		ctx = context.Background()
	}
	if !ph.Capturing(ctx) {
		return ctx, nil
	}
	n := newNode(ctx, opts)
	if n.parent != "" {
		event = "$ai_span"
	}
	n.begin(event == "$ai_trace")
	r := &Run{node: n, name: event}
	r.event.Name = name
	return n, r
}

// begin gives n what options left open.
func (n *node) begin(isTrace bool) {
	if n.start.IsZero() {
		n.start = time.Now()
	}
	if n.traceID == "" {
		n.traceID = newID()
	}
	if n.links == nil {
		n.links = new(links)
	}
	switch {
	case isTrace:
		n.spanID = n.traceID
	case n.spanID == "":
		n.spanID = newID()
	}
}

// Input says what the step was given. It is encoded by End and must not change before.
func (r *Run) Input(v any) { r.Update(func(e *SpanEvent) { e.Input = v }) }

// Output says what came out of the step. It is encoded by End and must not change before.
func (r *Run) Output(v any) { r.Update(func(e *SpanEvent) { e.Output = v }) }

// Type says what kind of step a span is: "tool", "agent", "guardrail". A trace has none.
func (r *Run) Type(t string) { r.Update(func(e *SpanEvent) { e.Type = t }) }

// Property sets a property of the event, as [Step.Extra].
func (r *Run) Property(key string, v any) {
	r.Update(func(e *SpanEvent) { e.property(key, v) })
}

// Exception links the event to a $exception, by what ph.CaptureException returned. The zero UUID
// has no effect.
func (r *Run) Exception(id uuid.UUID) {
	r.Update(func(e *SpanEvent) { e.exception(id) })
}

// Update calls f with the event before it is sent, for what no method sets. A trace has of it the
// Step, Input and Output, and its metadata is the property "$ai_trace_metadata". f must not use r.
func (r *Run) Update(f func(*SpanEvent)) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		f(&r.event)
	}
}

// TraceID returns the ID of the trace; empty if r is nil.
func (r *Run) TraceID() string {
	if r == nil {
		return ""
	}
	return r.node.traceID
}

// End sends the event, with the time since it was begun, and with err if that is not nil. It
// returns the event's UUID, and the zero UUID if it was refused, or ended before. What is begun in
// the step may end later.
func (r *Run) End(err error) uuid.UUID {
	if r == nil {
		return uuid.Nil
	}
	r.mu.Lock()
	again := r.ended
	r.ended = true
	r.mu.Unlock()
	if again {
		return uuid.Nil
	}
	e := &r.event // nobody writes it any more
	r.node.finish(&e.Step, err)
	if r.name == "$ai_span" {
		return r.node.capture(r.node, r.name, e)
	}
	return r.node.capture(r.node, r.name, &TraceEvent{Step: e.Step, Input: e.Input, Output: e.Output})
}

// finish fills in what the end of a step says.
func (n *node) finish(s *Step, err error) {
	s.TraceID, s.SpanID, s.ParentID = n.traceID, n.spanID, n.parent
	if s.Latency == 0 {
		s.Latency = max(time.Since(n.start), 0)
	}
	if err != nil {
		s.Err = err
	}
	if s.Err != nil {
		s.ExceptionID = n.link(n, s.Err, s.ExceptionID)
	}
}

func (s *Step) property(key string, v any) {
	s.Extra = merge(s.Extra, ph.Props{key: v}) // the map may be the caller's
}

func (s *Step) exception(id uuid.UUID) {
	if id != uuid.Nil {
		s.ExceptionID = id
	}
}
