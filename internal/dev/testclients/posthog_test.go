package testclients

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/posthog/posthog-go"

	"github.com/phgen/phgen/internal/dev"
)

// outcomes is what posthog-go says of its events.
type outcomes struct {
	mu   sync.Mutex
	sent int
	errs []error
}

func (o *outcomes) Success(posthog.APIMessage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent++
}

func (o *outcomes) Failure(_ posthog.APIMessage, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.errs = append(o.errs, err)
}

// newPosthog returns a client of s.
func newPosthog(s server, config posthog.Config) posthog.Client {
	s.Helper()
	config.Endpoint = s.URL
	config.Logger = quiet{}
	c, err := posthog.NewWithConfig("phc_dev", config)
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// quiet logs nothing: the callbacks tell the same.
type quiet struct{}

func (quiet) Debugf(string, ...any) {}
func (quiet) Logf(string, ...any)   {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}

// messages are some of everything that posthog-go sends.
func messages(at time.Time) []posthog.Message {
	return []posthog.Message{
		posthog.Capture{DistinctId: "ada", Event: "account_created", Timestamp: at, Uuid: "0190c8a4-1111-7222-8333-444455550001", Properties: posthog.NewProperties().Set("method", "email")},
		posthog.Capture{DistinctId: "ada", Event: "project_created", Groups: posthog.NewGroups().Set("organization", "org_7"),
			Properties: posthog.NewProperties().Set("project_id", uuid.NewString()).Set("name", "Acme ☃").Set("source", "web").Set("channel", "server")},
		posthog.Capture{DistinctId: "ada", Event: "order_completed", Properties: posthog.NewProperties().Set("order_id", 7).Set("paid_at", at).Set("price", 3.5).Set("currency", "EUR").
			Set("items", []any{map[string]any{"sku": "ABC-1", "quantity": 1, "unit_price": 3.5, "unit_price_currency": "EUR"}}).Set("payment", map[string]any{"kind": "invoice", "net_days": 30})},
		posthog.Capture{DistinctId: "grace", Event: "cart_opened", Properties: posthog.NewProperties().Set("items", 3)},
		posthog.Identify{DistinctId: "ada", Properties: posthog.NewProperties().Set("email", "ada@acme.example").Set("plan", "pro")},
		posthog.Alias{DistinctId: "ada", Alias: "ada-in-the-browser"},
		posthog.GroupIdentify{Type: "organization", Key: "org_7", Properties: posthog.NewProperties().Set("name", "Acme").Set("plan", "pro")},
		posthog.NewDefaultException(at, "ada", "*errors.errorString", "no such order"),
	}
}

func TestPosthogGo(t *testing.T) {
	for _, test := range []struct {
		path, codec string
		config      posthog.Config
	}{
		{"/batch/", "", posthog.Config{}},
		{"/batch/", "gzip", posthog.Config{Compression: posthog.CompressionGzip}},
		{"/i/v1/analytics/events", "", posthog.Config{CaptureMode: posthog.CaptureModeAnalyticsV1}},
		{"/i/v1/analytics/events", "gzip", posthog.Config{CaptureMode: posthog.CaptureModeAnalyticsV1, Compression: posthog.CompressionGzip}},
		{"/i/v1/analytics/events", "zstd", posthog.Config{CaptureMode: posthog.CaptureModeAnalyticsV1, Compression: posthog.CompressionZstd}},
		{"/i/v1/analytics/events", "deflate", posthog.Config{CaptureMode: posthog.CaptureModeAnalyticsV1, Compression: posthog.CompressionDeflate}},
	} {
		t.Run(strings.Trim(test.path, "/")+" "+test.codec, func(t *testing.T) {
			s := start(t)
			done := new(outcomes)
			test.config.Callback = done
			c := newPosthog(s, test.config)
			at := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
			all := messages(at)
			for _, m := range all {
				if err := c.Enqueue(m); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			if done.sent != len(all) || done.errs != nil {
				t.Errorf("the client says: %d sent, %v; want %d sent", done.sent, done.errs, len(all))
			}
			asSent(s, at)
			var summary dev.Summary
			s.get("/api/summary", &summary)
			if want := (dev.Counts{OK: 6, Unplanned: 1, Invalid: 1}); summary.Counts != want {
				t.Errorf("got %+v, want %+v", summary.Counts, want)
			}
			for _, r := range s.healthy() {
				if r.Path != test.path || r.Codec != test.codec || r.Events != len(all) || !strings.HasPrefix(r.SDK, "posthog-go") {
					t.Errorf("got %+v, want %s with %q and %d events of posthog-go", r, test.path, test.codec, len(all))
				}
			}
		})
	}
}

// asSent asserts that messages arrived complete and were judged.
func asSent(s server, at time.Time) {
	s.Helper()
	account := s.judged("account_created", dev.OK)
	if account.UUID != "0190c8a4-1111-7222-8333-444455550001" || account.Person != "ada" || !strings.HasPrefix(account.SDK, "posthog-go") {
		s.Errorf("got %+v", account)
	}
	if sent, err := time.Parse(time.RFC3339, account.Timestamp); err != nil || !sent.Equal(at) {
		s.Errorf("got the time %s, want %s", account.Timestamp, at)
	}
	if got := s.properties(s.judged("project_created", dev.OK))["name"]; got != "Acme ☃" {
		s.Errorf("got the name %q", got)
	}
	s.judged("order_completed", dev.Invalid, "order_id: type")
	if cart := s.judged("cart_opened", dev.Unplanned, ": unplanned"); !strings.Contains(cart.Snippet, "cart_opened:") {
		s.Errorf("got the snippet %q", cart.Snippet)
	}
	for _, name := range []string{"$identify", "$create_alias", "$groupidentify", "$exception"} {
		s.judged(name, dev.OK)
	}
}

// Brotli is what PostHog refuses.
func TestPosthogGoWithBrotli(t *testing.T) {
	s := start(t)
	done, retries := new(outcomes), 0
	c := newPosthog(s, posthog.Config{CaptureMode: posthog.CaptureModeAnalyticsV1, Compression: posthog.CompressionBrotli, Callback: done, MaxRetries: &retries})
	if err := c.Enqueue(posthog.Capture{DistinctId: "ada", Event: "account_created"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	var log struct{ Requests []dev.RequestRow }
	s.get("/api/requests", &log)
	if len(log.Requests) != 1 || log.Requests[0].Status != 415 || log.Requests[0].Refusal == "" || len(done.errs) != 1 {
		t.Errorf("got %+v, and the client was told %v; want one 415", log.Requests, done.errs)
	}
}

// A client that tries again is told apart from one that sends twice.
func TestPosthogGoTriesAgain(t *testing.T) {
	s := start(t)
	var state struct{ Spec string }
	s.call("PUT", "/api/fault", map[string]string{"spec": "503:1s"}, &state)
	done := new(outcomes)
	c := newPosthog(s, posthog.Config{Callback: done, BatchSize: 1, RetryAfter: func(int) time.Duration { return 600 * time.Millisecond }})
	if err := c.Enqueue(posthog.Capture{DistinctId: "ada", Event: "account_created", Properties: posthog.NewProperties().Set("method", "email")}); err != nil {
		t.Fatal(err)
	}
	s.judged("account_created", dev.OK)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	var log struct{ Requests []dev.RequestRow }
	s.get("/api/requests", &log)
	n := len(log.Requests) - 1
	if n < 1 || log.Requests[n].Status != 200 || log.Requests[n].Events != 1 || log.Requests[n].Attempt != n+1 || done.sent != 1 {
		t.Fatalf("got %+v", log.Requests)
	}
	for _, r := range log.Requests[:n] {
		if r.Status != 503 || !r.Fault || r.Events != 0 || r.Refusal == "" {
			t.Errorf("got %+v, want a 503 by a fault", r)
		}
	}
}

func TestPosthogGoFlags(t *testing.T) {
	for _, secret := range []string{"", "phs_dev"} {
		t.Run("secret "+secret, func(t *testing.T) {
			s := start(t)
			c := newPosthog(s, posthog.Config{SecretKey: secret, DefaultFeatureFlagsPollingInterval: 200 * time.Millisecond})
			value := func(key, person string) any {
				t.Helper()
				v, err := c.GetFeatureFlag(posthog.FeatureFlagPayload{Key: key, DistinctId: person, OnlyEvaluateLocally: secret != ""})
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			if got := value("new-checkout", "ada"); got != "control" {
				t.Errorf("got %v, want the default of the plan", got)
			}
			s.setFlag("new-checkout", "one-page", "")
			s.setFlag("new-checkout", false, "grace")
			within(t, 2*time.Second, func() error {
				if got := value("new-checkout", "ada"); got != "one-page" {
					return fmt.Errorf("after the change for everyone: got %v", got)
				}
				return nil
			})
			if got := value("new-checkout", "grace"); got != false {
				t.Errorf("after the change for one person: got %v", got)
			}
			if got, err := c.GetRemoteConfigPayload("rate-limits"); secret != "" && (err != nil || !strings.Contains(got, "rps")) {
				t.Errorf("remote config: got %s, %v", got, err)
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			if got, want := fmt.Sprint(s.called("new-checkout")), `map["control":1 "one-page":1 false:1]`; got != want {
				t.Errorf("called: got %s, want %s", got, want)
			}
			kinds := map[string]int{}
			for _, r := range s.healthy() {
				kinds[r.Kind]++
			}
			if local := secret != ""; (kinds["definitions"] > 0) != local || (kinds["flags"] > 0) == local {
				t.Errorf("with the secret key %q: got %v", secret, kinds)
			}
		})
	}
}

// within tries f until it succeeds, for as long as d.
func within(t *testing.T, d time.Duration, f func() error) {
	t.Helper()
	end := time.After(d)
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-end:
			t.Fatal(errors.Join(err, fmt.Errorf("not within %v", d)))
		}
	}
}

func TestMessagesAreOfAllKinds(t *testing.T) {
	var kinds []string
	for _, m := range messages(time.Time{}) {
		if kind := fmt.Sprintf("%T", m); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	if want := "[posthog.Capture posthog.Identify posthog.Alias posthog.GroupIdentify posthog.Exception]"; fmt.Sprint(kinds) != want {
		t.Errorf("got %v, want %s", kinds, want)
	}
}
