package phhttp

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

// get returns a request of a browser.
func get(target string) *http.Request {
	r := httptest.NewRequest("GET", target, nil)
	r.Header.Set("User-Agent", "Browser/1.0")
	return r
}

func TestIdentity(t *testing.T) {
	const session, window = "0190c8a4-1111-7222-8333-444455556666", "0190c8a4-9999-7222-8333-444455556666"
	ann := func(*http.Request) string { return "ann" }
	nobody := func(*http.Request) string { return "" }
	for _, test := range []struct {
		name string
		opts []Option
		set  string // by ph.SetUser
		want string // distinct ID, session, window
	}{
		{"headers", nil, "", "mallory " + session + " " + window},
		{"headers that are not trusted", []Option{TrustHeaders(false)}, "", "anonymous  "},
		{"headers trusted again", []Option{TrustHeaders(false), TrustHeaders(true)}, "", "mallory " + session + " " + window},
		{"a user", []Option{User(ann)}, "", "ann " + session + " " + window},
		{"no user", []Option{User(nobody)}, "", "mallory " + session + " " + window},
		{"a user, untrusted headers", []Option{User(ann), TrustHeaders(false)}, "", "ann  "},
		{"SetUser", nil, "bob", "bob " + session + " " + window},
		{"a user and SetUser", []Option{User(ann)}, "bob", "bob " + session + " " + window},
		{"a scope's user", []Option{User(ann), Scope(func(*http.Request) []ph.ScopeOption {
			return []ph.ScopeOption{ph.User("carol")}
		})}, "", "carol " + session + " " + window},
	} {
		t.Run(test.name, func(t *testing.T) {
			rec := phtest.New(t)
			r := get("/")
			r.Header.Set("X-POSTHOG-DISTINCT-ID", "mallory")
			r.Header.Set("X-POSTHOG-SESSION-ID", session)
			r.Header.Set("X-POSTHOG-WINDOW-ID", window)
			var got string
			handler := Middleware(test.opts...)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if test.set != "" && !ph.SetUser(r.Context(), test.set) {
					t.Error("SetUser found no scope")
				}
				ph.Capture(r.Context(), "seen", nil)
				if id := ph.IdentityOf(r.Context()); id.Known {
					got = id.DistinctID + " " + id.SessionID + " " + id.WindowID
				}
			}))
			// The user around the server is nobody's who calls it.
			handler.ServeHTTP(httptest.NewRecorder(), r.WithContext(rec.Context(ph.User("server"), ph.Session("s"))))
			e := only(t, rec, "seen")
			sent := e.DistinctID()
			if v, ok := e.Value("$process_person_profile"); ok && !v.Bool() {
				sent = "anonymous"
			} else if want := strings.Fields(test.want)[0] + " " + text(e, "$session_id") + " " + text(e, "$window_id"); got != want {
				t.Errorf("identity of the context is %q, want %q", got, want)
			}
			if sent += " " + text(e, "$session_id") + " " + text(e, "$window_id"); sent != test.want {
				t.Errorf("event of %q, want %q", sent, test.want)
			}
		})
	}
}

// props returns the properties of e that are not the library's.
func props(e phtest.Record, keys ...string) map[string]string {
	got := make(map[string]string)
	for _, key := range keys {
		if v, ok := e.Value(key); ok {
			got[key] = v.String()
		}
	}
	return got
}

