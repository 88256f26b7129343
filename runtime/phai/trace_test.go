package phai

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
	"pgregory.net/rapid"
)

// shape is where an event is, and how long it took.
func (e event) shape() string {
	p := e.Properties
	name := p["$ai_span_name"]
	if name == nil {
		name = p["$ai_model"]
	}
	return fmt.Sprintf("%s %v: trace %v span %v parent %v took %v first %v", e.Event, name, p["$ai_trace_id"], p["$ai_span_id"], p["$ai_parent_id"],
		p["$ai_latency"], p["$ai_time_to_first_token"])
}

func shapes(events []event) (all []string) {
	for _, e := range events {
		all = append(all, e.shape())
	}
	return all
}

func TestNesting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ctx, trace := Trace(r.ctx(), "run", TraceID("t"))
		time.Sleep(time.Second)
		agent, span := Span(ctx, "agent", SpanID("s1"))
		time.Sleep(time.Second)
		thinking, call := Generation(agent, Model{Name: "gpt-5"}, SpanID("g1"))
		time.Sleep(250 * time.Millisecond)
		call.FirstToken()
		time.Sleep(250 * time.Millisecond)
		call.Chunk("more")
		_, tool := Span(thinking, "tool", SpanID("s2"))
		_, inner := Trace(agent, "sub-agent", SpanID("s3"))
		_, embedding := Embedding(ctx, Model{Name: "ada"}, SpanID("e1"))
		span.End(nil) // before what is in it
		trace.End(nil)
		call.End(nil)
		time.Sleep(time.Second)
		tool.End(nil)
		inner.End(nil)
		embedding.End(nil)
		(&SpanEvent{Step: Step{Name: "by hand", SpanID: "s4", Latency: time.Minute}}).Capture(agent)
		Metric(agent, "accuracy", "0.9")
		Feedback(thinking, "good")

		got := shapes(r.sent())
		want := []string{
			"$ai_span agent: trace t span s1 parent t took 1.5 first <nil>",
			"$ai_trace run: trace t span <nil> parent <nil> took 2.5 first <nil>",
			"$ai_generation gpt-5: trace t span g1 parent s1 took 0.5 first 0.25",
			"$ai_span tool: trace t span s2 parent g1 took 1 first <nil>",
			"$ai_span sub-agent: trace t span s3 parent s1 took 1 first <nil>",
			"$ai_embedding ada: trace t span e1 parent t took 1 first <nil>",
			"$ai_span by hand: trace t span s4 parent s1 took 60 first <nil>",
			"$ai_metric <nil>: trace t span <nil> parent <nil> took <nil> first <nil>",
			"$ai_feedback <nil>: trace t span <nil> parent <nil> took <nil> first <nil>",
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("events (-got +want):\n%s", diff)
		}
		_ = r.c.Close(context.Background())
	})
}

func TestAlone(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(context.Context)
		want string
	}{
		{"span", func(ctx context.Context) { _, s := Span(ctx, "a", SpanID("s")); s.End(nil) }, "a"},
		{"generation", func(ctx context.Context) { _, g := Generation(ctx, Model{Name: "m"}, SpanID("s")); g.End(nil) }, "m"},
		{"by hand", func(ctx context.Context) {
			(&EmbeddingEvent{Model: Model{Name: "m"}, Step: Step{SpanID: "s"}}).Capture(ctx)
		}, "m"},
	} {
		r := newRig(t)
		test.make(r.anybody())
		got := r.one()
		id, _ := got.Properties["$ai_trace_id"].(string)
		if _, err := uuid.Parse(id); err != nil || got.DistinctID != id || got.Properties["$process_person_profile"] != false {
			t.Errorf("%s: trace %q of %q with a person: %v", test.name, id, got.DistinctID, got.Properties["$process_person_profile"])
		}
		if p := got.Properties; p["$ai_span_id"] != "s" || p["$ai_parent_id"] != nil {
			t.Errorf("%s: span %v in %v, want s in nothing", test.name, p["$ai_span_id"], p["$ai_parent_id"])
		}
	}
}

