package phgrpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phgrpc"
	"github.com/phgen/phgen/runtime/phtest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	session = "0190c8a4-7777-7222-8333-444455556666"
	window  = "0190c8a4-8888-7222-8333-444455556666"
)

// told is what a client says that is PostHog's own library.
func told(ctx context.Context, pairs ...string) context.Context {
	return metadata.NewOutgoingContext(ctx, metadata.Pairs(pairs...))
}

// text returns a property as text; empty if it was not sent.
func text(r phtest.Record, key string) string {
	v, _ := r.Value(key)
	return v.String()
}

// whose returns the distinct ID, session and window of an event.
func whose(r phtest.Record) string {
	id := r.DistinctID()
	if v, ok := r.Value("$process_person_profile"); ok && !v.Bool() {
		id = "random"
	}
	return id + " " + text(r, "$session_id") + " " + text(r, "$window_id")
}

// each runs f for a call and for a stream.
func each(t *testing.T, f func(t *testing.T, stream bool)) {
	t.Run("unary", func(t *testing.T) { f(t, false) })
	t.Run("stream", func(t *testing.T) { f(t, true) })
}

func TestScope(t *testing.T) {
	user := func(context.Context, string) string { return "ann" }
	nobody := func(context.Context, string) string { return "" }
	scope := func(_ context.Context, method string) []ph.ScopeOption {
		return []ph.ScopeOption{ph.User("cleo"), ph.Tag("method", method)}
	}
	all := []string{"x-posthog-distinct-id", "mallory", "x-posthog-session-id", session, "x-posthog-window-id", window}
	for _, test := range []struct {
		name string
		told []string
		opts []phgrpc.Option
		want string // distinct ID, session, window
	}{
		{"nothing", nil, nil, "random  "},
		{"metadata", all, nil, "mallory " + session + " " + window},
		{"metadata that is not trusted", all, []phgrpc.Option{phgrpc.TrustHeaders(false)}, "random  "},
		{"a user", all, []phgrpc.Option{phgrpc.User(user)}, "ann " + session + " " + window},
		{"no user", all, []phgrpc.Option{phgrpc.User(nobody)}, "mallory " + session + " " + window},
		{"a scope", all, []phgrpc.Option{phgrpc.User(user), phgrpc.Scope(scope), nil}, "cleo " + session + " " + window},
		{"repeated", []string{"x-posthog-distinct-id", " ", "x-posthog-distinct-id", " bob ", "x-posthog-distinct-id", "cleo"}, nil, "bob  "},
		{"bytes", []string{"x-posthog-distinct-id-bin", "\x00J\u0085ürgen\n"}, nil, "Jürgen  "},
	} {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, stream bool) {
				s := serve(t, capture, test.opts)
				if err := s.call(told(t.Context(), test.told...), stream); err != nil {
					t.Fatal(err)
				}
				e := phtest.Find(s.rec, "called", func(r phtest.Record) phtest.Record { return r }).One()
				if got := whose(e); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}

// A megabyte of metadata is cut. gRPC itself takes 16 KiB unless it is told otherwise.
func TestLongMetadata(t *testing.T) {
	s := serve(t, capture, nil)
	if err := s.call(told(t.Context(), "x-posthog-session-id", strings.Repeat("x", 8<<10)), false); err != nil {
		t.Fatal(err)
	}
	if got := len(text(s.rec.Events()[0], "$session_id")); got != 1000 {
		t.Errorf("$session_id has %d characters, want 1000", got)
	}
}

func TestProperties(t *testing.T) {
	for stream, want := range map[bool]string{false: "/grpc.health.v1.Health/Check", true: "/grpc.health.v1.Health/Watch"} {
		s := serve(t, capture, nil)
		if err := s.call(t.Context(), stream); err != nil {
			t.Fatal(err)
		}
		e := s.rec.Events()[0]
		if got := text(e, "$request_path"); got != want {
			t.Errorf("$request_path: got %q, want %q", got, want)
		}
		agent := text(e, "$user_agent")
		if !strings.HasPrefix(agent, "grpc-go/") || text(e, "$raw_user_agent") != agent {
			t.Errorf("$user_agent %q and $raw_user_agent %q, want grpc-go's", agent, text(e, "$raw_user_agent"))
		}
		if _, ok := e.Value("$ip"); ok {
			t.Errorf("$ip is %q: a pipe has no address", text(e, "$ip"))
		}
	}
}

// The handler names the user of its call, and of no other.
func TestSetUser(t *testing.T) {
	each(t, func(t *testing.T, stream bool) {
		s := serve(t, func(ctx context.Context) error {
			md, _ := metadata.FromIncomingContext(ctx)
			ph.SetUser(ctx, md["login"][0])
			return capture(ctx)
		}, nil)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				if err := s.call(told(t.Context(), "login", fmt.Sprint("u", i)), stream); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		seen := map[string]int{}
		for _, e := range s.rec.Events() {
			seen[e.DistinctID()]++
		}
		if len(seen) != 50 || seen["u7"] != 1 {
			t.Errorf("got events of %v, want one of each of 50 users", seen)
		}
	})
}

// An exception is what the tests compare of one.
type exception struct {
	Type, Value, Level, Code, Fingerprint, Source string
	Handled                                       bool
}

func exceptions(t *testing.T, rec *phtest.Recorder) []exception {
	t.Helper()
	var all []exception
	for _, r := range rec.Events() {
		if r.Event() != "$exception" {
			continue
		}
		var e struct {
			Properties struct {
				List []struct {
					Type, Value string
					Mechanism   struct{ Handled bool }
				} `json:"$exception_list"`
			}
		}
		if err := json.Unmarshal([]byte(r.String()), &e); err != nil {
			t.Fatal(err)
		}
		first := e.Properties.List[0]
		all = append(all, exception{
			first.Type, first.Value, text(r, "$exception_level"), text(r, "grpc_code"),
			text(r, "$exception_fingerprint"), text(r, "$exception_source"), first.Mechanism.Handled,
		})
	}
	return all
}

var capturing = phgrpc.Scope(func(context.Context, string) []ph.ScopeOption {
	return []ph.ScopeOption{ph.CaptureExceptions(true)}
})

// A panic is captured, delivered, and goes on with its value.
func TestPanic(t *testing.T) {
	boom := errors.New("boom")
	for _, test := range []struct {
		name string
		opts []phgrpc.Option
		want []exception
	}{
		{"captured", []phgrpc.Option{capturing}, []exception{{Type: "*errors.errorString", Value: "boom", Level: "fatal", Source: "panic"}}},
		{"not asked for", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, stream bool) {
				s := serve(t, func(context.Context) error { panic(boom) }, test.opts)
				if err := s.call(t.Context(), stream); status.Code(err) != codes.Unknown {
					t.Errorf("got %v, want the error of the recovery", err)
				}
				if got := <-s.panics; got.value != any(boom) {
					t.Errorf("the panic went on with %v, want %v", got.value, boom)
				}
				if diff := cmp.Diff(test.want, exceptions(t, s.rec)); diff != "" {
					t.Errorf("exceptions (-want +got):\n%s", diff)
				}
				if stats := s.rec.Client().Stats(); stats.Sent != uint64(len(test.want)) {
					t.Errorf("%d events were sent when the panic went on, want %d", stats.Sent, len(test.want))
				}
			})
		})
	}
}

