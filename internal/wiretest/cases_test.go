package wiretest

import (
	"context"
	"math"
	"net/netip"
	"time"

	"github.com/google/uuid"
	acmeai "github.com/phgen/phgen/examples/generated/ai"
	acmeexperiments "github.com/phgen/phgen/examples/generated/experiments"
	acmeflags "github.com/phgen/phgen/examples/generated/flags"
	acme "github.com/phgen/phgen/examples/generated/tracking"
	"github.com/phgen/phgen/internal/wiretest/generated/ai"
	"github.com/phgen/phgen/internal/wiretest/generated/experiments"
	"github.com/phgen/phgen/internal/wiretest/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phai"
)

// A wireCase is one request body: testdata/wire/<name>.json.
type wireCase struct {
	name     string
	plan     string
	capture  func(ctx context.Context)
	config   func(*ph.Config) // nil: nothing beyond the defaults
	refused  bool             // nothing is sent, so there is no file
	problems []string         // what the judge says; broken rules that on_invalid lets through
}

var (
	projectID = uuid.MustParse("0190c8a4-1111-7222-8333-444455556666")
	addr4     = netip.MustParseAddr("203.0.113.7")
	addr6     = netip.MustParseAddr("2001:db8:1:2::7%eth0")
	day       = ph.Date{Year: 2026, Month: time.January, Day: 2}
	usd       = ph.Money{Minor: 4990, Currency: "USD"}
)

