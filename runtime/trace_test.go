package runtime

import (
	"context"
	"strings"
	"testing"
)

func TestTraceContext(t *testing.T) {
	type key struct{}
	own := probe{&EventSpec{Name: "e", Props: []Prop{{Key: "$trace_id"}}}, func(w *Writer, p []Prop) { w.String(&p[0], "own") }}
	trace := func(ctx context.Context) (string, string) {
		if id, ok := ctx.Value(key{}).(string); ok {
			return id, "b7ad6b7169203331"
		}
		return "", ""
	}
	const id = "0af7651916cd43dd8448eb211c80319c"
	for _, tt := range []struct {
		name  string
		trace func(context.Context) (string, string)
		call  func(context.Context)
		want  string
	}{
		{"typed event", trace, func(ctx context.Context) { capture(ctx) }, `"$trace_id":"` + id + `","$span_id":"b7ad6b7169203331"`},
		{"untyped event", trace, func(ctx context.Context) { Capture(ctx, "e", Props{"a": 1}) }, `"a":1,"$trace_id":"` + id + `","$span_id":"b7ad6b7169203331"`},
		{"its own property", trace, func(ctx context.Context) { _, _ = own.TryCapture(ctx) }, `"$trace_id":"own","$span_id":"b7ad6b7169203331"`},
		{"a tag", trace, func(ctx context.Context) { capture(With(ctx, Tag("$trace_id", "tag"))) },
			`"$trace_id":"tag","$context_tags":["$trace_id"],"$span_id":"b7ad6b7169203331"`},
		{"no trace", func(context.Context) (string, string) { return "", "" }, func(ctx context.Context) { capture(ctx) }, ``},
		{"no text", func(context.Context) (string, string) { return strings.Repeat("x", 65), "\x00\"" }, func(ctx context.Context) { capture(ctx) }, `"$span_id":"\""`},
		{"panic", func(context.Context) (string, string) { panic("no trace") }, func(ctx context.Context) { capture(ctx) }, ``},
		{"context", trace, func(ctx context.Context) { capture(context.WithValue(ctx, key{}, "x")) }, `"$trace_id":"x","$span_id":"b7ad6b7169203331"`},
	} {
		r := newRig(t, func(c *Config) { c.TraceContext = tt.trace })
		tt.call(context.WithValue(r.ctx(), key{}, id))
		if got := r.props(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Nobody asks for the trace of what is no capture, or is not sent.
func TestTraceContextIsNotAsked(t *testing.T) {
	asked := 0
	r := newRig(t, func(c *Config) {
		c.TraceContext = func(context.Context) (string, string) { asked++; return "t", "s" }
		c.SuperProperties = Props{"$span_id": "super"}
	})
	Identify(r.ctx(), Props{"a": 1}, nil)
	GroupIdentify(r.ctx(), "org", "acme", nil)
	capture(r.ctx(OptOut()))
	if asked != 0 || len(r.sent()) != 2 {
		t.Errorf("asked %d times, want 0", asked)
	}
	capture(r.ctx())
	if got, want := r.props(), `"$trace_id":"t","$span_id":"super"`; got != want || asked != 1 {
		t.Errorf("got %s after %d questions, want %s after 1", got, asked, want)
	}
}
