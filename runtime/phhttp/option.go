package phhttp

import (
	"net/http"
	"net/netip"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

// An Option changes what Middleware does. Of two that set the same thing the last one
// counts. Callbacks other than that of TagMap run on the goroutine of the request, before
// the handler; a panic of one is a panic of the request.
type Option func(*config)

// config is what the options of one Middleware say.
type config struct {
	distrust   bool
	proxies    []netip.Prefix
	query      bool
	pageviews  bool
	flushAfter time.Duration
	filter     func(*http.Request) bool
	user       func(*http.Request) string
	scope      func(*http.Request) []ph.ScopeOption
	tags       func(*http.Request) ph.Props
	tagMap     func(ph.Props) ph.Props
	route      func(*http.Request) string
}

// Filter leaves the requests alone for which keep returns false: they have no scope, and
// their panics are not captured.
func Filter(keep func(*http.Request) bool) Option {
	return func(cfg *config) { cfg.filter = keep }
}

// User names the user of a request, say from a session that an outer middleware has
// read. What it returns wins over the headers, and ph.SetUser over it; an empty ID leaves
// it to the headers.
func User(distinctID func(*http.Request) string) Option {
	return func(cfg *config) { cfg.user = distinctID }
}

// Scope adds to the scope of a request: its groups, ph.UseClient, ph.OptOut,
// ph.CaptureExceptions or whatever else. It wins over all that the request says itself.
func Scope(f func(*http.Request) []ph.ScopeOption) Option {
	return func(cfg *config) { cfg.scope = f }
}

// Tags adds properties to the events of a request. They win over those of the package,
// and are encoded with the first event. A map that is returned must not change any more.
func Tags(f func(*http.Request) ph.Props) Option {
	return func(cfg *config) { cfg.tags = f }
}

// TagMap has the last word on the properties that the package and Tags give the events of
// a request: only those of the map it returns are sent. It may change the map it is
// given and return that. It is asked when the first event is captured, on whichever
// goroutine that happens, where a panic costs the properties; and about those of a $pageview.
func TagMap(f func(ph.Props) ph.Props) Option {
	return func(cfg *config) { cfg.tagMap = f }
}

// Route names the route of a request, for a router that does not set Request.Pattern or
// is reached by a copy of the request. An empty text leaves it to Request.Pattern.
func Route(f func(*http.Request) string) Option {
	return func(cfg *config) { cfg.route = f }
}

// TrustHeaders says whether the tracing headers of a request are read. They are by
// default, as in PostHog's own middleware, although anybody can send them and so have his
// events attributed to somebody else. With false, only User, Scope and ph.SetUser say whose
// events they are.
func TrustHeaders(on bool) Option {
	return func(cfg *config) { cfg.distrust = !on }
}

// TrustedProxies names the networks of the proxies before the server. Of a request that
// comes from one of them, $ip is the nearest address in X-Forwarded-For that is none of
// theirs, and X-Forwarded-Proto says the scheme of $current_url. Those headers are not
// read of any other request, and without this option of none.
func TrustedProxies(networks ...netip.Prefix) Option {
	return func(cfg *config) { cfg.proxies = networks }
}

// Query says whether $current_url has the query of the request. It has none by default:
// queries carry tokens and addresses.
func Query(on bool) Option {
	return func(cfg *config) { cfg.query = on }
}

// Pageviews captures one $pageview for every GET request that matched a route and was
// answered with 304 or a status of 200 to 299. Its time is that at which the request came.
func Pageviews() Option {
	return func(cfg *config) { cfg.pageviews = true }
}

// FlushAfter delivers after every request what is queued, for at most d, because a
// serverless platform may stop the process between requests. The answer may have to wait
// for that. What is not delivered by then stays queued. Zero means no flush.
func FlushAfter(d time.Duration) Option {
	return func(cfg *config) { cfg.flushAfter = d }
}
