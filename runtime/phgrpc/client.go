package phgrpc

import (
	"context"
	"strings"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/internal/hosts"
	"github.com/phgen/phgen/runtime/internal/stranger"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// UnaryClientInterceptor returns an interceptor that names the user, session and window of
// a call's context to the servers that are trusted. What the metadata of a call names
// already stays.
//
// A server is written as the target that grpc.NewClient is given has it, without a scheme:
// "orders.internal", for any port, "orders.internal:443" or "*.internal", which means all
// below internal but not itself. Without any nobody is told.
func UnaryClientInterceptor(trusted ...string) grpc.UnaryClientInterceptor {
	set := hosts.NewSet(trusted...)
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return invoke(tell(ctx, cc, set), method, req, reply, cc, opts...)
	}
}

// StreamClientInterceptor is UnaryClientInterceptor for streams.
func StreamClientInterceptor(trusted ...string) grpc.StreamClientInterceptor {
	set := hosts.NewSet(trusted...)
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, stream grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		return stream(tell(ctx, cc, set), desc, cc, method, opts...)
	}
}

// tell returns ctx with the identity of its scope in the metadata, if cc is trusted.
func tell(ctx context.Context, cc *grpc.ClientConn, trusted hosts.Set) context.Context {
	if !trusted.Has(hostOf(cc.CanonicalTarget())) {
		return ctx
	}
	id := ph.IdentityOf(ctx)
	user := id.DistinctID
	if !id.Known {
		user = ""
	}
	said, _ := metadata.FromOutgoingContext(ctx)
	var pairs []string
	for _, p := range [...]struct{ key, value string }{
		{metadataUser, user},
		{metadataSession, id.SessionID},
		{metadataWindow, id.WindowID},
	} {
		if p.value == "" || len(said[p.key]) > 0 || len(said[p.key+binary]) > 0 {
			continue
		}
		if !stranger.IsPrintable(p.value) {
			p.key += binary
		}
		pairs = append(pairs, p.key, p.value)
	}
	if pairs == nil {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...)
}

// hostOf returns the host of a canonical target, "scheme://authority/endpoint".
func hostOf(target string) string {
	_, rest, _ := strings.Cut(target, "://")
	_, endpoint, _ := strings.Cut(rest, "/")
	return endpoint
}
