package phopenfeature_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/open-feature/go-sdk/openfeature"
	"github.com/open-feature/go-sdk/openfeature/isolated"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phopenfeature"
	"github.com/phgen/phgen/runtime/phtest"
)

// noDefinitions is the document of a project without flags.
const noDefinitions = `{"flags":[],"group_type_mapping":{},"cohorts":{}}`

// events returns what the provider has told so far, once nobody has anything to do.
func events(p *phopenfeature.Provider) []string {
	synctest.Wait()
	var all []string
	for {
		select {
		case e := <-p.EventChannel():
			all = append(all, fmt.Sprintf("%s %s %s%s", e.ProviderName, e.EventType, e.ErrorCode, e.Message))
		default:
			return all
		}
	}
}

func wantEvents(t *testing.T, when string, p *phopenfeature.Provider, want ...string) {
	t.Helper()
	if diff := cmp.Diff(events(p), want); diff != "" {
		t.Errorf("%s: events (-got +want):\n%s", when, diff)
	}
}

// following returns a provider that follows its client.
func following(t *testing.T, server *phtest.Server, change func(*ph.Config)) *phopenfeature.Provider {
	var changes phopenfeature.Changes
	client := newClient(t, server, func(cfg *ph.Config) {
		cfg.SecretKey = "phs_x"
		cfg.OnFlagsChanged = changes.FlagsChanged
		if change != nil {
			change(cfg)
		}
	})
	return phopenfeature.New(client, phopenfeature.Follow(&changes))
}

func mustInit(t *testing.T, p *phopenfeature.Provider) {
	t.Helper()
	if err := p.Init(openfeature.EvaluationContext{}); err != nil {
		t.Fatalf("Init = %v", err)
	}
}

// Definitions come, change, grow old and are current again.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := phtest.NewMemoryServer(t)
		server.SetDefinitions([]byte(definitions))
		p := following(t, server, nil)
		defer p.Shutdown()
		mustInit(t, p)
		if got := of(p.BooleanEvaluation(t.Context(), "on", false, ann)); got.Value != true || got.Error != "" {
			t.Errorf("after Init: got %+v, want true", got)
		}
		wantEvents(t, "at first", p)
		time.Sleep(time.Hour)
		wantEvents(t, "while nothing changes", p)

		server.SetDefinitions([]byte(noDefinitions))
		time.Sleep(time.Minute)
		wantEvents(t, "after a change", p, "PostHog PROVIDER_CONFIGURATION_CHANGED flag definitions have changed")

		time.Sleep(time.Hour) // in which they get older, but not stale
		server.Down(503)
		time.Sleep(4 * time.Minute)
		wantEvents(t, "after 4 minutes of outage", p)
		time.Sleep(3 * time.Minute)
		got := events(p)
		if len(got) != 1 || got[0][:len("PostHog PROVIDER_STALE flag definitions are 5m")] != "PostHog PROVIDER_STALE flag definitions are 5m" {
			t.Errorf("after 7 minutes of outage: got %q", got)
		}
		time.Sleep(time.Hour)
		wantEvents(t, "after an hour of outage", p)

		server.Up()
		time.Sleep(5 * time.Minute)
		wantEvents(t, "after the outage", p, "PostHog PROVIDER_READY flag definitions are current")
	})
}

// Changes come at once to a provider that follows its client, and soon to another.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := phtest.NewMemoryServer(t)
		fast := func(cfg *ph.Config) { cfg.SecretKey, cfg.FlagPollEvery = "phs_x", time.Second }
		first := following(t, server, fast)
		second := phopenfeature.New(newClient(t, server, fast))
		for _, p := range []*phopenfeature.Provider{first, second} {
			mustInit(t, p)
			defer p.Shutdown()
		}
		server.SetDefinitions([]byte(definitions))
		time.Sleep(2 * time.Second)
		wantEvents(t, "the one that follows, at once", first, "PostHog PROVIDER_CONFIGURATION_CHANGED flag definitions have changed")
		wantEvents(t, "the other, at once", second)
		time.Sleep(30 * time.Second)
		wantEvents(t, "the one that follows, later", first)
		wantEvents(t, "the other, later", second, "PostHog PROVIDER_CONFIGURATION_CHANGED flag definitions have changed")
	})
}

