package phchi

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/phgen/phgen/runtime/internal/adaptertest"
	"github.com/phgen/phgen/runtime/phhttp"
)

// router returns a server as an application has it.
func router(opts ...phhttp.Option) http.Handler {
	router := chi.NewRouter()
	router.Use(adaptertest.Recoverer, phhttp.Middleware(append(opts, phhttp.Route(Route))...))
	router.Route("/projects", func(r chi.Router) {
		r.Get("/{id}", func(w http.ResponseWriter, r *http.Request) {
			adaptertest.ViewProject(r.Context())
			_, _ = w.Write([]byte("Acme"))
		})
	})
	router.Post("/login", func(_ http.ResponseWriter, r *http.Request) { adaptertest.LogIn(r.Context()) })
	router.Get("/gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	router.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("boom") })
	router.Get("/healthz", func(_ http.ResponseWriter, r *http.Request) { adaptertest.CheckHealth(r.Context()) })
	return router
}

func TestMiddleware(t *testing.T) {
	adaptertest.Adapter{Route: "/projects/{id}", Serve: adaptertest.HTTP(router)}.Test(t)
}

func TestRoute(t *testing.T) {
	var got string
	note := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = Route(r)
			next.ServeHTTP(w, r)
		})
	}
	nothing := func(http.ResponseWriter, *http.Request) {}
	outer := chi.NewRouter()
	outer.Use(middleware.StripSlashes, note)
	outer.Get("/", nothing)
	outer.Get("/a/{b}", nothing)
	outer.Get("/files/*", nothing)
	outer.Mount("/api", func() http.Handler {
		inner := chi.NewRouter()
		inner.Use(note)
		inner.Get("/c/{d}", nothing)
		return inner
	}())
	for target, want := range map[string]string{
		"/":          "/",
		"/a/7":       "/a/{b}",
		"/a/7/":      "/a/{b}",
		"/a/x%2Fy":   "/a/{b}",
		"/files/x/y": "/files/*",
		"/api/c/7":   "/api/c/{d}",
		"/api/e":     "",
		"/missing":   "",
	} {
		outer.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", target, nil))
		if got != want {
			t.Errorf("Route of %s is %q, want %q", target, got, want)
		}
	}
	if got := Route(httptest.NewRequest("GET", "/a/7", nil)); got != "" {
		t.Errorf("Route without a router is %q, want none", got)
	}
}
