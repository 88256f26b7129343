package phhttp

import (
	"net/http"
	"testing"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

// nowhere is a writer as a server has it, for HTTP/1.
type nowhere struct{ http.ResponseWriter }

func (nowhere) Header() http.Header         { return nil }
func (nowhere) WriteHeader(int)             {}
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Flush()                      {}

// What a request without events costs.
func BenchmarkMiddleware(b *testing.B) {
	for _, bench := range []struct {
		name   string
		opts   []Option
		handle http.HandlerFunc
	}{
		{"plain", nil, func(http.ResponseWriter, *http.Request) {}},
		{"tags", []Option{Tags(func(*http.Request) ph.Props { return nil }), TagMap(func(p ph.Props) ph.Props { return p })},
			func(http.ResponseWriter, *http.Request) {}},
		{"SetUser", nil, func(_ http.ResponseWriter, r *http.Request) { ph.SetUser(r.Context(), "ann") }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			handler := Middleware(bench.opts...)(bench.handle)
			var w http.ResponseWriter = nowhere{}
			r := request(phtest.New(b))
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(w, r)
			}
		})
	}
}

func TestMiddlewareAllocates(t *testing.T) {
	const most = 6
	handler := Middleware()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	var w http.ResponseWriter = nowhere{}
	r := request(phtest.New(t))
	if n := testing.AllocsPerRun(1000, func() { handler.ServeHTTP(w, r) }); n > most {
		t.Errorf("a request without events costs %v allocations, want at most %d", n, most)
	}
}

// request returns a request of a browser with PostHog's library.
func request(rec *phtest.Recorder) *http.Request {
	r := get("/projects/7?tab=1")
	r.Header.Set("X-POSTHOG-DISTINCT-ID", "0190c8a4-0000-7222-8333-444455556666")
	r.Header.Set("X-POSTHOG-SESSION-ID", "0190c8a4-1111-7222-8333-444455556666")
	r.Header.Set("X-POSTHOG-WINDOW-ID", "0190c8a4-9999-7222-8333-444455556666")
	return r.WithContext(rec.Context())
}
