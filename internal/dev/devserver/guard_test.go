package devserver

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/sink"
)

// errorOf is the JSON of an error.
func errorOf(text string) string { return fmt.Sprintf("{\"error\":%q}\n", text) }

func TestHost(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Hosts = []string{"Dev.Example:9000", "10.0.0.7", "fd00::7"} })
	tests := []struct {
		host string
		want int
	}{
		{"localhost", 200},
		{"localhost:1", 200},
		{"LocalHost:8010", 200},
		{"127.0.0.1:8010", 200},
		{"[::1]", 200},
		{"[::1]:8010", 200},
		{"dev.example", 200},
		{"dev.example:8010", 200},
		{"10.0.0.7:8010", 200},
		{"[fd00::7]:8010", 200},
		{"", 421},
		{"evil.example", 421},
		{"evil.example:8010", 421},
		{"localhost.evil.example:8010", 421},
		{"127.0.0.1.evil.example", 421},
		{"localhost:8010.evil.example", 421},
		{"user@localhost:8010", 421},
		{"localhost@evil.example", 421},
		{"127.0.0.2:8010", 421},
		{"0.0.0.0:8010", 421},
		{"[::1]evil", 421},
		{"::1", 421},
		{"localhost.", 421},
	}
	for _, test := range tests {
		for path, want := range map[string]int{"/api/summary": test.want, "/batch/": test.want, "/nowhere": test.want} {
			if want == 200 && path != "/api/summary" {
				want = map[string]int{"/batch/": 405, "/nowhere": 404}[path]
			}
			if got := r.do("GET", path, "", "Host: "+test.host).Code; got != want {
				t.Errorf("Host %q, %s: got %d, want %d", test.host, path, got, want)
			}
		}
	}
	w := r.do("GET", "/", "", "Host: evil.example\x01")
	want := errorOf(`Host "evil.example\x01" is no name of this server; use localhost, 127.0.0.1, [::1] or the address that --listen names`)
	if got := w.Body.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestOrigin(t *testing.T) {
	r := newRig(t)
	tests := []struct {
		url     string
		headers string // between semicolons
		want    int
	}{
		{"/api/summary", "", 200},
		{"/api/summary", "Origin: http://127.0.0.1:8010", 200},
		{"/api/summary", "Origin: http://LOCALHOST:8010; Host: localhost:8010", 200},
		{"/api/summary", "Origin: http://localhost:8010", 403},
		{"/api/summary", "Origin: http://127.0.0.1:8011", 403},
		{"/api/summary", "Origin: http://127.0.0.1", 403},
		{"/api/summary", "Origin: http://evil.example", 403},
		{"/api/summary", "Origin: null", 403},
		{"/api/summary", "Origin: file://127.0.0.1:8010", 403},
		{"/api/summary", "Origin: http://evil@127.0.0.1:8011", 403},
		{"/api/summary", "Origin: %", 403},
		{"/api/stream", "Origin: http://evil.example", 403},
		{"/api/stream", "Sec-Fetch-Site: cross-site", 403},
		{"/api/summary", "Sec-Fetch-Site: same-site", 403},
		{"/api/summary", "Sec-Fetch-Site: same-origin", 200},
		{"/api/summary", "Sec-Fetch-Site: none", 200},
		// The page may be linked to, and PostHog's paths are open to all origins.
		{"/?utm=1&utm=2", "Sec-Fetch-Site: cross-site; Origin: http://evil.example", 200},
		{"/api/surveys?token=phc_dev", "Origin: http://app.example; Sec-Fetch-Site: cross-site", 200},
	}
	for _, test := range tests {
		var headers []string
		if test.headers != "" {
			headers = strings.Split(test.headers, "; ")
		}
		if got := r.do("GET", test.url, "", headers...).Code; got != test.want {
			t.Errorf("%s with %s: got %d, want %d", test.url, test.headers, got, test.want)
		}
	}
	got := r.do("POST", "/api/reset", "", bearer, "Origin: http://evil.example")
	want := errorOf("Origin \"http://evil.example\" may not use this API; open http://127.0.0.1:8010/ itself")
	if got.Code != 403 || got.Body.String() != want {
		t.Errorf("got  %d %s\nwant 403 %s", got.Code, got.Body, want)
	}
}