type missing struct{ _ int }

func (*missing) Error() string { return "missing" }

func TestErrors(t *testing.T) {
	const method = "/grpc.health.v1.Health/Check"
	internal := []exception{{Type: "*status.Error", Value: "rpc error: code = Internal desc = x", Level: "error", Code: "Internal",
		Fingerprint: method + " Internal *status.Error"}}
	for _, test := range []struct {
		name string
		err  error
		opts []phgrpc.Option
		want []exception
	}{
		{"not asked for", status.Error(codes.Internal, "x"), []phgrpc.Option{capturing}, nil},
		{"switched off", status.Error(codes.Internal, "x"), []phgrpc.Option{phgrpc.CaptureErrors()}, nil},
		{"internal", status.Error(codes.Internal, "x"), []phgrpc.Option{capturing, phgrpc.CaptureErrors()}, internal},
		{"the caller's fault", status.Error(codes.Unauthenticated, "x"), []phgrpc.Option{capturing, phgrpc.CaptureErrors()}, nil},
		{"no status", &missing{}, []phgrpc.Option{capturing, phgrpc.CaptureErrors()},
			[]exception{{Type: "*phgrpc_test.missing", Value: "missing", Level: "error", Code: "Unknown", Fingerprint: method + " Unknown *phgrpc_test.missing"}}},
		{"another code", status.Error(codes.NotFound, "x"), []phgrpc.Option{capturing, phgrpc.CaptureErrors(codes.NotFound)},
			[]exception{{Type: "*status.Error", Value: "rpc error: code = NotFound desc = x", Level: "error", Code: "NotFound", Fingerprint: method + " NotFound *status.Error"}}},
		{"no other code", status.Error(codes.Internal, "x"), []phgrpc.Option{capturing, phgrpc.CaptureErrors(codes.NotFound, codes.OK)}, nil},
		{"success", nil, []phgrpc.Option{capturing, phgrpc.CaptureErrors(codes.OK)}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, func(context.Context) error { return test.err }, test.opts)
			if got, want := status.Code(s.call(t.Context(), false)), status.Code(test.err); got != want {
				t.Errorf("got code %v, want %v", got, want)
			}
			if diff := cmp.Diff(test.want, exceptions(t, s.rec)); diff != "" {
				t.Errorf("exceptions (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("stream", func(t *testing.T) {
		s := serve(t, func(context.Context) error { return status.Error(codes.DataLoss, "x") }, []phgrpc.Option{capturing, phgrpc.CaptureErrors()})
		_ = s.call(t.Context(), true)
		if got := exceptions(t, s.rec); len(got) != 1 || got[0].Code != "DataLoss" {
			t.Errorf("got exceptions %+v, want one of DataLoss", got)
		}
	})
}

// An error that the handler has captured itself is one exception.
func TestCapturedOnce(t *testing.T) {
	s := serve(t, func(ctx context.Context) error {
		err := &missing{}
		ph.CaptureException(ctx, err)
		return fmt.Errorf("handling: %w", err)
	}, []phgrpc.Option{capturing, phgrpc.CaptureErrors()})
	_ = s.call(t.Context(), false)
	if got := exceptions(t, s.rec); len(got) != 1 {
		t.Errorf("got exceptions %+v, want one", got)
	}
}
