package phgrpc

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/internal/stranger"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// The properties of a call's events.
const (
	propPath         = "$request_path"
	propIP           = "$ip"
	propUserAgent    = "$user_agent"
	propRawUserAgent = "$raw_user_agent" // by this one PostHog recognises bots
	propSource       = "$exception_source"
	propCode         = "grpc_code"
)

// flushOnPanic is how long a panic waits for its own delivery, as in ph.Recover.
const flushOnPanic = 2 * time.Second

// UnaryServerInterceptor returns an interceptor that serves each call in a scope of its
// own. The package's documentation says what the scope holds.
func UnaryServerInterceptor(opts ...Option) grpc.UnaryServerInterceptor {
	c := newConfig(opts)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		call := c.call(ctx, info.FullMethod)
		defer call.end()
		resp, err := handler(call.ctx, req)
		call.captureError(err)
		return resp, err
	}
}

// StreamServerInterceptor is UnaryServerInterceptor for streams. A stream has one scope,
// not one for each message.
func StreamServerInterceptor(opts ...Option) grpc.StreamServerInterceptor {
	c := newConfig(opts)
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		call := c.call(stream.Context(), info.FullMethod)
		defer call.end()
		err := handler(srv, scopedStream{stream, call.ctx})
		call.captureError(err)
		return err
	}
}

// A scopedStream has the context of a call's scope.
type scopedStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s scopedStream) Context() context.Context { return s.ctx }

// A call is one that the server answers.
type call struct {
	*config
	method string
	ctx    context.Context // with its scope
}

// call returns the call of method with its scope.
func (c *config) call(ctx context.Context, method string) call {
	opts := append(make([]ph.ScopeOption, 0, 8), ph.Fresh(), ph.LazyTags(func() ph.Props {
		return properties(ctx, method)
	}))
	if !c.distrust {
		opts = append(opts,
			ph.User(told(ctx, metadataUser)),
			ph.Session(told(ctx, metadataSession)),
			ph.Window(told(ctx, metadataWindow)),
		)
	}
	if c.user != nil {
		if id := c.user(ctx, method); id != "" {
			opts = append(opts, ph.User(id))
		}
	}
	var own []ph.ScopeOption
	if c.scope != nil {
		own = c.scope(ctx, method)
	}
	return call{c, method, ph.With(ctx, append(opts, own...)...)}
}

// properties returns those of every event of a call. Most calls have no event.
func properties(ctx context.Context, method string) ph.Props {
	props := ph.Props{}
	agent := told(ctx, "user-agent")
	for _, p := range [...]struct{ key, value string }{
		{propPath, stranger.Clean(method)},
		{propIP, peerIP(ctx)},
		{propUserAgent, agent},
		{propRawUserAgent, agent},
	} {
		if p.value != "" {
			props[p.key] = p.value
		}
	}
	return props
}

// peerIP returns the address of the caller; empty if it has none, as on a Unix socket.
func peerIP(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return ""
	}
	addr, err := netip.ParseAddrPort(p.Addr.String())
	if err != nil {
		return ""
	}
	return addr.Addr().Unmap().WithZone("").String()
}

// end is deferred: it meets the panics of the handler.
func (c call) end() {
	v := recover()
	if v == nil {
		return
	}
	id := ph.CapturePanic(c.ctx, v,
		ph.Automatic(),
		ph.Mechanism("middleware", false),
		ph.WithProps(ph.Props{propSource: "panic"}),
	)
	if id != [16]byte{} {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), flushOnPanic)
		_ = ph.ClientOf(ctx).Flush(ctx) // the panic says more than this error
		cancel()
	}
	panic(v) //nolint:forbidigo // it is the handler's own panic
}

// captureError captures what the handler returned, if its code is one that is asked for.
func (c call) captureError(err error) {
	if err == nil {
		return
	}
	code := status.Code(err)
	if code == codes.OK || !slices.Contains(c.failures, code) {
		return
	}
	ph.CaptureException(c.ctx, err,
		ph.Automatic(),
		ph.Mechanism("middleware", false),
		ph.Fingerprint(fmt.Sprintf("%s %s %T", c.method, code, err)),
		ph.WithProps(ph.Props{propCode: code.String()}),
	)
}
