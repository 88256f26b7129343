package wiretest

import (
	"testing"

	acme "github.com/phgen/phgen/examples/generated/tracking"
	acmetest "github.com/phgen/phgen/examples/generated/trackingtest"
	"github.com/phgen/phgen/internal/wiretest/generated/tracking"
	"github.com/phgen/phgen/internal/wiretest/generated/trackingtest"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

// What the record of an event reads is what the event was given.
func TestRecordReadsEveryKind(t *testing.T) {
	rec := phtest.New(t)
	sent := everyKind().WithHop(3)
	id := sent.Capture(rec.Context(ph.User("u_1")))
	r := trackingtest.EveryKind(rec).One()
	read := tracking.EveryKind(r.Text(), r.Whole(), r.Fraction(), r.YesOrNo(), r.At(), r.Day(), r.TookMs(), r.ID(),
		r.Link(), r.Mail(), r.Addr(), r.Land(), r.Unit(), r.Language(), r.Price(), r.Blob(), r.Sizes(), r.List(),
		r.Place(), r.Tier(), r.Shape(), r.RequestID())
	if hop, ok := r.Hop(); ok {
		read = read.WithHop(hop)
	}
	if !read.Equal(sent) {
		t.Errorf("read %+v from %s", read, r.PhgenRecord())
	}
	if got := r.PhgenRecord(); got.UUID() != id || got.DistinctID() != "u_1" {
		t.Errorf("got uuid %s and distinct ID %q, want %s and %q", got.UUID(), got.DistinctID(), id, "u_1")
	}
}

func TestRecordOfNulls(t *testing.T) {
	rec := phtest.New(t)
	ctx := rec.Context(ph.User("u_1"))
	tracking.EveryKindOptional().WithTextNull().WithPriceNull().WithPlaceNull().Capture(ctx)
	r := trackingtest.EveryKindOptional(rec).One()
	if v, ok := r.Text(); ok {
		t.Errorf("Text() = %q", v)
	}
	if v, ok := r.Price(); ok {
		t.Errorf("Price() = %v", v)
	}
	if _, ok := r.Place(); ok {
		t.Error("Place() is there")
	}
	if _, ok := r.Whole(); ok {
		t.Error("Whole() is there")
	}
	rec.Want(tracking.EveryKindOptional().WithTextNull().WithPriceNull().WithPlaceNull())
}

// A wanted event stands for its pair, whichever half was captured.
func TestWantOfAPair(t *testing.T) {
	rec := phtest.New(t)
	ctx := rec.Context(ph.User("u_1"))
	acme.AccountCreated(acme.AccountCreatedMethodGoogle).Capture(ctx)
	rec.Want(acme.AccountCreated(acme.AccountCreatedMethodGoogle))
	rec.Want(acme.SignupCompleted(acme.SignupCompletedMethodGoogle))
	if got := acmetest.AccountCreated(rec).One().Method(); got != acme.AccountCreatedMethodGoogle {
		t.Errorf("Method() = %v", got)
	}
	if got := len(rec.Events()); got != 2 {
		t.Errorf("got %d events, want the pair", got)
	}
}

func TestWantOfUpdates(t *testing.T) {
	rec := phtest.New(t)
	ctx := rec.Context(ph.User("u_1"))
	ada := acme.Person().WithEmail("ada@example.com").WithPlan(acme.PlanTierPro)
	ada.Identify(ctx)
	acme.Organization("org_7", "Acme").WithSeats(5).Identify(ctx)
	rec.Want(ada)
	rec.Want(acme.Organization("org_7", "Acme").WithSeats(5))
	rec.Reset()
	ada.Set(ctx)
	rec.Want(ada)
}

// Tests keep what sampling would leave out, and hash under a fixed key.
func TestRecorderKeepsAndHashes(t *testing.T) {
	rec := phtest.New(t)
	ctx := rec.Context(ph.User("u_1"))
	for range 10 {
		acme.HealthProbeFailed("db").Capture(ctx)
	}
	if got := acmetest.HealthProbeFailed(rec).Len(); got != 10 {
		t.Errorf("kept %d of 10 events", got)
	}
	tracking.HashPii("text").WithMail("Ada@example.com").Capture(ctx)
	tracking.HashPii("text").WithMail("ada@example.com").Capture(ctx)
	hashes := trackingtest.HashPii(rec).All()
	a, _ := hashes[0].Mail()
	b, _ := hashes[1].Mail()
	if len(a) != 32 || a != b {
		t.Errorf("hashes: got %q and %q, want the same 32 digits", a, b)
	}
	rec.Want(tracking.HashPii("text").WithMail("ADA@example.com"))
}