func TestProperties(t *testing.T) {
	keys := []string{"$current_url", "$request_method", "$request_path", "$request_route", "$ip", "$user_agent", "$raw_user_agent", "plan"}
	for _, test := range []struct {
		name    string
		request *http.Request
		opts    []Option
		want    map[string]string
	}{
		{"a query", get("/a%20b?token=secret"), nil, map[string]string{
			"$current_url": "http://example.com/a%20b", "$request_method": "GET", "$request_path": "/a%20b",
			"$ip": "192.0.2.1", "$user_agent": "Browser/1.0", "$raw_user_agent": "Browser/1.0",
		}},
		{"a query that is wanted", get("/a?b=c"), []Option{Query(true)}, map[string]string{
			"$current_url": "http://example.com/a?b=c", "$request_method": "GET", "$request_path": "/a",
			"$ip": "192.0.2.1", "$user_agent": "Browser/1.0", "$raw_user_agent": "Browser/1.0",
		}},
		{"the server as a whole", httptest.NewRequest("OPTIONS", "*", nil), nil, map[string]string{
			"$current_url": "http://example.com", "$request_method": "OPTIONS", "$request_path": "*", "$ip": "192.0.2.1",
		}},
		{"nothing", &http.Request{}, nil, map[string]string{}},
		{"tags", get("/"), []Option{Tags(func(r *http.Request) ph.Props {
			return ph.Props{"plan": r.Method, "$ip": "0.0.0.0"}
		})}, map[string]string{
			"$current_url": "http://example.com/", "$request_method": "GET", "$request_path": "/", "plan": "GET",
			"$ip": "0.0.0.0", "$user_agent": "Browser/1.0", "$raw_user_agent": "Browser/1.0",
		}},
		{"a last word", get("/"), []Option{
			Tags(func(*http.Request) ph.Props { return ph.Props{"plan": "pro"} }),
			TagMap(func(p ph.Props) ph.Props {
				maps.DeleteFunc(p, func(key string, _ any) bool { return key != "$ip" && key != "plan" })
				p["$ip"] = "hidden"
				return p
			}),
		}, map[string]string{"$ip": "hidden", "plan": "pro"}},
		{"a last word that is none", get("/"), []Option{TagMap(func(ph.Props) ph.Props { return nil })}, map[string]string{}},
		{"the scope's last word", get("/"), []Option{
			TagMap(func(ph.Props) ph.Props { return ph.Props{"plan": "free"} }),
			Scope(func(*http.Request) []ph.ScopeOption { return []ph.ScopeOption{ph.Tag("plan", "pro")} }),
		}, map[string]string{"plan": "pro"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := props(serve(t, test.request, test.opts...), keys...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("properties (-want +got):\n%s", diff)
			}
		})
	}
}

// What the handler or a goroutine of its does with the request is not told.
func TestHandlerChangesRequest(t *testing.T) {
	rec := phtest.New(t)
	handler := Middleware()(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.URL.Path, r.Method, r.Host, r.RemoteAddr = "/changed", "PUT", "changed", "1.1.1.1:1"
		r.Header.Set("User-Agent", "changed")
		ph.Capture(r.Context(), "seen", nil)
	}))
	handler.ServeHTTP(httptest.NewRecorder(), get("/original").WithContext(rec.Context()))
	if e := only(t, rec, "seen"); strings.Contains(e.String(), "changed") {
		t.Errorf("the event has something of the changed request: %s", e)
	}
}

func TestFilter(t *testing.T) {
	rec := phtest.New(t)
	keep := func(r *http.Request) bool { return r.URL.Path != "/health" }
	handler := Middleware(Filter(keep), Pageviews(), nil)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ph.Capture(r.Context(), "seen", nil)
		if _, wrapped := w.(interface{ Unwrap() http.ResponseWriter }); wrapped != keep(r) {
			t.Errorf("%s: the writer is wrapped: %t, want %t", r.URL, wrapped, keep(r))
		}
	}))
	for _, path := range []string{"/health", "/home"} {
		handler.ServeHTTP(httptest.NewRecorder(), get(path).WithContext(rec.Context()))
	}
	var got []string
	for _, e := range rec.Events() {
		got = append(got, text(e, "$request_path"))
	}
	if want := []string{"", "/home"}; !slices.Equal(got, want) {
		t.Errorf("$request_path of the events: %q, want %q", got, want)
	}
}

