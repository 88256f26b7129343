package phfiber

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"
	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phhttp"
	"github.com/phgen/phgen/runtime/phtest"
)

// app returns a server as an application has it, with the context of its requests.
func app(ctx context.Context, opts ...phhttp.Option) *fiber.App {
	app := fiber.New()
	app.Use(recover.New(), func(c fiber.Ctx) error {
		c.SetContext(ctx)
		return c.Next()
	}, Middleware(opts...))
	app.Get("/projects/:id", func(c fiber.Ctx) error {
		ph.Capture(c.Context(), "project viewed", nil)
		return c.SendString("Acme")
	})
	app.Post("/login", func(c fiber.Ctx) error {
		ph.SetUser(c.Context(), "bob")
		ph.Capture(c.Context(), "logged in", nil)
		return nil
	})
	app.Get("/gone", func(fiber.Ctx) error { return fiber.NewError(http.StatusGone, "gone") })
	app.Get("/error", func(fiber.Ctx) error { return errors.New("no database") })
	app.Get("/panic", func(fiber.Ctx) error { panic("boom") })
	app.Get("/healthz", func(c fiber.Ctx) error {
		ph.Capture(c.Context(), "healthy", nil)
		return nil
	})
	return app
}

func TestMiddleware(t *testing.T) {
	for _, test := range []struct {
		request string
		status  int
		want    []seen
	}{
		{"GET /projects/7?tab=1", 200, []seen{
			{"project viewed", "ann", "/projects/7", "", "", ""},
			{"$pageview", "ann", "/projects/7", "/projects/:id", "200", ""},
		}},
		{"POST /login", 200, []seen{{"logged in", "bob", "/login", "", "", ""}}},
		{"GET /missing", 404, nil},
		{"GET /gone", 410, nil},
		{"GET /panic", 500, []seen{{"$exception", "ann", "/panic", "/panic", "500", "boom"}}},
		{"GET /healthz", 200, []seen{{"healthy", "server", "", "", "", ""}}},
		{"GET /error", 500, nil},
	} {
		t.Run(test.request, func(t *testing.T) {
			rec := phtest.New(t)
			method, target, _ := strings.Cut(test.request, " ")
			r := httptest.NewRequest(method, target, nil)
			r.Header.Set("X-POSTHOG-DISTINCT-ID", "ann")
			resp, err := app(rec.Context(ph.User("server")), options()...).Test(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != test.status {
				t.Errorf("status is %d, want %d", resp.StatusCode, test.status)
			}
			if diff := cmp.Diff(test.want, events(rec)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

// Fiber uses the memory of a request again, and the events of the first one are captured
// when it has been.
func TestScopeOutlivesRequest(t *testing.T) {
	rec := phtest.New(t)
	var contexts []context.Context
	app := app(rec.Context())
	app.Get("/later/:id", func(c fiber.Ctx) error {
		contexts = append(contexts, ph.Detach(c.Context()))
		return nil
	})
	const n = 50
	for i := range n {
		id := strconv.Itoa(100 + i)
		r := httptest.NewRequest("GET", "/later/"+id, nil)
		r.Header.Set("X-POSTHOG-DISTINCT-ID", "user "+id)
		r.Header.Set("User-Agent", "Browser/"+id)
		resp, err := app.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	for _, ctx := range contexts {
		ph.Capture(ctx, "seen", nil)
	}
	for i, e := range rec.Events() {
		id := strconv.Itoa(100 + i)
		path, _ := e.Value("$request_path")
		agent, _ := e.Value("$user_agent")
		got := []string{e.DistinctID(), path.String(), agent.String()}
		if diff := cmp.Diff([]string{"user " + id, "/later/" + id, "Browser/" + id}, got); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", i, diff)
		}
	}
	if got := len(rec.Events()); got != n {
		t.Errorf("got %d events, want %d", got, n)
	}
}

// What callbacks see of a request is what fiber has of it.
func TestRequest(t *testing.T) {
	for _, test := range []struct {
		target string
		want   string // method, host, path, query, header
	}{
		{"/a%20b?c=d", "GET example.com /a%20b c=d X"},
		{"http://example.com/a", "GET example.com /a  X"},
	} {
		var got string
		app := fiber.New()
		app.Use(func(c fiber.Ctx) error {
			r := request(c)
			got = strings.Join([]string{r.Method, r.Host, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("X-Test")}, " ")
			return nil
		})
		r := httptest.NewRequest("GET", test.target, nil)
		r.Header.Set("X-Test", "X")
		resp, err := app.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got != test.want {
			t.Errorf("request of %s is %q, want %q", test.target, got, test.want)
		}
	}
}

// seen is what a test compares of an event.
type seen struct{ Event, User, Path, Route, Status, Exception string }

func events(rec *phtest.Recorder) []seen {
	var all []seen
	for _, e := range rec.Events() {
		text := func(key string) string { v, _ := e.Value(key); return v.String() }
		s := seen{Event: e.Event(), User: e.DistinctID(), Path: text("$request_path"), Route: text("$request_route")}
		if v, ok := e.Value("$response_status_code"); ok {
			s.Status = strconv.FormatInt(v.Int(), 10)
		}
		if v, ok := e.Value("$exception_list"); ok {
			value, _ := v.Items()[0].Field("value")
			s.Exception = value.String()
		}
		all = append(all, s)
	}
	return all
}

// options are what the tests serve with.
func options() []phhttp.Option {
	return []phhttp.Option{
		phhttp.Pageviews(),
		phhttp.Filter(func(r *http.Request) bool { return r.URL.Path != "/healthz" }),
		phhttp.Scope(func(*http.Request) []ph.ScopeOption { return []ph.ScopeOption{ph.CaptureExceptions(true)} }),
	}
}
