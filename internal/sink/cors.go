package sink

import (
	"net/http"
	"slices"
	"strings"
)

const (
	maxOrigin      = 300  // bytes of an origin that is echoed
	maxAskedHeader = 2048 // bytes of the header names that are echoed
)

// shares reports whether pages of other origins may use the endpoint. Those that demand a
// secret are for servers only.
func (e endpoint) shares() bool { return e.kind != definitions && e.kind != remoteConfig }

// share lets the page that sent the request, if it was one, read the reply.
func (e endpoint) share(r *http.Request, reply http.Header) {
	origin := r.Header.Get("Origin")
	if !e.shares() || !isOrigin(origin) {
		return
	}
	reply.Set("Access-Control-Allow-Origin", origin)
	reply.Add("Vary", "Origin")
}

// preflight answers a browser that asks whether it may send the request.
func (s *Sink) preflight(e endpoint, r *http.Request, x *Exchange) answer {
	x.Status = http.StatusNoContent
	a := s.compose(r, Fault{}, reply{status: x.Status})
	methods := strings.Join(append(e.methods(), http.MethodOptions), ", ")
	a.header.Set("Allow", methods)
	if !isOrigin(r.Header.Get("Origin")) || r.Header.Get("Access-Control-Request-Method") == "" {
		return a
	}
	a.header.Set("Access-Control-Allow-Methods", methods)
	if asked := r.Header.Get("Access-Control-Request-Headers"); areNames(asked) {
		a.header.Set("Access-Control-Allow-Headers", asked)
	}
	a.header.Set("Access-Control-Max-Age", "600")
	a.header["Vary"] = []string{"Access-Control-Request-Method", "Access-Control-Request-Headers"}
	return a
}

// isOrigin reports whether the text is what browsers send as an origin: a scheme and a host,
// or null.
func isOrigin(text string) bool {
	scheme, host, _ := strings.Cut(text, "://")
	return text == "null" || len(text) <= maxOrigin && isPlain(scheme, "+-.") && isPlain(host, "-._:[]")
}

// isPlain reports whether the text is made of ASCII letters, digits and the marks.
func isPlain(text, marks string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(marks, c)
	})
}

// areNames reports whether the text is a list of names of headers.
func areNames(list string) bool {
	if list == "" || len(list) > maxAskedHeader {
		return false
	}
	return !slices.ContainsFunc(strings.Split(list, ","), func(name string) bool {
		return !isPlain(strings.TrimSpace(name), "!#$%&'*+-.^_`|~")
	})
}