// A trace goes on in another process, and a new one begins within a trace.
func TestTraceIDs(t *testing.T) {
	r := newRig(t)
	ctx := With(r.ctx(), ParentID("there"), TraceID("far"))
	_, span := Trace(ctx, "a", SpanID("s"))
	span.End(nil)
	inner, other := Trace(ctx, "b", TraceID("new"))
	_, in := Span(inner, "c", SpanID("s"))
	in.End(nil)
	other.End(nil)
	_, odd := Trace(r.ctx(), "d", TraceID("a b/ü\x00"+"x'|"))
	odd.End(nil)
	(&SpanEvent{Step: Step{TraceID: "elsewhere", SpanID: "s", Name: "e"}}).Capture(ctx)
	(&SpanEvent{Step: Step{TraceID: "far", SpanID: "s", Name: "f"}}).Capture(ctx)
	var got []string
	for _, e := range r.sent() {
		p := e.Properties
		got = append(got, fmt.Sprint(p["$ai_span_name"], " ", e.Event, " ", p["$ai_trace_id"], " ", p["$ai_span_id"], " ", p["$ai_parent_id"]))
	}
	want := []string{
		"a $ai_span far s there", "c $ai_span new s new", "b $ai_trace new <nil> <nil>", "d $ai_trace a_b___x'| <nil> <nil>",
		"e $ai_span elsewhere s <nil>", "f $ai_span far s there",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("events (-got +want):\n%s", diff)
	}
	if got := TraceIDOf(inner) + " " + SpanIDOf(ctx) + TraceIDOf(context.Background()) + SpanIDOf(nil); got != "new there" { //nolint:staticcheck // nil is allowed
		t.Errorf("got %q, want %q", got, "new there")
	}
}

func TestOutsideTrace(t *testing.T) {
	r := newRig(t)
	if Metric(r.ctx(), "accuracy", "1") != uuid.Nil || Feedback(r.ctx(), "good") != uuid.Nil {
		t.Error("a metric or feedback of no trace was taken")
	}
	if Feedback(r.ctx(), "good", TraceID("t")) == uuid.Nil {
		t.Error("feedback on a trace was refused")
	}
	if got := r.one().Properties["$ai_trace_id"]; got != "t" {
		t.Errorf("got trace %v, want t", got)
	}
}

func TestEndedTwice(t *testing.T) {
	r := newRig(t)
	_, span := Span(r.ctx(), "a")
	_, call := Generation(r.ctx(), Model{Name: "m"})
	first, second := span.End(nil), span.End(io.EOF)
	span.Input("late")
	if first == uuid.Nil || second != uuid.Nil {
		t.Errorf("a span ended as %v and %v", first, second)
	}
	first, second = call.End(nil), call.End(io.EOF)
	call.Chunk("late")
	call.Output("late")
	if first == uuid.Nil || second != uuid.Nil {
		t.Errorf("a call ended as %v and %v", first, second)
	}
	for _, e := range r.sent() {
		if e.Properties[keyIsError] != nil {
			t.Errorf("the second end changed %s", e.text)
		}
	}
}

// An error is captured once, and every step that fails with it is linked to it.
func TestExceptions(t *testing.T) {
	r := newRig(t)
	ctx, trace := Trace(r.ctx(), "run", CaptureExceptions(true), Privacy(Keep))
	_, call := Generation(ctx, Model{})
	_, other := Span(ctx, "other")
	err := errors.New("model is tired")
	call.End(err)
	other.End(io.ErrUnexpectedEOF)
	trace.End(fmt.Errorf("run: %w", err))
	var ids []string
	var links []any
	for _, e := range r.sent() {
		if e.Event == "$exception" {
			ids = append(ids, e.UUID)
		} else {
			links = append(links, e.Properties["$exception_event_id"])
		}
	}
	if len(ids) != 2 || len(links) != 3 || links[0] != ids[0] || links[1] != ids[1] {
		t.Errorf("exceptions %v, links %v", ids, links)
	}
	if links[2] != ids[0] {
		t.Errorf("the trace is linked to %v, want %v, that of the error it wraps", links[2], ids[0])
	}

	_, span := Span(r.ctx(), "by hand")
	id := ph.CaptureException(r.ctx(), err)
	span.Exception(id)
	span.Exception(uuid.Nil)
	span.End(err)
	for _, e := range r.sent() {
		if got := e.Properties["$exception_event_id"]; e.Event == "$ai_span" && got != id.String() {
			t.Errorf("got a link to %v, want %v", got, id)
		}
	}
}

type brokenError struct{}

func (brokenError) Error() string   { panic("broken") }
func (brokenError) Is(error) bool   { panic("broken") }
func (brokenError) Unwrap() []error { panic("broken") }

func TestErrorTypes(t *testing.T) {
	for _, test := range []struct {
		err        error
		kind, text any
	}{
		{io.EOF, "*errors.errorString", "EOF"},
		{fmt.Errorf("model: %w", context.Canceled), "canceled", "model: context canceled"},
		{context.DeadlineExceeded, "deadline_exceeded", "context deadline exceeded"},
		{brokenError{}, nil, nil},
	} {
		r := newRig(t)
		_, span := Span(r.ctx(), "a", Privacy(Keep))
		span.End(test.err)
		p := r.one().Properties
		if p[keyIsError] != true || p[keyErrorType] != test.kind || p[keyError] != test.text {
			t.Errorf("%T: got %v, %v, %v", test.err, p[keyIsError], p[keyErrorType], p[keyError])
		}
	}
}

