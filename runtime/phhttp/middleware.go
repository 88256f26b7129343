package phhttp

import (
	"cmp"
	"net/http"

	ph "github.com/phgen/phgen/runtime"
)

// Middleware returns a middleware that serves each request in a fresh scope of its own.
// The package's documentation says what that scope holds. A panic of the handler is captured
// if Config.CaptureExceptions or the scope asks for that, and goes on with the same value;
// http.ErrAbortHandler, which only ends a request, is no such panic.
//
// The http.ResponseWriter that handlers see is an http.Flusher, http.Hijacker, http.Pusher
// and io.ReaderFrom exactly if that of the server is, and http.ResponseController reaches
// everything else.
func Middleware(opts ...Option) func(http.Handler) http.Handler {
	cfg := new(config)
	for _, o := range opts {
		if o != nil {
			o(cfg)
		}
	}
	return func(next http.Handler) http.Handler {
		_, isMux := next.(*http.ServeMux)
		return &handler{cfg, next, isMux}
	}
}

type handler struct {
	*config
	next  http.Handler
	isMux bool // next sets Request.Pattern before any handler sees the request
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.filter != nil && !h.filter(r) {
		h.next.ServeHTTP(w, r)
		return
	}
	x := &exchange{config: h.config, isMux: h.isMux, response: response{ResponseWriter: w}}
	x.read(r)
	defer x.end()
	h.next.ServeHTTP(x.response.writer(), x.request)
}

// end is deferred: it meets the panics of the handler.
func (x *exchange) end() {
	panicked := recover()
	switch panicked {
	case nil:
		x.pageview()
	case http.ErrAbortHandler:
	default:
		x.capturePanic(panicked)
	}
	x.flush()
	if panicked != nil {
		panic(panicked) //nolint:forbidigo // it is the handler's own
	}
}

// pageview captures $pageview if the request was one.
func (x *exchange) pageview() {
	if !x.pageviews || x.method != http.MethodGet {
		return
	}
	status := cmp.Or(x.response.status, http.StatusOK) // of an answer without body and header
	route := x.routed()
	if route == "" || (status < 200 || status > 299) && status != http.StatusNotModified {
		return
	}
	props := x.mapped(texts{
		{propURL, x.address()},
		{propHost, x.host},
		{propPathname, x.url.EscapedPath()},
		{propRoute, route},
	}.props(ph.Props{propStatus: status}))
	ph.Capture(x.request.Context(), "$pageview", props, ph.At(x.start))
}

// capturePanic captures what a handler panicked with. It is called by the deferred
// function that recovered it.
func (x *exchange) capturePanic(v any) {
	status := x.response.status
	if status < http.StatusBadRequest {
		status = http.StatusInternalServerError // what the client sees, if it was told nothing yet
	}
	props := texts{{propRoute, x.routed()}}.props(ph.Props{propStatus: status})
	ph.CapturePanic(x.request.Context(), v, ph.Automatic(), ph.Mechanism("middleware", false), ph.WithProps(props))
}
