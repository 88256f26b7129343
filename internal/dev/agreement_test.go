package dev_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/phgen/phgen/examples/generated/tracking"
	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/schema"
)

// events is how many are drawn for one of rapid's hundred checks: 10,000 in all, and those
// that sampling leaves out.
const events = 130

// The plan is read twice: by the rules that the generator wrote for the runtime, and by
// the store from what arrives. They say the same of every event.
func TestVerdictAgreesWithValidate(t *testing.T) {
	plan, found, err := schema.Load("../../examples/tracking-plan.yaml")
	if plan == nil {
		t.Fatal(found, err)
	}
	counts := map[dev.Verdict]int{}
	rapid.Check(t, func(rt *rapid.T) {
		store := dev.NewStore(dev.Config{Plan: plan, PlanFile: "plan.yaml"})
		server := sink.New(sink.Config{Observe: func(x sink.Exchange) { store.Add(x) }})
		defer server.Close()
		client, err := ph.New(ph.Config{
			APIKey: "phc_agree", Host: "http://agree.localhost", Transport: server,
			Logger: slog.New(slog.DiscardHandler), PIIKey: []byte("0123456789abcdef"),
		})
		if err != nil {
			rt.Fatal(err)
		}
		ctx := ph.With(t.Context(), ph.UseClient(client), ph.User("u1"), tracking.InOrganization("org_7"))
		type sent struct {
			event   event
			invalid error
		}
		all := map[string]sent{}
		for i := range events {
			e := anyEvent(rt)
			// Not that of idempotent events: those of one project would be one.
			id, err := e.TryCapture(ctx, ph.ID(uuid.NewSHA1(anyID, []byte{byte(i)})))
			switch {
			case errors.Is(err, ph.ErrSampled):
			case err != nil:
				rt.Fatalf("%+v: %v", e, err)
			default:
				all[id.String()] = sent{e, e.Validate()}
			}
		}
		closing, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := client.Close(closing); err != nil {
			rt.Fatal(err)
		}
		for _, row := range store.Events(dev.Filter{}).Rows {
			d, _ := store.Event(row.Seq)
			sent, ok := all[d.UUID]
			if !ok {
				continue // the other half of a pair
			}
			delete(all, d.UUID)
			if diff := disagreement(sent.invalid, d); diff != "" {
				rt.Errorf("%s\nof %s\nValidate says %v\nthe store %v", diff, d.Raw, sent.invalid, d.All)
			}
			counts[d.Verdict]++
		}
		if len(all) > 0 {
			rt.Errorf("%d events did not arrive", len(all))
		}
	})
	judged := counts[dev.OK] + counts[dev.Invalid]
	if !testing.Short() && judged < 10_000 {
		t.Errorf("%d events were judged, want 10,000", judged)
	}
	if counts[dev.OK] == 0 || counts[dev.Invalid] == 0 || counts[dev.Unplanned] > 0 {
		t.Errorf("got %v, want valid and invalid events", counts)
	}
}

// disagreement says how what is wrong with an event differs from what the store found;
// nothing if it does not.
func disagreement(invalid error, d dev.Detail) string {
	if (invalid == nil) != (d.Verdict == dev.OK) {
		return fmt.Sprintf("valid %t, verdict %s", invalid == nil, d.Verdict)
	}
	var want, got []string
	for _, v := range violations(invalid) {
		want = append(want, onTheWire(d.Event, v))
	}
	for _, f := range d.All {
		got = append(got, fmt.Sprint(f.Path, " ", f.Rule))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		return fmt.Sprintf("Validate: %s\nstore: %s", strings.Join(want, ", "), strings.Join(got, ", "))
	}
	return ""
}

