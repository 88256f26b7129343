//go:build !race

package runtime

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A generated event allocates nothing where it is captured, whatever its scope and
// options are.
func TestCaptureAllocates(t *testing.T) {
	ctx := benchContext(t)
	big := bigOrder()
	locale := Prop{Key: "locale", Format: FormatLocale}
	ordered := probe{&EventSpec{Name: "e", GroupOrder: &GroupOrder{Types: []string{"team", "organization"}}}, empty.visit}
	tried := probe{&EventSpec{Name: "e", Experiments: []string{"x", "y"}}, empty.visit}
	answered := survey(SurveySent, SurveyResponse{SubmissionID: projectID, Iteration: 2}, npsAnswer{9, "Fast", []string{"x", "y"}})
	inVariant := With(ctx, InVariant("x", "a"), InVariant("y", "b"))
	groupOpts := [...]Option{InGroup("organization", "o"), InGroup("team", "t")}
	name := "Ac" + time.Unix(0, 0).UTC().Format("me")
	id := uuid.New()
	for _, tt := range []struct {
		name    string
		capture func()
	}{
		{"5 properties", func() { small(id, name, 1).WithMembers(3).WithReferrer("x").Capture(ctx) }},
		{"20 properties", func() { big.Capture(ctx) }},
		{"As", func() { small(id, name, 1).Capture(ctx, As(name)) }},
		{"At and ID", func() { small(id, name, 1).Capture(ctx, At(time.Unix(1e9, 0)), ID(id)) }},
		{"InGroup", func() { small(id, name, 1).Capture(ctx, InGroup("organization", name)) }},
		{"InGroupInt and InGroupUUID", func() { small(id, name, 1).Capture(ctx, InGroupInt("a", 7), InGroupUUID("b", id)) }},
		{"ContextString", func() { small(id, name, 1).Capture(ctx, ContextString(&locale, "de-DE")) }},
		{"groups in plan order", func() {
			w := Begin(ctx, ordered.spec, groupOpts[:])
			ordered.PhgenVisit(w)
			_, _ = w.End()
		}},
		{"survey", func() { _, _ = answered.TryCapture(ctx) }},
		{"variants of experiments", func() { _, _ = tried.TryCapture(inVariant) }},
		{"GeoIP and Personless", func() { small(id, name, 1).Capture(ctx, GeoIP(true), Personless()) }},
		{"attributes", func() {
			CaptureAttrs(ctx, "e", String("a", name), Int("b", 1), Float("c", 2.5), Time("d", time.Unix(1, 0)), Bool("größe", true))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.capture()
			if got := testing.AllocsPerRun(200, tt.capture); got != 0 {
				t.Errorf("%v allocations, want 0", got)
			}
		})
	}
}

