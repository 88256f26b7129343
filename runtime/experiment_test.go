package runtime_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	ph "github.com/phgen/phgen/runtime"
)

// ordered is an event of a plan that lists two experiments without a flag.
type ordered struct{}

var orderedSpec = ph.EventSpec{Name: "ordered", Experiments: []string{"copy", "price list"}}

func (ordered) Validate() error         { return nil }
func (ordered) PhgenVisit(w *ph.Writer) { w.Props(&orderedSpec) }

func (e ordered) capture(ctx context.Context, opts ...ph.Option) {
	w := ph.Begin(ctx, &orderedSpec, opts)
	e.PhgenVisit(w)
	_, _ = w.End()
}

// variantsOf returns what the only event has of experiments and flags.
func variantsOf(t *testing.T, change func(*ph.Config), capture func(context.Context)) map[string]any {
	t.Helper()
	b := newFlagBench(t, change)
	capture(ph.With(t.Context(), ph.UseClient(b.Client)))
	b.close()
	events := b.server.Events()
	if len(events) != 1 {
		t.Fatalf("got %d events, want one", len(events))
	}
	var event struct{ Properties map[string]any }
	if err := json.Unmarshal([]byte(events[0].String()), &event); err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for k, v := range event.Properties {
		if k == "$active_feature_flags" || len(k) > len("$feature/") && k[:len("$feature/")] == "$feature/" {
			got[k] = v
		}
	}
	return got
}