func TestToken(t *testing.T) {
	r := newRig(t)
	const cure = "needs the header Authorization: Bearer TOKEN; phgen dev prints the token, and gives it to its command as PHGEN_DEV_TOKEN and to its page as the meta element phgen-token"
	for _, call := range []struct{ method, path, body string }{
		{"POST", "/api/reset", ""},
		{"PUT", "/api/flags/search", `{"value":"new"}`},
		{"PUT", "/api/fault", `{"spec":"503"}`},
	} {
		for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer t0keN", "Bearer " + token + " ", "Basic " + token, token} {
			w := r.do(call.method, call.path, call.body, "Authorization: "+authorization)
			if got, want := w.Body.String(), errorOf(call.method+" "+call.path+" "+cure); w.Code != 403 || got != want {
				t.Errorf("%s %s with %q:\ngot  %d %s\nwant 403 %s", call.method, call.path, authorization, w.Code, got, want)
			}
		}
		if w := r.do(call.method, call.path, call.body, "Authorization: bearer "+token); w.Code != 200 {
			t.Errorf("%s %s with the token: got %d %s", call.method, call.path, w.Code, w.Body)
		}
	}
	if _, err := New(Config{}); err == nil || err.Error() != "a development server needs a token" {
		t.Errorf("without a token: got %v", err)
	}
}

func TestMethods(t *testing.T) {
	r := newRig(t)
	for path, allow := range map[string]string{
		"/":                 "GET, HEAD",
		"/_dev/page.css":    "GET, HEAD",
		"/api/events":       "GET, HEAD",
		"/api/events/1":     "GET, HEAD",
		"/api/export":       "GET, HEAD",
		"/api/summary":      "GET, HEAD",
		"/api/requests":     "GET, HEAD",
		"/api/traces":       "GET, HEAD",
		"/api/traces/t/1":   "GET, HEAD",
		"/api/coverage":     "GET, HEAD",
		"/api/wait":         "GET, HEAD",
		"/api/reset":        "POST",
		"/api/flags":        "GET, HEAD",
		"/api/flags/search": "PUT",
		"/api/fault":        "GET, HEAD, PUT",
		"/api/openapi.json": "GET, HEAD",
		"/api/stream":       "GET, HEAD",
	} {
		w := r.do("DELETE", path, "", bearer)
		want := errorOf(`"DELETE" is no method of this path; use ` + allow)
		if w.Code != 405 || w.Header().Get("Allow") != allow || w.Body.String() != want {
			t.Errorf("%s:\ngot  %d, Allow %q, %s\nwant 405, Allow %q, %s", path, w.Code, w.Header().Get("Allow"), w.Body, allow, want)
		}
	}
	for _, path := range []string{"/", "/api/summary", "/api/export", "/api/stream"} {
		if w := r.do("HEAD", path, ""); w.Code != 200 {
			t.Errorf("HEAD %s: got %d", path, w.Code)
		}
	}
}

// Whatever is no path of the server is the sink's, in whose books it stands.
func TestElsewhere(t *testing.T) {
	r := newRig(t)
	paths := []string{
		"/api/nonsense", "/api/", "/api/events/", "/api/events/1/2", "/api/stream/", "/_dev/", "/_dev/a/b", "/favicon.ico",
		"//batch/", "/_dev/../api/summary", "/api/../../etc/passwd", "/./api/summary", "/api/traces/../../../etc/passwd",
	}
	for _, path := range paths {
		w := r.do("GET", path, "")
		if got := w.Body.String(); w.Code != 404 || got != "404 page not found\n" {
			t.Errorf("%s: got %d %s", path, w.Code, got)
		}
	}
	rows := r.config.Store.Requests(0, 100)
	if len(rows) != len(paths) {
		t.Fatalf("got %d requests in the books, want %d", len(rows), len(paths))
	}
	for _, row := range rows {
		if row.Kind != "unknown" {
			t.Errorf("%s: got kind %q, want unknown", row.Path, row.Kind)
		}
	}
}