// Super properties and keys that JSON escapes cost nothing per event.
func TestSuperPropertiesAllocate(t *testing.T) {
	c, err := New(Config{APIKey: "phc_bench", Transport: discard{}, SuperProperties: Props{"größe": 1, `q"`: 2, "a": 3}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	ctx := With(t.Context(), UseClient(c), User("u_1"), Tag("größe", 1))
	call := func() { small(projectID, "Acme", 1).Capture(ctx) }
	call()
	if got := testing.AllocsPerRun(200, call); got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}

// A context property of a composite kind is a closure, and costs what it captures.
func TestContextValueAllocates(t *testing.T) {
	ctx := benchContext(t)
	p := Prop{Key: "labels"}
	item := Prop{}
	labels := []string{"a", "b"}
	call := func() {
		small(projectID, "Acme", 1).Capture(ctx, ContextValue(&p, func(w *Writer) { w.Strings(&p, &item, labels) }))
	}
	call()
	if got := testing.AllocsPerRun(200, call); got > 1 {
		t.Errorf("%v allocations, want at most 1: the closure", got)
	}
}

// An untyped event allocates nothing for its map of up to 32 properties, and the list of
// its keys beyond.
func TestUntypedAllocates(t *testing.T) {
	ctx := benchContext(t)
	many := make(Props)
	for i := range 40 {
		many[string(rune('a'+i))] = i
	}
	twenty := twentyProps()
	nested := Props{"list": []any{1, "x", 2.5}, "at": time.Unix(1e9, 0), "error": ErrClosed}
	attrs := []Attr{String("a", "x"), Int("b", 1), Float("c", 2.5), Bool("d", true), UUID("e", projectID)}
	for _, tt := range []struct {
		name    string
		capture func()
		want    float64
	}{
		{"no properties", func() { Capture(ctx, "e", nil) }, 0},
		{"20 properties", func() { Capture(ctx, "e", twenty) }, 0},
		{"CaptureAI", func() { CaptureAI(ctx, "e", twenty) }, 0},
		{"attributes in a slice", func() { CaptureAttrs(ctx, "e", attrs...) }, 0},
		{"40 properties", func() { Capture(ctx, "e", many) }, 1},
		{"values that take reflection", func() { Capture(ctx, "e", nested) }, 2},
		{"Pageview", func() { Pageview(ctx, "https://a.b/c") }, 4},
		{"Identify", func() { Identify(ctx, twenty, nil) }, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.capture()
			if got := testing.AllocsPerRun(200, tt.capture); got > tt.want {
				t.Errorf("%v allocations, want at most %v", got, tt.want)
			}
		})
	}
}

// The newer protocol costs nothing where an event is captured either, lifted properties
// included; only a text that means a boolean does.
func TestV1Allocates(t *testing.T) {
	c, err := New(Config{APIKey: "phc_bench", Transport: discard{}, Protocol: V1, QueueSize: 1 << 20, QueueBytes: 1 << 30,
		SuperProperties: Props{"app": "a text of more than thirty-two bytes, which no short buffer holds", keyProduct: "tour"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	nobody := With(t.Context(), UseClient(c), Tag("route", "/orders/with/a/path/of/more/than/thirty-two/bytes"), Tag(keySkew, true))
	ctx := With(nobody, User("u_1"), Session("0190c8a4-1111-7222-8333-444455556666"), Window("w"), Group("organization", "o"))
	big, twenty := bigOrder(), twentyProps()
	lifted := Props{"a": 1, keySession: "0190c8a4-1111-7222-8333-444455556666", keyPersonless: true, keyCookieless: 1}
	for _, tt := range []struct {
		name    string
		capture func()
		want    float64
	}{
		{"5 properties", func() { small(projectID, "x", 1).Capture(ctx) }, 0},
		{"20 properties", func() { big.Capture(ctx) }, 0},
		{"of nobody", func() { small(projectID, "x", 1).Capture(nobody) }, 0},
		{"Personless", func() { big.Capture(ctx, Personless(), InGroup("team", "t")) }, 0},
		{"untyped", func() { Capture(ctx, "e", twenty) }, 0},
		{"lifted", func() { Capture(ctx, "e", lifted) }, 0},
		{"attributes", func() { CaptureAttrs(ctx, "e", String(keySession, "s"), Int("a", 1), Bool(keyPersonless, false)) }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.capture()
			if got := testing.AllocsPerRun(200, tt.capture); got > tt.want {
				t.Errorf("%v allocations, want at most %v", got, tt.want)
			}
		})
	}
}

// A flush of nothing costs nothing.
func TestFlushEmptyAllocates(t *testing.T) {
	for _, ai := range []bool{false, true} {
		c, ctx := farClient(t, new(far), Config{})
		Capture(ctx, "e", nil)
		if ai {
			CaptureAI(ctx, "e", nil)
		}
		if err := c.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		if n := testing.AllocsPerRun(1000, func() { _ = c.Flush(ctx) }); n > 0 {
			t.Errorf("AI lane %v: %v allocations, want none", ai, n)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// Reading a scope allocates nothing, however deep it is.
func TestReadingScopeAllocates(t *testing.T) {
	ctx := deepContext(t)
	read := func() { IdentityOf(ctx); ClientOf(ctx) }
	read()
	if got := testing.AllocsPerRun(200, read); got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}

// A trace costs an event nothing but what Config.TraceContext does.
func TestTraceContextAllocates(t *testing.T) {
	ctx := benchContext(t, func(cfg *Config) {
		cfg.TraceContext = func(context.Context) (string, string) { return "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331" }
	})
	call := func() { small(projectID, "Acme", 1).Capture(ctx) }
	call()
	if got := testing.AllocsPerRun(200, call); got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}

// A scope is made for every request.
func TestScopeAllocates(t *testing.T) {
	outer := benchContext(t)
	for _, tt := range []struct {
		name string
		call func()
		want float64
	}{
		{"With", func() { With(outer, Fresh(), User("u_1")) }, 3}, // context, scope, option
		{"LazyTags", func() { With(outer, Fresh(), LazyTags(func() Props { return nil })) }, 4},
	} {
		tt.call()
		if got := testing.AllocsPerRun(200, tt.call); got > tt.want {
			t.Errorf("%s: %v allocations, want at most %v", tt.name, got, tt.want)
		}
	}
}
