package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

// demo is what a generated package holds.
var demo = ph.FlagSet{Flags: []ph.FlagSpec{
	{Key: "on"},
	{Key: "split", Variants: []string{"false", "a", "b"}, Default: 1},
	{Key: "pro", Default: 1},
	{Key: "far", Variants: []string{"false", "x"}, Evaluate: ph.RemoteAlways},
	{Key: "here", Evaluate: ph.LocalOnly},
	{Key: "limits", RemoteConfig: true},
}}

const (
	planOn = iota
	planSplit
	planPro
	planFar
	planHere
)

func (b *flagBench) wantVariant(ctx context.Context, i int, want uint8, source ph.FlagSource) {
	b.t.Helper()
	v, d := demo.VariantDetail(ctx, i)
	if v != want || d.Source != source || v != demo.Variant(ctx, i) {
		b.t.Errorf("flag %s is %d from %v, want %d from %v", demo.Flags[i].Key, v, d.Source, want, source)
	}
}

func TestFlagSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		b.server.SetFlag("far", "x")
		b.server.SetFlag("here", true)
		b.wantVariant(b.ctx, planOn, 1, ph.SourceLocal)
		b.wantVariant(b.ctx, planSplit, 2, ph.SourceLocal)
		b.wantVariant(b.ctx, planPro, 0, ph.SourceRemote) // the server has no plan of the person
		b.wantVariant(b.ctx, planFar, 1, ph.SourceRemote)
		b.wantVariant(b.ctx, planHere, 0, ph.SourceDefault)
		b.wantRequests(2, 1)
		if !demo.Bool(b.ctx, planOn) || demo.Bool(b.ctx, planPro) {
			t.Error("Bool differs from Variant")
		}
		b.wantVariant(context.Background(), planSplit, 1, ph.SourceDefault) // nobody's client
		b.wantVariant(nil, planPro, 1, ph.SourceDefault)                    //nolint:staticcheck // a nil context is no crash
		b.close()
	})
}

// A value that the plan does not know is off, and the detail says so. The event carries what
// the server said.
func TestUnknownVariant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, nil)
		for i, test := range []struct {
			value any
			flag  int
			want  uint8
			err   error
		}{
			{"y", planFar, 0, ph.ErrUnknownVariant},
			{true, planFar, 0, ph.ErrUnknownVariant},
			{"false", planFar, 0, ph.ErrUnknownVariant},
			{"holdout-7", planFar, 0, nil},
			{false, planFar, 0, nil},
			{"x", planFar, 1, nil},
			{"x", planOn, 1, nil}, // a variant of a flag that is on or off
		} {
			b.server.SetFlag(demo.Flags[test.flag].Key, test.value)
			ctx := ph.With(b.ctx, ph.User(fmt.Sprint("u", i)))
			v, d := demo.VariantDetail(ctx, test.flag)
			if v != test.want || !errors.Is(d.Err, test.err) || (d.Err == nil) != (test.err == nil) {
				t.Errorf("%v: got %d, %v, want %d, %v", test.value, v, d.Err, test.want, test.err)
			}
			got := b.called()
			if sent := got[len(got)-1]["$feature_flag_response"]; sent != test.value {
				t.Errorf("%v: $feature_flag_response is %v", test.value, sent)
			}
		}
		b.close()
	})
}

