package phhttp

import (
	"net/http"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/internal/hosts"
	"github.com/phgen/phgen/runtime/internal/stranger"
)

// Transport returns a transport that tells the trusted hosts whose request it is: it adds
// the tracing headers that [Middleware] reads, from the scope of the request's context. A
// header that the request has already stays as it is, and without a user none is
// named, so that nobody becomes a person by being passed on. Requests to other hosts are
// sent as they are, those of a redirect included.
//
// A host is written "api.example.com", for any port, "api.example.com:8443" or
// "*.example.com", which means all below example.com but not itself. A nil base means
// http.DefaultTransport.
func Transport(base http.RoundTripper, trusted ...string) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{base, hosts.NewSet(trusted...)}
}

type transport struct {
	base    http.RoundTripper
	trusted hosts.Set
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL == nil || !t.trusted.Has(r.URL.Host) {
		return t.base.RoundTrip(r)
	}
	id := ph.IdentityOf(r.Context())
	if !id.Known {
		id.DistinctID = ""
	}
	sent := r.WithContext(r.Context()) // a copy: a transport may not change the request itself
	sent.Header = r.Header.Clone()
	if sent.Header == nil {
		sent.Header = make(http.Header)
	}
	for _, h := range [...]struct{ name, value string }{
		{headerUser, id.DistinctID},
		{headerSession, id.SessionID},
		{headerWindow, id.WindowID},
	} {
		if v := stranger.Clean(h.value); v != "" && len(sent.Header[h.name]) == 0 {
			sent.Header[h.name] = []string{v}
		}
	}
	return t.base.RoundTrip(sent)
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the base.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
