package phsentry_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"
	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phhttp"
	"github.com/phgen/phgen/runtime/phsentry"
	"github.com/phgen/phgen/runtime/phtest"
)

const dsn = "https://key@o1.ingest.sentry.io/4501"

// A pair is both ends: a hub whose transport is in memory, and a recorder.
type pair struct {
	t     *testing.T
	links *phsentry.Integration
	sent  *sentry.MockTransport
	hub   *sentry.Hub
	rec   *phtest.Recorder
}

func newPair(t *testing.T, opts ...phsentry.Option) *pair {
	t.Helper()
	p := &pair{t: t, links: phsentry.New(opts...), sent: &sentry.MockTransport{}, rec: phtest.New(t)}
	client, err := sentry.NewClient(sentry.ClientOptions{
		Dsn: dsn, Transport: p.sent, Integrations: p.links.Install, DisableClientReports: true,
		EnableTracing: true, TracesSampleRate: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	p.hub = sentry.NewHub(client, sentry.NewScope())
	return p
}

// context returns a context with the hub, a clone of it as a request has one, and the
// recorder.
func (p *pair) context(opts ...ph.ScopeOption) context.Context {
	return sentry.SetHubOnContext(p.rec.Context(opts...), p.hub.Clone())
}

// An end is what the tests compare of an event in Sentry.
type end struct {
	DistinctID, PersonURL string // tags
	Context               sentry.Context
}

func (p *pair) inSentry() []end {
	var all []end
	for _, e := range p.sent.Events() {
		if e.Type == "" {
			all = append(all, end{e.Tags["posthog_distinct_id"], e.Tags["posthog_person_url"], e.Contexts["PostHog"]})
		}
	}
	return all
}

// An exception is what the tests compare of one in PostHog.
type exception struct {
	DistinctID, Level string
	Items             []string // types and values
	Last              string   // function of item 0's stack
	EventID, URL      string   // of Sentry
}

func (p *pair) inPostHog() []exception {
	p.t.Helper()
	var all []exception
	for _, r := range p.rec.Events() {
		var e struct {
			Properties struct {
				List []struct {
					Type, Value string
					Stacktrace  struct{ Frames []struct{ Function string } }
				} `json:"$exception_list"`
				Level   string `json:"$exception_level"`
				EventID string `json:"$sentry_event_id"`
				URL     string `json:"$sentry_url"`
			}
		}
		if err := json.Unmarshal([]byte(r.String()), &e); err != nil {
			p.t.Fatal(err)
		}
		x := exception{DistinctID: r.DistinctID(), Level: e.Properties.Level, EventID: e.Properties.EventID, URL: e.Properties.URL}
		for _, i := range e.Properties.List {
			x.Items = append(x.Items, i.Type+": "+i.Value)
		}
		if v, ok := r.Value("$process_person_profile"); ok && !v.Bool() {
			x.DistinctID = "random"
		}
		frames := e.Properties.List[0].Stacktrace.Frames
		x.Last = strings.TrimPrefix(frames[len(frames)-1].Function, "github.com/phgen/phgen/runtime/phsentry_test.")
		all = append(all, x)
	}
	return all
}

// check compares both ends of one error: want is what is in PostHog, without what Sentry
// decides.
func (p *pair) check(want exception) {
	p.t.Helper()
	events, exceptions := p.inSentry(), p.inPostHog()
	if len(events) != 1 || len(exceptions) != 1 {
		p.t.Fatalf("got %d events in Sentry and %d in PostHog, want one each", len(events), len(exceptions))
	}
	id := string(p.sent.Events()[0].EventID)
	want.EventID = id
	want.URL = strings.ReplaceAll(want.URL, "ID", id)
	if diff := cmp.Diff(want, exceptions[0]); diff != "" {
		p.t.Errorf("in PostHog (-want +got):\n%s", diff)
	}
	link := end{Context: sentry.Context{"exception_uuid": p.rec.Events()[0].UUID().String()}}
	if want.DistinctID != "random" {
		link.DistinctID, link.PersonURL = want.DistinctID, "https://us.posthog.com/person/"+want.DistinctID
		link.Context["distinct_id"], link.Context["person_url"] = link.DistinctID, link.PersonURL
	}
	if diff := cmp.Diff(link, events[0]); diff != "" {
		p.t.Errorf("in Sentry (-want +got):\n%s", diff)
	}
}

type outOfStock struct{ sku string }

func (e *outOfStock) Error() string { return e.sku + " is out of stock" }

//go:noinline
func place(hub *sentry.Hub) {
	hub.CaptureException(fmt.Errorf("placing the order: %w", &outOfStock{"ABC-12"}))
}

// placed is what place looks like in PostHog.
func placed(distinctID string) exception {
	return exception{
		DistinctID: distinctID, Level: "error", Last: "place",
		Items: []string{
			"*phsentry_test.outOfStock: placing the order: ABC-12 is out of stock",
			"*phsentry_test.outOfStock: ABC-12 is out of stock",
		},
	}
}

func TestBind(t *testing.T) {
	p := newPair(t)
	ctx := p.links.Bind(p.context(ph.User("ann")))
	place(sentry.GetHubFromContext(ctx))
	p.check(placed("ann"))
}

// What the scope says later counts, and a later Bind of the same hub.
func TestBindFollowsTheScope(t *testing.T) {
	t.Run("SetUser", func(t *testing.T) {
		p := newPair(t)
		ctx := p.links.Bind(p.context())
		ph.SetUser(ctx, "ann")
		place(sentry.GetHubFromContext(ctx))
		p.check(placed("ann"))
	})
	t.Run("next job", func(t *testing.T) {
		p := newPair(t)
		worker := p.context(ph.User("the worker"))
		for _, user := range []string{"bob", "ann"} {
			p.links.Bind(ph.With(worker, ph.User(user)))
		}
		place(sentry.GetHubFromContext(worker))
		p.check(placed("ann"))
	})
	t.Run("without a hub", func(t *testing.T) {
		p := newPair(t)
		previous := sentry.CurrentHub().Client()
		sentry.CurrentHub().BindClient(p.hub.Client())
		defer sentry.CurrentHub().BindClient(previous)
		ctx := p.links.Bind(p.rec.Context(ph.User("ann")))
		place(sentry.GetHubFromContext(ctx))
		p.check(placed("ann"))
		if hub := sentry.GetHubFromContext(ctx); hub == sentry.CurrentHub() {
			t.Error("the context has the current hub, want a clone")
		}
	})
}

func TestURLs(t *testing.T) {
	for _, test := range []struct {
		name string
		opts []phsentry.Option
		want string
	}{
		{"no organization", nil, ""},
		{"organization", []phsentry.Option{nil, phsentry.Organization("acme")}, "https://sentry.io/organizations/acme/issues/?project=4501&query=ID"},
		{"project", []phsentry.Option{phsentry.Organization("acme"), phsentry.Project("7")}, "https://sentry.io/organizations/acme/issues/?project=7&query=ID"},
		{"own Sentry", []phsentry.Option{phsentry.Organization("a/b?"), phsentry.SentryURL("https://sentry.example.com/")}, "https://sentry.example.com/organizations/a%2Fb%3F/issues/?project=4501&query=ID"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, test.opts...)
			place(sentry.GetHubFromContext(p.links.Bind(p.context(ph.User("ann")))))
			want := placed("ann")
			want.URL = test.want
			p.check(want)
		})
	}
	t.Run("PostHog", func(t *testing.T) {
		p := newPair(t, phsentry.PostHogURL("https://eu.posthog.com/project/42/"))
		place(sentry.GetHubFromContext(p.links.Bind(p.context(ph.User("a/b?ü")))))
		if got, want := p.inSentry()[0].PersonURL, "https://eu.posthog.com/project/42/person/a%2Fb%3F%C3%BC"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// A tag that the application sets stays, and one that Sentry would cut is left out.
func TestTags(t *testing.T) {
	p := newPair(t)
	ctx := p.links.Bind(p.context(ph.User("ann")))
	hub := sentry.GetHubFromContext(ctx)
	hub.Scope().SetTag("posthog_distinct_id", "own")
	place(hub)
	long := strings.Repeat("x", 190)
	place(sentry.GetHubFromContext(p.links.Bind(p.context(ph.User(long)))))
	events := p.inSentry()
	if got := events[0].DistinctID; got != "own" {
		t.Errorf("the application's tag became %q", got)
	}
	if got := events[1]; got.DistinctID != long || got.PersonURL != "" || got.Context["person_url"] != "https://us.posthog.com/person/"+long {
		t.Errorf("got %+v, want the long link in the context only", got)
	}
}

// What Sentry is given besides Go errors.
func TestKinds(t *testing.T) {
	boom := &outOfStock{"ABC-12"}
	for _, test := range []struct {
		name    string
		capture func(ctx context.Context, hub *sentry.Hub)
		want    exception
	}{
		{"a panic", func(ctx context.Context, hub *sentry.Hub) {
			defer func() { hub.RecoverWithContext(ctx, recover()) }()
			explode(boom)
		}, exception{Level: "fatal", Last: "explode", Items: []string{"*phsentry_test.outOfStock: ABC-12 is out of stock"}}},
		{"a message", func(_ context.Context, hub *sentry.Hub) {
			hub.WithScope(func(scope *sentry.Scope) {
				scope.SetLevel(sentry.LevelFatal)
				hub.CaptureMessage("disk is full")
			})
		}, exception{Level: "fatal", Items: []string{"*phsentry.Message: disk is full"}}},
		{"an event", func(_ context.Context, hub *sentry.Hub) {
			hub.CaptureEvent(&sentry.Event{
				Level: sentry.LevelError, Timestamp: time.Unix(1_700_000_000, 0),
				Exception: []sentry.Exception{{Type: "cause", Value: "c"}, {Type: "Declined", Value: "no money"}},
			})
		}, exception{Level: "error", Items: []string{"*phsentry.Message: Declined: no money"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t)
			ctx := p.links.Bind(p.context(ph.User("ann")))
			test.capture(ctx, sentry.GetHubFromContext(ctx))
			test.want.DistinctID = "ann"
			if test.want.Last == "" {
				test.want.Last = p.inPostHog()[0].Last
				if strings.Contains(test.want.Last, "sentry-go") || strings.Contains(test.want.Last, "phsentry.") {
					t.Errorf("the stack ends with %s, want the application's function", test.want.Last)
				}
			}
			p.check(test.want)
		})
	}
}

//go:noinline
func explode(v any) { panic(v) }

// What is no error stays as it is.
func TestOthers(t *testing.T) {
	p := newPair(t)
	ctx := p.links.Bind(p.context(ph.User("ann")))
	hub := sentry.GetHubFromContext(ctx)
	hub.CaptureMessage("hello") // of level info
	sentry.StartTransaction(ctx, "request").Finish()
	hub.CaptureCheckIn(&sentry.CheckIn{MonitorSlug: "nightly", Status: sentry.CheckInStatusError}, nil)
	p.rec.WantNone()
	if got := len(p.sent.Events()); got != 3 {
		t.Fatalf("Sentry has %d events, want 3", got)
	}
	for _, e := range p.sent.Events() {
		if _, ok := e.Contexts["PostHog"]; ok || e.Tags["posthog_distinct_id"] != "" {
			t.Errorf("a %q event has a link: %v, %v", e.Type, e.Contexts, e.Tags)
		}
	}
}

// A hub that knows no scope captures with the default client, for nobody.
func TestNoScope(t *testing.T) {
	p := newPair(t)
	ph.SetDefault(p.rec.Client())
	defer ph.SetDefault(nil)
	place(p.hub)
	p.check(placed("random"))
}

// An error that PostHog has already is not captured twice.
func TestOnce(t *testing.T) {
	p := newPair(t)
	ctx := p.links.Bind(p.context(ph.User("ann")))
	err := &outOfStock{"ABC-12"}
	ph.CaptureException(ctx, err)
	sentry.GetHubFromContext(ctx).CaptureException(err)
	if got := len(p.rec.Events()); got != 1 {
		t.Errorf("PostHog has %d events, want 1", got)
	}
	if _, ok := p.inSentry()[0].Context["exception_uuid"]; ok {
		t.Error("Sentry has a link to an exception that was not captured")
	}
}

// With the middlewares no handler does anything for the links, in either order.
func TestMiddleware(t *testing.T) {
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			explode(errors.New("boom"))
		}
		ph.SetUser(r.Context(), "ann")
		place(sentry.GetHubFromContext(r.Context()))
	})
	sentries := sentryhttp.New(sentryhttp.Options{}).Handle
	scopes := phhttp.Middleware()
	for name, chain := range map[string]func(p *pair) http.Handler{
		"sentryhttp outside": func(p *pair) http.Handler { return sentries(scopes(p.links.Middleware(handler))) },
		"phhttp outside":     func(p *pair) http.Handler { return scopes(sentries(p.links.Middleware(handler))) },
		"without sentryhttp": func(p *pair) http.Handler { return scopes(p.links.Middleware(handler)) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t)
			previous := sentry.CurrentHub().Client()
			sentry.CurrentHub().BindClient(p.hub.Client())
			defer sentry.CurrentHub().BindClient(previous)
			serve := func(path string) {
				r := httptest.NewRequestWithContext(ph.With(t.Context(), ph.UseClient(p.rec.Client())), http.MethodGet, path, nil)
				chain(p).ServeHTTP(httptest.NewRecorder(), r)
			}
			serve("/")
			got := p.inPostHog()
			if len(got) != 1 || got[0].DistinctID != "ann" || len(p.inSentry()) != 1 || p.inSentry()[0].DistinctID != "ann" {
				t.Errorf("got %+v in PostHog and %+v in Sentry, want one error of ann's", got, p.inSentry())
			}
			if name == "without sentryhttp" {
				return // nobody would recover the panic
			}
			p.rec.Reset()
			r := httptest.NewRequestWithContext(ph.With(t.Context(), ph.UseClient(p.rec.Client())), http.MethodGet, "/panic", nil)
			r.Header.Set("X-PostHog-Distinct-ID", "bob")
			chain(p).ServeHTTP(httptest.NewRecorder(), r)
			if got := p.inPostHog(); len(got) != 1 || got[0].DistinctID != "bob" || got[0].Last != "explode" {
				t.Errorf("got %+v in PostHog, want a panic of bob's", got)
			}
		})
	}
}