func TestInVariant(t *testing.T) {
	red := map[string]any{"$feature/copy": "red", "$active_feature_flags": []any{"copy"}}
	none := map[string]any{}
	for _, test := range []struct {
		name    string
		capture func(ctx context.Context)
		want    map[string]any
	}{
		{"no variant", func(ctx context.Context) { ordered{}.capture(ctx) }, none},
		{"of the scope", func(ctx context.Context) {
			ordered{}.capture(ph.With(ctx, ph.InVariant("copy", "red")))
		}, red},
		{"of the call", func(ctx context.Context) {
			ordered{}.capture(ph.With(ctx, ph.InVariant("copy", "blue")), ph.InVariant("copy", "red"))
		}, red},
		{"the inner one", func(ctx context.Context) {
			ordered{}.capture(ph.With(ph.With(ctx, ph.InVariant("copy", "blue")), ph.InVariant("copy", "red")))
		}, red},
		{"the last of two", func(ctx context.Context) {
			ordered{}.capture(ctx, ph.InVariant("copy", "blue"), ph.InVariant("copy", "red"))
		}, red},
		{"two experiments", func(ctx context.Context) {
			ordered{}.capture(ph.With(ctx, ph.InVariant("price list", `"new"`), ph.InVariant("copy", "red")))
		}, map[string]any{"$feature/copy": "red", "$feature/price list": `"new"`, "$active_feature_flags": []any{"copy", "price list"}}},
		{"an experiment that the event does not list", func(ctx context.Context) {
			ordered{}.capture(ph.With(ctx, ph.InVariant("other", "red")))
		}, none},
		{"an event that lists none", func(ctx context.Context) {
			ph.Capture(ph.With(ctx, ph.InVariant("copy", "red")), "seen", nil)
		}, none},
		{"before the user was known", func(ctx context.Context) {
			ordered{}.capture(ph.With(ph.With(ctx, ph.InVariant("copy", "red")), ph.User("u1")))
		}, red},
		{"of somebody else in a scope", func(ctx context.Context) {
			ordered{}.capture(ph.With(ph.With(ctx, ph.User("u1"), ph.InVariant("copy", "red")), ph.User("u2")))
		}, none},
		{"of somebody else in a call", func(ctx context.Context) {
			ordered{}.capture(ph.With(ctx, ph.User("u1"), ph.InVariant("copy", "red")), ph.As("u2"))
		}, none},
		{"fresh", func(ctx context.Context) {
			ordered{}.capture(ph.With(ph.With(ctx, ph.InVariant("copy", "red")), ph.Fresh()))
		}, none},
		{"beside a snapshot", func(ctx context.Context) {
			ordered{}.capture(ph.With(ctx, ph.InVariant("copy", "red")), ph.WithFlags(nil))
		}, red},
		{"unset", func(ctx context.Context) {
			ordered{}.capture(ph.With(ctx, ph.InVariant("copy", "red"), ph.InVariant("copy", "")), ph.InVariant("copy", ""))
		}, red},
	} {
		t.Run(test.name, func(t *testing.T) {
			for name, change := range map[string]func(*ph.Config){"V0": nil, "V1": func(cfg *ph.Config) { cfg.Protocol = ph.V1 }} {
				if diff := cmp.Diff(test.want, variantsOf(t, change, test.capture)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

// What PostHog would draw for a flag of the same name is none of the experiment's business.
func TestInVariantWinsOverFlag(t *testing.T) {
	b := newFlagBench(t, local)
	if !b.FlagsReady(t.Context()) {
		t.Fatal("no definitions")
	}
	spec := ph.EventSpec{Name: "seen", Flags: []string{"split"}, Experiments: []string{"split"}}
	for _, ctx := range []context.Context{b.ctx, ph.With(b.ctx, ph.InVariant("split", "a"))} {
		w := ph.Begin(ctx, &spec, nil)
		w.Props(&spec)
		_, _ = w.End()
	}
	b.close()
	var got []any
	for _, e := range b.server.Events() {
		var event struct{ Properties map[string]any }
		if err := json.Unmarshal([]byte(e.String()), &event); err != nil {
			t.Fatal(err)
		}
		got = append(got, event.Properties["$feature/split"])
	}
	if diff := cmp.Diff([]any{"b", "a"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExpose(t *testing.T) {
	b := newFlagBench(t, nil)
	for range 3 {
		ordered{}.capture(ph.Expose(b.ctx, "copy", "red"))
	}
	ph.Expose(b.ctx, "copy", "blue")
	ph.Expose(ph.With(b.ctx, ph.NoExposure()), "copy", "green")
	ph.Expose(b.ctx, "copy", "")
	got := b.called()
	common := map[string]any{
		"$feature_flag": "copy", "locally_evaluated": false, "$feature_flag_has_experiment": true,
		"$feature_flag_reason": "Assigned by the application",
	}
	want := []map[string]any{
		{"$feature_flag_response": "red", "$feature/copy": "red"},
		{"$feature_flag_response": "blue", "$feature/copy": "blue"},
	}
	for i := range want {
		for k, v := range common {
			want[i][k] = v
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("exposures (-want +got):\n%s", diff)
	}
	carried := 0
	for _, e := range b.server.Events() {
		if e.Event() == "ordered" {
			carried++
		}
	}
	if carried != 3 {
		t.Errorf("%d events, want 3", carried)
	}
	b.close()
}

// An exposure and the events behind it are of one person, even if nobody is known and there was no
// scope.
func TestExposeNobody(t *testing.T) {
	b := newFlagBench(t, nil)
	ctx := ph.Expose(ph.With(t.Context(), ph.UseClient(b.Client)), "copy", "red")
	ordered{}.capture(ctx)
	b.close()
	var users []string
	for _, e := range b.server.Events() {
		users = append(users, e.DistinctID())
	}
	if len(users) != 2 || users[0] != users[1] {
		t.Errorf("distinct IDs: got %q, want two that are equal", users)
	}
	for _, ctx := range []context.Context{t.Context(), ph.With(t.Context(), ph.UseClient(nil)), nil} {
		ordered{}.capture(ph.Expose(ctx, "copy", "red"))
	}
}

// An unset variant is a violation, as an unset enum is.
func TestVariantUnset(t *testing.T) {
	var got []ph.Violation
	b := newFlagBench(t, func(cfg *ph.Config) { cfg.OnViolation = func(v ph.Violation) { got = append(got, v) } })
	ordered{}.capture(ph.Expose(b.ctx, "copy", ""), ph.InVariant("price list", ""))
	b.close()
	want := []ph.Violation{{Property: "copy", Rule: "unset"}, {Event: "ordered", Property: "price list", Rule: "unset"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
