package phsentry_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/getsentry/sentry-go"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phsentry"
	"github.com/phgen/phgen/runtime/phtest"
)

// What callbacks of PostHog's client tell Sentry is in Sentry only: each exception would
// cause the next.
func TestCallbacksTellSentry(t *testing.T) {
	for name, configure := range map[string]func(cfg *ph.Config, tell func()){
		"BeforeSend": func(cfg *ph.Config, tell func()) {
			cfg.BeforeSend = func(*ph.Message) bool {
				tell()
				return true
			}
		},
		"OnLost": func(cfg *ph.Config, tell func()) { cfg.OnLost = func(ph.LostEvent) { tell() } },
		"Transport": func(cfg *ph.Config, tell func()) {
			next := cfg.Transport
			cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
				tell()
				return next.RoundTrip(r)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := &sentry.MockTransport{}
				hubClient, err := sentry.NewClient(sentry.ClientOptions{
					Dsn: dsn, Transport: sent, Integrations: phsentry.New().Install, DisableClientReports: true,
				})
				if err != nil {
					t.Fatal(err)
				}
				defer hubClient.Close()
				hub := sentry.NewHub(hubClient, sentry.NewScope())
				server := phtest.NewMemoryServer(t)
				server.Down(http.StatusBadRequest)
				cfg := ph.Config{APIKey: "phc_test", Host: server.URL, Transport: server, Logger: slog.New(slog.DiscardHandler)}
				configure(&cfg, func() { hub.Clone().CaptureException(errors.New("told by " + name)) })
				client, err := ph.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				ph.SetDefault(client)
				defer ph.SetDefault(nil)

				place(hub)
				_ = client.Flush(t.Context()) // the event is lost
				synctest.Wait()
				if got := client.Stats().Accepted; got != 1 {
					t.Errorf("PostHog took %d events, want 1", got)
				}
				if got := len(sent.Events()); got != 2 {
					t.Errorf("Sentry has %d events, want 2", got)
				}
				if err := client.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
