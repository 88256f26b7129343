package phai

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// A Call is a call of a model that was begun and is to be ended. It is used as a [Run] is.
type Call struct {
	node      *node
	embedding bool

	mu     sync.Mutex
	event  GenerationEvent
	answer []byte // of Chunk
	ended  bool
}

// Generation begins a call of a model, in the trace of ctx or in one of its own. What is begun
// with the context it returns, say the tools that the model calls, is part of it.
func Generation(ctx context.Context, m Model, opts ...Option) (context.Context, *Call) {
	return beginCall(ctx, m, opts, false)
}

// Embedding is [Generation] for an embedding model, which has no output.
func Embedding(ctx context.Context, m Model, opts ...Option) (context.Context, *Call) {
	return beginCall(ctx, m, opts, true)
}

func beginCall(ctx context.Context, m Model, opts []Option, embedding bool) (context.Context, *Call) {
	if ctx == nil {
		ctx = context.Background()
	}
	if !ph.Capturing(ctx) {
		return ctx, nil
	}
	n := newNode(ctx, opts)
	n.begin(false)
	c := &Call{node: n, embedding: embedding}
	c.event.Model = m
	return n, c
}

// Input says what the model is given, as [GenerationEvent.Input]. It is encoded by End and must
// not change before.
func (c *Call) Input(v any) { c.Update(func(e *GenerationEvent) { e.Input = v }) }

// Output says what the model answered, as [GenerationEvent.Output]. It is encoded by End and must
// not change before.
func (c *Call) Output(v any) { c.Update(func(e *GenerationEvent) { e.Output = v }) }

// Usage says what the call used.
func (c *Call) Usage(u Usage) { c.Update(func(e *GenerationEvent) { e.Usage = u }) }

// StopReason says why the model stopped, as the provider spells it.
func (c *Call) StopReason(reason string) {
	c.Update(func(e *GenerationEvent) { e.StopReason = reason })
}

// FirstToken says that a streamed answer begins. Only the first call counts, that of [Call.Chunk]
// included.
func (c *Call) FirstToken() { c.Chunk("") }

// Chunk says that a part of a streamed answer has come, and what it says. Unless Output is called,
// the parts together are the output; they are only kept if they will be sent.
func (c *Call) Chunk(text string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	if c.event.FirstToken == 0 {
		c.event.FirstToken = elapsed(c.node.start)
	}
	if c.node.policy() == Keep && len(c.answer) < maxContent {
		c.answer = append(c.answer, text...)
	}
}

// Property sets a property of the event, as [Step.Extra].
func (c *Call) Property(key string, v any) {
	c.Update(func(e *GenerationEvent) { e.property(key, v) })
}

// Exception links the event to a $exception, as [Run.Exception] does.
func (c *Call) Exception(id uuid.UUID) {
	c.Update(func(e *GenerationEvent) { e.exception(id) })
}

// Update calls f with the event before it is sent, for what no method sets. Of it, an embedding
// has the fields that [EmbeddingEvent] has too. f must not use c.
func (c *Call) Update(f func(*GenerationEvent)) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		f(&c.event)
	}
}

// TraceID returns the ID of the trace; empty if c is nil.
func (c *Call) TraceID() string {
	if c == nil {
		return ""
	}
	return c.node.traceID
}

// End sends the event, with the time since it was begun, and with err if that is not nil. It
// returns the event's UUID, and the zero UUID if it was refused, or ended before.
func (c *Call) End(err error) uuid.UUID {
	if c == nil {
		return uuid.Nil
	}
	c.mu.Lock()
	again := c.ended
	c.ended = true
	c.mu.Unlock()
	if again {
		return uuid.Nil
	}
	e := &c.event // nobody writes it any more
	if e.Output == nil && len(c.answer) > 0 {
		e.Output = string(c.answer)
	}
	c.node.finish(&e.Step, err)
	if !c.embedding {
		return c.node.capture(c.node, "$ai_generation", e)
	}
	return c.node.capture(c.node, "$ai_embedding", &EmbeddingEvent{
		Step: e.Step, Model: e.Model, Usage: e.Usage, Input: e.Input, HTTPStatus: e.HTTPStatus,
	})
}

// elapsed is the time since start, never zero: that would be unknown.
func elapsed(start time.Time) time.Duration { return max(time.Since(start), time.Nanosecond) }
