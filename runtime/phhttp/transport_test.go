package phhttp

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
)

const sessionID = "0190c8a4-1111-7222-8333-444455556666"

// roundTrip is an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransport(t *testing.T) {
	scope := []ph.ScopeOption{ph.User("ann"), ph.Session(sessionID), ph.Window("w")}
	all := map[string]string{headerUser: "ann", headerSession: sessionID, headerWindow: "w"}
	for _, test := range []struct {
		name    string
		url     string
		trusted []string
		scope   []ph.ScopeOption
		set     string // the header of the user, before
		want    map[string]string
	}{
		{"a trusted host", "https://api.example.com/a", []string{"api.example.com"}, scope, "", all},
		{"any port", "https://api.example.com:8443/a", []string{"api.example.com"}, scope, "", all},
		{"its port", "https://api.example.com:8443/a", []string{"api.example.com:8443"}, scope, "", all},
		{"another port", "https://api.example.com/a", []string{"api.example.com:8443"}, scope, "", nil},
		{"another case", "https://API.example.com/a", []string{" Api.Example.COM "}, scope, "", all},
		{"an address", "http://10.0.0.1:80/a", []string{"10.0.0.1"}, scope, "", all},
		{"an IPv6 address", "http://[::1]:80/a", []string{"::1"}, scope, "", all},
		{"a domain", "https://a.b.example.com/a", []string{"*.example.com"}, scope, "", all},
		{"the domain itself", "https://example.com/a", []string{"*.example.com"}, scope, "", nil},
		{"a name that ends like it", "https://evil-example.com/a", []string{"*.example.com", "example.com"}, scope, "", nil},
		{"a domain as part of another", "https://api.example.com.evil.org/a", []string{"api.example.com", "*.example.com"}, scope, "", nil},
		{"a user that looks like a host", "https://api.example.com@evil.org/a", []string{"api.example.com"}, scope, "", nil},
		{"a star", "https://evil.org/a", []string{"*", "*.", "", "**"}, scope, "", nil},
		{"no trusted host", "https://api.example.com/a", nil, scope, "", nil},
		{"a header that is there", "https://api.example.com/a", []string{"api.example.com"}, scope, "bob",
			map[string]string{headerUser: "bob", headerSession: sessionID, headerWindow: "w"}},
		{"nobody", "https://api.example.com/a", []string{"api.example.com"}, []ph.ScopeOption{ph.Session(sessionID)}, "",
			map[string]string{headerSession: sessionID}},
		{"a user no header can hold", "https://api.example.com/a", []string{"api.example.com"}, []ph.ScopeOption{ph.User("ann\r\nX-Admin: 1")}, "",
			map[string]string{headerUser: "annX-Admin: 1"}},
		{"no scope", "https://api.example.com/a", []string{"api.example.com"}, nil, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var sent http.Header
			rt := Transport(roundTrip(func(r *http.Request) (*http.Response, error) {
				sent = r.Header
				return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
			}), test.trusted...)
			ctx := t.Context()
			if test.scope != nil {
				ctx = ph.With(ctx, test.scope...)
			}
			r, err := http.NewRequestWithContext(ctx, "GET", test.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.set != "" {
				r.Header.Set(headerUser, test.set)
			}
			before := r.Header.Clone()
			if _, err := rt.RoundTrip(r); err != nil {
				t.Fatal(err)
			}
			got := make(map[string]string)
			for name := range maps.Keys(sent) {
				got[name] = strings.Join(sent[name], ", ")
			}
			if test.want == nil {
				test.want = map[string]string{}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, r.Header); diff != "" {
				t.Errorf("the request itself has changed (-before +after):\n%s", diff)
			}
		})
	}
}

// A redirect to a host that is not trusted tells it nothing.
func TestTransportRedirect(t *testing.T) {
	var other http.Header
	stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { other = r.Header }))
	defer stranger.Close()
	var ours http.Header
	trusted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ours = r.Header
		http.Redirect(w, r, stranger.URL, http.StatusFound)
	}))
	defer trusted.Close()
	client := &http.Client{Transport: Transport(nil, strings.TrimPrefix(trusted.URL, "http://"))}
	defer client.CloseIdleConnections()
	ctx := ph.With(t.Context(), ph.User("ann"))
	visit(ctx, t, client, trusted.URL)
	if got := ours.Get(headerUser); got != "ann" {
		t.Errorf("the trusted host was told of %q, want %q", got, "ann")
	}
	if got := other.Get(headerUser); got != "" || other == nil {
		t.Errorf("the other host was told of %q, want nothing; it was asked: %t", got, other != nil)
	}
}

// visit sends one request.
func visit(ctx context.Context, t *testing.T, client *http.Client, url string) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// What a service hands on, another one reads.
func TestTransportMeetsMiddleware(t *testing.T) {
	var got ph.Identity
	server := httptest.NewServer(Middleware()(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = ph.IdentityOf(r.Context())
	})))
	defer server.Close()
	base := server.Client().Transport
	client := &http.Client{Transport: Transport(base, "127.0.0.1")}
	want := ph.Identity{DistinctID: "zoë 名", Known: true, SessionID: sessionID, WindowID: "w"}
	ctx := ph.With(t.Context(), ph.User(want.DistinctID), ph.Session(want.SessionID), ph.Window(want.WindowID))
	visit(ctx, t, client, server.URL)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
}
