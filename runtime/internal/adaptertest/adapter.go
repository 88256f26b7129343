// Package adaptertest tests what every adapter of phhttp to a router promises.
//
// It needs no module of its own, as it would otherwise be one of the runtime's.
package adaptertest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phhttp"
	"github.com/phgen/phgen/runtime/phtest"
)

// An Adapter is one that is tested, and what sets its router apart.
type Adapter struct {
	// Serve has an application answer a request, whose context has a scope. The adapter, with
	// these options, stands behind a middleware that answers panics with 500. The routes are
	//
	//	GET  /projects/{id}  calls ViewProject, and answers "Acme"
	//	POST /login          calls LogIn
	//	GET  /gone           answers 410, by an error if handlers return those
	//	GET  /panic          panics with "boom"
	//	GET  /healthz        calls CheckHealth
	//	GET  /error          returns an error that says nothing of a status, if handlers return those
	Serve func(t *testing.T, r *http.Request, opts ...phhttp.Option) *http.Response

	Route     string // of a project's page, as the router writes it
	LateRoute bool   // the router finds it after its handler's events
	Errors    bool   // handlers return errors
}

// HTTP is the Serve of an application that speaks net/http.
func HTTP(app func(opts ...phhttp.Option) http.Handler) func(*testing.T, *http.Request, ...phhttp.Option) *http.Response {
	return func(_ *testing.T, r *http.Request, opts ...phhttp.Option) *http.Response {
		w := httptest.NewRecorder()
		app(opts...).ServeHTTP(w, r)
		return w.Result()
	}
}

// Recoverer is a middleware of net/http that answers panics with 500, and prints nothing.
func Recoverer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// ViewProject is what the handler of a project's page does.
func ViewProject(ctx context.Context) { ph.Capture(ctx, "project viewed", nil) }

// LogIn is what the handler of the login does.
func LogIn(ctx context.Context) {
	ph.SetUser(ctx, "bob")
	ph.Capture(ctx, "logged in", nil)
}

// CheckHealth is what the handler does of which phhttp is told nothing.
func CheckHealth(ctx context.Context) { ph.Capture(ctx, "healthy", nil) }

// An event is what is compared of one.
type event struct{ Name, User, Path, Route, Status, Exception string }

// A check is one request: its answer, and the events that come of it.
type check struct {
	name, request string
	status        int
	body          string
	want          []event
}

func (a Adapter) checks() []check {
	route := func(s string) string {
		if a.LateRoute {
			return ""
		}
		return s
	}
	checks := []check{
		{"page", "GET /projects/7?tab=1", 200, "Acme", []event{
			{"project viewed", "ann", "/projects/7", route(a.Route), "", ""},
			{"$pageview", "ann", "/projects/7", a.Route, "200", ""},
		}},
		{"login wins over header", "POST /login", 200, "", []event{{"logged in", "bob", "/login", route("/login"), "", ""}}},
		{"no pageview without route", "GET /missing", 404, anything, nil},
		{"no pageview of failure", "GET /gone", 410, anything, nil},
		{"panic", "GET /panic", 500, anything, []event{{"$exception", "ann", "/panic", "/panic", "500", "boom"}}},
		{"filtered", "GET /healthz", 200, "", []event{{"healthy", "server", "", "", "", ""}}},
	}
	if a.Errors {
		checks = append(checks, check{"error is no exception", "GET /error", 500, anything, nil})
	}
	return checks
}

// anything is a body that is the router's own.
const anything = "*"

// Test tests a.
func (a Adapter) Test(t *testing.T) {
	for _, c := range a.checks() {
		t.Run(c.name, func(t *testing.T) {
			rec := phtest.New(t)
			method, target, _ := strings.Cut(c.request, " ")
			r := httptest.NewRequestWithContext(rec.Context(ph.User("server")), method, target, nil)
			r.Header.Set("X-POSTHOG-DISTINCT-ID", "ann")
			resp := a.Serve(t, r, options()...)
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != c.status {
				t.Errorf("%s: got status %d, want %d", c.request, resp.StatusCode, c.status)
			}
			if string(body) != c.body && c.body != anything {
				t.Errorf("%s: got body %q, want %q", c.request, body, c.body)
			}
			if got := events(rec); !slices.Equal(got, c.want) {
				t.Errorf("%s: events\ngot  %+v\nwant %+v", c.request, got, c.want)
			}
		})
	}
}

// options are those of the adapter in all tests.
func options() []phhttp.Option {
	return []phhttp.Option{
		phhttp.Pageviews(),
		phhttp.Filter(func(r *http.Request) bool { return r.URL.Path != "/healthz" }),
		phhttp.Scope(func(*http.Request) []ph.ScopeOption { return []ph.ScopeOption{ph.CaptureExceptions(true)} }),
	}
}

func events(rec *phtest.Recorder) []event {
	var all []event
	for _, e := range rec.Events() {
		text := func(key string) string { v, _ := e.Value(key); return v.String() }
		seen := event{Name: e.Event(), User: e.DistinctID(), Path: text("$request_path"), Route: text("$request_route")}
		if v, ok := e.Value("$response_status_code"); ok {
			seen.Status = strconv.FormatInt(v.Int(), 10)
		}
		if v, ok := e.Value("$exception_list"); ok {
			value, _ := v.Items()[0].Field("value")
			seen.Exception = value.String()
		}
		all = append(all, seen)
	}
	return all
}
