// Package phgrpc gives the calls of a gRPC server scopes, and hands them on to other
// services.
//
//	server := grpc.NewServer(
//		grpc.ChainUnaryInterceptor(authenticate, phgrpc.UnaryServerInterceptor()),
//		grpc.ChainStreamInterceptor(authenticateStream, phgrpc.StreamServerInterceptor()),
//	)
//
// # Server
//
// Each call runs in a fresh scope: of what surrounds the server only the client is
// inherited. The scope has, as far as the call says so,
//
//   - the user, session and window of the metadata x-posthog-distinct-id, -session-id and
//     -window-id, without control characters and cut to 1000 characters. Anybody can send
//     them, so they say whose events these are and nothing about what a caller may do;
//     [TrustHeaders](false) ignores them. [User] and ph.SetUser win over them.
//   - $request_path, the full method, "/shop.Orders/Place"; $ip, the address of the peer; and
//     $user_agent and $raw_user_agent.
//
// A panic of the handler is captured if Config.CaptureExceptions or the scope asks for
// that. It then goes on with the same value, once it is delivered or 2 s have passed: gRPC
// does not recover it, so unless an outer interceptor does the program ends. With
// [CaptureErrors] the errors that handlers return are captured, too.
//
// # Client
//
//	conn, err := grpc.NewClient("dns:///orders.internal:443",
//		grpc.WithUnaryInterceptor(phgrpc.UnaryClientInterceptor("orders.internal")),
//		grpc.WithStreamInterceptor(phgrpc.StreamClientInterceptor("orders.internal")),
//	)
//
// The user, session and window of the context travel with calls to trusted targets, and to
// no others, as that metadata. A random distinct ID does not: it is nobody's.
package phgrpc
