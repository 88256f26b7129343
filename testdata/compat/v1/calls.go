// Package v1 holds calls of generated packages as users of the first release
// wrote them. It is frozen with the packages.
package v1

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"

	ph "github.com/phgen/phgen/runtime"
	shop "github.com/phgen/phgen/testdata/compat/v1/shop/generated/tracking"
	datateam "github.com/phgen/phgen/testdata/compat/v1/shop/generated/tracking/data-team"
	"github.com/phgen/phgen/testdata/compat/v1/shop/generated/tracking/growth"
	"github.com/phgen/phgen/testdata/compat/v1/wire/generated/tracking"
)

// A Call makes one request, whose body is frozen in bodies/<Name>.json.
type Call struct {
	Name string
	Make func(context.Context)
}

var (
	moment = time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600))
	at     = ph.At(moment)
	id     = ph.ID(uuid.MustParse("0190c8a4-0000-7222-8333-444455556666"))

	object = uuid.MustParse("0190c8a4-1111-7222-8333-444455556666")
	addr4  = netip.MustParseAddr("203.0.113.7")
	addr6  = netip.MustParseAddr("2001:db8:1:2::7")
	day    = ph.Date{Year: 2026, Month: time.January, Day: 2}
	usd    = ph.Money{Minor: 4990, Currency: "USD"}
	point  = tracking.NewPoint(1, -2.5)
)

