package photel_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/photel"
	"github.com/phgen/phgen/runtime/phtest"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

const session = "0190c8a4-7777-7222-8333-444455556666"

// spanContext is what arrives from another service.
func spanContext(t *testing.T) trace.SpanContext {
	t.Helper()
	traceID, err := trace.TraceIDFromHex("4bf92f3577b34da6a3ce929d0e0e4736")
	if err != nil {
		t.Fatal(err)
	}
	spanID, err := trace.SpanIDFromHex("00f067aa0ba902b7")
	if err != nil {
		t.Fatal(err)
	}
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID})
}

func TestTraceContext(t *testing.T) {
	valid := spanContext(t)
	for _, test := range []struct {
		name string
		span trace.SpanContext
		want [2]string
	}{
		{"no span", trace.SpanContext{}, [2]string{}},
		{"not sampled", valid, [2]string{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"}},
		{"sampled, remote", valid.WithTraceFlags(trace.FlagsSampled).WithRemote(true), [2]string{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"}},
		{"a trace without a span", valid.WithSpanID(trace.SpanID{}), [2]string{}},
	} {
		for _, opts := range [][]photel.Option{nil, {nil, photel.SpanAttributes()}} {
			traceID, spanID := photel.TraceContext(opts...)(trace.ContextWithSpanContext(t.Context(), test.span))
			if got := [2]string{traceID, spanID}; got != test.want {
				t.Errorf("%s, %d options: got %v, want %v", test.name, len(opts), got, test.want)
			}
		}
	}
}

// Events of each kind are linked to the span they were captured in.
func TestEvents(t *testing.T) {
	server := phtest.NewMemoryServer(t)
	client, err := ph.New(ph.Config{APIKey: "phc_test", Host: server.URL, Transport: server, TraceContext: photel.TraceContext()})
	if err != nil {
		t.Fatal(err)
	}
	ctx := ph.With(t.Context(), ph.UseClient(client), ph.User("ann"))
	ph.Capture(ctx, "outside", nil)
	inside := trace.ContextWithSpanContext(ctx, spanContext(t))
	ph.Capture(inside, "inside", nil)
	ph.CaptureException(inside, context.Canceled)
	ph.CaptureAI(inside, "$ai_generation", nil)
	if err := client.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range server.Events() {
		traceID, _ := e.Value("$trace_id")
		spanID, _ := e.Value("$span_id")
		got[e.Event()] = traceID.String() + " " + spanID.String()
	}
	const link = "4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7"
	if diff := cmp.Diff(map[string]string{"outside": " ", "inside": link, "$exception": link, "$ai_generation": link}, got); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

// annotated returns the attributes of a span in which f is called.
func annotated(t *testing.T, ctx context.Context, f func(ctx context.Context, span trace.Span)) []attribute.KeyValue {
	t.Helper()
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	ctx, span := provider.Tracer("test").Start(ctx, "request")
	f(ctx, span)
	span.End()
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	return spans.Ended()[0].Attributes()
}

func TestAnnotate(t *testing.T) {
	annotate := func(ctx context.Context, _ trace.Span) { photel.Annotate(ctx) }
	hook := photel.TraceContext(photel.SpanAttributes())
	ann, sess := attribute.String("posthogDistinctId", "ann"), attribute.String("sessionId", session)
	for _, test := range []struct {
		name  string
		scope []ph.ScopeOption
		f     func(ctx context.Context, span trace.Span)
		want  []attribute.KeyValue
	}{
		{"user and session", []ph.ScopeOption{ph.User("ann"), ph.Session(session)}, annotate, []attribute.KeyValue{ann, sess}},
		{"nobody", []ph.ScopeOption{ph.Tag("a", 1)}, annotate, nil},
		{"a session", []ph.ScopeOption{ph.Session(session)}, annotate, []attribute.KeyValue{sess}},
		{"no scope", nil, annotate, nil},
		{"by events", []ph.ScopeOption{ph.User("ann")}, func(ctx context.Context, _ trace.Span) { hook(ctx) }, []attribute.KeyValue{ann}},
		{"not by events", []ph.ScopeOption{ph.User("ann")}, func(ctx context.Context, _ trace.Span) { photel.TraceContext()(ctx) }, nil},
		{"the user changes", []ph.ScopeOption{ph.User("bob")}, func(ctx context.Context, _ trace.Span) {
			hook(ctx)
			ph.SetUser(ctx, "ann")
			hook(ctx)
		}, []attribute.KeyValue{ann}},
		{"after its end", []ph.ScopeOption{ph.User("ann")}, func(ctx context.Context, span trace.Span) {
			span.End()
			photel.Annotate(ctx)
		}, nil},
	} {
		ctx := t.Context()
		if test.scope != nil {
			ctx = ph.With(ctx, test.scope...)
		}
		got := annotated(t, ctx, test.f)
		if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b attribute.KeyValue) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	photel.Annotate(t.Context()) // without a span it does nothing
}