// onTheWire is how a violation shows itself to who sees JSON only: a value that JSON can not
// hold, or that nobody set, has become null; one of the wrong form has the wrong type; money
// is two keys, of which the currency is malformed; persons and groups have their buckets.
func onTheWire(event string, v ph.Violation) string {
	path, rule := v.Property, v.Rule
	switch rule {
	case "unset", "enum", "float", "timestamp":
		rule = "nullable"
	case "url", "email":
		rule = "type"
	case "currency":
		rule = "type"
		if path == "price" {
			path = "currency" // as the plan names the two
		} else {
			path += "_currency"
		}
	}
	switch {
	case event == "$groupidentify":
		path = "$group_set." + path
	case path == "plan" || path == "email":
		path = "$set." + path
	case path == "first_seen_at" || path == "signup_source":
		path = "$set_once." + path
	}
	return path + " " + rule
}

// violations are those that Validate has joined.
func violations(err error) []ph.Violation {
	var list []ph.Violation
	var v ph.Violation
	switch joined, ok := err.(interface{ Unwrap() []error }); {
	case ok:
		for _, err := range joined.Unwrap() {
			list = append(list, violations(err)...)
		}
	case errors.As(err, &v):
		list = append(list, v)
	}
	return list
}

// An event is one of generated code.
type event interface {
	TryCapture(ctx context.Context, opts ...ph.Option) (uuid.UUID, error)
	Validate() error
}

// An update is an event that is said to have happened another way.
type update struct {
	send     func(ctx context.Context, opts ...ph.Option) uuid.UUID
	validate func() error
}

func (u update) Validate() error { return u.validate() }

func (u update) TryCapture(ctx context.Context, opts ...ph.Option) (uuid.UUID, error) {
	id := u.send(ctx, opts...)
	if id == uuid.Nil {
		return id, ph.ErrInvalid
	}
	return id, nil
}

var when = time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)

// anyEvent draws an event that as likely as not keeps all rules.
func anyEvent(rt *rapid.T) event {
	draw := rapid.SampledFrom([]func(*rapid.T) event{anyProject, anyOrder, anyProject, anyOrder, anyAccount, anyProbe, anyPerson, anyGroup}).Draw(rt, "event")
	return draw(rt)
}

// seldom draws the good value nine times in ten.
func seldom[T any](rt *rapid.T, label string, good, bad *rapid.Generator[T]) T {
	if rapid.IntRange(0, 9).Draw(rt, label+" is bad") == 9 {
		return bad.Draw(rt, label)
	}
	return good.Draw(rt, label)
}

func one[T any](values ...T) *rapid.Generator[T] { return rapid.SampledFrom(values) }

var (
	anyID     = uuid.MustParse("0190c8a4-1111-7222-8333-444455556666")
	farAway   = []time.Time{{}, when.AddDate(9000, 0, 0), when.AddDate(-2100, 0, 0)}
	badFloats = one(-1, 100.5, math.NaN(), math.Inf(1), math.Inf(-1))
	currency  = []string{"USD", "JPY", "BHD", "CLF", "XXX"}
)