func TestNil(t *testing.T) {
	ctx, trace := Trace(nil, "a") //nolint:staticcheck // nil is allowed
	_, span := Span(ctx, "b")
	_, call := Generation(ctx, Model{})
	_, embedding := Embedding(ctx, Model{})
	for _, r := range []*Run{trace, span} {
		r.Input(1)
		r.Output(1)
		r.Type("tool")
		r.Property("a", 1)
		r.Exception(uuid.New())
		if r.End(nil) != uuid.Nil || r.TraceID() != "" {
			t.Error("without a client an event was taken")
		}
	}
	for _, c := range []*Call{call, embedding} {
		c.Input(1)
		c.Output(1)
		c.Usage(Usage{})
		c.StopReason("stop")
		c.FirstToken()
		c.Chunk("a")
		c.Property("a", 1)
		c.Exception(uuid.New())
		if c.End(nil) != uuid.Nil || c.TraceID() != "" {
			t.Error("without a client an event was taken")
		}
	}
	if (&TraceEvent{}).Capture(nil) != uuid.Nil || Metric(nil, "a", "b", TraceID("t")) != uuid.Nil { //nolint:staticcheck // nil is allowed
		t.Error("without a client an event was taken")
	}
	for _, e := range []interface {
		Capture(context.Context, ...Option) uuid.UUID
	}{(*TraceEvent)(nil), (*SpanEvent)(nil), (*GenerationEvent)(nil), (*EmbeddingEvent)(nil), (*MetricEvent)(nil), (*FeedbackEvent)(nil)} {
		if e.Capture(context.Background()) != uuid.Nil {
			t.Errorf("%T: a nil event was taken", e)
		}
	}
	r := newRig(t)
	_, odd := Trace(r.ctx(), "", Option{}, WithFeature(nil), WithProps(nil), Send(), TraceID(""), Start(time.Time{}))
	odd.Property("", 1)
	odd.Property("nil", nil)
	if odd.End(nil) == uuid.Nil {
		t.Error("options that say nothing refused an event")
	}
}

// Steps of one trace are begun, filled and ended by many goroutines.
func TestConcurrent(t *testing.T) {
	r := newRig(t)
	ctx, trace := Trace(r.ctx(), "run", WithFeature(ticket{}), WithProps(ph.Props{"a": 1}))
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			for range 50 {
				ctx, span := Span(ctx, "step")
				_, call := Generation(ctx, Model{Name: "m"})
				trace.Property(fmt.Sprint(i), i)
				call.Chunk("x")
				go call.Chunk("y")
				call.End(nil)
				span.End(io.EOF)
				go span.Input("late")
			}
		})
	}
	running.Wait()
	trace.End(nil)
	if got := len(r.sent()); got != 801 {
		t.Errorf("%d events, want 801", got)
	}
}

// Whatever is begun in whatever, and ended in whatever order, every event that has a parent has
// one of its own trace that is there.
func TestTrees(t *testing.T) {
	r := newRig(t)
	rapid.Check(t, func(t *rapid.T) {
		r.sent()
		contexts := []context.Context{r.ctx()}
		var ends []func(error) uuid.UUID
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			ctx := rapid.SampledFrom(contexts).Draw(t, "in")
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				ctx, run := Trace(ctx, "t")
				contexts, ends = append(contexts, ctx), append(ends, run.End)
			case 1:
				ctx, run := Span(ctx, "s")
				contexts, ends = append(contexts, ctx), append(ends, run.End)
			case 2:
				ctx, call := Generation(ctx, Model{})
				contexts, ends = append(contexts, ctx), append(ends, call.End)
			default:
				contexts = append(contexts, With(ctx, Privacy(Keep)))
			}
		}
		for _, end := range rapid.Permutation(ends).Draw(t, "ends") {
			end(nil)
		}
		events := r.sent()
		if len(events) != len(ends) {
			t.Fatalf("%d events, want %d", len(events), len(ends))
		}
		for _, e := range events {
			parent := e.Properties["$ai_parent_id"]
			if e.Event == "$ai_trace" && parent != nil {
				t.Fatalf("a trace has a parent: %s", e.text)
			}
			if parent != nil && !slices.ContainsFunc(events, func(o event) bool {
				return o.Properties["$ai_trace_id"] == e.Properties["$ai_trace_id"] &&
					(o.Properties["$ai_span_id"] == parent || o.Event == "$ai_trace" && o.Properties["$ai_trace_id"] == parent)
			}) {
				t.Fatalf("the parent of %s is not there", e.text)
			}
		}
	})
}
