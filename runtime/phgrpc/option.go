package phgrpc

import (
	"context"
	"slices"

	ph "github.com/phgen/phgen/runtime"
	"google.golang.org/grpc/codes"
)

// An Option changes what the interceptors of a server do. Of two that set the same thing
// the last one counts. Callbacks run before the handler, on its goroutine.
type Option func(*config)

// config is what the options of one interceptor say.
type config struct {
	distrust bool
	user     func(ctx context.Context, method string) string
	scope    func(ctx context.Context, method string) []ph.ScopeOption
	failures []codes.Code
}

func newConfig(opts []Option) *config {
	c := new(config)
	for _, o := range opts {
		if o != nil {
			o(c)
		}
	}
	return c
}

// TrustHeaders says whether the metadata of a call may name its user, session and window.
// They do by default.
func TrustHeaders(on bool) Option {
	return func(c *config) { c.distrust = !on }
}

// User names the user of a call, say from what an interceptor before has put into ctx. It
// wins over the metadata, and ph.SetUser over it; an empty ID leaves it to the metadata.
// method is the full one: "/shop.Orders/Place".
func User(distinctID func(ctx context.Context, method string) string) Option {
	return func(c *config) { c.user = distinctID }
}

// Scope adds to the scope of a call: its groups and tags, ph.UseClient,
// ph.CaptureExceptions or whatever else. It wins over all that the call says itself.
func Scope(f func(ctx context.Context, method string) []ph.ScopeOption) Option {
	return func(c *config) { c.scope = f }
}

// serverFailures are the codes that say that the server, not the caller, has failed. A
// handler's error that is no status has the first one.
var serverFailures = []codes.Code{codes.Unknown, codes.Internal, codes.Unavailable, codes.DataLoss}

// CaptureErrors captures the errors of these codes that handlers return, if
// Config.CaptureExceptions or the scope asks for that. Without codes they are Unknown,
// Internal, Unavailable and DataLoss, which are failures of the server. Errors of one
// method, code and Go type make one issue: a stack of the interceptor would tell nothing.
func CaptureErrors(list ...codes.Code) Option {
	if len(list) == 0 {
		list = serverFailures
	}
	list = slices.Clone(list)
	return func(c *config) { c.failures = list }
}
