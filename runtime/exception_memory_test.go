package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// A failure is an error of a kind of its own, by value and by pointer.
type failure struct{ cause error }

func (f failure) Error() string { return fmt.Sprint("failure: ", f.cause) }
func (f failure) Unwrap() error { return f.cause }

// list is an error that can not be compared.
type list []error

func (l list) Error() string   { return "list" }
func (l list) Unwrap() []error { return l }

// An error is captured once, whatever it is wrapped in on its way.
func TestOncePerError(t *testing.T) {
	local, other := errors.New("x"), &failure{}
	shared := fmt.Errorf("shared: %w", io.EOF)
	for _, tt := range []struct {
		name         string
		first, again error
		want         bool // captured again
	}{
		{"the same", local, local, false},
		{"wrapped by the second", local, fmt.Errorf("b: %w", local), false},
		{"wrapped by the first", fmt.Errorf("a: %w", local), local, false},
		{"joined by the second", local, errors.Join(io.EOF, local), false},
		{"deep in the first", errors.Join(io.EOF, fmt.Errorf("a: %w", local)), local, false},
		{"wrapped by both", fmt.Errorf("a: %w", other), fmt.Errorf("b: %w", other), false},
		{"a wrapper wrapped by both", fmt.Errorf("a: %w", shared), fmt.Errorf("b: %w", shared), false},
		{"wrapped by a value", local, failure{local}, false},
		{"wrapped by what can not be compared", local, list{local}, false},
		{"what can not be compared, of one error", list{other}, list{other}, false},
		{"a sentinel", io.EOF, io.EOF, false},
		// Two things that failed for one reason.
		{"a sentinel wrapped by both", fmt.Errorf("a: %w", io.EOF), fmt.Errorf("b: %w", io.EOF), true},
		{"a sentinel wrapped by values", failure{io.EOF}, failure{io.EOF}, true},
		{"equal texts", errors.New("x"), errors.New("x"), true},
		{"values", failure{}, failure{}, true},
		{"what can not be compared", list{}, list{}, true},
		{"a timeout", context.DeadlineExceeded, context.DeadlineExceeded, true},
	} {
		r := newRig(t)
		ctx := r.ctx()
		if CaptureException(ctx, tt.first) == uuid.Nil {
			t.Errorf("%s: the first was not captured", tt.name)
		}
		if got := CaptureException(ctx, tt.again) != uuid.Nil; got != tt.want {
			t.Errorf("%s: captured again: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// What a scope, those around it and those within it know of an error that one of them captured.
func TestOncePerScope(t *testing.T) {
	for _, tt := range []struct {
		name          string
		first, second func(outer, inner, sibling, fresh context.Context) context.Context
		want          bool // captured again
	}{
		{"inner, outer", in(1), in(0), false},
		{"outer, inner", in(0), in(1), false},
		{"inner, sibling", in(1), in(2), true},
		{"fresh, outer", in(3), in(0), false},
		{"outer, fresh", in(0), in(3), true},
		{"no scope", in(4), in(4), true},
		{"no scope, outer", in(4), in(0), true},
	} {
		r := newRig(t)
		SetDefault(r.c)
		outer := r.ctx()
		inner, sibling, fresh := With(outer, Tag("a", 1)), With(outer), With(outer, Fresh())
		err := &failure{io.EOF}
		if CaptureException(tt.first(outer, inner, sibling, fresh), err) == uuid.Nil {
			t.Errorf("%s: the first was not captured", tt.name)
		}
		if got := CaptureException(tt.second(outer, inner, sibling, fresh), err) != uuid.Nil; got != tt.want {
			t.Errorf("%s: captured again: %v, want %v", tt.name, got, tt.want)
		}
		SetDefault(nil)
	}
}

func in(i int) func(outer, inner, sibling, fresh context.Context) context.Context {
	return func(outer, inner, sibling, fresh context.Context) context.Context {
		return []context.Context{outer, inner, sibling, fresh, context.Background()}[i]
	}
}

// An error that one client refused may go to another, or be captured later.
func TestRefusedErrorIsNotRemembered(t *testing.T) {
	r, other := newRig(t), newRig(t)
	ctx := r.ctx()
	r.c.SetDisabled(true)
	if id := CaptureException(ctx, io.EOF); id != uuid.Nil {
		t.Errorf("disabled: got %v", id)
	}
	r.c.SetDisabled(false)
	if CaptureException(ctx, io.EOF) == uuid.Nil {
		t.Error("enabled again: not captured")
	}
	if CaptureException(With(ctx, UseClient(other.c)), io.EOF) == uuid.Nil {
		t.Error("another client: not captured")
	}
}

// A scope that lives as long as the program does not silence a sentinel for good.
func TestErrorIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ctx := r.ctx()
		var got []bool
		for range 4 {
			got = append(got, CaptureException(ctx, io.EOF) != uuid.Nil)
			time.Sleep(25 * time.Second)
		}
		if want := "[true false false true]"; fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
		if err := r.c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// However many errors a scope sees, it holds few of them.
func TestExceptionMemoryIsBounded(t *testing.T) {
	r := newRig(t)
	outer := r.ctx()
	for i := range 1000 {
		inner := With(outer)
		CaptureException(inner, &failure{fmt.Errorf("%d", i)})
	}
	held := 0
	for _, e := range scopeOf(outer).caught.Load().last {
		if e != nil {
			held++
		}
	}
	if held != maxCaught {
		t.Errorf("%d exceptions are held, want %d", held, maxCaught)
	}
}

// Of many goroutines with one error one captures it.
func TestOnceAmongGoroutines(t *testing.T) {
	r := newRig(t)
	ctx := r.ctx()
	err := errors.New("x")
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() { CaptureException(ctx, fmt.Errorf("%d: %w", i, &fs.PathError{Err: err})) })
		wg.Go(func() { CaptureException(ctx, err) })
	}
	wg.Wait()
	var plain int
	for _, e := range r.sent() {
		if strings.Contains(e, `"$exception_list":[{"type":"*errors.errorString"`) {
			plain++
		}
	}
	if plain > 1 {
		t.Errorf("captured %d times, want once at most", plain)
	}
}

// A panic that goes on is one panic, whoever sees it pass. Each line is a level, from the inside.
func TestOncePerPanic(t *testing.T) {
	type level = func(ctx context.Context, f func(context.Context))
	run := func(ctx context.Context, f func(context.Context)) {
		_ = Run(ctx, func(ctx context.Context) error { f(ctx); return nil }, Fresh())
	}
	recovers := func(ctx context.Context, f func(context.Context)) { defer Recover(ctx); f(ctx) }
	byHand := func(ctx context.Context, f func(context.Context)) { // as middleware does it
		defer func() {
			v := recover()
			CapturePanic(ctx, v)
			panic(v)
		}()
		f(ctx)
	}
	cleanup := func(_ context.Context, f func(context.Context)) {
		defer func() { panic("cleanup, too") }()
		f(nil)
	}
	for _, value := range []any{"boom", io.EOF, failure{io.EOF}, list{io.EOF}, 7, []int{7}} {
		for _, tt := range []struct {
			name   string
			levels []level
			want   int
		}{
			{"Recover twice", []level{recovers, recovers}, 1},
			{"Run in Run", []level{run, run}, 1},
			{"by hand, Run", []level{byHand, run}, 1},
			{"Run, by hand", []level{run, byHand}, 1},
			{"by hand three times", []level{byHand, byHand, byHand}, 1},
			{"another panic", []level{byHand, cleanup, byHand}, 2},
		} {
			r := newRig(t)
			ctx := r.ctx()
			f := func(context.Context) { panic(value) }
			for _, l := range tt.levels {
				inner := f
				f = func(c context.Context) {
					if c == nil {
						c = ctx
					}
					l(c, inner)
				}
			}
			survive(ctx, f)
			if got := len(r.sent()); got != tt.want {
				t.Errorf("%s of %T: captured %d times, want %d", tt.name, value, got, tt.want)
			}
		}
	}
}

// Two panics with one value are two panics.
func TestEqualPanics(t *testing.T) {
	r := newRig(t)
	ctx := r.ctx()
	for range 3 {
		survive(ctx, panicked)
	}
	if got := len(r.sent()); got != 3 {
		t.Errorf("captured %d times, want 3", got)
	}
}
