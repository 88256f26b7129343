package adaptertest

import (
	"net/http"
	"testing"

	"github.com/phgen/phgen/runtime/phhttp"
	"go.uber.org/goleak"
)

// No test may leave a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// phhttp alone is the adapter of net/http.
func TestServeMux(t *testing.T) {
	Adapter{Route: "/projects/{id}", Serve: HTTP(mux)}.Test(t)
}

func mux(opts ...phhttp.Option) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /projects/{id}", func(w http.ResponseWriter, r *http.Request) {
		ViewProject(r.Context())
		_, _ = w.Write([]byte("Acme"))
	})
	mux.HandleFunc("POST /login", func(_ http.ResponseWriter, r *http.Request) { LogIn(r.Context()) })
	mux.HandleFunc("GET /gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("boom") })
	mux.HandleFunc("GET /healthz", func(_ http.ResponseWriter, r *http.Request) { CheckHealth(r.Context()) })
	return Recoverer(phhttp.Middleware(opts...)(mux))
}
