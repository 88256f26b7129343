package phhttp

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

var update = flag.Bool("update", false, "rewrite testdata")

func TestWire(t *testing.T) {
	for _, test := range []struct {
		name  string
		opts  []Option
		serve http.HandlerFunc
	}{
		{"event", nil, func(_ http.ResponseWriter, r *http.Request) {
			ph.SetTag(r.Context(), "plan", "pro")
			ph.Capture(r.Context(), "project_renamed", ph.Props{"name": "Acme"})
		}},
		{"nobody", []Option{TrustHeaders(false)}, func(_ http.ResponseWriter, r *http.Request) {
			ph.Capture(r.Context(), "project_renamed", ph.Props{"name": "Acme"})
		}},
		{"pageview", []Option{Pageviews(), Query(true)}, func(http.ResponseWriter, *http.Request) {}},
		{"panic", []Option{Scope(func(*http.Request) []ph.ScopeOption {
			return []ph.ScopeOption{ph.CaptureExceptions(true)}
		})}, func(http.ResponseWriter, *http.Request) { rename() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			rec := phtest.New(t)
			mux := http.NewServeMux()
			mux.HandleFunc("GET /projects/{id}", test.serve)
			_ = panicOf(func() { Middleware(test.opts...)(mux).ServeHTTP(httptest.NewRecorder(), request(rec)) })
			var got []byte
			for _, e := range rec.Events() {
				got = append(append(got, steady(e.String())...), '\n')
			}
			path := filepath.Join("testdata", test.name+".jsonl")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		})
	}
}

//go:noinline
func rename() {
	var names map[string]string
	names["7"] = "Acme" //nolint:staticcheck // that it panics is the point
}

// unsteady is what is another at every run, on every machine, or with every Go.
var unsteady = []struct {
	pattern *regexp.Regexp
	steady  string
}{
	{regexp.MustCompile(`"uuid":"[^"]*"`), `"uuid":"…"`},
	{regexp.MustCompile(`"timestamp":"[^"]*"`), `"timestamp":"…"`},
	{regexp.MustCompile(`"distinct_id":"[^"]*-4[^"]*-[^"]*-[^"]*"`), `"distinct_id":"random"`},
	{regexp.MustCompile(`("\$(?:lib_version|go_version|os|os_version|os_distro)"):"[^"]*"`), `$1:"…"`},
	{regexp.MustCompile(`"\$debug_images":\[[^\]]*\],`), ``}, // not of every program
}

var frameText = regexp.MustCompile(`\{"platform":[^{}]*\}`)

// steady returns the JSON of an event without that. Of a frame it leaves the function, and
// whether that is the application's.
func steady(event string) string {
	for _, u := range unsteady {
		event = u.pattern.ReplaceAllString(event, u.steady)
	}
	return frameText.ReplaceAllStringFunc(event, func(text string) string {
		var f struct {
			Function string `json:"function"`
			InApp    bool   `json:"in_app"`
		}
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%s in app: %t", f.Function, f.InApp)
	})
}
