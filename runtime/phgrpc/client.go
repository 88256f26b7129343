package phgrpc

import (
	"context"
	"net"
	"slices"
	"strings"

	ph "github.com/phgen/phgen/runtime"
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
	hosts := newHosts(trusted)
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return invoke(hosts.tell(ctx, cc), method, req, reply, cc, opts...)
	}
}

// StreamClientInterceptor is UnaryClientInterceptor for streams.
func StreamClientInterceptor(trusted ...string) grpc.StreamClientInterceptor {
	hosts := newHosts(trusted)
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, stream grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		return stream(hosts.tell(ctx, cc), desc, cc, method, opts...)
	}
}

// hosts are those that are trusted, in lower case.
type hosts struct {
	names   map[string]bool // with a port or without
	domains []string        // with the dot before them
}

func newHosts(trusted []string) *hosts {
	h := &hosts{names: make(map[string]bool, len(trusted))}
	for _, name := range trusted {
		name = strings.ToLower(strings.TrimSpace(name))
		if domain, ok := strings.CutPrefix(name, "*."); ok && domain != "" {
			h.domains = append(h.domains, "."+domain)
		} else {
			h.names[name] = true
		}
	}
	return h
}

// tell returns ctx with the identity of its scope in the metadata, if cc is trusted.
func (h *hosts) tell(ctx context.Context, cc *grpc.ClientConn) context.Context {
	if !h.trusts(cc.CanonicalTarget()) {
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

// trusts reports whether the host of a canonical target, "scheme://authority/endpoint", is
// trusted.
func (h *hosts) trusts(target string) bool {
	_, rest, _ := strings.Cut(target, "://")
	_, endpoint, _ := strings.Cut(rest, "/")
	endpoint = strings.ToLower(endpoint)
	name := endpoint
	if host, _, err := net.SplitHostPort(endpoint); err == nil {
		name = host
	}
	if name == "" {
		return false
	}
	if h.names[name] || h.names[endpoint] {
		return true
	}
	if net.ParseIP(name) != nil {
		return false
	}
	return slices.ContainsFunc(h.domains, func(domain string) bool {
		return len(name) > len(domain) && strings.HasSuffix(name, domain)
	})
}
