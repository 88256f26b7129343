package photelai

import (
	"context"
	"sync"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phai"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// maxLive bounds the spans whose scope is remembered.
const maxLive = 8192

// A Processor captures the spans about language models when they end, in the scope of the context
// in which they began. It may be used by many goroutines.
type Processor struct {
	opts []phai.Option

	mu   sync.Mutex
	live map[spanKey]live
}

var _ sdktrace.SpanProcessor = (*Processor)(nil)

// A spanKey is a span of any trace.
type spanKey struct {
	trace trace.TraceID
	span  trace.SpanID
}

func keyOf(c trace.SpanContext) spanKey { return spanKey{c.TraceID(), c.SpanID()} }

// live is a span that has begun.
type live struct {
	ctx  context.Context
	span sdktrace.ReadOnlySpan
}

// NewProcessor returns a processor whose events take the options, which win over those of
// contexts.
func NewProcessor(opts ...phai.Option) *Processor {
	return &Processor{opts: opts, live: map[spanKey]live{}}
}

// OnStart remembers the scope of a span. Of more than 8192 that have not ended, one is forgotten,
// and captured, if at all, for the default client.
func (p *Processor) OnStart(parent context.Context, s sdktrace.ReadWriteSpan) {
	if !ph.Capturing(parent) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.live) >= maxLive {
		for key := range p.live {
			delete(p.live, key)
			break
		}
	}
	p.live[keyOf(s.SpanContext())] = live{ph.Detach(parent), s}
}

// OnEnd captures s, if it is about a language model. It does not wait for the network.
func (p *Processor) OnEnd(s sdktrace.ReadOnlySpan) {
	a := attributesOf(s.Attributes())
	kind := a.kind()
	ctx, outer := p.end(s, kind != "")
	if kind == "" || !ph.Capturing(ctx) {
		return
	}
	parent := ""
	for _, o := range outer {
		if attributesOf(o.Attributes()).kind() != "" {
			parent = o.SpanContext().SpanID().String()
			break
		}
	}
	capture(ctx, s, kind, a.withEvents(s.Events()), parent, p.opts)
}

// end forgets s. It returns the context that s began in and, if they are wanted, the spans around
// it.
func (p *Processor) end(s sdktrace.ReadOnlySpan, wanted bool) (ctx context.Context, outer []sdktrace.ReadOnlySpan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := keyOf(s.SpanContext())
	begun, ok := p.live[key]
	delete(p.live, key)
	if wanted {
		outer = p.outer(s)
	}
	if !ok {
		return context.Background(), outer
	}
	return begun.ctx, outer
}

// maxOuter is how many spans around one are looked at.
const maxOuter = 64

// outer returns the spans around s that have not ended, the innermost first. p.mu is held.
func (p *Processor) outer(s sdktrace.ReadOnlySpan) (spans []sdktrace.ReadOnlySpan) {
	for range maxOuter {
		around, ok := p.live[keyOf(s.Parent())]
		if !ok {
			break
		}
		s = around.span
		spans = append(spans, s)
	}
	return spans
}

// Shutdown forgets the spans that have not ended. It does not close the client.
func (p *Processor) Shutdown(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.live)
	return nil
}

// ForceFlush delivers what the client of ctx has queued, which is the default client if ctx has
// none.
func (p *Processor) ForceFlush(ctx context.Context) error { return ph.ClientOf(ctx).Flush(ctx) }
