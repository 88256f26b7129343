package runtime

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// flushOnPanic is how long a panic waits for its own delivery.
const flushOnPanic = 2 * time.Second

// Run calls f with a scope made of ctx and opts, as [With] makes one. It captures the error that f
// returns, and returns it. It captures a panic of f's, and raises it again once that is delivered
// or 2 s have passed; http.ErrAbortHandler passes uncaptured. With [CaptureExceptions](false),
// among opts or in a scope around, it captures nothing.
func Run(ctx context.Context, f func(ctx context.Context) error, opts ...ScopeOption) error {
	ctx = With(ctx, opts...)
	if scopeOf(ctx).view().exceptions == no {
		return f(ctx)
	}
	defer rescue(ctx)
	err := f(ctx)
	CaptureException(ctx, err)
	return err
}

// Go calls f on a goroutine of its own, with the context that [Detach] returns. A panic of f's
// ends the program, as in any goroutine. If exceptions are captured automatically it is captured
// before, and delivered, for which it waits 2 s at most.
func Go(ctx context.Context, f func(ctx context.Context)) {
	ctx = Detach(ctx)
	go func() { // until f returns
		defer rescue(ctx, Automatic())
		f(ctx)
	}()
}

// Detach returns a context with the scope and the values of ctx, for work that outlives a
// request: it has no deadline, and is not cancelled with ctx. A nil ctx counts as
// context.Background.
func Detach(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return context.WithoutCancel(ctx)
}

// Recover captures a panic and raises it again with the same value, once it is delivered or 2 s
// have passed. It must be deferred itself, as defer ph.Recover(ctx). http.ErrAbortHandler passes
// uncaptured; without a panic Recover does nothing.
func Recover(ctx context.Context) {
	if v := recover(); v != nil {
		raise(ctx, v)
	}
}

// rescue is Recover with options.
func rescue(ctx context.Context, opts ...Option) {
	if v := recover(); v != nil {
		raise(ctx, v, opts...)
	}
}

// raise captures v, which ends the program if nobody recovers from it, and panics with it.
func raise(ctx context.Context, v any, opts ...Option) {
	if CapturePanic(ctx, v, opts...) != uuid.Nil {
		flushPanic(ctx)
	}
	panic(v) //nolint:forbidigo // it is the program's own
}

func flushPanic(ctx context.Context) {
	ctx, cancel := context.WithTimeout(Detach(ctx), flushOnPanic)
	defer cancel()
	_ = ClientOf(ctx).Flush(ctx) // nobody is left to tell
}
