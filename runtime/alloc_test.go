//go:build !race

package runtime

import (
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
