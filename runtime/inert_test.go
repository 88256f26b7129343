package runtime

import (
	"context"
	"errors"
	"net/netip"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/phgen/phgen/runtime/flags"
)

// Whoever writes to a refused event from several goroutines at once leaves no trace in the
// writer they share; the race detector sees one that is wiped out again.
func TestInertWriters(t *testing.T) {
	r := newRig(t)
	closed := newRig(t)
	if err := closed.c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	disabled := newRig(t)
	disabled.c.SetDisabled(true)
	for _, tt := range []struct {
		name string
		ctx  context.Context
		w    *Writer
		err  error
	}{
		{"opted out", r.ctx(OptOut()), inertDropped, ErrDropped},
		{"closed", closed.ctx(), inertClosed, ErrClosed},
		{"disabled", disabled.ctx(), inertDisabled, ErrDisabled},
		{"no client", t.Context(), inertDisabled, ErrDisabled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if w := Begin(tt.ctx, &smallSpec, nil); w != tt.w {
				t.Fatal("the event is not refused at once")
			}
			var running sync.WaitGroup
			for range 2 {
				running.Go(func() { writeEverything(tt.ctx, r.c) })
			}
			running.Wait()
			if want := (&Writer{off: true, err: tt.err}); !reflect.DeepEqual(tt.w, want) {
				t.Errorf("the shared writer is %+v", tt.w)
			}
		})
	}
}

// writeEverything calls all that writes an event.
func writeEverything(ctx context.Context, c *Client) {
	props := Props{"k": 1}
	Capture(ctx, "", props)
	CaptureAttrs(ctx, "", String("k", "v"), Int("i", 1), Time("t", aMoment))
	CaptureAI(ctx, "e", props)
	CaptureException(ctx, errors.New("x"))
	Pageview(ctx, "https://example.com/x")
	Identify(ctx, props, props, Anonymous("a"))
	Alias(ctx, "a", "a")
	GroupIdentify(ctx, "", "", nil)
	small(projectID, "a", 1).WithMembers(1).Capture(ctx)
	survey(SurveySent, SurveyResponse{Iteration: 3}, npsAnswer{9, "Fast", []string{"x"}}).TryCapture(ctx)
	w := BeginAI(ctx, &AIEvent{Name: "e", Lane: true}, nil)
	if dst, ok := w.OpenMember("k"); ok {
		w.CloseMember(dst)
	}
	w.End()
	reader := &flagAsk{query: flags.Query{DistinctID: "u_1"}} // of before the scope opted out
	c.flagCalled(ctx, reader, &flagAnswer{key: "k", source: SourceRemote, experiment: no, minimal: true, payload: "1"})
	everyKind.TryCapture(ctx)
	w = BeginSet(ctx, everyKind.spec, nil)
	everyKind.PhgenVisit(w)
	w.End()
}

// everyKind breaks the rules it can break.
var everyKind = probe{&EventSpec{Name: "e", Extra: true, Idempotent: 1, Props: []Prop{
	{Key: "a", Idempotent: 1, OnInvalid: DropEvent, Text: &TextRule{MaxLength: 1}},
}}, func(w *Writer, p []Prop) {
	one := &p[0]
	w.String(one, "abc")
	w.Int(one, 1)
	w.Float(one, nan)
	w.Bool(one, true)
	w.Time(one, time.Time{})
	w.Date(one, Date{})
	w.Duration(one, time.Second)
	w.UUID(one, uuid.Nil)
	w.IP(one, netip.Addr{})
	w.Money(one, Money{})
	w.JSON(one, longJSN)
	w.Enum(one, 9)
	w.Const(one)
	w.Null(one)
	w.Unset(one)
	w.Object(one)
	w.EndObject()
	w.Array(one, 2)
	w.EndArray()
	w.Strings(one, one, []string{"a"})
	for _, k := range Map(w, one, map[string]int{"a": 1}) {
		w.MapKey(k)
	}
	w.MapKey("a")
	w.EndMap()
	w.Set()
	w.SetOnce()
	w.Unsets("a")
	w.Group("company", "")
	w.Extra(Extra{}.With("a", 1))
}}