// A provider that has never had definitions is in error, not stale, until they come.
func TestInitDuringOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := phtest.NewMemoryServer(t)
		server.Down(503)
		p := following(t, server, nil)
		defer p.Shutdown()
		var e *openfeature.ProviderInitError
		if err := p.Init(openfeature.EvaluationContext{}); !errors.As(err, &e) || e.ErrorCode != openfeature.GeneralCode {
			t.Errorf("Init = %v, want a ProviderInitError that is GENERAL", err)
		}
		time.Sleep(time.Hour)
		wantEvents(t, "during the outage", p)
		server.SetDefinitions([]byte(definitions))
		server.Up()
		time.Sleep(5 * time.Minute)
		wantEvents(t, "after the outage", p,
			"PostHog PROVIDER_READY flag definitions are current",
			"PostHog PROVIDER_CONFIGURATION_CHANGED flag definitions have changed")
	})
}

// A secret that is revoked costs the definitions.
func TestRevokedSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := phtest.NewMemoryServer(t)
		server.SetDefinitions([]byte(definitions))
		p := following(t, server, nil)
		defer p.Shutdown()
		mustInit(t, p)
		server.Secret("phs_another")
		time.Sleep(2 * time.Minute)
		got := events(p)
		if len(got) == 0 || got[0][:len("PostHog PROVIDER_ERROR GENERALthere are no flag definitions: ")] != "PostHog PROVIDER_ERROR GENERALthere are no flag definitions: " {
			t.Errorf("got %q, want PROVIDER_ERROR", got)
		}
	})
}

// A first fetch that never ends costs no more than the context allows, and comes yet.
func TestInitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := phtest.NewMemoryServer(t)
		server.SetDefinitions([]byte(definitions))
		server.Reply(0, phtest.On("/flags/definitions"), phtest.Delay(2*time.Second))
		p := following(t, server, nil)
		defer p.Shutdown()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if err := p.InitWithContext(ctx, openfeature.EvaluationContext{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("InitWithContext = %v, want %v", err, context.DeadlineExceeded)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("InitWithContext took %v, want 1s", took)
		}
		time.Sleep(time.Minute)
		wantEvents(t, "later", p,
			"PostHog PROVIDER_READY flag definitions are current",
			"PostHog PROVIDER_CONFIGURATION_CHANGED flag definitions have changed")
	})
}

// A client that evaluates nothing itself is ready at once, and so is one that is disabled.
func TestInitWithoutDefinitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := phtest.NewMemoryServer(t)
		for name, change := range map[string]func(*ph.Config){
			"remote only": nil,
			"disabled":    func(cfg *ph.Config) { cfg.SecretKey, cfg.Disabled = "phs_x", true },
		} {
			p := phopenfeature.New(newClient(t, server, change), nil)
			if err := p.Init(openfeature.EvaluationContext{}); err != nil {
				t.Errorf("%s: Init = %v, want <nil>", name, err)
			}
			time.Sleep(time.Hour)
			wantEvents(t, name, p)
			p.Shutdown()
		}
	})
}

func TestInitWithoutClient(t *testing.T) {
	p := phopenfeature.New(nil)
	var e *openfeature.ProviderInitError
	if err := p.Init(openfeature.EvaluationContext{}); !errors.As(err, &e) || e.ErrorCode != openfeature.ProviderFatalCode {
		t.Errorf("Init = %v, want a ProviderInitError that is PROVIDER_FATAL", err)
	}
	p.Shutdown()
}

