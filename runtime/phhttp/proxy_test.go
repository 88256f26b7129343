package phhttp

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

func TestClientAddress(t *testing.T) {
	for _, test := range []struct {
		name      string
		remote    string
		forwarded []string
		want      string // empty: no $ip
	}{
		{"a client that claims to be another", "203.0.113.9:1234", []string{"198.51.100.1"}, "203.0.113.9"},
		{"a proxy", "10.0.0.1:1234", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a proxy that says nothing", "10.0.0.1:1234", nil, "10.0.0.1"},
		{"an invented first entry", "10.0.0.1:1234", []string{"192.0.2.66, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.1:1234", []string{"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"two headers", "10.0.0.1:1234", []string{"192.0.2.66", "198.51.100.1,10.0.0.2"}, "198.51.100.1"},
		{"an internal client", "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"no address", "10.0.0.1:1234", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		{"an empty entry", "10.0.0.1:1234", []string{""}, "10.0.0.1"},
		{"a port", "10.0.0.1:1234", []string{"198.51.100.1:443"}, "198.51.100.1"},
		{"IPv6", "[2001:db8::1]:1234", []string{"2001:db9::7"}, "2001:db9::7"},
		{"IPv6 in brackets", "[2001:db8::1]:1234", []string{"[2001:db9::7]:443"}, "2001:db9::7"},
		{"IPv6 in brackets without a port", "[2001:db8::1]:1234", []string{"[2001:db9::7]"}, "2001:db9::7"},
		{"IPv4 inside IPv6", "[::ffff:10.0.0.1]:1234", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"a zone", "[fe80::1%eth0]:1234", []string{"198.51.100.1"}, "fe80::1"},
		{"a remote address without a port", "10.0.0.1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a Unix socket", "@", []string{"198.51.100.1"}, ""},
		{"no remote address", "", nil, ""},
		{"a million proxies", "10.0.0.1:1234", []string{strings.Repeat("10.0.0.2,", 1_000_000)}, "10.0.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = test.remote
			r.Header["X-Forwarded-For"] = test.forwarded
			e := serve(t, r, TrustedProxies(netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")))
			if got := text(e, "$ip"); got != test.want {
				t.Errorf("$ip of %q behind %q is %q, want %q", test.remote, test.forwarded, got, test.want)
			}
		})
	}
}

func TestScheme(t *testing.T) {
	for _, test := range []struct {
		name  string
		url   string
		proto []string
		trust bool
		want  string
	}{
		{"plain", "/", nil, false, "http://example.com/"},
		{"TLS", "https://example.com/", nil, false, "https://example.com/"},
		{"a client's word", "/", []string{"https"}, false, "http://example.com/"},
		{"a proxy's word", "/", []string{"https"}, true, "https://example.com/"},
		{"two proxies", "/", []string{"HTTPS, http"}, true, "https://example.com/"},
		{"nonsense", "/", []string{"javascript"}, true, "http://example.com/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", test.url, nil)
			r.URL.Scheme, r.URL.Host = "", "" // as of a request that a server has read
			r.Header["X-Forwarded-Proto"] = test.proto
			var opts []Option
			if test.trust {
				opts = append(opts, TrustedProxies(netip.MustParsePrefix("192.0.2.0/24"))) // httptest's client
			}
			if got := text(serve(t, r, opts...), "$current_url"); got != test.want {
				t.Errorf("X-Forwarded-Proto %q: $current_url is %q, want %q", test.proto, got, test.want)
			}
		})
	}
}

// serve has a handler capture an event in the scope of r, and returns it.
func serve(t testing.TB, r *http.Request, opts ...Option) phtest.Record {
	t.Helper()
	rec := phtest.New(t)
	handler := Middleware(opts...)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ph.Capture(r.Context(), "seen", nil)
	}))
	handler.ServeHTTP(httptest.NewRecorder(), r.WithContext(rec.Context()))
	return only(t, rec, "seen")
}

// only returns the only recorded event, whose name is event.
func only(t testing.TB, rec *phtest.Recorder, event string) phtest.Record {
	t.Helper()
	return phtest.Find(rec, event, func(r phtest.Record) phtest.Record { return r }).One()
}

// text returns a property of text, empty if e has none.
func text(e phtest.Record, key string) string {
	v, _ := e.Value(key)
	return v.String()
}