// Load asks once, with the keys that this process can not tell, and reads report themselves.
func TestLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		b.server.SetFlag("far", "x")
		ctx := demo.Load(b.ctx)
		b.wantRequests(1, 1)
		if diff := cmp.Diff([]string{"pro", "far"}, b.server.FlagRequests()[0].Keys); diff != "" {
			t.Errorf("keys asked for (-want +got):\n%s", diff)
		}
		if got := b.called(); len(got) != 0 {
			t.Errorf("loading sent %v", got)
		}
		for range 2 {
			b.wantVariant(ctx, planOn, 1, ph.SourceLocal)
			b.wantVariant(ctx, planFar, 1, ph.SourceRemote)
			b.wantVariant(ph.With(ctx, ph.Tag("k", 1)), planSplit, 2, ph.SourceLocal)
			b.wantVariant(ctx, planHere, 0, ph.SourceDefault)
		}
		b.server.SetDefinitions([]byte(`{"flags":[]}`))
		b.ReloadFlags(t.Context())
		b.wantVariant(ctx, planOn, 1, ph.SourceLocal) // as it was
		b.wantRequests(1, 2)
		if got := len(b.called()); got != 4 {
			t.Errorf("%d readings sent, want 4", got)
		}

		// For somebody else, or when somebody says otherwise, it does not hold.
		b.server.SetFlag("on", false, phtest.For("u2"))
		b.wantVariant(ph.With(ctx, ph.User("u2")), planOn, 0, ph.SourceRemote)
		b.wantVariant(ph.With(ctx, ph.Group("company", "c1")), planOn, 0, ph.SourceDefault)
		b.wantVariant(ph.With(ctx, ph.RemoteOnly()), planOn, 0, ph.SourceDefault)
		b.wantVariant(ph.OverrideFlags(ctx, ph.OverrideVariant("split", "a")), planSplit, 1, ph.SourceOverride)
		b.wantVariant(ctx, planOn, 1, ph.SourceLocal)
		b.ReloadFlags(t.Context()) // which forgets that nobody has the flag
		ph.SetUser(b.ctx, "u2")
		b.wantVariant(ctx, planOn, 0, ph.SourceRemote)
		b.close()
	})
}

func TestOverrides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		ctx := ph.OverrideFlags(b.ctx, ph.OverrideVariant("split", "a"), ph.OverrideBool("on", false), ph.OverridePayload("on", 7))
		b.wantVariant(ctx, planSplit, 1, ph.SourceOverride)
		b.wantVariant(ctx, planOn, 0, ph.SourceOverride)
		inner := ph.With(ph.OverrideFlags(ctx, ph.OverrideVariant("split", "false")), ph.Fresh())
		b.wantVariant(inner, planSplit, 0, ph.SourceOverride)
		b.wantVariant(inner, planOn, 0, ph.SourceOverride)
		b.wantFlag(inner, "on", "false")
		if all, _ := b.AllFlags(ctx, ph.OnlyLocally()); all["split"].String() != "a" || all["on"].On() {
			t.Errorf("all flags are %v", all)
		}
		var blue string
		if err := b.FlagPayload(ph.OverrideFlags(b.ctx, ph.OverrideVariant("split", "b")), "split", &blue); err != nil || blue != "blue" {
			t.Errorf("payload of an overridden variant: %q, %v, want blue", blue, err)
		}
		b.wantVariant(ph.OverrideFlags(context.Background(), ph.OverrideVariant("split", "b")), planSplit, 2, ph.SourceOverride)
		if got := b.called(); len(got) != 0 {
			t.Errorf("overrides sent %v", got)
		}
		b.wantRequests(0, -1)
		b.close()
	})
}

// An event of an experiment carries its flag if that is known without waiting.
func TestEventCarriesFlags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec := ph.EventSpec{Name: "order", Flags: []string{"far", "off", "split"}}
		capture := func(ctx context.Context, opts ...ph.Option) {
			if _, err := ph.Begin(ctx, &spec, opts).End(); err != nil {
				t.Fatal(err)
			}
		}
		b := newFlagBench(t, local)
		b.FlagsReady(t.Context())
		b.server.SetFlag("far", "x")
		capture(b.ctx)
		b.wantFlag(b.ctx, "far", "x")
		capture(b.ctx)
		capture(b.ctx, ph.As("u2"))
		capture(ph.OverrideFlags(b.ctx, ph.OverrideVariant("split", "a")))
		s, err := b.EvaluateFlags(b.ctx, ph.FlagQuery{Keys: []string{"on"}})
		if err != nil {
			t.Fatal(err)
		}
		capture(b.ctx, ph.WithFlags(s))
		b.server.Reply(0, phtest.Hang(), phtest.Times(100))
		start := time.Now()
		capture(ph.With(b.ctx, ph.RemoteOnly()))
		if took := time.Since(start); took != 0 {
			t.Errorf("capturing took %v", took)
		}
		b.server.Up()
		here := map[string]any{"$feature/off": false, "$feature/split": "b", "$active_feature_flags": []any{"split"}}
		far := map[string]any{"$feature/far": "x", "$feature/off": false, "$feature/split": "b", "$active_feature_flags": []any{"far", "split"}}
		other := map[string]any{"$feature/far": "x", "$feature/off": false, "$feature/split": "a", "$active_feature_flags": []any{"far", "split"}}
		remote := map[string]any{"$feature/far": "x", "$active_feature_flags": []any{"far"}}
		want := []map[string]any{here, far, here, other, {"$feature/on": true, "$active_feature_flags": []any{"on"}}, remote}
		if diff := cmp.Diff(want, b.features("order")); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		b.close()
	})
}

