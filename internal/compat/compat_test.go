// Package compat holds the packages in testdata/compat, which earlier releases
// generated, against today's runtime: they compile, or this test does not, and
// they send what they sent.
package compat

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/lock"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
	"github.com/phgen/phgen/schema"
	v1 "github.com/phgen/phgen/testdata/compat/v1"
	"github.com/phgen/phgen/testdata/compat/v1/shop/generated/experiments"
	"github.com/phgen/phgen/testdata/compat/v1/shop/generated/flags"
	shop "github.com/phgen/phgen/testdata/compat/v1/shop/generated/tracking"
	shoptest "github.com/phgen/phgen/testdata/compat/v1/shop/generated/trackingtest"
	"github.com/phgen/phgen/testdata/compat/v1/wire/generated/tracking"
	"github.com/phgen/phgen/testdata/compat/v1/wire/generated/trackingtest"
)

const folder = "../../testdata/compat/v1"

var plans = []string{"wire", "shop"}

// A wire keeps request bodies and calls them delivered.
type wire struct{ bodies [][]byte }

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.bodies = append(w.bodies, body)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"status":1}`)), Request: r}, nil
}

// libraryKeys differ from machine to machine and from release to release.
var libraryKeys = regexp.MustCompile(`"\$lib":"phgen-go",.*?"\$go_version":"[^"]*"`)