var wireCases = []wireCase{
	{name: "example-project-created", plan: examplePlan, capture: func(ctx context.Context) {
		ctx = ph.With(ctx, acme.InOrganization("org_7"), acme.WithLocale("de-DE"), acme.WithAppVersion("1.4.0"),
			ph.Tag("region", "eu"), ph.Session("s_1"), ph.Window("w_1"))
		acme.ProjectCreated(projectID, "Acme", acme.ProjectSourceWeb).
			WithMembers(3).
			WithLoadTimeMs(1500*time.Millisecond).
			WithCompletion(12.5).
			WithReferrer("https://example.com/a?token=1#x").
			WithLabels("a", "b").
			WithSettings(map[string]ph.JSON{"b": ph.JSON(`{"k": [1, 2]}`), "a": ph.JSON("null")}).
			WithRequestID(projectID).
			WithClientIP(addr4).
			WithPersonPlan(acme.PlanTierPro).
			WithPersonFirstSeenAt(moment).
			Capture(ctx, at)
	}},
	{name: "example-project-created-bare", plan: examplePlan, capture: func(ctx context.Context) {
		acme.ProjectCreated(projectID, "Acme", acme.ProjectSourceImport).WithReferrerNull().
			Capture(ctx, at, id, ph.As("u_2"), acme.InOrganization("org_8"), acme.WithLocale("en"), ph.GeoIP(false), ph.Personless())
	}},
	{name: "example-order-completed", plan: examplePlan, capture: func(ctx context.Context) {
		acme.OrderCompleted("o_1", usd,
			[]acme.LineItem{acme.NewLineItem("ABC-12", 1, usd), acme.NewLineItem("XYZ-1", 2, ph.Money{Minor: 500, Currency: "JPY"})},
			acme.PaymentMethodCard("visa", "4242"), moment).WithCoupon("").WithDiscount(10).Capture(ctx, at, id)
	}},
	{name: "example-order-completed-invoice", plan: examplePlan, capture: func(ctx context.Context) {
		acme.OrderCompleted("o_1", ph.Money{Minor: -5, Currency: "EUR"}, []acme.LineItem{acme.NewLineItem("ABC-12", 1, usd)},
			acme.PaymentMethodInvoice(30), moment).Capture(ctx, at, id)
	}},
	{name: "example-pair", plan: examplePlan, capture: func(ctx context.Context) {
		acme.AccountCreated(acme.AccountCreatedMethodSso).Capture(ctx, at, id)
	}},
	{name: "example-pair-by-old-name", plan: examplePlan, capture: func(ctx context.Context) {
		acme.SignupCompleted(acme.SignupCompletedMethodEmail).Capture(ctx, at, id)
	}},
	{name: "example-personless", plan: examplePlan, capture: func(ctx context.Context) {
		acme.HealthProbeFailed("db").Capture(ctx, at, ph.ID(uuid.MustParse("0190c8a4-1111-7222-8333-0000000000e9")))
	}},
	{name: "example-sampled-out", refused: true, plan: examplePlan, capture: func(ctx context.Context) {
		acme.HealthProbeFailed("db").Capture(ctx, at, id)
	}},
	{name: "example-identify", plan: examplePlan, capture: func(ctx context.Context) {
		acme.Person().WithEmail("a@b.c").WithPlan(acme.PlanTierFree).WithSignupSource(acme.ProjectSourceAPI).WithFirstSeenAt(moment).
			Identify(ph.With(ctx, ph.Tag("region", "eu"), acme.WithLocale("de"), acme.InOrganization("org_7")), at, id, ph.Anonymous("anon_1"))
	}},
	{name: "example-set", plan: examplePlan, capture: func(ctx context.Context) {
		acme.Person().WithPlan(acme.PlanTierEnterprise).WithoutEmail().Set(ctx, at, id)
	}},
	{name: "example-group", plan: examplePlan, capture: func(ctx context.Context) {
		acme.Organization("org_7", "Acme Inc").WithPlan(acme.PlanTierPro).WithSeats(5).WithIsTrial(false).Identify(ctx, at, id)
	}},
	{name: "example-ai-feature", plan: examplePlan, capture: func(ctx context.Context) {
		generation(ctx, acmeai.TicketSummary("t_1"))
	}},
	{name: "example-variant", plan: examplePlan, capture: func(ctx context.Context) {
		ctx = ph.With(ctx, acme.InOrganization("org_7"), acmeexperiments.WithInvitationText(acmeexperiments.InvitationTextFriendly))
		acme.ProjectCreated(projectID, "Acme", acme.ProjectSourceWeb).Capture(ctx, at)
	}},
	{name: "example-metric", plan: examplePlan, capture: func(ctx context.Context) { // whose list does not name the experiment
		ctx = acmeflags.Override(ph.With(ctx, acme.InOrganization("org_7")), acmeflags.NewCheckoutOnePage.Override())
		acme.ProjectCreated(projectID, "Acme", acme.ProjectSourceWeb).Capture(ctx, at)
	}},
	{name: "ai-feature", plan: wirePlan, capture: func(ctx context.Context) {
		generation(ctx, ai.Summary(projectID, tracking.TierFree).WithMood(ai.SummaryMoodGood).WithAuthor("Ada@Example.com").
			WithWords("a", "b", "c").WithItem(ai.NewSummaryItem().WithN(1)).WithSecret("s").WithRefNull())
	}},
	{name: "ai-feature-broken", plan: wirePlan, problems: []string{
		`tier: nullable: null`,
	}, capture: func(ctx context.Context) {
		generation(ctx, ai.Summary(projectID, 0).WithItem(ai.NewSummaryItem().WithN(0)))
	}},
	{name: "ai-feature-plain", plan: wirePlan, capture: func(ctx context.Context) { generation(ctx, ai.Plain()) }},
	{name: "variants", plan: wirePlan, capture: func(ctx context.Context) {
		ctx = ph.With(ctx, experiments.WithColours(experiments.ColoursGreen))
		tracking.Tried(1).Capture(ctx, at, id, experiments.WithOtherColours(experiments.OtherColoursBlue))
	}},
	{name: "super-properties", plan: examplePlan, capture: func(ctx context.Context) {
		acme.ProjectCreated(projectID, "Acme", acme.ProjectSourceWeb).WithMembers(3).Capture(ctx, at, acme.InOrganization("org_7"))
	}, config: func(c *ph.Config) { c.SuperProperties = ph.Props{"members": 9, "$release": "v1"} }},
	{name: "tags", plan: wirePlan, capture: func(ctx context.Context) {
		// The event's own value stands above a tag, and an inner scope's above an outer's.
		ctx = ph.With(ctx, ph.Tag("planned", 1), ph.Tag("b", 1), ph.Tag("a", nil))
		ctx = ph.With(ctx, ph.Tag("b", []int{1, 2}), ph.Tag("nan", math.NaN()))
		tracking.Open().WithPlanned(2).Capture(ctx, at, id)
	}},

	{name: "every-kind", plan: wirePlan, capture: func(ctx context.Context) {
		everyKind().Capture(ctx, at, id)
	}},
	{name: "every-kind-unset", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.EveryKindOptional().Capture(ctx, at, id)
	}},
	{name: "every-kind-null", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.EveryKindOptional().WithTextNull().WithWholeNull().WithFractionNull().WithYesOrNoNull().WithAtNull().WithDayNull().
			WithTookMsNull().WithIDNull().WithLinkNull().WithMailNull().WithAddrNull().WithLandNull().WithUnitNull().WithLanguageNull().
			WithPriceNull().WithBlobNull().WithSizesNull().WithListNull().WithPlaceNull().WithTierNull().WithShapeNull().
			Capture(ctx, at, id)
	}},
	{name: "every-kind-zero", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.EveryKindOptional().WithText("").WithWhole(0).WithFraction(0).WithYesOrNo(false).WithTookMs(0).
			WithPrice(ph.Money{Currency: "EUR"}).WithBlob(ph.JSON("0")).WithSizes(nil).WithList().
			WithPlace(tracking.NewPoint(0, 0)).WithShape(tracking.ShapeNothing()).
			Capture(ctx, at, id)
	}},
	{name: "every-kind-set", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.EveryKindOptional().WithText("a").WithWhole(1).WithFraction(1e21).WithYesOrNo(true).WithAt(moment).WithDay(day).
			WithTookMs(time.Microsecond).WithID(projectID).WithLink("ftp://x/").WithMail("a@b").WithAddr(addr6).WithLand("DE").
			WithUnit("EUR").WithLanguage("zh-Hant-TW").WithPrice(ph.Money{Minor: 1, Currency: "BHD"}).WithBlob(ph.JSON(` { "a" : "b c" } `)).
			WithSizes(map[string]int64{"b": 2, "a": 1, "": 0}).WithList("", "x").WithPlace(tracking.NewPoint(-0.5, 1e-7).WithLabelNull()).
			WithTier(tracking.TierProPlan).WithShape(tracking.ShapePolygon([]tracking.Point{
			tracking.NewPoint(0, 0), tracking.NewPoint(1, 0).WithLabel("b"), tracking.NewPoint(0, 1)})).
			Capture(ctx, at, id)
	}},
	{name: "numbers", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Collections().WithInts(math.MinInt64, -1, 0, math.MaxInt64).
			WithFloats(math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1, -1.5, 1e20, 1e21, 1e-6, 1e-7, 100).
			Capture(ctx, at, id)
	}},
	{name: "text", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.EveryKindOptional().WithText("\"\\/\b\f\n\r\t\x01\x1f\x7f<>& ü 完 😀 \u2028\u2029 nul:\x00 bad:\xff").Capture(ctx, at, id)
	}},
	{name: "units", plan: wirePlan, capture: func(ctx context.Context) {
		d := 36*time.Hour + 90*time.Second + 1500*time.Microsecond
		tracking.Units().WithInNs(d).WithInUs(d).WithInMs(d).WithInS(d).WithInMin(90*time.Second).WithInH(90*time.Minute).WithInD(36*time.Hour).
			Capture(ctx, at, id)
	}},
	{name: "collections", plan: wirePlan, capture: func(ctx context.Context) {
		p := tracking.NewPoint(1, 2)
		tracking.Collections().WithInts(1, 2).WithFloats(0.5).WithBools(true, false).WithTimes(moment).WithDays(day).WithIds(projectID).
			WithTiers(tracking.TierFree, tracking.TierXL).WithCodes("ABCD").WithPoints([]tracking.Point{p, p.WithLabel("x")}).
			WithShapes([]tracking.Shape{tracking.ShapeNothing(), tracking.ShapeCircle(p, 0)}).
			WithBlobs([]ph.JSON{ph.JSON("null"), ph.JSON("[1, 2]")}).WithAddrs(addr4, addr6).WithMails("A@B.c", "a@b.c").
			WithPointByName(map[string]tracking.Point{"b": p, "a": p}).
			WithListsByName(map[string]map[string]string{"x": {"b": "2", "a": "1"}, "w": nil}).
			WithMailByName(map[string]string{"ü": "ada@example.com", "a\"b": "x@y"}).
			Capture(ctx, at, id)
	}},
	{name: "collections-empty", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Collections().WithInts().WithBools().WithTiers().WithPoints(nil).WithShapes(nil).WithBlobs(nil).WithAddrs().WithMails().
			WithPointByName(nil).WithListsByName(nil).WithMailByName(map[string]string{}).Capture(ctx, at, id)
	}},
	{name: "names", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.SizeDone().WithSpaced("x").WithQuoted(1).WithHTML(true).WithCurrentURL("https://x.y/").Capture(ctx, at, id)
	}},

	{name: "report", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Report().WithText(bad.text).WithWhole(0).WithFraction(math.NaN()).WithAt(time.Time{}).WithDay(ph.Date{Year: 2026, Month: 2, Day: 30}).
			WithID(uuid.UUID{}).WithLink(bad.link).WithAddr(netip.Addr{}).WithPrice(ph.Money{Minor: 1}).WithBlob(bad.blob).WithTier(0).
			WithShape(tracking.Shape{}).WithList(bad.list...).WithSizes(bad.sizes).WithPlace(bad.place).
			Capture(ctx, at, id)
	}, problems: []string{
		"text: max_length: longer than 4 characters", "text: pattern: does not match ^[a-z]*$", "whole: min: below 1", "fraction: nullable: null",
		"at: nullable: null", "day: type: no date", "id: nullable: null", "link: type: no url", "addr: nullable: null",
		"price: nullable: null", "tier: nullable: null", "shape: nullable: null",
		"list: max_items: more than 3 items", "list[1]: min: below 0", "sizes.b: min: below 0", "place.label: max_length: longer than 5 characters",
	}},
	{name: "drop-property", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.DropProperty().WithText(bad.text).WithWhole(0).WithFraction(math.NaN()).WithAt(time.Time{}).WithDay(ph.Date{Year: 2026, Month: 2, Day: 30}).
			WithID(uuid.UUID{}).WithLink(bad.link).WithAddr(netip.Addr{}).WithPrice(ph.Money{Minor: 1}).WithBlob(bad.blob).WithTier(0).
			WithShape(tracking.Shape{}).WithList(bad.list...).WithSizes(bad.sizes).WithPlace(bad.place).
			Capture(ctx, at, id)
	}},
	{name: "drop-property-by-word", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.DropPropertyByWord().WithText(bad.text).WithWhole(0).WithFraction(math.NaN()).WithAt(time.Time{}).WithDay(ph.Date{Year: 2026, Month: 2, Day: 30}).
			WithID(uuid.UUID{}).WithLink(bad.link).WithAddr(netip.Addr{}).WithPrice(ph.Money{Minor: 1}).WithBlob(bad.blob).WithTier(0).
			WithShape(tracking.Shape{}).WithList(bad.list...).WithSizes(bad.sizes).WithPlace(bad.place).
			Capture(ctx, at, id)
	}},
	{name: "drop-event", refused: true, plan: wirePlan, capture: func(ctx context.Context) {
		tracking.DropEvent().WithWhole(0).WithKept(1).Capture(ctx, at, id)
	}},
	{name: "drop-event-spared", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.DropEvent().WithWhole(1).WithKept(0).WithLeftOut(0).Capture(ctx, at, id)
	}, problems: []string{"kept: min: below 1"}},
	{name: "drop-event-by-word", refused: true, plan: wirePlan, capture: func(ctx context.Context) {
		tracking.DropEventByWord().WithWhole(1).WithStrict(0).Capture(ctx, at, id)
	}},
	{name: "drop-event-by-word-spared", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.DropEventByWord().WithWhole(0).WithStrict(1).Capture(ctx, at, id)
	}, problems: []string{"whole: min: below 1"}},
	{name: "truncate", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Truncate("üüüüü").WithLink("https://example.com/long/path?token=1").WithList("a", "b", "c").
			WithSizes(map[string]int64{"c": 3, "b": 2, "a": 1}).
			WithContact(tracking.NewContact("ada@example.com").WithPhone("1").WithNote("a long note").WithRank(0)).
			Capture(ctx, at, id)
	}},
	{name: "truncate-nothing", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Truncate("abcd").WithLink("https://example.com/").WithList("a", "b").WithSizes(map[string]int64{"a": 1}).Capture(ctx, at, id)
	}},

	{name: "pii-hash", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.HashPii("text").WithWhole(7).WithID(projectID).WithLink("https://x.y/?q").WithMail("Ada@Example.COM").WithAddr(addr4).Capture(ctx, at, id)
	}},
	{name: "pii-hash-null", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.HashPii("").WithMailNull().Capture(ctx, at, id)
	}},
	{name: "pii-hash-without-key", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.HashPii("text").WithWhole(7).WithMail("ada@example.com").Capture(ctx, at, id)
	}, config: func(c *ph.Config) { c.PIIKey = nil }, problems: []string{
		"text: required: missing; a hashed property is left out while the client has no PIIKey",
	}},
	{name: "pii-mask", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.MaskPii("12345678").WithLink("short").WithMail("ü@example.com").WithContact(tracking.NewContact("ada@example.com").WithPhone("1")).
			WithContacts([]tracking.Contact{tracking.NewContact("a@b"), tracking.NewContact("b@c").WithNote("abcde")}).
			Capture(ctx, at, id)
	}},
	{name: "pii-truncate", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.CutPii("üüü").WithLink("https://x.y/").WithAddr(addr6).WithDay(day).WithAt(moment).WithFraction(-3.19).Capture(ctx, at, id)
	}},
	{name: "pii-drop", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.DropPii("Ada").WithPrice(usd).WithPlace(tracking.NewPoint(1, 2)).WithList("a").WithKept(true).Capture(ctx, at, id)
	}},
	{name: "pii-context", plan: wirePlan, capture: func(ctx context.Context) {
		ctx = ph.With(ctx, tracking.WithTenant("t_1"), tracking.WithClientAddr(addr4), tracking.WithBudget(usd))
		tracking.Personless().Capture(ctx, at, id)
	}},

	{name: "groups", plan: wirePlan, capture: func(ctx context.Context) {
		ctx = ph.With(ctx, tracking.InTeam("t_1"), tracking.InAccount(-7))
		tracking.Grouped().Capture(ctx, at, id, tracking.InDevice(projectID))
	}},
	{name: "groups-missing", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Grouped().Capture(ctx, at, id, tracking.InTeam("t_1"))
	}, problems: []string{"$groups.account: group: missing"}},
	{name: "groups-missing-drop-event", refused: true, plan: wirePlan, capture: func(ctx context.Context) {
		tracking.StrictlyGrouped().Capture(ctx, at, id)
	}},
	{name: "group-int", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Account(7).WithName("Acme").WithLimit(10).Identify(ctx, at, id)
	}},
	{name: "group-uuid", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Device(projectID).Identify(ph.With(ctx, ph.Fresh()), at, id)
	}},
	{name: "person-on-event", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.AboutAPerson().WithPersonTier(tracking.TierFree).WithPersonNickname("ada").WithPersonMail("ada@example.com").
			WithPersonFirstTier(tracking.TierXL).WithPersonBalance(usd).Capture(ctx, at, id)
	}},
	{name: "person-unset", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Person().WithNicknameNull().WithMail("ADA@example.com").WithFirstTier(tracking.TierFree).WithBalance(usd).
			WithoutTier().WithoutLegacyID().Identify(ctx, at, id)
	}},
	{name: "person-empty", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Person().Set(ctx, at, id)
	}},
	{name: "personless", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Personless().Capture(ctx, at, id)
	}},
	{name: "idempotent", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Idempotent("abcdef", -7, projectID, true, day, moment, tracking.TierXL).Capture(ctx, at)
	}},
	{name: "idempotent-pair", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.OldName(1).Capture(ctx, at)
	}},
	{name: "idempotent-pair-by-new-name", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.NewName(1).Capture(ctx, at)
	}},
	{name: "open", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Open().WithPlanned(1).WithExtra("list", []any{1, "x", nil, math.Inf(1)}).WithExtra("a", 1).WithExtra("a", 2).
			WithExtra("planned", 9).Capture(ctx, at, id)
	}},
	{name: "pageview", plan: wirePlan, capture: func(ctx context.Context) {
		tracking.Pageview("https://x.y/").WithTitle("Home").Capture(ctx, at, id)
	}},
}

