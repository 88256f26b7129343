package devserver

import (
	"crypto/subtle"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"github.com/phgen/phgen/internal/sink"
)

// ServeHTTP answers a request that names this server as its host: the server's own paths,
// or the sink's.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &response{ResponseWriter: w}
	defer s.recovered(out, r)
	markServed(r)
	if r.ContentLength != 0 {
		limitBodyTime(out, r)
	}
	switch {
	case !s.hosts[hostname(r.Host)]:
		// A name that was made to resolve to loopback: DNS rebinding.
		fail(out, s.named(r, refuse(http.StatusMisdirectedRequest,
			"Host %.100q is no name of this server; use localhost, 127.0.0.1, [::1] or the address that --listen names", r.Host)))
	case !clean(r.URL):
		s.sink.ServeHTTP(out, r) // which has no such path; the mux would redirect
	default:
		s.mux.ServeHTTP(out, r)
	}
}

// named puts a request that a guard refused into the log of requests, where the user sees
// what was tried, and returns why it was refused. What never becomes a request is named by
// [ends].
func (s *Server) named(r *http.Request, err error) error {
	s.config.Store.Add(sink.Exchange{
		Request: sink.Request{Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header, Status: statusOf(err)},
		Method:  r.Method, At: time.Now(), Kind: "unknown", Refusal: err.Error(),
	})
	return err
}

// clean reports whether the mux takes the path as it is.
func clean(u *url.URL) bool {
	given := u.EscapedPath()
	cleaned := path.Clean(given)
	if cleaned != "/" && strings.HasSuffix(given, "/") {
		cleaned += "/"
	}
	return strings.HasPrefix(given, "/") && given == cleaned
}

// hostSet returns the host names that are allowed.
func hostSet(more []string) map[string]bool {
	set := map[string]bool{"localhost": true, "127.0.0.1": true, "[::1]": true}
	for _, host := range more {
		if strings.Contains(host, ":") && net.ParseIP(host) != nil {
			host = "[" + host + "]" // as a header has it
		}
		if name := hostname(host); name != "" {
			set[name] = true
		}
	}
	return set
}

// hostname returns a Host header in lower case without its port; empty if its port is none.
func hostname(header string) string {
	name := header
	if colon := strings.LastIndexByte(header, ':'); colon > strings.LastIndexByte(header, ']') {
		if strings.Trim(header[colon+1:], "0123456789") != "" {
			return ""
		}
		name = header[:colon]
	}
	return strings.ToLower(name)
}

// checkOrigin refuses what a browser sends for a page of another origin.
func checkOrigin(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin != "" {
		u, err := url.Parse(origin)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || !strings.EqualFold(u.Host, r.Host) {
			return refuse(http.StatusForbidden, "Origin %.100q may not use this API; open http://%s/ itself", origin, r.Host)
		}
	}
	// Requests without an Origin, such as those for images, could still hold streams open.
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "same-origin", "none":
		return nil
	default:
		return refuse(http.StatusForbidden, "a %.20q request may not use this API; open http://%s/ itself", site, r.Host)
	}
}

// checkToken refuses requests that do not carry the token.
func (s *Server) checkToken(r *http.Request) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare([]byte(token), []byte(s.config.Token)) == 1 {
		return nil
	}
	return refuse(http.StatusForbidden,
		"%s %s needs the header Authorization: Bearer TOKEN; phgen dev prints the token, and gives it to its command as PHGEN_DEV_TOKEN and to its page as the meta element phgen-token",
		r.Method, r.URL.Path)
}

// A response remembers whether a reply began.
type response struct {
	http.ResponseWriter
	began bool
}

// WriteHeader begins the reply.
func (w *response) WriteHeader(status int) {
	w.began = true
	w.ResponseWriter.WriteHeader(status)
}

// Write begins the reply unless WriteHeader did.
func (w *response) Write(p []byte) (int, error) {
	w.began = true
	return w.ResponseWriter.Write(p)
}

// Unwrap is for [http.ResponseController].
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recovered turns a panic of a handler into a status, or into the end of the connection
// if a reply had begun, and logs it once. The panic that ends a connection on purpose goes
// on.
func (s *Server) recovered(w *response, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		abort()
	}
	s.config.ErrorLog.Printf("panic in %s %q: %v\n%s", r.Method, r.Pattern, v, debug.Stack())
	if w.began {
		abort()
	}
	fail(w, refuse(http.StatusInternalServerError, "phgen dev has a bug here; its log has the stack, please report it"))
}

// abort ends the connection, which net/http does not log.
func abort() { panic(http.ErrAbortHandler) } //nolint:forbidigo // the only way that net/http has

// A timedBody is a request's body that must have arrived by the deadline of its connection.
type timedBody struct {
	io.ReadCloser
	conn *http.ResponseController
}

// limitBodyTime gives the body of a request a deadline. Without a connection, as in tests,
// there is none.
func limitBodyTime(w http.ResponseWriter, r *http.Request) {
	conn := http.NewResponseController(w)
	if conn.SetReadDeadline(time.Now().Add(bodyWithin)) == nil {
		r.Body = timedBody{r.Body, conn}
	}
}

// Read reads the body and ends the deadline with it: a fault may hold the reply up for
// longer. A body that is late keeps it, or net/http would wait for the rest.
func (b timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.conn.SetReadDeadline(time.Time{}) // a connection that is closed needs none
	}
	return n, err
}
