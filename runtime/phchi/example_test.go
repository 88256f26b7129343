package phchi_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phchi"
	"github.com/phgen/phgen/runtime/phhttp"
)

// A server on chi whose handlers capture events of whoever calls them.
func Example() {
	client, err := ph.New(ph.Config{
		APIKey:     "phc_…",
		BeforeSend: show, // what follows is only so that this example has an output
		Transport:  offline{},
		Logger:     slog.New(slog.DiscardHandler),
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

	router := chi.NewRouter()
	router.Use(middleware.Recoverer, phhttp.Middleware(phhttp.Route(phchi.Route), phhttp.Pageviews()))
	router.Get("/projects/{id}", func(w http.ResponseWriter, r *http.Request) {
		ph.Capture(r.Context(), "project viewed", ph.Props{"plan": "pro"})
		_, _ = w.Write([]byte("Acme"))
	})

	r := httptest.NewRequest("GET", "/projects/7", nil)
	r.Header.Set("X-POSTHOG-DISTINCT-ID", "u_1") // as PostHog's browser library does
	router.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// u_1: project viewed /projects/{id} pro
	// u_1: $pageview /projects/{id} <nil>
}

// offline is a network without PostHog.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("offline") }

func show(m *ph.Message) bool {
	fmt.Printf("%s: %s %v %v\n", m.DistinctID, m.Event, m.Properties["$request_route"], m.Properties["plan"])
	return true
}
