package phgin

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phhttp"
	"github.com/phgen/phgen/runtime/phtest"
)

// router returns a server as an application has it.
func router(opts ...phhttp.Option) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.RecoveryWithWriter(io.Discard), Middleware(opts...))
	router.GET("/projects/:id", func(c *gin.Context) {
		ph.Capture(c.Request.Context(), "project viewed", nil)
		c.String(http.StatusOK, "Acme")
	})
	router.POST("/login", func(c *gin.Context) {
		ph.SetUser(c.Request.Context(), "bob")
		ph.Capture(c.Request.Context(), "logged in", nil)
	})
	router.GET("/gone", func(c *gin.Context) { c.AbortWithStatus(http.StatusGone) })
	router.GET("/panic", func(*gin.Context) { panic("boom") })
	router.GET("/healthz", func(c *gin.Context) { ph.Capture(c.Request.Context(), "healthy", nil) })
	return router
}

func TestMiddleware(t *testing.T) {
	for _, test := range []struct {
		request string
		status  int
		want    []seen
	}{
		{"GET /projects/7?tab=1", 200, []seen{
			{"project viewed", "ann", "/projects/7", "/projects/:id", "", ""},
			{"$pageview", "ann", "/projects/7", "/projects/:id", "200", ""},
		}},
		{"POST /login", 200, []seen{{"logged in", "bob", "/login", "/login", "", ""}}},
		{"GET /missing", 404, nil},
		{"GET /gone", 410, nil},
		{"GET /panic", 500, []seen{{"$exception", "ann", "/panic", "/panic", "500", "boom"}}},
		{"GET /healthz", 200, []seen{{"healthy", "server", "", "", "", ""}}},
	} {
		t.Run(test.request, func(t *testing.T) {
			rec := phtest.New(t)
			method, target, _ := strings.Cut(test.request, " ")
			r := httptest.NewRequest(method, target, nil)
			r.Header.Set("X-POSTHOG-DISTINCT-ID", "ann")
			w := httptest.NewRecorder()
			router(options()...).ServeHTTP(w, r.WithContext(rec.Context(ph.User("server"))))
			if w.Code != test.status {
				t.Errorf("status is %d, want %d", w.Code, test.status)
			}
			if diff := cmp.Diff(test.want, events(rec)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
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
