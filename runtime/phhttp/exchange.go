package phhttp

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/internal/stranger"
)

// The properties of a request's events.
const (
	propURL          = "$current_url"
	propHost         = "$host"
	propPathname     = "$pathname"
	propMethod       = "$request_method"
	propPath         = "$request_path"
	propRoute        = "$request_route"
	propIP           = "$ip"
	propUserAgent    = "$user_agent"
	propRawUserAgent = "$raw_user_agent" // by this one PostHog recognises bots
	propStatus       = "$response_status_code"
)

// An exchange is one request and its answer. What it has of the request are copies, made
// before the handler may change the request: events may be captured by goroutines that the
// handler has started.
type exchange struct {
	*config
	isMux    bool
	response response
	request  *http.Request // as the handler gets it

	start     time.Time // of a request that may become a $pageview
	method    string
	url       url.URL
	host      string
	remote    string
	encrypted bool
	agent     []string
	forwarded forwarded
	identity  ph.Identity
	extra     ph.Props
	known     string // the route, if it is known before the handler is called
}

// read takes over what events may need of r, and gives the request its scope.
func (x *exchange) read(r *http.Request) {
	if x.pageviews {
		x.start = time.Now()
	}
	x.method, x.host, x.remote, x.encrypted = r.Method, r.Host, r.RemoteAddr, r.TLS != nil
	if r.URL != nil {
		x.url = *r.URL
	}
	x.agent = r.Header["User-Agent"]
	if len(x.proxies) > 0 {
		x.forwarded = readForwarded(r.Header)
	}
	if x.tags != nil {
		x.extra = x.tags(r)
	}
	if x.route != nil {
		x.known = x.route(r)
	}
	x.known = cmp.Or(x.known, routeOf(r))
	x.identify(r)
	opts := []ph.ScopeOption{ph.Fresh(), &x.identity, ph.LazyTags(x.props)}
	if x.scope != nil {
		opts = append(opts, x.scope(r)...)
	}
	x.request = r.WithContext(ph.With(r.Context(), opts...))
}

// identify finds out whose the events of r are.
func (x *exchange) identify(r *http.Request) {
	id := &x.identity
	if !x.distrust {
		id.DistinctID = stranger.First(r.Header[headerUser])
		id.SessionID = stranger.First(r.Header[headerSession])
		id.WindowID = stranger.First(r.Header[headerWindow])
	}
	if x.user != nil {
		id.DistinctID = cmp.Or(x.user(r), id.DistinctID)
	}
	id.Known = id.DistinctID != ""
}

// props returns the properties of every event of the request.
func (x *exchange) props() ph.Props {
	route := x.known
	if route == "" && x.isMux && x.request != nil {
		route = routeOf(x.request)
	}
	agent := stranger.First(x.agent)
	props := texts{
		{propURL, x.address()},
		{propMethod, x.method},
		{propPath, x.url.EscapedPath()},
		{propRoute, route},
		{propIP, x.ip()},
		{propUserAgent, agent},
		{propRawUserAgent, agent},
	}.props(ph.Props{})
	maps.Copy(props, x.extra)
	return x.mapped(props)
}

// mapped lets the application have the last word on props.
func (x *exchange) mapped(props ph.Props) ph.Props {
	if x.tagMap == nil {
		return props
	}
	return x.tagMap(props)
}

// routed returns the route that served the request, empty if none is known.
func (x *exchange) routed() string { return cmp.Or(x.known, routeOf(x.request)) }

// routeOf returns the pattern that r has matched, without the method that a ServeMux has
// before it and other routers have not.
func routeOf(r *http.Request) string {
	if i := strings.IndexAny(r.Pattern, " \t/"); i > 0 && r.Pattern[i] != '/' {
		return strings.TrimLeft(r.Pattern[i:], " \t")
	}
	return r.Pattern
}

// address returns the URL of the request.
func (x *exchange) address() string {
	path := x.url.EscapedPath()
	if path != "" && path[0] != '/' {
		path = "" // the * of OPTIONS
	}
	if x.query && x.url.RawQuery != "" {
		path += "?" + x.url.RawQuery
	}
	if x.host == "" {
		return path
	}
	return x.scheme() + "://" + x.host + path
}

// flush delivers what is queued, if the application asked for that.
func (x *exchange) flush() {
	if x.flushAfter <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ph.Detach(x.request.Context()), x.flushAfter)
	defer cancel()
	_ = ph.ClientOf(ctx).Flush(ctx) // what it says is still queued, and in Stats
}

// texts are properties whose values a client chose.
type texts []struct{ key, value string }

// props adds to props what is left of the texts, and returns it.
func (ts texts) props(props ph.Props) ph.Props {
	for _, t := range ts {
		if v := stranger.Clean(t.value); v != "" {
			props[t.key] = v
		}
	}
	return props
}
