package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/phgen/phgen/examples/generated/experiments"
	"github.com/phgen/phgen/examples/generated/flags"
	other "github.com/phgen/phgen/generator/testdata/golden/flags/generated/flags"
	planned "github.com/phgen/phgen/generator/testdata/golden/flags/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

// A planBench is a client before a server in memory.
type planBench struct {
	*phtest.Server
	client *ph.Client
	ctx    context.Context // of user u1
}

func newPlanBench(t *testing.T) *planBench {
	t.Helper()
	server := phtest.NewMemoryServer(t)
	client, err := ph.New(ph.Config{APIKey: "phc_test", SecretKey: "phs_test", Host: server.URL, Transport: server, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Up()
		if err := client.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &planBench{server, client, ph.With(t.Context(), ph.UseClient(client), ph.User("u1"))}
}

// A generated package says what PostHog says, whatever that is.
func TestGeneratedVariant(t *testing.T) {
	tests := []struct {
		value any
		want  flags.NewCheckoutVariant
		err   error
	}{
		{"one-page", flags.NewCheckoutOnePage, nil},
		{"control", flags.NewCheckoutControl, nil},
		{false, flags.NewCheckoutOff, nil},
		{"three-pages", flags.NewCheckoutOff, ph.ErrUnknownVariant},
		{"false", flags.NewCheckoutOff, ph.ErrUnknownVariant},
		{true, flags.NewCheckoutOff, ph.ErrUnknownVariant},
		{"holdout-1", flags.NewCheckoutOff, nil},
	}
	for _, tt := range tests {
		b := newPlanBench(t)
		b.SetFlag("new-checkout", tt.value)
		got, detail := flags.NewCheckoutDetail(b.ctx)
		if got != tt.want || !errors.Is(detail.Err, tt.err) || (detail.Err != nil) != (tt.err != nil) {
			t.Errorf("%v: got %v, %v, want %v, %v", tt.value, got, detail.Err, tt.want, tt.err)
		}
		for name, got := range map[string]flags.NewCheckoutVariant{
			"accessor": flags.NewCheckout(b.ctx), "experiment": experiments.CheckoutRedesign(b.ctx), "loaded": flags.NewCheckout(flags.Load(b.ctx)),
		} {
			if got != tt.want {
				t.Errorf("%v: the %s says %v, want %v", tt.value, name, got, tt.want)
			}
		}
	}
}

// Nobody can tell: that is the plan's default, in whatever way it is asked.
func TestGeneratedDefault(t *testing.T) {
	b := newPlanBench(t)
	b.Down(500)
	if got, detail := flags.NewCheckoutDetail(b.ctx); got != flags.NewCheckoutControl || detail.Source != ph.SourceDefault || detail.Err == nil {
		t.Errorf("got %v, %+v, want the default and an error", got, detail)
	}
	if got, detail := other.WithPayloadDetail(b.ctx); !got || detail.Source != ph.SourceDefault {
		t.Errorf("got %v, %+v, want the default", got, detail)
	}
	for name, ctx := range map[string]context.Context{"nil": nil, "no client": t.Context(), "recorder": phtest.New(t).Context(ph.User("u_1")), "loaded": flags.Load(b.ctx)} {
		if got := flags.NewCheckout(ctx); got != flags.NewCheckoutControl {
			t.Errorf("%s: got %v, want the default", name, got)
		}
		if flags.BetaBanner(ctx) || !other.WithPayload(ctx) {
			t.Errorf("%s: not the defaults", name)
		}
		if got, ok := flags.NewCheckoutConfig(ctx); ok || got != flags.NewCheckoutPayloadDefaults() {
			t.Errorf("%s: got %+v, %v, want the default payload", name, got, ok)
		}
		if got, ok := flags.RateLimitsConfig(ctx); ok || got.RPS != 100 {
			t.Errorf("%s: got %+v, %v, want the default payload", name, got, ok)
		}
	}
}

// A payload is what the plan allows, or the plan's own, and never the reason for an
// exposure.
func TestGeneratedPayload(t *testing.T) {
	standard := flags.NewCheckoutPayloadDefaults()
	tests := []struct {
		payload any // nil: none
		want    flags.NewCheckoutPayload
		ok      bool
	}{
		{map[string]any{"max_items": 7, "cta": "Buy", "more": []int{1}}, flags.NewCheckoutPayload{MaxItems: 7, CTA: "Buy"}, true},
		{map[string]any{"max_items": 7, "cta": nil}, flags.NewCheckoutPayload{MaxItems: 7, CTA: standard.CTA}, true},
		{map[string]any{"cta": "Buy"}, standard, false},
		{map[string]any{"max_items": "7", "cta": "Buy"}, standard, false},
		{[]int{1}, standard, false},
		{"text", standard, false},
		{nil, standard, false},
	}
	for _, tt := range tests {
		b := newPlanBench(t)
		var opts []phtest.FlagOption
		if tt.payload != nil {
			opts = append(opts, phtest.Payload(tt.payload))
		}
		b.SetFlag("new-checkout", "one-page", opts...)
		for _, ctx := range []context.Context{b.ctx, flags.Load(b.ctx)} {
			if got, ok := flags.NewCheckoutConfig(ctx); ok != tt.ok || got != tt.want {
				t.Errorf("%v: got %+v, %v, want %+v, %v", tt.payload, got, ok, tt.want, tt.ok)
			}
		}
		if err := b.client.Flush(b.ctx); err != nil {
			t.Fatal(err)
		}
		if got := b.Events(); len(got) > 0 {
			t.Errorf("%v: reading the payload sent %v", tt.payload, got)
		}
	}
}

func TestGeneratedRemoteConfig(t *testing.T) {
	b := newPlanBench(t)
	b.SetRemoteConfig("rate-limits", map[string]any{"rps": 7})
	if got, ok := flags.RateLimitsConfig(b.ctx); !ok || got.RPS != 7 {
		t.Errorf("got %+v, %v, want 7", got, ok)
	}
	b = newPlanBench(t)
	b.SetRemoteConfig("limits", map[string]any{"rps": 0}) // its least is 1
	if got, ok := other.LimitsConfig(b.ctx); ok || cmp.Diff(got.Names, []string{"a", "b"}) != "" {
		t.Errorf("got %+v, %v, want the default payload", got, ok)
	}
}

// Every kind of value that a payload may hold is read, through generated code.
func TestGeneratedKinds(t *testing.T) {
	b := newPlanBench(t)
	b.SetRemoteConfig("limits", json.RawMessage(`{"rps": 2, "ratio": 1, "on": false, "since": "2027-01-01T00:00:00Z", "day": "2027-01-01", "wait": 0.25,
		"id": "0190c8a4-2222-7222-8333-444455556666", "user": "0190c8a4-3333-7222-8333-444455556666", "addr": "::1", "addr6": null, "site": "http://x.test", "raw": [ 1 ],
		"tier": "free", "mode": "fast", "names": [], "tiers": ["pro", "free"], "sizes": {"s": 3}, "inner": {"deeper": {"z": "z"}}, "given": {}, "list": [{"n": 2}, {}],
		"code": "xyz", "codes": ["a", "b"], "by_code": {"k": "v"}, "regions": {"x": {"y": "us"}}, "users": ["0190c8a4-3333-7222-8333-444455556666"],
		"steps": [{"name": "a", "wait": 1.5, "mood": "bad", "at": {"x": 9}}, {"name": "b"}], "plans": {"p": {"price": 9.5}}, "odd \"key\"": "o", "unknown": {}}`))
	id, user := uuid.MustParse("0190c8a4-2222-7222-8333-444455556666"), planned.UserID(uuid.MustParse("0190c8a4-3333-7222-8333-444455556666"))
	want := other.LimitsPayload{
		Rps: 2, Ratio: 1, Since: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Day: ph.Date{Year: 2027, Month: 1, Day: 1}, Wait: time.Second / 4,
		ID: id, User: user, Addr: netip.MustParseAddr("::1"), Addr6: netip.MustParseAddr("2001:db8::1"), Site: "http://x.test", Raw: ph.JSON("[1]"),
		Tier: planned.TierFree, Mode: other.LimitsPayloadModeFast, Tiers: []planned.Tier{planned.TierPro, planned.TierFree}, Sizes: map[string]int64{"s": 3},
		Inner: other.LimitsPayloadInner{N: 3, Deeper: other.LimitsPayloadInnerDeeper{M: 4, Z: "z"}},
		Given: other.LimitsPayloadGiven{N: 3, S: "x"}, List: []other.LimitsPayloadList{{N: 2}, {}},
		Code: "xyz", Codes: []string{"a", "b"}, ByCode: map[string]planned.Code{"k": "v"}, Regions: map[string]map[string]planned.Region{"x": {"y": planned.RegionUs}},
		Users: []planned.UserID{user}, Odd: "o",
		Steps: []other.Steps{{Name: "a", Wait: 90 * time.Second, Mood: planned.StepsMoodBad, At: other.StepsAt{X: 9}}, {Name: "b"}},
		Plans: map[string]other.LimitsPayloadPlans{"p": {Price: 9.5, Note: "none"}},
	}
	got, ok := other.LimitsConfig(b.ctx)
	if diff := cmp.Diff(got, want, cmpopts.EquateComparable(netip.Addr{})); !ok || diff != "" {
		t.Errorf("ok is %v (-got +want):\n%s", ok, diff)
	}
}

// Two packages in one program do not get in each other's way, though both have the flags
// "new-checkout" and "beta-banner".
func TestTwoFlagPackages(t *testing.T) {
	b := newPlanBench(t)
	b.SetFlag("new-checkout", "one-page")
	b.SetFlag("beta-banner", true)
	b.SetFlag("server", "b")
	ctx := other.Load(flags.Load(b.ctx))
	asked := len(b.FlagRequests())
	if flags.NewCheckout(ctx) != flags.NewCheckoutOnePage || other.NewCheckout(ctx) != other.NewCheckoutSingle || !flags.BetaBanner(ctx) || !other.BetaBanner(ctx) ||
		other.Server(ctx) != other.ServerB {
		t.Error("a package does not say what PostHog says")
	}
	if n := len(b.FlagRequests()); n != asked {
		t.Errorf("%d requests after both were loaded, want none", n-asked)
	}

	ctx = other.Override(flags.Override(ctx, flags.NewCheckoutControl.Override(), flags.NewCheckoutConfigOverride(flags.NewCheckoutPayload{MaxItems: 3})),
		other.BetaBannerOverride(false), other.ServerOff.Override(), other.ServerConfigOverride(other.ServerPayload{}))
	if flags.NewCheckout(ctx) != flags.NewCheckoutControl || other.NewCheckout(ctx) != other.NewCheckoutControl || flags.BetaBanner(ctx) || other.BetaBanner(ctx) ||
		other.Server(ctx) != other.ServerOff {
		t.Error("an override holds in one package only")
	}
	if got, ok := flags.NewCheckoutConfig(ctx); !ok || got.MaxItems != 3 || got.CTA != "" {
		t.Errorf("got %+v, %v, want the payload of the override", got, ok)
	}
	if _, ok := other.ServerConfig(ctx); !ok {
		t.Error("an empty payload of an override is none")
	}
}
