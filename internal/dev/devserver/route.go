package devserver

import (
	"net/http"
	"slices"
	"strings"
)

// A route is a request that the server answers itself. openapi.json has each (TestOpenAPIRoutes).
type route struct {
	method string
	path   string   // as net/http and OpenAPI write it
	params []string // of the query; others are refused below /api/
	token  bool     // it changes something
	serve  func(*Server, http.ResponseWriter, *http.Request, *query) error
}

var routes = []route{
	{method: "GET", path: "/{$}", serve: (*Server).page},
	{method: "GET", path: "/_dev/{name}", serve: (*Server).asset},

	{method: "GET", path: "/api/events", params: filterParams, serve: (*Server).events},
	{method: "GET", path: "/api/events/{seq}", serve: (*Server).event},
	{method: "GET", path: "/api/export", params: filterParams, serve: (*Server).export},
	{method: "GET", path: "/api/summary", serve: (*Server).summary},
	{method: "GET", path: "/api/requests", params: []string{"since", "limit"}, serve: (*Server).requests},
	{method: "GET", path: "/api/traces", serve: (*Server).traces},
	{method: "GET", path: "/api/traces/{id...}", serve: (*Server).trace},
	{method: "GET", path: "/api/coverage", serve: (*Server).coverage},
	{method: "GET", path: "/api/wait", params: waitParams, serve: (*Server).wait},
	{method: "POST", path: "/api/reset", token: true, serve: (*Server).reset},

	{method: "GET", path: "/api/flags", serve: (*Server).flags},
	{method: "PUT", path: "/api/flags/{key}", token: true, serve: (*Server).setFlag},
	{method: "GET", path: "/api/fault", serve: (*Server).fault},
	{method: "PUT", path: "/api/fault", token: true, serve: (*Server).setFault},

	{method: "GET", path: "/api/openapi.json", serve: (*Server).openAPI},
	{method: "GET", path: "/api/stream", serve: (*Server).stream},
}

// newMux returns a mux that answers the routes, other methods of their paths, and hands
// the rest to the sink.
func (s *Server) newMux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/", s.sink)
	methods := map[string][]string{}
	for _, r := range routes {
		mux.Handle(r.method+" "+r.path, s.handler(r))
		methods[r.path] = append(methods[r.path], r.method)
		if r.method == http.MethodGet {
			methods[r.path] = append(methods[r.path], http.MethodHead) // which the mux takes for GET
		}
	}
	for path, allowed := range methods {
		mux.Handle(path, notAllowed(allowed))
	}
	return mux
}

// handler answers a route behind all that guards it.
func (s *Server) handler(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		if err := s.answer(route, w, r); err != nil {
			fail(w, err)
		}
	})
}

func (s *Server) answer(route route, w http.ResponseWriter, r *http.Request) error {
	if !strings.HasPrefix(route.path, "/api/") { // the page, which may be linked to in any way
		return route.serve(s, w, r, nil)
	}
	if err := checkOrigin(r); err != nil {
		return s.named(r, err)
	}
	if route.token {
		if err := s.checkToken(r); err != nil {
			return s.named(r, err)
		}
	}
	q, err := parseQuery(r.URL.RawQuery, route.params)
	if err != nil {
		return err
	}
	return route.serve(s, w, r, q)
}

// notAllowed refuses the methods that a path has no route for.
func notAllowed(allowed []string) http.Handler {
	slices.Sort(allowed)
	allow := strings.Join(allowed, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		fail(w, refuse(http.StatusMethodNotAllowed, "%.20q is no method of this path; use %s", r.Method, allow))
	})
}