// In a test of the user's code a flag that the test says nothing about has the plan's default,
// and nobody is asked.
func TestRecorderFlags(t *testing.T) {
	rec := phtest.New(t)
	ctx := rec.Context(ph.User("u1"))
	v, d := demo.VariantDetail(ctx, planSplit)
	if v != 1 || d.Source != ph.SourceDefault {
		t.Errorf("got %d from %v, want the default", v, d.Source)
	}
	if demo.Load(ctx); demo.Bool(demo.Load(ctx), planOn) {
		t.Error("a flag is on")
	}
	if v := demo.Variant(ph.OverrideFlags(ctx, ph.OverrideVariant("split", "b")), planSplit); v != 2 {
		t.Errorf("an overridden flag is %d, want 2", v)
	}
	if got := rec.Events(); len(got) != 0 {
		t.Errorf("reading flags captured %v", got)
	}
}

// Definitions may come from the program itself.
func TestFlagDefinitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, func(cfg *ph.Config) {
			cfg.FlagDefinitions = []byte(definitions)
			cfg.LocalFlagsOnly = true
		})
		b.wantVariant(b.ctx, planOn, 1, ph.SourceLocal)
		b.wantVariant(b.ctx, planPro, 1, ph.SourceDefault)
		b.wantVariant(b.ctx, planFar, 0, ph.SourceDefault)
		if s := b.FlagsStatus(); s.Source != "file" || s.Flags != 4 {
			t.Errorf("status %+v, want 4 flags of a file", s)
		}
		b.wantRequests(0, 0)
		b.close()
	})
	_, err := ph.New(ph.Config{APIKey: "phc_test", FlagDefinitions: []byte("{")})
	var ce *ph.ConfigError
	if !errors.As(err, &ce) || ce.Field != "FlagDefinitions" {
		t.Errorf("definitions that are no JSON: %v", err)
	}
}

// deep returns ctx with four values in front of the scope.
func deep(ctx context.Context) context.Context {
	type key int
	for i := range 4 {
		ctx = context.WithValue(ctx, key(i), i)
	}
	return ctx
}

func benchClient(b *testing.B) context.Context {
	b.Helper()
	c, err := ph.New(ph.Config{
		APIKey: "phc_test", Host: "http://127.0.0.1:1", Logger: slog.New(slog.DiscardHandler),
		FlagDefinitions: []byte(definitions), LocalFlagsOnly: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		c.Close(ctx)
	})
	return ph.With(context.Background(), ph.UseClient(c), ph.User("user_1234567890"))
}

func BenchmarkLoadedFlag(b *testing.B) {
	ctx := deep(demo.Load(benchClient(b)))
	demo.Variant(ctx, planSplit)
	b.ReportAllocs()
	for b.Loop() {
		demo.Variant(ctx, planSplit)
	}
}

func BenchmarkFlag(b *testing.B) {
	ctx := deep(benchClient(b))
	demo.Variant(ctx, planSplit)
	b.ReportAllocs()
	for b.Loop() {
		demo.Variant(ctx, planSplit)
	}
}

// Reading flags allocates nothing once they were reported.
func TestFlagAllocates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		loaded := demo.Load(b.ctx)
		for name, read := range map[string]func(){
			"loaded":  func() { demo.Variant(loaded, planSplit) },
			"local":   func() { demo.Variant(b.ctx, planSplit) },
			"untyped": func() { b.Flag(b.ctx, "split") },
		} {
			read()
			if n := testing.AllocsPerRun(100, read); n != 0 {
				t.Errorf("%s: %v allocations, want 0", name, n)
			}
		}
		b.close()
	})
}
