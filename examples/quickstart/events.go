package main

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/examples/generated/ai"
	"github.com/phgen/phgen/examples/generated/experiments"
	"github.com/phgen/phgen/examples/generated/surveys"
	"github.com/phgen/phgen/examples/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phai"
)

// capture does what a service would do in the course of a day, once for
// every event, person, group, survey and AI feature of the plan.
func capture(ctx context.Context) {
	ctx = ph.With(ctx,
		ph.User("user_ada"),
		ph.Session("0190c8a4-7777-7222-8333-444455556666"),
		ph.Tag("region", "eu"),
		tracking.InOrganization("org_7"),
		tracking.WithLocale("de-DE"),
		tracking.WithAppVersion("1.4.0"),
	)
	day := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)

	tracking.Person().
		WithEmail("ada@example.com").
		WithPlan(tracking.PlanTierFree).
		WithSignupSource(tracking.ProjectSourceWeb).
		WithFirstSeenAt(day).
		Identify(ctx)
	tracking.Organization("org_7", "Acme Inc").
		WithPlan(tracking.PlanTierFree).
		WithSeats(5).
		WithIsTrial(true).
		Identify(ctx)

	// No flag decides this experiment, so the service says who saw which mail. From here on
	// its metrics, and events that list it, carry the variant.
	ctx = experiments.InvitationText(ctx, experiments.InvitationTextFriendly)

	// The plan says dual_write: signup_completed, the old name, is sent as well.
	tracking.AccountCreated(tracking.AccountCreatedMethodGoogle).Capture(ctx)
	tracking.ProjectCreated(uuid.MustParse("0190c8a4-1111-7222-8333-444455556666"), "Acme", tracking.ProjectSourceWeb).
		WithMembers(3).
		WithLoadTimeMs(1500*time.Millisecond).
		WithCompletion(12.5).
		WithReferrer("https://example.com/pricing?utm_source=mail").
		WithLabels("mobile", "beta").
		WithSettings(map[string]ph.JSON{"theme": ph.JSON(`"dark"`), "limits": ph.JSON(`{"rows": 10}`)}).
		WithRequestID(uuid.MustParse("0190c8a4-2222-7222-8333-444455556666")).
		WithClientIP(netip.MustParseAddr("203.0.113.7")).
		WithPersonPlan(tracking.PlanTierPro).
		Capture(ctx)
	tracking.OrderCompleted(
		"order_1",
		ph.Money{Minor: 4999, Currency: "USD"},
		[]tracking.LineItem{tracking.NewLineItem("ABC-12", 1, ph.Money{Minor: 4999, Currency: "USD"})},
		tracking.PaymentMethodCard("visa", "4242"),
		day,
	).
		WithCoupon("WELCOME").
		WithDiscount(10).
		Capture(ctx)
	// One in a hundred of these is sent; this uuid is among them.
	tracking.HealthProbeFailed("database").
		WithErrorCode("timeout").
		Capture(ctx, ph.ID(uuid.MustParse("0190c8a4-1111-7222-8333-0000000000e9")))

	tracking.Person().WithPlan(tracking.PlanTierPro).Set(ctx)

	submission := uuid.MustParse("0190c8a4-3333-7222-8333-444455556666")
	surveys.NPSShown().WithSubmissionID(submission).Capture(ctx)
	surveys.NPSSent(9).WithReason("It saves me an hour a day").WithSubmissionID(submission).Capture(ctx)

	summarise(ctx, "ticket_7")
}

// summarise calls a model for a feature of the plan. What goes into the model and what comes out
// of it never leaves the process: the plan says privacy: redact.
func summarise(ctx context.Context, ticket string) {
	ctx, trace := phai.Trace(ctx, "summarise ticket", phai.WithFeature(ai.TicketSummary(ticket)))
	_, call := phai.Generation(ctx, phai.Model{Provider: "openai", Name: "gpt-5"})
	call.Input("Summarise: my printer is on fire")
	call.Output("A printer burns.")
	call.Usage(phai.Usage{InputTokens: 9, OutputTokens: 4})
	call.End(nil)
	trace.End(nil)
}
