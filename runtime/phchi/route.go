// Package phchi tells package phhttp the routes of chi. Everything else phhttp does by
// itself, as chi speaks net/http:
//
//	router := chi.NewRouter()
//	router.Use(middleware.Recoverer, phhttp.Middleware(phhttp.Route(phchi.Route)))
package phchi

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

// Route returns the pattern of the route that r will take, "/projects/{id}", before chi has
// found it: so the events of handlers know it, too. It is empty for a request that no router
// of chi has seen, or that matches no route. It is meant for phhttp.Route, and costs a
// search for the route.
func Route(r *http.Request) string {
	seen := chi.RouteContext(r.Context())
	if seen == nil || seen.Routes == nil {
		return ""
	}
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.Path
	}
	// A middleware may have set another path, and so does a router for those mounted on it,
	// whose path says nothing to the outermost one.
	if seen.RoutePath != "" && r.Pattern == "" {
		path = seen.RoutePath
	}
	if path == "" {
		path = "/"
	}
	return seen.Routes.Find(chi.NewRouteContext(), r.Method, path)
}
