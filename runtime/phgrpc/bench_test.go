package phgrpc_test

import (
	"context"
	"testing"

	"github.com/phgen/phgen/runtime/phgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// What a call costs that captures nothing.
func BenchmarkUnary(b *testing.B) {
	intercept := phgrpc.UnaryServerInterceptor()
	ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs("user-agent", "grpc-go", "x-posthog-distinct-id", "ann", "x-posthog-session-id", session))
	info := &grpc.UnaryServerInfo{FullMethod: "/shop.Orders/Place"}
	handle := func(context.Context, any) (any, error) { return nil, nil }
	b.ReportAllocs()
	for b.Loop() {
		if _, err := intercept(ctx, nil, info, handle); err != nil {
			b.Fatal(err)
		}
	}
}
