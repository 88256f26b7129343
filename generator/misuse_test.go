package generator

import (
	"go/ast"
	"go/parser"
	"strings"
	"testing"
)

// What the plan forbids must not compile, and the compiler's words must name the
// mistake: this is what users have phgen for.
func TestMisuse(t *testing.T) {
	p := load(t, "../examples/tracking-plan.yaml")
	c := typecheck(t, p, generate(t, p))
	tests := []struct {
		name, body string
		want       string // empty: it compiles
	}{
		{"correct", `tracking.ProjectCreated(id, "Acme", tracking.ProjectSourceWeb).WithMembers(3).WithReferrerNull().Capture(ctx)`, ""},
		{"person, group, context", `tracking.Person().WithEmail("a@b.c").WithoutPlan().Identify(ctx, tracking.WithLocale("de"), tracking.InOrganization("o"))
			tracking.Organization("o", "Acme").WithSeats(3).Identify(ctx)`, ""},
		{"record", `r := trackingtest.OrderCompleted(nil).One(); var _ tracking.OrderID = r.OrderID(); _, _ = r.Coupon()`, ""},

		{"flags", `switch flags.NewCheckout(ctx) { case flags.NewCheckoutOnePage, flags.NewCheckoutControl, flags.NewCheckoutOff: }
			v, d := flags.NewCheckoutDetail(ctx); var _ flags.NewCheckoutVariant = v; var _ ph.FlagDetail = d
			cfg, ok := flags.NewCheckoutConfig(ctx); var _ int64 = cfg.MaxItems; var _ bool = ok
			if flags.BetaBanner(ctx) { ctx = flags.Load(ctx) }
			lim, _ := flags.RateLimitsConfig(ctx); lim.RPS++
			ctx = flags.Override(ctx, flags.NewCheckoutOnePage.Override(), flags.BetaBannerOverride(true), flags.RateLimitsConfigOverride(lim))
			ctx = ph.With(ctx, tracking.PersonFlagProperties(tracking.Person().WithPlan(tracking.PlanTierPro)),
				tracking.OrganizationFlagProperties("org_7", tracking.Organization("org_7", "Acme Inc")))
			var _ flags.NewCheckoutVariant = experiments.CheckoutRedesign(ctx)`, ""},

		{"surveys", `surveys.NPSShown().WithIteration(1, time.Time{}).Capture(ctx)
			surveys.NPSSent(9).WithReason("Fast").WithSubmissionID(id).Capture(ctx)
			_, err := surveys.NPSDismissed().WithScore(3).TryCapture(ctx); _ = err`, ""},
		{"required answer missing", `surveys.NPSSent()`, "not enough arguments in call to surveys.NPSSent"},
		{"required answer set twice", `surveys.NPSSent(9).WithScore(8)`, "has no field or method WithScore"},
		{"answer of another type", `surveys.NPSSent("9")`, `cannot use "9" (untyped string constant) as int64 value in argument to surveys.NPSSent`},
		{"answer before anybody was asked", `surveys.NPSShown().WithReason("x")`, "has no field or method WithReason"},

		{"AI feature", `ctx, run := phai.Trace(ctx, "x", phai.WithFeature(ai.TicketSummary("t"))); defer run.End(ai.TicketSummary("").Validate()); _ = ctx`, ""},
		{"property of a feature missing", `ai.TicketSummary()`, "not enough arguments in call to ai.TicketSummary"},
		{"event as a feature", `phai.WithFeature(tracking.HealthProbeFailed("x"))`, "missing method PhgenFeature"},
		{"feature captured", `ai.TicketSummary("t").Capture(ctx)`, "has no field or method Capture"},

		{"experiment without a flag", `v, ok := experiments.ParseInvitationTextVariant("formal"); _ = ok
			ctx = experiments.InvitationText(ph.With(ctx, experiments.WithInvitationText(v)), experiments.InvitationTextFriendly)
			tracking.HealthProbeFailed("x").Capture(ctx, experiments.WithInvitationText(v))`, ""},
		{"experiment without a flag nor a variant", `experiments.InvitationText(ctx)`, "not enough arguments in call to experiments.InvitationText"},
		{"variant of another experiment", `experiments.InvitationText(ctx, flags.NewCheckoutControl)`, ".InvitationTextVariant value in argument to experiments.InvitationText"},
		{"variant as text in an experiment", `experiments.WithInvitationText("formal")`, `cannot use "formal" (untyped string constant) as experiments.InvitationTextVariant value in argument`},

		{"required property missing", `tracking.ProjectCreated(id, "Acme")`,
			"not enough arguments in call to tracking.ProjectCreated"},
		{"required property set twice", `tracking.ProjectCreated(id, "Acme", tracking.ProjectSourceWeb).WithName("b")`,
			"has no field or method WithName"},
		{"required property null", `tracking.ProjectCreated(id, "Acme", tracking.ProjectSourceWeb).WithNameNull()`,
			"has no field or method WithNameNull"},
		{"null for what has a value", `tracking.ProjectCreated(id, "Acme", tracking.ProjectSourceWeb).WithMembersNull()`,
			"has no field or method WithMembersNull"},
		{"arguments swapped", `tracking.ProjectCreated("Acme", id, tracking.ProjectSourceWeb)`,
			`cannot use "Acme" (untyped string constant) as uuid.UUID value in argument to tracking.ProjectCreated`},
		{"text for an enum", `tracking.ProjectCreated(id, "Acme", "web")`,
			`cannot use "web" (untyped string constant) as tracking.ProjectSource value in argument to tracking.ProjectCreated`},
		{"another enum", `tracking.ProjectCreated(id, "Acme", tracking.PlanTierFree)`,
			"as tracking.ProjectSource value in argument to tracking.ProjectCreated"},
		{"misspelt event", `tracking.ProjectCreted(id, "Acme", tracking.ProjectSourceWeb)`,
			"undefined: tracking.ProjectCreted"},
		{"misspelt property", `tracking.ProjectCreated(id, "Acme", tracking.ProjectSourceWeb).WithMember(3)`,
			"has no field or method WithMember"},
		{"misspelt enum value", `_ = tracking.ProjectSourceWbe`,
			"undefined: tracking.ProjectSourceWbe"},
		{"wrong type", `tracking.ProjectCreated(id, "Acme", tracking.ProjectSourceWeb).WithMembers("3")`,
			`cannot use "3" (untyped string constant) as int64 value in argument`},
		{"named type", `s := "7"; tracking.OrderCompleted(s, ph.Money{}, nil, tracking.PaymentMethodCard("visa", "4242"), time.Time{})`,
			"cannot use s (variable of type string) as tracking.OrderID value"},
		{"variant of another union", `tracking.PaymentMethodCard(30)`,
			"not enough arguments in call to tracking.PaymentMethodCard"},
		{"const property", `tracking.ProjectCreated(id, "Acme", tracking.ProjectSourceWeb).WithChannel("web")`,
			"has no field or method WithChannel"},
		{"property outside the plan", `tracking.ProjectCreated(id, "Acme", tracking.ProjectSourceWeb).WithExtra("k", 1)`,
			"has no field or method WithExtra"},
		{"event compared with ==", `a := tracking.HealthProbeFailed("x"); _ = a == a`,
			"struct containing [0]func() cannot be compared"},
		{"object compared with ==", `a := tracking.NewLineItem("A-1", 1, ph.Money{}); _ = a == a`,
			"struct containing [0]func() cannot be compared"},
		{"event as map key", `_ = map[tracking.AccountCreatedEvent]int{}`,
			"invalid map key type tracking.AccountCreatedEvent"},
		{"field of an event", `_ = tracking.HealthProbeFailedEvent{probe: "x"}`,
			"unexported field probe"},
		{"event without a context", `tracking.HealthProbeFailed("x").Capture()`,
			"not enough arguments in call to tracking.HealthProbeFailed(\"x\").Capture"},
		{"retired bucket", `tracking.Person().SetOnce(ctx)`,
			"has no field or method SetOnce"},
		{"misspelt variant", `_ = flags.NewCheckoutTwoPage`,
			"undefined: flags.NewCheckoutTwoPage"},
		{"variant of another flag's type", `var v flags.NewCheckoutVariant = flags.BetaBanner(ctx); _ = v`,
			"cannot use flags.BetaBanner(ctx) (value of type bool) as "},
		{"variant as text", `if flags.NewCheckout(ctx) == "one-page" {}`,
			".NewCheckoutVariant and untyped string)"},
		{"boolean flag as variant", `switch flags.BetaBanner(ctx) { case flags.NewCheckoutOff: }`,
			"invalid case flags.NewCheckoutOff in switch on flags.BetaBanner(ctx)"},
		{"flag without a context", `_ = flags.BetaBanner()`,
			"not enough arguments in call to flags.BetaBanner"},
		{"misspelt flag", `_ = flags.BetaBaner(ctx)`,
			"undefined: flags.BetaBaner"},
		{"payload of a flag that has none", `flags.BetaBannerConfig(ctx)`,
			"undefined: flags.BetaBannerConfig"},
		{"value of a remote config", `flags.RateLimits(ctx)`,
			"undefined: flags.RateLimits"},
		{"payload without its ok", `p := flags.RateLimitsConfig(ctx); _ = p`,
			"assignment mismatch: 1 variable but flags.RateLimitsConfig returns 2 values"},
		{"payload of another flag", `flags.RateLimitsConfigOverride(flags.NewCheckoutPayload{})`,
			".RateLimitsPayload value in argument to flags.RateLimitsConfigOverride"},
		{"misspelt payload field", `p, _ := flags.RateLimitsConfig(ctx); _ = p.Rps`,
			"has no field or method Rps"},
		{"value as an override", `flags.Override(ctx, flags.NewCheckoutOnePage)`,
			"as runtime.FlagOverride value in argument to flags.Override"},
		{"text as an override", `flags.BetaBannerOverride("true")`,
			`cannot use "true" (untyped string constant) as bool value in argument to flags.BetaBannerOverride`},
		{"properties of a person for a group", `tracking.OrganizationFlagProperties("o", tracking.Person())`,
			"as tracking.OrganizationGroup value in argument to tracking.OrganizationFlagProperties"},
		{"flag properties for one call", `tracking.HealthProbeFailed("x").Capture(ctx, tracking.PersonFlagProperties(tracking.Person()))`,
			"as runtime.Option value in argument"},
		{"getter of another event", `trackingtest.ProjectCreated(nil).One().Probe()`,
			"has no field or method Probe"},
	}
	const head = `package main

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/examples/generated/ai"
	"github.com/phgen/phgen/examples/generated/experiments"
	"github.com/phgen/phgen/examples/generated/flags"
	"github.com/phgen/phgen/examples/generated/surveys"
	"github.com/phgen/phgen/examples/generated/tracking"
	"github.com/phgen/phgen/examples/generated/trackingtest"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phai"
)

var (
	ctx context.Context
	id  uuid.UUID
	_   time.Time
	_   ph.Money
	_   = experiments.CheckoutRedesign
	_   flags.NewCheckoutVariant
	_   ai.TicketSummaryFeature
	_   phai.Feature
	_   surveys.NPSShownEvent
	_   trackingtest.OrderCompletedRecord
	_   tracking.OrderID
)

func main() {
`
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file, err := parser.ParseFile(c.fset, "main.go", head+tt.body+"\n}\n", 0)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if _, err := c.check("main", []*ast.File{file}); err != nil {
				got = err.Error()
			}
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("%s\n got %q\nwant %q", tt.body, got, tt.want)
			}
		})
	}
}
