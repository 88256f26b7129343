package main

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/phgen/phgen/examples/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phhttp"
)

const maxBody = 4 << 10

// handler serves the shop. phhttp gives each request its scope; since it wraps the mux
// itself, events know their route. It captures panics and lets them go on, to what is around it.
func (s *shop) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", endpoint(healthy))
	mux.Handle("GET /products", endpoint(s.listProducts))
	mux.Handle("GET /products/{id}", endpoint(s.showProduct))
	mux.Handle("GET /products/{id}/stock", endpoint(s.showStock))
	mux.Handle("GET /recommendations", endpoint(s.recommend))
	mux.Handle("GET /preview", endpoint(s.preview))
	mux.Handle("POST /signup", endpoint(s.signUp))
	mux.Handle("POST /login", endpoint(s.logIn))
	mux.Handle("GET /cart", endpoint(s.showCart))
	mux.Handle("POST /cart", endpoint(s.addToCart))
	mux.Handle("POST /checkout", endpoint(s.checkOut))
	return recoverer{phhttp.Middleware(
		phhttp.Filter(func(r *http.Request) bool { return r.URL.Path != "/healthz" }),
		phhttp.User(func(r *http.Request) string { return s.visit(r).account.id }),
		phhttp.Scope(s.scope),
		phhttp.Pageviews(),
	)(mux)}
}

// scope says what is known about a request beside its user.
func (s *shop) scope(r *http.Request) []ph.ScopeOption {
	locale := "en-GB"
	if strings.HasPrefix(r.Header.Get("Accept-Language"), "de") {
		locale = "de-DE"
	}
	opts := []ph.ScopeOption{tracking.WithLocale(locale), tracking.WithAppVersion("1.4.0")}
	for _, group := range s.visit(r).account.groups() {
		opts = append(opts, group)
	}
	return opts
}

// A recoverer tells the client of a panic, and lets the server go on.
type recoverer struct{ next http.Handler }

func (h recoverer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v) // it is for the server
		default:
			http.Error(w, "something went wrong", http.StatusInternalServerError)
		}
	}()
	h.next.ServeHTTP(w, r)
}

// An endpoint is a handler that may fail.
type endpoint func(w http.ResponseWriter, r *http.Request) error

// A refusal is an error of the client's, and no exception.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

// ServeHTTP answers errors, and captures those that are the shop's.
func (e endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	err := e(w, r)
	var refused *refusal
	var declined *declinedError
	switch {
	case err == nil:
	case errors.As(err, &refused):
		http.Error(w, refused.text, refused.status)
	case errors.As(err, &declined):
		// Worth an eye if there are many of them.
		ph.CaptureException(r.Context(), err, ph.Level(ph.LevelWarning))
		http.Error(w, declined.Error(), http.StatusPaymentRequired)
	default:
		ph.CaptureException(r.Context(), err)
		http.Error(w, "something went wrong", http.StatusInternalServerError)
	}
}

// answer writes a status and a line of text.
func answer(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	// A client that is gone does not miss it, and is no failure of the shop.
	_, _ = io.WriteString(w, text+"\n")
	return nil
}

func healthy(w http.ResponseWriter, _ *http.Request) error { return answer(w, http.StatusOK, "ok") }