func everyKind() tracking.EveryKindEvent {
	return tracking.EveryKind(
		"text", -42, 0.1, true, moment, day, 1500*time.Millisecond, projectID,
		"https://example.com/a?b#c", "ada@example.com", addr4, "DE", "EUR", "de-DE", usd,
		ph.JSON(`{"b": [1, 2.50, "x y"], "a": null}`), map[string]int64{"b": 2, "a": 1}, []string{"x", ""},
		tracking.NewPoint(1, -2.5).WithLabel("here"), tracking.TierXL, tracking.ShapeCircle(tracking.NewPoint(0, 0), 1.5),
		uuid.MustParse("0190c8a4-2222-7222-8333-444455556666"),
	)
}

// bad are values that break a rule of the properties they are given to.
var bad = struct {
	text, link string
	blob       ph.JSON
	list       []int64
	sizes      map[string]int64
	place      tracking.Point
}{
	text:  "TOO LONG",
	link:  "no url",
	blob:  ph.JSON(`{"cut":`),
	list:  []int64{1, -1, 2, 3},
	sizes: map[string]int64{"a": 1, "b": -1},
	place: tracking.NewPoint(1, 2).WithLabel("too long"),
}

// generation captures a call of a model for a feature, with contents.
func generation(ctx context.Context, f phai.Feature) {
	e := phai.GenerationEvent{
		Step:   phai.Step{TraceID: "t_1", SpanID: "s_1"},
		Model:  phai.Model{Provider: "openai", Name: "gpt-5"},
		Usage:  phai.Usage{InputTokens: 3, OutputTokens: 5},
		Input:  "a question",
		Output: "an answer",
	}
	e.Capture(ctx, phai.WithFeature(f), phai.Lane(false), phai.Send(at, id))
}
