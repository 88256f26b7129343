package phchi

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phhttp"
	"github.com/phgen/phgen/runtime/phtest"
)

// router returns a server as an application has it.
func router(opts ...phhttp.Option) http.Handler {
	router := chi.NewRouter()
	router.Use(quietly, phhttp.Middleware(append(opts, phhttp.Route(Route))...))
	router.Route("/projects", func(r chi.Router) {
		r.Get("/{id}", func(w http.ResponseWriter, r *http.Request) {
			ph.Capture(r.Context(), "project viewed", nil)
			_, _ = w.Write([]byte("Acme"))
		})
	})
	router.Post("/login", func(_ http.ResponseWriter, r *http.Request) {
		ph.SetUser(r.Context(), "bob")
		ph.Capture(r.Context(), "logged in", nil)
	})
	router.Get("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	router.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("boom") })
	router.Get("/healthz", func(_ http.ResponseWriter, r *http.Request) { ph.Capture(r.Context(), "healthy", nil) })
	return router
}

// quietly is middleware.Recoverer that prints nothing.
func quietly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func TestMiddleware(t *testing.T) {
	for _, test := range []struct {
		request string
		status  int
		want    []seen
	}{
		{"GET /projects/7?tab=1", 200, []seen{
			{"project viewed", "ann", "/projects/7", "/projects/{id}", "", ""},
			{"$pageview", "ann", "/projects/7", "/projects/{id}", "200", ""},
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

func TestRoute(t *testing.T) {
	var got string
	note := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = Route(r)
			next.ServeHTTP(w, r)
		})
	}
	nothing := func(http.ResponseWriter, *http.Request) {}
	outer := chi.NewRouter()
	outer.Use(middleware.StripSlashes, note)
	outer.Get("/", nothing)
	outer.Get("/a/{b}", nothing)
	outer.Get("/files/*", nothing)
	outer.Mount("/api", func() http.Handler {
		inner := chi.NewRouter()
		inner.Use(note)
		inner.Get("/c/{d}", nothing)
		return inner
	}())
	for target, want := range map[string]string{
		"/":          "/",
		"/a/7":       "/a/{b}",
		"/a/7/":      "/a/{b}",
		"/a/x%2Fy":   "/a/{b}",
		"/files/x/y": "/files/*",
		"/api/c/7":   "/api/c/{d}",
		"/api/e":     "",
		"/missing":   "",
	} {
		outer.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", target, nil))
		if got != want {
			t.Errorf("Route of %s is %q, want %q", target, got, want)
		}
	}
	if got := Route(httptest.NewRequest("GET", "/a/7", nil)); got != "" {
		t.Errorf("Route without a router is %q, want none", got)
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
