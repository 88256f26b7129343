package phecho

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
	"github.com/phgen/phgen/runtime/internal/adaptertest"
	"github.com/phgen/phgen/runtime/phhttp"
	"github.com/phgen/phgen/runtime/phtest"
)

// router returns a server as an application has it.
func router(opts ...phhttp.Option) http.Handler {
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	e.Use(middleware.Recover(), Middleware(opts...))
	e.GET("/projects/:id", func(c *echo.Context) error {
		adaptertest.ViewProject(c.Request().Context())
		return c.String(http.StatusOK, "Acme")
	})
	e.POST("/login", func(c *echo.Context) error {
		adaptertest.LogIn(c.Request().Context())
		return nil
	})
	e.GET("/gone", func(*echo.Context) error { return echo.NewHTTPError(http.StatusGone, "gone") })
	e.GET("/error", func(*echo.Context) error { return errors.New("no database") })
	e.GET("/panic", func(*echo.Context) error { panic("boom") })
	e.GET("/healthz", func(c *echo.Context) error {
		adaptertest.CheckHealth(c.Request().Context())
		return nil
	})
	return e
}

// A middleware before may give another request, without the pattern that echo set.
func TestAnotherRequest(t *testing.T) {
	rec := phtest.New(t)
	e := echo.New()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			r := c.Request().Clone(rec.Context())
			r.Pattern = ""
			c.SetRequest(r)
			return next(c)
		}
	}, Middleware())
	e.GET("/projects/:id", func(c *echo.Context) error {
		adaptertest.ViewProject(c.Request().Context())
		return nil
	})
	e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/projects/7", nil))
	events := rec.Events()
	if len(events) != 1 {
		t.Fatalf("got %d events, want 1", len(events))
	}
	if got, _ := events[0].Value("$request_route"); got.String() != "/projects/:id" {
		t.Errorf("got route %q, want %q", got.String(), "/projects/:id")
	}
}

func TestMiddleware(t *testing.T) {
	adaptertest.Adapter{Route: "/projects/:id", Errors: true, Serve: adaptertest.HTTP(router)}.Test(t)
}