func TestScopeOption(t *testing.T) {
	rec := phtest.New(t)
	handler := Middleware(Scope(func(r *http.Request) []ph.ScopeOption {
		return []ph.ScopeOption{ph.UseClient(rec.Client()), ph.Group("organization", r.Host)}
	}))(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ph.Capture(r.Context(), "seen", nil) }))
	handler.ServeHTTP(httptest.NewRecorder(), get("/"))
	v, _ := only(t, rec, "seen").Value("$groups")
	if org, _ := v.Field("organization"); org.String() != "example.com" {
		t.Errorf("group is %q, want %q", org.String(), "example.com")
	}
}

func TestPageviews(t *testing.T) {
	answer := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if status != 0 {
				w.WriteHeader(status)
			}
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /projects/{id}", answer(0))
	mux.HandleFunc("POST /projects/{id}", answer(200))
	mux.HandleFunc("GET /cached", answer(304))
	mux.HandleFunc("GET /moved", answer(302))
	mux.HandleFunc("GET /broken", answer(500))
	mux.HandleFunc("GET /early", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103) })
	mux.HandleFunc("GET /aborted", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	page := func(status, path, pattern string) map[string]string {
		return map[string]string{"$current_url": "http://example.com" + path, "$host": "example.com", "$pathname": path,
			"$request_route": pattern, "$response_status_code": status}
	}
	for _, test := range []struct {
		method, target string
		opts           []Option
		want           map[string]string // nil: no page view
	}{
		{"GET", "/projects/7?tab=1", nil, page("200", "/projects/7", "/projects/{id}")},
		{"HEAD", "/projects/7", nil, nil},
		{"POST", "/projects/7", nil, nil},
		{"GET", "/cached", nil, page("304", "/cached", "/cached")},
		{"GET", "/early", nil, page("200", "/early", "/early")},
		{"GET", "/moved", nil, nil},
		{"GET", "/broken", nil, nil},
		{"GET", "/aborted", nil, nil},
		{"GET", "/nowhere", nil, nil},
		{"GET", "/cached", []Option{Route(func(*http.Request) string { return "named" })}, page("304", "/cached", "named")},
		{"GET", "/cached", []Option{Route(func(*http.Request) string { return "" })}, page("304", "/cached", "/cached")},
		{"GET", "/cached", []Option{TagMap(func(ph.Props) ph.Props { return ph.Props{"$host": "hidden"} })}, map[string]string{"$host": "hidden"}},
	} {
		t.Run(test.method+" "+test.target, func(t *testing.T) {
			rec := phtest.New(t)
			r := httptest.NewRequest(test.method, test.target, nil).WithContext(rec.Context())
			func() {
				defer func() { _ = recover() }()
				Middleware(append(test.opts, Pageviews())...)(mux).ServeHTTP(httptest.NewRecorder(), r)
			}()
			if test.want == nil {
				rec.WantNone()
				return
			}
			e := only(t, rec, "$pageview")
			got := props(e, "$current_url", "$host", "$pathname", "$request_route")
			if v, ok := e.Value("$response_status_code"); ok {
				got["$response_status_code"] = strconv.FormatInt(v.Int(), 10)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("page view (-want +got):\n%s", diff)
			}
		})
	}
}

// A page was viewed before its handler did anything.
func TestPageviewTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := phtest.New(t)
		start := time.Now()
		mux := http.NewServeMux()
		mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Second)
			ph.SetUser(r.Context(), "ann")
		})
		Middleware(Pageviews())(mux).ServeHTTP(httptest.NewRecorder(), get("/").WithContext(rec.Context()))
		e := only(t, rec, "$pageview")
		if !e.Timestamp().Equal(start) || e.DistinctID() != "ann" {
			t.Errorf("page view of %q at %v, want of %q at %v", e.DistinctID(), e.Timestamp(), "ann", start)
		}
	})
}