// Calls make every event of both plans, and every update.
var Calls = []Call{
	{"every-kind", func(ctx context.Context) { EveryKind().WithHop(2).Capture(ctx, at, id) }},
	{"every-kind-optional", func(ctx context.Context) {
		tracking.EveryKindOptional().WithText("a").WithWhole(1).WithFraction(1e21).WithYesOrNo(true).WithAt(moment).WithDay(day).
			WithTookMs(time.Microsecond).WithID(object).WithLink("https://x.y/").WithMail("a@b.c").WithAddr(addr6).WithLand("DE").
			WithUnit("EUR").WithLanguage("de-DE").WithPrice(ph.Money{Minor: 1, Currency: "BHD"}).WithBlob(ph.JSON(`{"a": 1}`)).
			WithSizes(map[string]int64{"b": 2, "a": 1}).WithList("x", "").WithPlace(point).WithTier(tracking.TierProPlan).
			WithShape(tracking.ShapePolygon([]tracking.Point{point, point, point})).Capture(ctx, at, id)
	}},
	{"every-kind-null", func(ctx context.Context) {
		tracking.EveryKindOptional().WithTextNull().WithWholeNull().WithFractionNull().WithYesOrNoNull().WithAtNull().WithDayNull().
			WithTookMsNull().WithIDNull().WithLinkNull().WithMailNull().WithAddrNull().WithLandNull().WithUnitNull().WithLanguageNull().
			WithPriceNull().WithBlobNull().WithSizesNull().WithListNull().WithPlaceNull().WithTierNull().WithShapeNull().Capture(ctx, at, id)
	}},
	{"units", func(ctx context.Context) {
		const d = 36*time.Hour + 1500*time.Microsecond
		tracking.Units().WithInNs(d).WithInUs(d).WithInMs(d).WithInS(d).WithInMin(d).WithInH(d).WithInD(d).Capture(ctx, at, id)
	}},
	{"collections", func(ctx context.Context) {
		tracking.Collections().WithInts(1, 2).WithFloats(0.5).WithBools(true, false).WithTimes(moment).WithDays(day).WithIds(object).
			WithTiers(tracking.TierFree, tracking.TierXL).WithCodes("ABCD").WithPoints([]tracking.Point{point, point.WithLabel("x")}).
			WithShapes([]tracking.Shape{tracking.ShapeNothing(), tracking.ShapeCircle(point, 0)}).WithBlobs([]ph.JSON{ph.JSON("[1, 2]")}).
			WithAddrs(addr4, addr6).WithMails("A@B.c", "a@b.c").WithPointByName(map[string]tracking.Point{"b": point, "a": point.WithLabelNull()}).
			WithListsByName(map[string]map[string]string{"x": {"b": "2", "a": "1"}}).WithMailByName(map[string]string{"ü": "ada@example.com"}).Capture(ctx, at, id)
	}},
	{"names", func(ctx context.Context) {
		tracking.SizeDone().WithSpaced("x").WithQuoted(1).WithHTML(true).WithCurrentURL("https://x.y/").Capture(ctx, at, id)
	}},
	{"report", func(ctx context.Context) {
		tracking.Report().WithText("TOO LONG").WithWhole(0).WithLink("no url").WithTier(0).WithShape(tracking.Shape{}).WithList(1, -1, 2, 3).Capture(ctx, at, id)
	}},
	{"drop-property", func(ctx context.Context) {
		tracking.DropProperty().WithText("TOO LONG").WithWhole(5).WithLink("no url").WithTier(0).WithList(1, -1).WithDay(day).Capture(ctx, at, id)
	}},
	{"drop-property-by-word", func(ctx context.Context) {
		tracking.DropPropertyByWord().WithText("ok").WithWhole(0).WithBlob(ph.JSON(`{"cut":`)).WithSizes(map[string]int64{"a": -1}).Capture(ctx, at, id)
	}},
	{"drop-event", func(ctx context.Context) {
		tracking.DropEvent().WithWhole(0).Capture(ctx, at, id)
		tracking.DropEvent().WithWhole(1).WithKept(0).WithLeftOut(0).Capture(ctx, at, id)
	}},
	{"drop-event-by-word", func(ctx context.Context) {
		tracking.DropEventByWord().WithStrict(0).Capture(ctx, at, id)
		tracking.DropEventByWord().WithWhole(0).WithStrict(1).Capture(ctx, at, id)
	}},
	{"truncate", func(ctx context.Context) {
		tracking.Truncate("üüüüü").WithLink("https://example.com/long/path?token=1").WithList("a", "b", "c").WithSizes(map[string]int64{"c": 3, "b": 2, "a": 1}).
			WithContact(tracking.NewContact("ada@example.com").WithPhone("1").WithNote("a long note").WithRank(0)).Capture(ctx, at, id)
	}},
	{"hash-pii", func(ctx context.Context) {
		tracking.HashPii("text").WithWhole(7).WithID(object).WithLink("https://x.y/?q").WithMail("Ada@Example.COM").WithAddr(addr4).Capture(ctx, at, id)
	}},
	{"mask-pii", func(ctx context.Context) {
		tracking.MaskPii("12345678").WithLink("short").WithMailNull().WithContacts([]tracking.Contact{tracking.NewContact("a@b.c")}).Capture(ctx, at, id)
	}},
	{"cut-pii", func(ctx context.Context) {
		tracking.CutPii("üüü").WithLink("https://x.y/").WithAddr(addr6).WithDay(day).WithAt(moment).WithFraction(-3.19).Capture(ctx, at, id)
	}},
	{"drop-pii", func(ctx context.Context) {
		tracking.DropPii("Ada").WithPrice(usd).WithPlace(point).WithList("a").WithKept(true).Capture(ctx, at, id)
	}},
	{"grouped", func(ctx context.Context) {
		ctx = ph.With(ctx, tracking.InTeam("t_1"), tracking.InAccount(-7), tracking.WithTenant("acme"), tracking.WithClientAddr(addr4), tracking.WithBudget(usd))
		tracking.Grouped().Capture(ctx, at, id, tracking.InDevice(object))
	}},
	{"strictly-grouped", func(ctx context.Context) {
		tracking.StrictlyGrouped().Capture(ctx, at, id)
		tracking.StrictlyGrouped().Capture(ctx, at, id, tracking.InAccount(1))
	}},
	{"about-a-person", func(ctx context.Context) {
		tracking.AboutAPerson().WithPersonTier(tracking.TierFree).WithPersonNicknameNull().WithPersonMail("ada@example.com").
			WithPersonFirstTier(tracking.TierXL).WithPersonBalance(usd).Capture(ctx, at, id)
	}},
	{"personless", func(ctx context.Context) { tracking.Personless().Capture(ctx, at, id) }},
	{"idempotent", func(ctx context.Context) {
		tracking.Idempotent("abcdef", -7, object, true, day, moment, tracking.TierXL).Capture(ctx, at)
	}},
	{"pair", func(ctx context.Context) { tracking.OldName(1).Capture(ctx, at) }},
	{"pair-by-new-name", func(ctx context.Context) { tracking.NewName(1).Capture(ctx, at) }},
	{"open", func(ctx context.Context) {
		tracking.Open().WithPlanned(1).WithExtra("list", []any{1, "x", nil}).WithExtra("a", 2).Capture(ctx, at, id)
	}},
	{"pageview", func(ctx context.Context) {
		tracking.Pageview("https://x.y/").WithTitle("Home").Capture(ctx, at, id)
	}},
	{"identify", func(ctx context.Context) {
		tracking.Person().WithTier(tracking.TierFree).WithNicknameNull().WithMail("ADA@example.com").WithFirstTier(tracking.TierFree).WithBalance(usd).
			WithoutLegacyID().Identify(ctx, at, id)
	}},
	{"set", func(ctx context.Context) { tracking.Person().WithNickname("ada").WithoutTier().Set(ctx, at, id) }},
	{"group-int", func(ctx context.Context) {
		tracking.Account(7).WithName("Acme").WithLimit(10).Identify(ctx, at, id)
	}},
	{"group-uuid", func(ctx context.Context) { tracking.Device(object).Identify(ctx, at, id) }},
	{"group-string", func(ctx context.Context) { tracking.Team("t_1", "The first").Identify(ctx, at, id) }},

	{"shop-everything", func(ctx context.Context) {
		ctx = ph.With(ctx, shop.InOrg("acme"), shop.InTeam(3), shop.WithLocale("de-DE"))
		Everything().WithNote("a long note").WithText("text").WithItems([]shop.Item{shop.NewItem(shop.TierFree).WithPart(12.5).WithKind(shop.ItemKindToy)}).
			WithPays(map[string]shop.Pay{"a": shop.PayCash()}).WithDone(100).WithCode("abc").WithOddNull().WithVisits(2).WithReturns(0).WithSKU("X-1").
			WithAddress(shop.NewEverythingAddress("Berlin").WithLines("a", "b")).WithUserAgent("curl").WithMode(shop.RequestModeB).WithExtra("more", true).
			WithPersonTier(shop.TierPro).WithPersonFirstSeenAt(moment).Capture(ctx, at)
	}},
	{"shop-counted", func(ctx context.Context) {
		datateam.Counted(3, shop.RegionUs).WithTier(shop.TierFree).Capture(ctx, at, id)
	}},
	{"shop-pair", func(ctx context.Context) { growth.OldName("x").Capture(ctx, at, id) }},
	{"shop-pair-by-new-name", func(ctx context.Context) { growth.NewName("x").Capture(ctx, at, id) }},
	{"shop-gone", func(ctx context.Context) { growth.Gone().Capture(ctx, at, id) }},
	{"shop-identify", func(ctx context.Context) {
		shop.Person().WithTier(shop.TierPro).WithAge(7).WithFirstSeenAt(moment).Identify(ctx, at, id)
	}},
	{"shop-org", func(ctx context.Context) { shop.Org("acme", "Acme Inc").Identify(ctx, at, id) }},
	{"shop-team", func(ctx context.Context) { shop.Team(3).WithSize(5).Identify(ctx, at, id) }},
}

// EveryKind is an event with a value of every kind.
func EveryKind() tracking.EveryKindEvent {
	return tracking.EveryKind(
		"text", -42, 0.1, true, moment, day, 1500*time.Millisecond, object,
		"https://example.com/a?b#c", "ada@example.com", addr4, "DE", "EUR", "de-DE", usd,
		ph.JSON(`{"b": [1, 2.50, "x y"], "a": null}`), map[string]int64{"b": 2, "a": 1}, []string{"x", ""},
		point.WithLabel("here"), tracking.TierXL, tracking.ShapeCircle(point, 1.5), object,
	)
}

// Everything is an event with every construct that is no value.
func Everything() growth.EverythingEvent {
	return growth.Everything(day, 7, shop.NewItem(shop.TierPro), shop.PayCard("visa"), shop.UserID(object), object)
}
