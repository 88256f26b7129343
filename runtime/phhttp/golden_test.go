package phhttp

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/phgen/phgen/internal/golden"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

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
				got = append(append(got, golden.Event(e.String())...), '\n')
			}
			golden.Compare(t, filepath.Join("testdata", test.name+".jsonl"), string(got))
		})
	}
}

//go:noinline
func rename() {
	var names map[string]string
	names["7"] = "Acme" //nolint:staticcheck // that it panics is the point
}
