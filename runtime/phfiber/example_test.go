package phfiber_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phfiber"
	"github.com/phgen/phgen/runtime/phhttp"
)

// A server on fiber whose handlers capture events of whoever calls them.
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

	app := fiber.New()
	app.Use(recover.New(), phfiber.Middleware(phhttp.Pageviews()))
	app.Get("/projects/:id", func(c fiber.Ctx) error {
		ph.Capture(c.Context(), "project viewed", ph.Props{"plan": "pro"})
		return c.SendString("Acme")
	})

	r := httptest.NewRequest("GET", "/projects/7", nil)
	r.Header.Set("X-POSTHOG-DISTINCT-ID", "u_1") // as PostHog's browser library does
	resp, err := app.Test(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	// Output:
	// u_1: project viewed <nil> pro
	// u_1: $pageview /projects/:id <nil>
}

// offline is a network without PostHog.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("offline") }

func show(m *ph.Message) bool {
	fmt.Printf("%s: %s %v %v\n", m.DistinctID, m.Event, m.Properties["$request_route"], m.Properties["plan"])
	return true
}
