package testclients

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/phgen/phgen/examples/generated/flags"
	"github.com/phgen/phgen/examples/generated/tracking"
	"github.com/phgen/phgen/internal/dev"
	ph "github.com/phgen/phgen/runtime"
)

// newPhgen returns a client of s and a context that uses it. The test closes it.
func newPhgen(s server, config ph.Config) (*ph.Client, context.Context) {
	s.Helper()
	config.APIKey, config.Host = "phc_dev", s.URL
	c, err := ph.New(config)
	if err != nil {
		s.Fatal(err)
	}
	return c, ph.With(context.Background(), ph.UseClient(c), ph.User("ada"))
}

// closing delivers what is left.
func closing(t *testing.T, c *ph.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestPhgen(t *testing.T) {
	for _, test := range []struct {
		path, codec string
		config      ph.Config
	}{
		{"/batch/", "gzip", ph.Config{}},
		{"/batch/", "", ph.Config{Compression: ph.NoCompression}},
		{"/i/v1/analytics/events", "gzip", ph.Config{Protocol: ph.V1}},
		{"/i/v1/analytics/events", "zstd", ph.Config{Protocol: ph.V1, Compression: ph.Zstd}},
		{"/i/v1/analytics/events", "deflate", ph.Config{Protocol: ph.V1, Compression: ph.Deflate}},
	} {
		t.Run(strings.Trim(test.path, "/")+" "+test.codec, func(t *testing.T) {
			s := start(t)
			c, ctx := newPhgen(s, test.config)
			tracking.AccountCreated(tracking.AccountCreatedMethodEmail).Capture(ctx) // and signup_completed, its old name
			tracking.ProjectCreated(uuid.New(), "Acme ☃", tracking.ProjectSourceWeb).Capture(ctx, tracking.InOrganization("org_7"))
			tracking.Person().WithPlan(tracking.PlanTierPro).Identify(ctx)
			tracking.Organization("org_7", "Acme").WithSeats(3).Identify(ctx)
			ph.CaptureException(ctx, fmt.Errorf("reading the order: %w", errors.New("no such row")))
			if _, err := ph.TryCapture(ctx, "cart_opened", ph.Props{"items": 3}); err != nil {
				t.Fatal(err)
			}
			if _, err := ph.TryCapture(ctx, "order_completed", ph.Props{"order_id": 7}); err != nil {
				t.Fatal(err)
			}
			closing(t, c)
			if stats := c.Stats(); stats.Sent != 8 || stats.Lost != 0 {
				t.Errorf("the client says: %+v; want 8 sent", stats)
			}
			if got := s.judged("account_created", dev.OK); got.Person != "ada" || !strings.HasPrefix(got.SDK, "phgen-go") {
				t.Errorf("got %+v", got)
			}
			if got := s.properties(s.judged("project_created", dev.OK))["name"]; got != "Acme ☃" {
				t.Errorf("got the name %q", got)
			}
			s.judged("cart_opened", dev.Unplanned, ": unplanned")
			s.judged("order_completed", dev.Invalid, "order_id: type", "price: required", "items: required", "payment: required", "paid_at: required")
			if got := s.judged("signup_completed", dev.OK); got.Deprecated == "" {
				t.Errorf("got %+v, want it deprecated", got)
			}
			for _, name := range []string{"$identify", "$groupidentify", "$exception"} {
				s.judged(name, dev.OK)
			}
			for _, r := range s.healthy() {
				if r.Path != test.path || r.Codec != test.codec {
					t.Errorf("got %+v, want %s with %q", r, test.path, test.codec)
				}
			}
		})
	}
}

func TestPhgenFlags(t *testing.T) {
	for _, secret := range []string{"", "phs_dev"} {
		t.Run("secret "+secret, func(t *testing.T) {
			s := start(t)
			c, ctx := newPhgen(s, ph.Config{SecretKey: secret, FlagPollEvery: time.Second, LocalFlagsOnly: secret != ""})
			as := func(person string) context.Context { return ph.With(ctx, ph.Fresh(), ph.UseClient(c), ph.User(person)) } // a scope keeps its answers
			if got, detail := flags.NewCheckoutDetail(ctx); got != flags.NewCheckoutControl {
				t.Errorf("got %v: %+v, want the default of the plan", got, detail)
			}
			if p, ok := flags.NewCheckoutConfig(ctx); !ok || p.MaxItems != 20 {
				t.Errorf("its payload: got %+v, %t, want the plan's", p, ok)
			}
			s.setFlag("new-checkout", "one-page", "")
			s.setFlag("new-checkout", "control", "grace")
			s.setFlag("beta-banner", true, "")
			within(t, 2*time.Second, func() error { // issue 8 promises as much for a client that polls each second
				ctx := as("ada")
				if got, beta := flags.NewCheckout(ctx), flags.BetaBanner(ctx); got != flags.NewCheckoutOnePage || !beta {
					return fmt.Errorf("after the change for everyone: got %v and %t", got, beta)
				}
				return nil
			})
			if got := flags.NewCheckout(as("grace")); got != flags.NewCheckoutControl {
				t.Errorf("after the change for one person: got %v", got)
			}
			closing(t, c)
			if got := s.called("new-checkout")[`"one-page"`]; got != 1 {
				t.Errorf("one-page: called %d times, want once: %v", got, s.called("new-checkout"))
			}
			for _, d := range s.wait("$feature_flag_called", 1) {
				if d.Verdict != dev.OK {
					t.Errorf("got %+v", d)
				}
			}
			s.healthy()
		})
	}
}
