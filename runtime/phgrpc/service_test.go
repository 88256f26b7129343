package phgrpc_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phgrpc"
	"github.com/phgen/phgen/runtime/phtest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"
)

// A service is any gRPC service: one call, and one stream, that run what a test wants.
type service struct {
	healthgrpc.UnimplementedHealthServer
	run func(ctx context.Context) error
}

func (s *service) Check(ctx context.Context, _ *healthgrpc.HealthCheckRequest) (*healthgrpc.HealthCheckResponse, error) {
	return &healthgrpc.HealthCheckResponse{}, s.run(ctx)
}

func (s *service) Watch(_ *healthgrpc.HealthCheckRequest, stream healthgrpc.Health_WatchServer) error {
	if err := stream.Send(&healthgrpc.HealthCheckResponse{}); err != nil {
		return err
	}
	return s.run(stream.Context())
}

// capture is what most handlers of the tests do.
func capture(ctx context.Context) error {
	ph.Capture(ctx, "called", nil)
	return nil
}

// A recovered value is what a handler's panic reached the outermost interceptor with.
type recovered struct{ value any }

// A setup is a server, and a client of it.
type setup struct {
	rec    *phtest.Recorder
	panics chan recovered
	client healthgrpc.HealthClient
}

// serve runs the service. What surrounds its calls has a user, which they do not inherit.
func serve(t *testing.T, run func(context.Context) error, opts []phgrpc.Option, dial ...grpc.DialOption) *setup {
	t.Helper()
	s := &setup{rec: phtest.New(t), panics: make(chan recovered, 1)}
	withClient := func(ctx context.Context) context.Context {
		return ph.With(ctx, ph.UseClient(s.rec.Client()), ph.User("the server's own"))
	}
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
			defer s.recover(&err)
			return handler(withClient(ctx), req)
		}, phgrpc.UnaryServerInterceptor(opts...)),
		grpc.ChainStreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
			defer s.recover(&err)
			return handler(srv, streamWith{stream, withClient(stream.Context())})
		}, phgrpc.StreamServerInterceptor(opts...)),
	)
	healthgrpc.RegisterHealthServer(server, &service{run: run})
	listener := bufconn.Listen(1 << 16)
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///shop.internal:443", append(dial,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
	)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	s.client = healthgrpc.NewHealthClient(conn)
	return s
}

// recover keeps a panic from ending the tests, as a recovery interceptor does.
func (s *setup) recover(err *error) {
	if v := recover(); v != nil {
		s.panics <- recovered{v}
		*err = errPanicked
	}
}

var errPanicked = errors.New("the handler panicked")

type streamWith struct {
	grpc.ServerStream
	ctx context.Context
}

func (s streamWith) Context() context.Context { return s.ctx }

// call makes a call, or a stream and reads it to its end.
func (s *setup) call(ctx context.Context, stream bool) error {
	if !stream {
		_, err := s.client.Check(ctx, &healthgrpc.HealthCheckRequest{})
		return err
	}
	w, err := s.client.Watch(ctx, &healthgrpc.HealthCheckRequest{})
	for err == nil {
		_, err = w.Recv()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