// send returns the request that a call makes.
func send(t *testing.T, c v1.Call) []byte {
	t.Helper()
	var w wire
	client, err := ph.New(ph.Config{
		APIKey: "phc_wire", Host: "http://wire.localhost", Transport: &w, Compression: ph.NoCompression,
		Logger: slog.New(slog.DiscardHandler), PIIKey: []byte("0123456789abcdef"),
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Make(ph.With(t.Context(), ph.UseClient(client), ph.User("u_1")))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := client.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
	if len(w.bodies) != 1 {
		t.Fatalf("got %d requests, want one", len(w.bodies))
	}
	return libraryKeys.ReplaceAllLiteral(w.bodies[0], []byte(`"$lib":"phgen-go"`))
}

// The bodies are frozen: there is no flag that rewrites them.
func TestCalls(t *testing.T) {
	for _, c := range v1.Calls {
		t.Run(c.Name, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join(folder, "bodies", c.Name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			got := string(send(t, c)) + "\n"
			if diff := cmp.Diff(strings.SplitAfter(string(want), ","), strings.SplitAfter(got, ",")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Every event of the frozen plans is among the bodies, and every body has a call.
func TestBodies(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(folder, "bodies", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if !slices.ContainsFunc(v1.Calls, func(c v1.Call) bool { return c.Name == name }) {
			t.Errorf("%s has no call", file)
		}
		var body struct{ Batch []struct{ Event string } }
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &body); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, e := range body.Batch {
			sent[e.Event] = true
		}
	}
	for _, name := range plans {
		for _, e := range load(t, name).Events {
			if !sent[e.Name] {
				t.Errorf("plan %s: no body has the event %q", name, e.Name)
			}
		}
	}
}

func load(t *testing.T, name string) *schema.Plan {
	t.Helper()
	p, found, err := schema.Load(filepath.Join(folder, name, "plan.yaml"))
	if err != nil || found.HasErrors() {
		t.Fatalf("plan %s: %v %v", name, err, found)
	}
	return p
}

// Today's phgen accepts the frozen plans and locks, and offers for them all that
// it offered then.
func TestLocks(t *testing.T) {
	for _, name := range plans {
		file := filepath.Join(folder, name, lock.Name)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		old, err := lock.Parse(file, bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
		if err != nil {
			t.Fatal(err)
		}
		printer := generator.NewPrinter(load(t, name))
		if found := printer.Check(); found.HasErrors() {
			t.Errorf("plan %s: %v", name, found)
		}
		now := lock.Of(printer)
		for _, d := range lock.Compare(old, now) {
			t.Errorf("plan %s: %v", name, d)
		}
		for _, x := range old.Offers {
			same := func(y generator.Offer) bool {
				return slices.Equal(x.Path, y.Path) && x.Name == y.Name && len(x.Params) == len(y.Params) && len(x.Parts) <= len(y.Parts)
			}
			if !slices.ContainsFunc(now.Offers, same) {
				t.Errorf("plan %s: %v is not offered as it was", name, x.Path)
			}
		}
	}
}

// The frozen packages for tests read what today's recorder records.
func TestRecords(t *testing.T) {
	rec := phtest.New(t)
	ctx := rec.Context(ph.User("u_1"))
	sent := v1.EveryKind()
	sent.Capture(ctx)
	rec.Want(sent)
	r := trackingtest.EveryKind(rec).One()
	read := tracking.EveryKind(r.Text(), r.Whole(), r.Fraction(), r.YesOrNo(), r.At(), r.Day(), r.TookMs(), r.ID(),
		r.Link(), r.Mail(), r.Addr(), r.Land(), r.Unit(), r.Language(), r.Price(), r.Blob(), r.Sizes(), r.List(),
		r.Place(), r.Tier(), r.Shape(), r.RequestID())
	if !read.Equal(sent) {
		t.Errorf("read %+v from %s", read, r.PhgenRecord())
	}
	v1.Everything().WithSKU("X-1").WithCode("abc").Capture(ph.With(ctx, shop.InOrg("acme")))
	e := shoptest.Everything(rec).One()
	if got, ok := e.SKU(); !ok || got != "X-1" || e.Number() != 7 || !e.Pay().Equal(shop.PayCard("visa")) {
		t.Errorf("read SKU %q, number %d, pay %v", got, e.Number(), e.Pay())
	}
	if err := sent.Validate(); err != nil {
		t.Errorf("Validate: %v", err)
	}
}

// Frozen flags read what PostHog says today, and overrides put over it.
func TestFlags(t *testing.T) {
	server := phtest.NewMemoryServer(t)
	client, err := ph.New(ph.Config{APIKey: "phc_test", SecretKey: "phs_test", Host: server.URL, Transport: server, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	ctx := ph.With(t.Context(), ph.UseClient(client), ph.User("u_1"))
	server.SetFlag("new-checkout", "one-page")
	server.SetFlag("beta-banner", true)
	server.SetFlag("with-payload", true, phtest.Payload(map[string]any{"text": "hello"}))
	server.SetRemoteConfig("limits", map[string]any{"rps": 7, "steps": []any{map[string]any{"name": "only"}}})

	if got := flags.NewCheckout(ctx); got != flags.NewCheckoutSingle {
		t.Errorf("new-checkout is %v", got)
	}
	if got := experiments.CheckoutRedesign(flags.Load(ctx)); got != flags.NewCheckoutSingle {
		t.Errorf("the experiment is %v", got)
	}
	if !flags.BetaBanner(ctx) {
		t.Error("beta-banner is off")
	}
	if got, ok := flags.WithPayloadConfig(ctx); !ok || got.Text != "hello" {
		t.Errorf("with-payload has %+v, %t", got, ok)
	}
	limits, ok := flags.LimitsConfig(ctx)
	if !ok || limits.Rps != 7 || len(limits.Steps) != 1 || limits.Steps[0].Name != "only" || limits.Ratio != 0.5 || limits.Tier != shop.TierPro {
		t.Errorf("limits has %+v, %t", limits, ok)
	}
	limits.Rps = 9
	ctx = flags.Override(ctx, flags.NewCheckoutControl.Override(), flags.BetaBannerOverride(false), flags.LimitsConfigOverride(limits))
	if got, ok := flags.LimitsConfig(ctx); !ok || got.Rps != 9 || flags.BetaBanner(ctx) || flags.NewCheckout(ctx) != flags.NewCheckoutControl {
		t.Errorf("overridden: limits has %+v, %t", got, ok)
	}
}