// Events that nobody takes hold up neither the client nor Shutdown.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := phtest.NewMemoryServer(t)
		p := following(t, server, nil)
		p.Shutdown() // before Init
		mustInit(t, p)
		mustInit(t, p) // for another domain
		for i := range 40 {
			server.SetDefinitions(fmt.Appendf(nil, `{"flags":[{"id":%d,"key":"f","active":true}]}`, i+1))
			time.Sleep(time.Minute)
		}
		p.Shutdown()
		if err := p.ShutdownWithContext(t.Context()); err != nil {
			t.Errorf("second ShutdownWithContext = %v, want <nil>", err)
		}
		if got := len(events(p)); got != 16 {
			t.Errorf("%d events wait, want 16", got)
		}
		mustInit(t, p) // anew
		server.SetDefinitions([]byte(definitions))
		time.Sleep(time.Minute)
		if got := len(events(p)); got != 1 {
			t.Errorf("%d events after another Init, want 1", got)
		}
		p.Shutdown()
	})
}

// OpenFeature's own client sees all of it.
func TestOpenFeature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		server := phtest.NewMemoryServer(t)
		server.SetDefinitions([]byte(definitions))
		server.Down(503)
		p := following(t, server, func(cfg *ph.Config) { cfg.LocalFlagsOnly = true })
		api := isolated.NewAPI()
		client := api.NewClient()
		who := openfeature.NewEvaluationContext("ann", map[string]any{"plan": "pro"})

		told := make(chan openfeature.EventType, 10)
		for _, e := range []openfeature.EventType{openfeature.ProviderReady, openfeature.ProviderError, openfeature.ProviderStale, openfeature.ProviderConfigChange} {
			handler := func(openfeature.EventDetails) { told <- e }
			api.AddHandler(e, &handler)
		}
		want := func(when string, state openfeature.State, events ...openfeature.EventType) {
			t.Helper()
			synctest.Wait()
			if got := client.State(); got != state {
				t.Errorf("%s: state %s, want %s", when, got, state)
			}
			got := map[openfeature.EventType]int{} // handlers run at once, in any order
			for range len(told) {
				got[<-told]++
			}
			want := map[openfeature.EventType]int{}
			for _, e := range events {
				want[e]++
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("%s: events (-got +want):\n%s", when, diff)
			}
		}

		if err := api.SetProviderAndWait(ctx, p); err == nil {
			t.Error("SetProviderAndWait = <nil>, want an error")
		}
		want("during an outage", openfeature.ErrorState, openfeature.ProviderError)
		if v, err := client.BooleanValue(ctx, "on", false, who); v || err == nil {
			t.Errorf("during an outage: got %t, %v, want false and an error", v, err)
		}

		server.Up()
		time.Sleep(5 * time.Minute)
		want("after the outage", openfeature.ReadyState, openfeature.ProviderReady, openfeature.ProviderConfigChange)
		d, err := client.BooleanValueDetails(ctx, "on", false, who)
		if err != nil || !d.Value || d.Reason != openfeature.TargetingMatchReason || d.Variant != "true" {
			t.Errorf("after the outage: got %+v, %v", d, err)
		}
		if v, err := client.IntValue(ctx, "gone", 5, who); v != 5 || err == nil {
			t.Errorf("unknown flag: got %d, %v, want 5 and an error", v, err)
		}
		text, err := client.StringValueDetails(ctx, "int", "", who)
		if err == nil || text.ErrorCode != openfeature.TypeMismatchCode || text.Reason != openfeature.ErrorReason {
			t.Errorf("wrong type: got %+v, %v", text, err)
		}

		server.Down(503)
		time.Sleep(10 * time.Minute)
		want("in another outage", openfeature.StaleState, openfeature.ProviderStale)
		if v, err := client.BooleanValue(ctx, "on", false, who); !v || err != nil {
			t.Errorf("in another outage: got %t, %v, want true, <nil>", v, err)
		}
		if err := api.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
	})
}
