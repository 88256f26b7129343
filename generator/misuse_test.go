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
		{"getter of another event", `trackingtest.ProjectCreated(nil).One().Probe()`,
			"has no field or method Probe"},
	}
	const head = `package main

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/examples/generated/flags"
	"github.com/phgen/phgen/examples/generated/tracking"
	"github.com/phgen/phgen/examples/generated/trackingtest"
	ph "github.com/phgen/phgen/runtime"
)

var (
	ctx context.Context
	id  uuid.UUID
	_   time.Time
	_   ph.Money
	_   flags.NewCheckoutVariant
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
