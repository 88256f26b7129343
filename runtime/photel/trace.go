package photel

import (
	"context"

	ph "github.com/phgen/phgen/runtime"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// The attributes by which PostHog finds the person and session of a span.
const (
	attrDistinctID = "posthogDistinctId"
	attrSessionID  = "sessionId"
)

// An Option changes what the function of [TraceContext] does.
type Option func(*tracing)

type tracing struct{ annotate bool }

// SpanAttributes makes the function annotate the span of every event that is captured, as
// [Annotate] does.
func SpanAttributes() Option { return func(t *tracing) { t.annotate = true } }

// TraceContext returns a function for ph.Config.TraceContext: it names the trace and span
// of a context, sampled or not. Without a span both are empty.
func TraceContext(opts ...Option) func(ctx context.Context) (traceID, spanID string) {
	var t tracing
	for _, o := range opts {
		if o != nil {
			o(&t)
		}
	}
	return func(ctx context.Context) (traceID, spanID string) {
		span := trace.SpanContextFromContext(ctx)
		if !span.IsValid() {
			return "", ""
		}
		if t.annotate {
			Annotate(ctx)
		}
		return span.TraceID().String(), span.SpanID().String()
	}
}

// Annotate says on the span of ctx whose it is: posthogDistinctId is the user of the scope,
// sessionId its session. What the scope does not know is left out, and so is a random
// distinct ID. A span that has ended, or is not recorded, stays as it is. To annotate every
// request call it where ph.SetUser is called.
func Annotate(ctx context.Context) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	id := ph.IdentityOf(ctx)
	var attrs []attribute.KeyValue
	if id.Known {
		attrs = append(attrs, attribute.String(attrDistinctID, id.DistinctID))
	}
	if id.SessionID != "" {
		attrs = append(attrs, attribute.String(attrSessionID, id.SessionID))
	}
	span.SetAttributes(attrs...)
}
