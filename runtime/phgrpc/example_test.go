package phgrpc_test

import (
	"context"
	"log"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

type accountKey struct{}

// A server whose calls are their users', because an interceptor before has checked who they
// are. Its failures are exceptions.
func Example_server() {
	client, err := ph.New(ph.Config{APIKey: "phc_…", CaptureExceptions: true})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close(context.Background())
	ph.SetDefault(client)
	defer ph.SetDefault(nil)

	opts := []phgrpc.Option{
		phgrpc.TrustHeaders(false),
		phgrpc.User(func(ctx context.Context, _ string) string {
			account, _ := ctx.Value(accountKey{}).(string)
			return account
		}),
		phgrpc.CaptureErrors(),
	}
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(phgrpc.UnaryServerInterceptor(opts...)),
		grpc.ChainStreamInterceptor(phgrpc.StreamServerInterceptor(opts...)),
	)
	defer server.Stop()
}

// A service that tells one other whose requests it makes, and nobody else.
func Example_client() {
	conn, err := grpc.NewClient("dns:///orders.internal:443",
		grpc.WithUnaryInterceptor(phgrpc.UnaryClientInterceptor("orders.internal")),
		grpc.WithStreamInterceptor(phgrpc.StreamClientInterceptor("orders.internal")),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
}