func TestTraversal(t *testing.T) {
	r := newRig(t)
	for _, path := range []string{"/_dev/..%2f..%2fserver.go", "/_dev/%2e%2e", "/_dev/page.css%00", "/api/traces/..%2f..%2fetc%2fpasswd", "/api/traces/%2e%2e/%2e%2e"} {
		w := r.do("GET", path, "")
		if w.Code != 404 || !strings.HasPrefix(w.Body.String(), `{"error":"`) {
			t.Errorf("%s: got %d %s", path, w.Code, w.Body)
		}
	}
}

func TestHeaders(t *testing.T) {
	r := newRig(t)
	own := http.Header{
		"X-Content-Type-Options":       {"nosniff"},
		"Referrer-Policy":              {"no-referrer"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
	}
	tests := []struct {
		url  string
		more http.Header
	}{
		{"/api/fault", http.Header{"Content-Type": {"application/json"}, "Content-Length": {"24"}, "Cache-Control": {"no-store"}}},
		{"/api/events/7", http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "Content-Length": {"134"}}},
		{"/api/export", http.Header{"Content-Type": {"application/x-ndjson"}, "Cache-Control": {"no-store"}, "Content-Disposition": {`attachment; filename="events.ndjson"`}}},
		{"/", http.Header{
			"Content-Type":  {"text/html; charset=utf-8"},
			"Cache-Control": {"no-store"},
			"Content-Security-Policy": {"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
				"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
		}},
	}
	for _, test := range tests {
		got := r.do("GET", test.url, "").Header()
		for name, values := range own {
			test.more[name] = values
		}
		if test.url == "/" {
			got.Del("Content-Length") // of a page that others write
		}
		if diff := cmp.Diff(got, test.more); diff != "" {
			t.Errorf("%s: got - want +\n%s", test.url, diff)
		}
	}
	if h := r.do("POST", "/batch/", `{"batch":[`+signedUp+`]}`).Header(); h.Get("Cross-Origin-Resource-Policy") != "" {
		t.Errorf("PostHog's paths have %v", h)
	}
}

func TestPage(t *testing.T) {
	r := newRig(t)
	if got, want := r.get("/"), `<meta name="phgen-token" content="`+token+`">`; !strings.Contains(got, want) {
		t.Errorf("the page lacks %s", want)
	}
	w := r.do("GET", "/_dev/page.css", "")
	etag := w.Header().Get("ETag")
	if w.Code != 200 || etag == "" || w.Header().Get("Cache-Control") != "no-cache" || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("got %d with %v", w.Code, w.Header())
	}
	if w := r.do("GET", "/_dev/page.css", "", "If-None-Match: "+etag); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("with its ETag: got %d %q", w.Code, w.Body)
	}
}

// A panic is a status and one entry in the log, and the server goes on.
func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) {
			c.Arrived = func(x sink.Exchange, _ []dev.Row) {
				if x.Kind == "capture" {
					panic("arrived")
				}
			}
		})
		client := r.listen().client(t)
		response, err := client.Post("http://localhost/batch/", "application/json", strings.NewReader(`{"batch":[`+signedUp+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		want := errorOf("phgen dev has a bug here; its log has the stack, please report it")
		if got := readAll(t, response.Body); response.StatusCode != 500 || got != want {
			t.Errorf("got  %d %s\nwant 500 %s", response.StatusCode, got, want)
		}
		if got := r.log.String(); strings.Count(got, "panic in ") != 1 || !strings.HasPrefix(got, "panic in POST \"/\": arrived\n") {
			t.Errorf("got the log %s", got)
		}
		response, err = client.Get("http://localhost/api/fault")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := readAll(t, response.Body), "{\"spec\":\"\",\"active\":[]}\n"; got != want {
			t.Errorf("afterwards: got %s, want %s", got, want)
		}
	})
}
