package phgrpc_test

import (
	"context"
	"testing"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phgrpc"
	"google.golang.org/grpc"
)

// The identity of the caller's scope arrives at a server that is trusted.
func TestPropagates(t *testing.T) {
	scope := []ph.ScopeOption{ph.User("ann"), ph.Session(session), ph.Window(window)}
	for _, test := range []struct {
		name    string
		scope   []ph.ScopeOption
		told    []string
		trusted []string
		want    string
	}{
		{"a host", scope, nil, []string{"shop.internal"}, "ann " + session + " " + window},
		{"a host and its port", scope, nil, []string{"other", "Shop.Internal:443"}, "ann " + session + " " + window},
		{"another port", scope, nil, []string{"shop.internal:80"}, "random  "},
		{"another host", scope, nil, []string{"internal", "shop", "", "evil-shop.internal"}, "random  "},
		{"a domain", scope, nil, []string{"*.internal"}, "ann " + session + " " + window},
		{"not the domain itself", scope, nil, []string{"*.shop.internal", "*."}, "random  "},
		{"nobody", scope, nil, nil, "random  "},
		{"no user", []ph.ScopeOption{ph.Session(session)}, nil, []string{"shop.internal"}, "random " + session + " "},
		{"no scope", nil, nil, []string{"shop.internal"}, "random  "},
		{"what the call says itself", scope, []string{"x-posthog-distinct-id", "bob"}, []string{"shop.internal"}, "bob " + session + " " + window},
		{"what gRPC does not send as text", []ph.ScopeOption{ph.User("Jürgen")}, nil, []string{"shop.internal"}, "Jürgen  "},
		{"a line break", []ph.ScopeOption{ph.User("a\nb")}, nil, []string{"shop.internal"}, "ab  "},
	} {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, stream bool) {
				s := serve(t, capture, nil,
					grpc.WithUnaryInterceptor(phgrpc.UnaryClientInterceptor(test.trusted...)),
					grpc.WithStreamInterceptor(phgrpc.StreamClientInterceptor(test.trusted...)),
				)
				ctx := t.Context()
				if test.scope != nil {
					ctx = ph.With(ctx, test.scope...)
				}
				if test.told != nil {
					ctx = told(ctx, test.told...)
				}
				if err := s.call(ctx, stream); err != nil {
					t.Fatal(err)
				}
				if got := whose(s.rec.Events()[0]); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}

// Two services that trust each other tell one story.
func TestChain(t *testing.T) {
	inner := serve(t, capture, nil, grpc.WithUnaryInterceptor(phgrpc.UnaryClientInterceptor("shop.internal")))
	outer := serve(t, func(ctx context.Context) error {
		ph.SetUser(ctx, "ann")
		return inner.call(ctx, false)
	}, nil)
	if err := outer.call(told(t.Context(), "x-posthog-session-id", session), false); err != nil {
		t.Fatal(err)
	}
	if got, want := whose(inner.rec.Events()[0]), "ann "+session+" "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
