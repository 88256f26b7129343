package wiretest

import (
	"context"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/internal/judge"
	"github.com/phgen/phgen/internal/wiretest/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/schema"
	"pgregory.net/rapid"
)

// The plan is read twice: by the rules that the generator wrote for the runtime,
// and by the judge. Before pii and cuts they must agree about every event.
func TestValidateAgreesWithTheJudge(t *testing.T) {
	plan, found, err := schema.Load(wirePlan)
	if plan == nil {
		t.Fatalf("Load(%q): %v %v", wirePlan, found, err)
	}
	j := judge.New(plan)
	rapid.Check(t, func(rt *rapid.T) {
		e := anyReport(rt)
		invalid := e.Validate()
		body := send(t, wireCase{name: "any report", capture: func(ctx context.Context) { e.Capture(ctx, at, id) }})
		problems := verdicts(j, body)
		if (invalid == nil) != (len(problems) == 0) {
			rt.Errorf("Validate says\n%v\nthe judge\n%s\nof %s", invalid, strings.Join(problems, "\n"), body)
		}
	})
}

// anyReport draws an event that as likely as not keeps all rules.
func anyReport(rt *rapid.T) tracking.ReportEvent {
	e := tracking.Report()
	set := func(key string) bool { return rapid.Bool().Draw(rt, "has "+key) }
	if set("text") {
		e = e.WithText(rapid.OneOf(rapid.StringMatching(`[a-z]{2,4}`), rapid.StringMatching(`[a-zü€😀]{0,6}`)).Draw(rt, "text"))
	}
	if set("whole") {
		e = e.WithWhole(rapid.OneOf(rapid.Int64Range(1, 9), rapid.Int64()).Draw(rt, "whole"))
	}
	if set("fraction") {
		e = e.WithFraction(rapid.OneOf(rapid.Float64Min(0), rapid.SampledFrom([]float64{-1, math.NaN(), math.Inf(1)})).Draw(rt, "fraction"))
	}
	if set("at") {
		e = e.WithAt(rapid.SampledFrom([]time.Time{moment, {}, moment.AddDate(9000, 0, 0), moment.AddDate(-2100, 0, 0)}).Draw(rt, "at"))
	}
	if set("day") {
		e = e.WithDay(rapid.SampledFrom([]ph.Date{day, {}, {Year: 2023, Month: 2, Day: 29}, {Year: 10000, Month: 1, Day: 1}}).Draw(rt, "day"))
	}
	if set("id") {
		e = e.WithID(rapid.SampledFrom([]uuid.UUID{projectID, {}}).Draw(rt, "id"))
	}
	if set("link") {
		e = e.WithLink(rapid.SampledFrom([]string{
			"https://example.com", "https://example.com:8080/a?b#c", "x+y.z-1://h", "mailto:a@b", "https://", "://h", "https://u:p@h/", "https://u@h/",
			"https://h/u:p@x", "https://h/a b", "https://h/\u00a0", "https://h/\n", "1a://h", "https:///path", "",
		}).Draw(rt, "link"))
	}
	if set("addr") {
		e = e.WithAddr(rapid.SampledFrom([]netip.Addr{addr4, addr6, {}, netip.MustParseAddr("::ffff:10.0.0.1")}).Draw(rt, "addr"))
	}
	if set("price") {
		e = e.WithPrice(ph.Money{
			Minor:    rapid.Int64().Draw(rt, "minor"),
			Currency: rapid.SampledFrom([]string{"USD", "JPY", "BHD", "CLF", "XXX", "usd", "EURO", ""}).Draw(rt, "currency"),
		})
	}
	if set("blob") { // what is no JSON is sent as null, which is: the wire does not tell them apart
		e = e.WithBlob(ph.JSON(rapid.SampledFrom([]string{
			`null`, ` { "a" : 1 } `, `"é<>&"`, `12345678901234567890`, `123456789012345678901`, `"123456789012345678"`, `"1234567890123456789"`, `[1.50, 1e5]`,
		}).Draw(rt, "blob")))
	}
	if set("tier") {
		e = e.WithTier(tracking.Tier(rapid.Uint8Range(0, 4).Draw(rt, "tier")))
	}
	if set("shape") {
		e = e.WithShape(rapid.SampledFrom([]tracking.Shape{
			{}, tracking.ShapeNothing(), tracking.ShapeCircle(tracking.NewPoint(1, 2), -1), tracking.ShapePolygon(nil),
			tracking.ShapePolygon(make([]tracking.Point, 3)), tracking.ShapeCircle(tracking.NewPoint(math.NaN(), 2), 1),
		}).Draw(rt, "shape"))
	}
	if set("list") {
		e = e.WithList(rapid.SliceOfN(rapid.Int64Range(-1, 9), 0, 4).Draw(rt, "list")...)
	}
	if set("sizes") {
		e = e.WithSizes(rapid.MapOfN(rapid.StringMatching(`[a-c".\x00]?`), rapid.Int64Range(-1, 9), 0, 3).Draw(rt, "sizes"))
	}
	if set("place") {
		e = e.WithPlace(tracking.NewPoint(1, 2).WithLabel(rapid.StringMatching(`[aü]{0,6}`).Draw(rt, "label")))
	}
	return e
}
