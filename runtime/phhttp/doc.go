// Package phhttp gives every request of a net/http server a scope of its own, so that the
// events its handlers capture say whose they are and where they come from.
//
//	mux := http.NewServeMux()
//	mux.HandleFunc("POST /projects/{id}", rename)
//	http.ListenAndServe(addr, phhttp.Middleware()(mux))
//
// A handler captures with the request's context, and may say later who the user is:
//
//	ph.SetUser(r.Context(), account.ID)
//	tracking.ProjectRenamed(name).Capture(r.Context())
//
// # What the scope holds
//
// User, session and browser tab come from the headers X-POSTHOG-DISTINCT-ID,
// X-POSTHOG-SESSION-ID and X-POSTHOG-WINDOW-ID, which PostHog's browser library adds to
// requests: of a repeated header the first value of which something is left without control
// characters, cut to 1,000 characters. Anybody can send them: they say whom events are
// attributed to, and are never a proof of who is there. [TrustHeaders] ignores them, and what
// [User] or ph.SetUser say wins over them.
//
// Every event has these properties, unless it or a scope in that of the request says
// otherwise. [Tags] adds others, and [TagMap] has the last word:
//
//	$current_url      scheme, host and path; the query only with Query
//	$request_method
//	$request_path     escaped
//	$request_route    the pattern of the route, "/projects/{id}"
//	$ip               that of the client, or with TrustedProxies of the proxy's client
//	$user_agent       as sent, and the same as $raw_user_agent
//
// They are cleaned like the headers. The route is known to events if the handler that
// the middleware wraps is an *http.ServeMux, if one called the middleware, or if [Route] names
// it; to a $pageview and a panic also if any router has set Request.Pattern.
//
// # Panics and page views
//
// With Config.CaptureExceptions, or ph.CaptureExceptions(true) in [Scope], a panic of a
// handler is captured and then goes on. [Pageviews] captures one $pageview for every request
// that was one.
//
// # Other services and frameworks
//
// [Transport] hands user, session and tab on to hosts you trust. Chi and other routers for
// net/http need no more than [Middleware]; gin, echo and fiber have packages of their own,
// phgin, phecho and phfiber, which take the same options.
package phhttp
