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
	"github.com/phgen/phgen/runtime/internal/adaptertest"
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
		adaptertest.ViewProject(c.Context())
		return c.SendString("Acme")
	})
	app.Post("/login", func(c fiber.Ctx) error {
		adaptertest.LogIn(c.Context())
		return nil
	})
	app.Get("/gone", func(fiber.Ctx) error { return fiber.NewError(http.StatusGone, "gone") })
	app.Get("/error", func(fiber.Ctx) error { return errors.New("no database") })
	app.Get("/panic", func(fiber.Ctx) error { panic("boom") })
	app.Get("/healthz", func(c fiber.Ctx) error {
		adaptertest.CheckHealth(c.Context())
		return nil
	})
	return app
}

// serve has an application answer r.
func serve(t *testing.T, r *http.Request, opts ...phhttp.Option) *http.Response {
	resp, err := app(r.Context(), opts...).Test(r)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestMiddleware(t *testing.T) {
	adaptertest.Adapter{Route: "/projects/:id", LateRoute: true, Errors: true, Serve: serve}.Test(t)
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
