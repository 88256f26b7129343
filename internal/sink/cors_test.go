package sink

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPreflight(t *testing.T) {
	const (
		origin = "https://shop.example:8443"
		post   = "Access-Control-Request-Method"
		asks   = "Access-Control-Request-Headers"
	)
	allowed := func(methods, headers string) http.Header {
		h := http.Header{
			"Allow":                        {methods},
			"Access-Control-Allow-Origin":  {origin},
			"Access-Control-Allow-Methods": {methods},
			"Access-Control-Max-Age":       {"600"},
			"Vary":                         {post, asks, "Origin"},
		}
		if headers != "" {
			h.Set("Access-Control-Allow-Headers", headers)
		}
		return h
	}
	denied := http.Header{"Allow": {"POST, OPTIONS"}}
	tests := []struct {
		name, path string
		header     http.Header
		status     int
		want       http.Header
	}{
		{"JSON", "/batch/", http.Header{"Origin": {origin}, post: {"POST"}, asks: {"content-type"}}, 204, allowed("POST, OPTIONS", "content-type")},
		{"v1", "/i/v1/analytics/events", http.Header{"Origin": {origin}, post: {"POST"}, asks: {"authorization, Content-Type,posthog-sdk-info"}}, 204, allowed("POST, OPTIONS", "authorization, Content-Type,posthog-sdk-info")},
		{"both methods", "/e/", http.Header{"Origin": {origin}, post: {"POST"}}, 204, allowed("POST, GET, OPTIONS", "")},
		{"flags", "/flags/?v=2", http.Header{"Origin": {origin}, post: {"POST"}}, 204, allowed("POST, OPTIONS", "")},
		{"surveys", "/api/surveys/", http.Header{"Origin": {origin}, post: {"GET"}}, 204, allowed("GET, OPTIONS", "")},
		{"recordings", "/s/", http.Header{"Origin": {origin}, post: {"POST"}}, 204, allowed("POST, OPTIONS", "")},
		{"start-up", "/array/phc_x/config", http.Header{"Origin": {origin}, post: {"GET"}}, 204, allowed("GET, OPTIONS", "")},
		{"no header's name", "/batch/", http.Header{"Origin": {origin}, post: {"POST"}, asks: {"a b"}}, 204, allowed("POST, OPTIONS", "")},
		{"an empty name", "/batch/", http.Header{"Origin": {origin}, post: {"POST"}, asks: {"a,,b"}}, 204, allowed("POST, OPTIONS", "")},
		{"a name that is no ASCII", "/batch/", http.Header{"Origin": {origin}, post: {"POST"}, asks: {"é"}}, 204, allowed("POST, OPTIONS", "")},
		{"too many names", "/batch/", http.Header{"Origin": {origin}, post: {"POST"}, asks: {strings.Repeat("a,", 1024) + "a"}}, 204, allowed("POST, OPTIONS", "")},
		{"no preflight", "/batch/", http.Header{}, 204, denied},
		{"no origin", "/batch/", http.Header{"Origin": {"shop.example"}, post: {"POST"}}, 204, denied},
		{"definitions", "/flags/definitions", http.Header{"Origin": {origin}, post: {"GET"}}, 405, nil},
		{"remote config", "/api/projects/1/feature_flags/a/remote_config", http.Header{"Origin": {origin}, post: {"GET"}}, 405, nil},
		{"unknown", "/api/events", http.Header{"Origin": {origin}, post: {"GET"}}, 404, nil},
	}
	for _, tt := range tests {
		s := New(Config{})
		s.Inject(Fault{Status: 503}) // which waits for a request that counts
		r := httptest.NewRequest(http.MethodOptions, tt.path, nil)
		r.Header = tt.header
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("%s: got %d, want %d", tt.name, w.Code, tt.status)
		}
		if tt.want == nil {
			for name := range w.Header() {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s: got %s", tt.name, name)
				}
			}
			continue
		}
		if diff := cmp.Diff(tt.want, w.Header()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// A page may read every reply of an endpoint for browsers, refusals and faults as well.
func TestSharedReplies(t *testing.T) {
	tests := []struct {
		method, path, origin string
		status               int
		want                 string // Access-Control-Allow-Origin
	}{
		{"POST", "/batch/", "http://localhost:3000", 400, "http://localhost:3000"},
		{"POST", "/flags/?v=2", "capacitor://localhost", 400, "capacitor://localhost"},
		{"GET", "/api/surveys/?token=x", "http://[::1]:80", 200, "http://[::1]:80"},
		{"GET", "/array/phc_x/config.js", "http://a", 200, "http://a"},
		{"GET", "/static/array.js", "http://a", 404, "http://a"},
		{"POST", "/s/", "null", 200, "null"},
		{"GET", "/batch/", "http://a", 405, "http://a"},
		{"POST", "/batch/", "", 400, ""},
		{"POST", "/batch/", "*", 400, ""},
		{"POST", "/batch/", "http://a/b", 400, ""},
		{"POST", "/batch/", "http://a\"b", 400, ""},
		{"POST", "/batch/", "http://u:p@a", 400, ""},
		{"POST", "/batch/", "http://" + strings.Repeat("a", 300), 400, ""},
		{"GET", "/flags/definitions", "http://a", 401, ""},
		{"GET", "/nothing", "http://a", 404, ""},
	}
	for _, tt := range tests {
		for _, status := range []int{tt.status, 503} {
			s := New(Config{})
			if status == 503 {
				s.Down(0)
			}
			r := httptest.NewRequest(tt.method, tt.path, strings.NewReader("{}"))
			r.Header.Set("Origin", tt.origin)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if got := w.Header().Get("Access-Control-Allow-Origin"); got != tt.want || w.Header().Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s from %q: got %q, want %q", tt.method, tt.path, tt.origin, got, tt.want)
			}
			if w.Code != status && tt.status/100 != 4 {
				t.Errorf("%s %s: got %d, want %d", tt.method, tt.path, w.Code, status)
			}
		}
	}
}