func anyProject(rt *rapid.T) event {
	set := func(key string) bool { return rapid.Bool().Draw(rt, "has "+key) }
	e := tracking.ProjectCreated(
		seldom(rt, "project_id", one(anyID), one(uuid.UUID{})),
		seldom(rt, "name", rapid.StringN(0, 200, -1), rapid.StringN(201, 300, -1)),
		seldom(rt, "source", one(tracking.ProjectSourceValues()...), one[tracking.ProjectSource](0, 4, 255)),
	)
	if set("members") {
		e = e.WithMembers(seldom(rt, "members", rapid.Int64Min(1), rapid.Int64Max(0)))
	}
	if set("load_time_ms") {
		e = e.WithLoadTimeMs(time.Duration(rapid.Int64().Draw(rt, "load_time_ms")))
	}
	if set("completion") {
		e = e.WithCompletion(seldom(rt, "completion", rapid.Float64Range(0, 100), badFloats))
	}
	switch {
	case set("referrer"):
		e = e.WithReferrer(seldom(rt, "referrer",
			one("https://example.com", "https://example.com/a?token=1#b", "x+y.z-1://h", "https://h/u:p@x"),
			one("", "example.com", "https://", "https://u:p@h/", "https://h/a b", "1a://h", "https://h/\n")))
	case set("referrer null"):
		e = e.WithReferrerNull()
	}
	if set("labels") {
		e = e.WithLabels(rapid.SliceOfN(rapid.String(), 0, 4).Draw(rt, "labels")...)
	}
	if set("settings") {
		e = e.WithSettings(anySettings(rt))
	}
	if set("request_id") {
		e = e.WithRequestID(seldom(rt, "request_id", one(anyID), one(uuid.UUID{})))
	}
	if set("client_ip") {
		e = e.WithClientIP(seldom(rt, "client_ip", one(netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1")), one(netip.Addr{})))
	}
	if set("plan") {
		e = e.WithPersonPlan(seldom(rt, "plan", one(tracking.PlanTierValues()...), one[tracking.PlanTier](0, 9)))
	}
	if set("first_seen_at") {
		e = e.WithPersonFirstSeenAt(seldom(rt, "first_seen_at", one(when), one(farAway...)))
	}
	return e
}

func anySettings(rt *rapid.T) map[string]ph.JSON {
	// What is no JSON is sent as null, which is JSON: only Validate can know.
	values := seldom(rt, "settings", one(`{"a":[1,2.5]}`, `"x"`, `null`), one(`"`+strings.Repeat("x", 2048)+`"`))
	return map[string]ph.JSON{rapid.StringN(0, 5, -1).Draw(rt, "key"): ph.JSON(values)}
}

func anyOrder(rt *rapid.T) event {
	items := make([]tracking.LineItem, seldom(rt, "items", rapid.IntRange(1, 3), one(0, 100, 101)))
	for i := range items {
		if i > 2 { // enough of them
			items[i] = items[0]
			continue
		}
		items[i] = tracking.NewLineItem(
			seldom(rt, "sku", rapid.StringMatching(`[A-Z]{3}-[0-9]{1,4}`), one("", "abc-1", "ABC-", "ABC-1\n")),
			seldom(rt, "quantity", rapid.Int64Min(1), rapid.Int64Max(0)),
			anyMoney(rt, "unit_price"),
		)
	}
	e := tracking.OrderCompleted(tracking.OrderID(rapid.String().Draw(rt, "order_id")), anyMoney(rt, "total"), items, anyPayment(rt),
		seldom(rt, "paid_at", one(when), one(farAway...)))
	if rapid.Bool().Draw(rt, "has coupon") {
		e = e.WithCoupon(rapid.String().Draw(rt, "coupon"))
	}
	if rapid.Bool().Draw(rt, "has discount") {
		e = e.WithDiscount(seldom(rt, "discount", rapid.Float64Range(0, 100), badFloats))
	}
	return e
}

func anyMoney(rt *rapid.T, label string) ph.Money {
	return ph.Money{Minor: rapid.Int64().Draw(rt, label), Currency: seldom(rt, label+" currency", one(currency...), one("usd", "EURO", "U$D"))}
}

func anyPayment(rt *rapid.T) tracking.PaymentMethod {
	// The digits are never sent, right or wrong: only Validate can know.
	return seldom(rt, "payment", one(tracking.PaymentMethodCard("visa", "4242"), tracking.PaymentMethodInvoice(30)), one(tracking.PaymentMethod{}))
}

func anyAccount(rt *rapid.T) event {
	if rapid.Bool().Draw(rt, "the old name") {
		return tracking.SignupCompleted(seldom(rt, "method", one(tracking.SignupCompletedMethodValues()...), one[tracking.SignupCompletedMethod](0, 4)))
	}
	return tracking.AccountCreated(seldom(rt, "method", one(tracking.AccountCreatedMethodValues()...), one[tracking.AccountCreatedMethod](0, 4)))
}

func anyProbe(rt *rapid.T) event {
	return tracking.HealthProbeFailed(rapid.String().Draw(rt, "probe")).WithErrorCode(rapid.String().Draw(rt, "error_code"))
}

func anyPerson(rt *rapid.T) event {
	set := func(key string) bool { return rapid.Bool().Draw(rt, "has "+key) }
	u := tracking.Person().WithPlan(seldom(rt, "plan", one(tracking.PlanTierValues()...), one[tracking.PlanTier](0, 9)))
	if set("email") {
		u = u.WithEmail(seldom(rt, "email", one("a@b.c", "ü@x"), one("", "a", "@b", "a@", "a@b@c", "a b@c", strings.Repeat("a", 254)+"@b")))
	}
	if set("source") {
		u = u.WithSignupSource(seldom(rt, "source", one(tracking.ProjectSourceValues()...), one[tracking.ProjectSource](0, 4)))
	}
	if set("first_seen_at") {
		u = u.WithFirstSeenAt(seldom(rt, "first_seen_at", one(when), one(farAway...)))
	}
	if set("no email") {
		u = u.WithoutEmail()
	}
	if set("identify") {
		return update{u.Identify, u.Validate}
	}
	return update{u.Set, u.Validate}
}

func anyGroup(rt *rapid.T) event {
	g := tracking.Organization(rapid.StringMatching(`[a-z]{1,9}`).Draw(rt, "key"), rapid.String().Draw(rt, "name"))
	if rapid.Bool().Draw(rt, "has plan") {
		g = g.WithPlan(seldom(rt, "plan", one(tracking.PlanTierValues()...), one[tracking.PlanTier](0, 9)))
	}
	if rapid.Bool().Draw(rt, "has seats") {
		g = g.WithSeats(seldom(rt, "seats", rapid.Int64Min(1), rapid.Int64Max(0))).WithIsTrial(true)
	}
	return update{g.Identify, g.Validate}
}

// examples are those of the plan, by event, as generated code makes them.
var examples = map[string][]event{
	"project_created": {tracking.ProjectCreated(anyID, "Acme", tracking.ProjectSourceWeb).WithMembers(3)},
}

func TestVerdictOfExamples(t *testing.T) {
	plan, found, err := schema.Load("../../examples/tracking-plan.yaml")
	if plan == nil {
		t.Fatal(found, err)
	}
	for _, planned := range plan.Events {
		if got, want := len(examples[planned.Name]), len(planned.Examples); got != want {
			t.Errorf("%s: got %d examples, want %d", planned.Name, got, want)
			continue
		}
		for i, e := range examples[planned.Name] {
			d := arrived(t, plan, e)
			if err := e.Validate(); err != nil || d.Verdict != dev.OK {
				t.Errorf("%s: Validate says %v, the store %s %v", planned.Name, err, d.Verdict, d.All)
			}
			var raw struct{ Properties map[string]any }
			if err := json.Unmarshal(d.Raw, &raw); err != nil {
				t.Fatal(err)
			}
			for _, f := range planned.Examples[i].Fields {
				if got := fmt.Sprint(raw.Properties[f.Key]); got != f.Value.Text {
					t.Errorf("%s: %s is %q, want the example's %q", planned.Name, f.Key, got, f.Value.Text)
				}
			}
		}
	}
}

// arrived returns what a store has of an event that was captured.
func arrived(t *testing.T, plan *schema.Plan, e event) dev.Detail {
	t.Helper()
	store := dev.NewStore(dev.Config{Plan: plan})
	server := sink.New(sink.Config{Observe: func(x sink.Exchange) { store.Add(x) }})
	defer server.Close()
	client, err := ph.New(ph.Config{APIKey: "phc_agree", Host: "http://agree.localhost", Transport: server})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.TryCapture(ph.With(t.Context(), ph.UseClient(client), ph.User("u1"), tracking.InOrganization("org_7"))); err != nil {
		t.Fatal(err)
	}
	if err := client.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, ok := store.Event(1)
	if !ok {
		t.Fatal("the event did not arrive")
	}
	return d
}
