package runtime

import (
	"context"
	"errors"
	"io"
	"net/http"
	goruntime "runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		name  string
		err   error
		outer []ScopeOption
		opts  []ScopeOption
		want  []string // distinct IDs of the exceptions
	}{
		{"no error", nil, nil, nil, nil},
		{"error", io.EOF, nil, nil, []string{"u_1"}},
		{"options", io.EOF, nil, []ScopeOption{Fresh(), User("u_2")}, []string{"u_2"}},
		{"not wanted here", io.EOF, nil, []ScopeOption{CaptureExceptions(false)}, nil},
		{"not wanted around", io.EOF, []ScopeOption{CaptureExceptions(false)}, nil, nil},
		{"wanted here alone", io.EOF, []ScopeOption{CaptureExceptions(false)}, []ScopeOption{CaptureExceptions(true)}, []string{"u_1"}},
		{"opted out", io.EOF, nil, []ScopeOption{OptOut()}, nil},
	} {
		r := newRig(t)
		err := Run(r.ctx(tt.outer...), func(context.Context) error { return tt.err }, tt.opts...)
		if err != tt.err {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.err)
		}
		if got, want := strings.Join(r.users(), " "), strings.Join(tt.want, " "); got != want {
			t.Errorf("%s: exceptions of %q, want %q", tt.name, got, want)
		}
	}
}

// The error of an inner Run is the outer one's, too, even if that has another scope.
func TestRunInRun(t *testing.T) {
	r := newRig(t)
	_ = Run(r.ctx(), func(ctx context.Context) error {
		return errors.Join(io.ErrShortWrite, Run(ctx, func(ctx context.Context) error {
			CaptureException(ctx, io.EOF, Level(LevelWarning))
			return io.EOF
		}, Fresh(), User("u_2")))
	})
	if got, want := strings.Join(r.users(), " "), "u_2"; got != want {
		t.Errorf("exceptions of %q, want %q", got, want)
	}
}

// panicOf returns what f panics with.
func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

func TestRunRaisesAgain(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []ScopeOption
		v    any
		want int
	}{
		{"text", nil, "boom", 1},
		{"error", nil, io.EOF, 1},
		{"not wanted", []ScopeOption{CaptureExceptions(false)}, "boom", 0},
		{"ErrAbortHandler", nil, http.ErrAbortHandler, 0},
	} {
		r := newRig(t)
		got := panicOf(func() {
			_ = Run(r.ctx(), func(context.Context) error { panic(tt.v) }, tt.opts...)
		})
		if got != tt.v {
			t.Errorf("%s: panicked with %v, want %v", tt.name, got, tt.v)
		}
		if got := len(r.sent()); got != tt.want {
			t.Errorf("%s: captured %d, want %d", tt.name, got, tt.want)
		}
	}
	var none context.Context
	if got := panicOf(func() { _ = Run(none, func(context.Context) error { panic("x") }) }); got != "x" {
		t.Errorf("nil context: panicked with %v", got)
	}
}

// A goroutine that ends within f, as a failing test does, is no panic.
func TestRunAndGoexit(t *testing.T) {
	r := newRig(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = Run(r.ctx(), func(context.Context) error { goruntime.Goexit(); return io.EOF })
	}()
	<-done
	if got := r.sent(); len(got) > 0 {
		t.Errorf("captured %s", got)
	}
}

func TestRecover(t *testing.T) {
	r := newRig(t)
	ctx := r.ctx()
	if got := panicOf(func() { defer Recover(ctx) }); got != nil {
		t.Errorf("no panic: got %v", got)
	}
	if got := panicOf(func() { defer Recover(ctx); panic("boom") }); got != "boom" {
		t.Errorf("got %v, want boom", got)
	}
	if r.c.Stats().Sent != 1 {
		t.Errorf("got %+v: the panic goes on before it is delivered", r.c.Stats())
	}
	var none context.Context
	for _, ctx := range []context.Context{none, context.Background(), r.ctx(UseClient(nil))} {
		if got := panicOf(func() { defer Recover(ctx); panic("boom") }); got != "boom" {
			t.Errorf("without a client: got %v, want boom", got)
		}
	}
}

// A panic waits for its delivery, and no longer than 2 s. The end of its context ends nothing.
func TestRecoverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		block := make(chan struct{})
		r.wire.block = block
		ctx, cancel := context.WithCancel(r.ctx())
		cancel()
		start := time.Now()
		survive(ctx, outOfBounds)
		if got := time.Since(start); got != flushOnPanic {
			t.Errorf("waited %v, want %v", got, flushOnPanic)
		}
		close(block)
		if err := r.c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// CapturePanic waits for nobody: what calls it may go on.
func TestCapturePanic(t *testing.T) {
	r := newRig(t)
	var id uuid.UUID
	func() {
		defer func() { id = CapturePanic(r.ctx(), recover(), Mechanism("middleware", true), Level(LevelError)) }()
		total(nil, 1)
	}()
	e := r.one()
	for _, want := range []string{id.String(), `"mechanism":{"type":"middleware","handled":true,`, `"$exception_level":"error"`,
		`"function":"github.com/phgen/phgen/runtime.total","in_app":true,"synthetic":false`} {
		if !strings.Contains(e, want) {
			t.Errorf("got %s, want %s in it", e, want)
		}
	}
}

// A panic that is reported when it is over has the stack of its error, if that carries one.
func TestCapturePanicAfterwards(t *testing.T) {
	r := newRig(t)
	var v any
	func() {
		defer func() { v = recover() }()
		panic(declined())
	}()
	CapturePanic(r.ctx(), v)
	if e := r.one(); !strings.Contains(e, `"function":"github.com/phgen/phgen/runtime.declined"`) {
		t.Errorf("got %s", e)
	}
}

func TestGo(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(r.ctx(Tag("a", 1)))
	cancel()
	done := make(chan error)
	Go(ctx, func(ctx context.Context) {
		capture(ctx)
		_, deadline := ctx.Deadline()
		if deadline {
			t.Error("the context has a deadline")
		}
		done <- ctx.Err()
	})
	if err := <-done; err != nil {
		t.Errorf("the context is over: %v", err)
	}
	if got, want := r.props(), `"a":1,"$context_tags":["a"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDetach(t *testing.T) {
	type key struct{}
	ctx, cancel := context.WithTimeout(context.WithValue(With(t.Context(), User("u_1")), key{}, "v"), time.Hour)
	detached := Detach(ctx)
	cancel()
	if _, ok := detached.Deadline(); ok || detached.Err() != nil || detached.Done() != nil {
		t.Error("the context still ends")
	}
	if detached.Value(key{}) != "v" || IdentityOf(detached).DistinctID != "u_1" {
		t.Error("the context has lost its values")
	}
	SetUser(detached, "u_2") // it is the same scope
	if got := IdentityOf(ctx).DistinctID; got != "u_2" {
		t.Errorf("got %q, want u_2", got)
	}
	var none context.Context
	if Detach(none) == nil {
		t.Error("got nil for nil")
	}
}