// The route is known to the events of handlers behind a mux, and of those whose
// middleware stands behind one.
func TestRouteOfEvents(t *testing.T) {
	seen := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ph.Capture(r.Context(), "seen", nil) })
	outside, inside := http.NewServeMux(), http.NewServeMux()
	outside.Handle("GET /a/{b}", seen)
	inside.Handle("GET /a/{b}", Middleware()(seen))
	for name, handler := range map[string]http.Handler{"outside": Middleware()(outside), "inside": inside} {
		rec := phtest.New(t)
		handler.ServeHTTP(httptest.NewRecorder(), get("/a/7").WithContext(rec.Context()))
		if got, want := text(only(t, rec, "seen"), "$request_route"), "/a/{b}"; got != want {
			t.Errorf("middleware %s of the mux: route is %q, want %q", name, got, want)
		}
	}
}

func TestRouteOf(t *testing.T) {
	for pattern, want := range map[string]string{
		"":                       "",
		"/":                      "/",
		"/a b":                   "/a b",
		"GET /a/{b...}":          "/a/{b...}",
		"GET \t example.com/{$}": "example.com/{$}",
		"example.com/a":          "example.com/a",
	} {
		if got := routeOf(&http.Request{Pattern: pattern}); got != want {
			t.Errorf("route of the pattern %q is %q, want %q", pattern, got, want)
		}
	}
}

// 200 requests at once, each with goroutines of its own, keep their events apart.
func TestConcurrentRequests(t *testing.T) {
	rec := phtest.New(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { ph.Capture(r.Context(), "worked", nil) })
		}
		ph.SetTag(r.Context(), "id", r.PathValue("id"))
		ph.Capture(r.Context(), "seen", nil)
		wg.Wait()
		if strings.HasSuffix(r.PathValue("id"), "9") {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write([]byte("done"))
	})
	server := httptest.NewUnstartedServer(Middleware(Pageviews(), FlushAfter(time.Millisecond))(mux))
	server.Config.BaseContext = func(net.Listener) context.Context { return rec.Context() }
	server.Start()
	defer server.Close()
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			id := strconv.Itoa(i)
			r, err := http.NewRequest("GET", server.URL+"/users/"+id, nil)
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("X-POSTHOG-DISTINCT-ID", "user "+id)
			if resp, err := server.Client().Do(r); err == nil {
				_ = resp.Body.Close()
			}
		})
	}
	wg.Wait()
	server.Close()
	counts := make(map[string]int)
	for _, e := range rec.Events() {
		counts[e.Event()]++
		if want := "/users/" + strings.TrimPrefix(e.DistinctID(), "user "); text(e, "$request_path") != want {
			t.Errorf("event of %s has the path %s", e.DistinctID(), text(e, "$request_path"))
		}
		if id := text(e, "id"); e.Event() == "seen" && "user "+id != e.DistinctID() {
			t.Errorf("event of %s has the tag %s", e.DistinctID(), id)
		}
	}
	if diff := cmp.Diff(map[string]int{"seen": 200, "worked": 600, "$pageview": 180}, counts); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestFlushAfter(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		down  bool
		want  time.Duration // how long the request takes
		sent  uint64
	}{
		{0, false, 0, 0},
		{time.Second, false, 0, 1},
		{time.Second, true, time.Second, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := phtest.NewMemoryServer(t)
			if test.down {
				server.Down(503)
			}
			client, err := ph.New(ph.Config{APIKey: "phc_test", Host: server.URL, Transport: server,
				Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				ended, cancel := context.WithCancel(t.Context())
				cancel()
				_ = client.Close(ended)
			}()
			ctx, cancel := context.WithCancel(ph.With(t.Context(), ph.UseClient(client)))
			handler := Middleware(FlushAfter(test.after))(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ph.Capture(r.Context(), "seen", nil)
				cancel() // the client is gone, which does not matter
			}))
			start := time.Now()
			handler.ServeHTTP(httptest.NewRecorder(), get("/").WithContext(ctx))
			if took := time.Since(start); took != test.want {
				t.Errorf("FlushAfter(%v), down %t: took %v, want %v", test.after, test.down, took, test.want)
			}
			if sent := client.Stats().Sent; sent != test.sent {
				t.Errorf("FlushAfter(%v), down %t: sent %d events, want %d", test.after, test.down, sent, test.sent)
			}
		})
	}
}
