package phhttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phhttp"
)

// A server whose handlers capture events of whoever calls them.
func Example() {
	client, err := ph.New(ph.Config{
		APIKey:            "phc_…",
		CaptureExceptions: true,      // panics of handlers, too
		BeforeSend:        show,      // only so that this example has an output
		Transport:         offline{}, // likewise
		Logger:            slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel() // nothing can be delivered
	defer client.Close(ended)
	ph.SetDefault(client)
	defer ph.SetDefault(nil)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /projects/{id}", func(_ http.ResponseWriter, r *http.Request) {
		ph.Capture(r.Context(), "project viewed", nil)
	})
	mux.HandleFunc("POST /login", func(_ http.ResponseWriter, r *http.Request) {
		ph.SetUser(r.Context(), "u_2")
		ph.Capture(r.Context(), "logged in", nil)
	})
	handler := phhttp.Middleware()(mux)

	r := httptest.NewRequest("GET", "/projects/7?token=secret", nil)
	r.Header.Set("X-POSTHOG-DISTINCT-ID", "u_1") // as PostHog's browser library does
	handler.ServeHTTP(httptest.NewRecorder(), r)
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/login", nil))
	// Output:
	// u_1: project viewed at http://example.com/projects/7, /projects/{id}
	// u_2: logged in at http://example.com/login, /login
}

// offline is a network without PostHog.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("offline") }

func show(m *ph.Message) bool {
	fmt.Printf("%s: %s at %s, %s\n", m.DistinctID, m.Event, m.Properties["$current_url"], m.Properties["$request_route"])
	return true
}

type account struct{ ID, Organization, Plan string }

// accountOf stands for how the application knows who is logged in.
func accountOf(*http.Request) account { return account{"u_1", "org_7", "pro"} }

// A service behind a proxy, which knows its users and trusts nobody's headers.
func ExampleMiddleware() {
	middleware := phhttp.Middleware(
		phhttp.TrustHeaders(false),
		phhttp.TrustedProxies(netip.MustParsePrefix("10.0.0.0/8")),
		phhttp.Filter(func(r *http.Request) bool { return r.URL.Path != "/healthz" }),
		phhttp.User(func(r *http.Request) string { return accountOf(r).ID }),
		phhttp.Scope(func(r *http.Request) []ph.ScopeOption {
			return []ph.ScopeOption{ph.Group("organization", accountOf(r).Organization)}
		}),
		phhttp.Tags(func(r *http.Request) ph.Props { return ph.Props{"plan": accountOf(r).Plan} }),
		phhttp.TagMap(func(p ph.Props) ph.Props {
			delete(p, "$ip") // not even this one
			return p
		}),
		phhttp.Pageviews(),
	)
	http.Handle("/", middleware(http.NotFoundHandler()))
}

// On a platform that stops the process between requests, events have to leave at once.
func ExampleFlushAfter() {
	handler := phhttp.Middleware(phhttp.FlushAfter(500 * time.Millisecond))(http.NotFoundHandler())
	_ = http.Server{Addr: ":8080", Handler: handler}
}

// A call of another service of one's own says for whom it is made.
func ExampleTransport() {
	client := &http.Client{Transport: phhttp.Transport(http.DefaultTransport, "billing.internal", "*.example.com")}
	handler := phhttp.Middleware()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, err := http.NewRequestWithContext(r.Context(), "GET", "https://billing.internal/invoices", nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		resp, err := client.Do(call)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		_, _ = io.Copy(w, resp.Body)
	}))
	_ = http.Server{Addr: ":8080", Handler: handler}
}
