package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	goruntime "runtime"
)

// Where the exceptions of testdata/exception come from. The goldens know the lines.

func plain(ctx context.Context) { CaptureException(ctx, emptyCart()) }

func wrapped(ctx context.Context) {
	err := &fs.PathError{Op: "open", Path: "cart.json", Err: fs.ErrNotExist}
	CaptureException(ctx, fmt.Errorf("checkout of %q: %w", "u_1", err))
}

func joined(ctx context.Context) {
	CaptureException(ctx, errors.Join(emptyCart(), nil, fmt.Errorf("close: %w", io.ErrShortWrite)))
}

func several(ctx context.Context) {
	CaptureException(ctx, fmt.Errorf("%w while %w", errStock, fs.ErrClosed))
}

func stack(ctx context.Context) { CaptureException(ctx, fmt.Errorf("pay: %w", declined())) }

func returned(ctx context.Context) {
	_ = Run(ctx, func(context.Context) error { return errStock }, Tag("job", "nightly"))
}

func panicked(ctx context.Context) {
	_ = Run(ctx, func(ctx context.Context) error {
		defer Recover(ctx)
		panic(fmt.Sprintf("cart of %d items", 3))
	})
}

func outOfBounds(ctx context.Context) {
	defer Recover(ctx)
	total(nil, 3)
}

func withOptions(ctx context.Context) {
	CaptureException(ctx, emptyCart(), Level(LevelWarning), Fingerprint("cart"), Mechanism("slog", true), Stack(callersHere()),
		WithProps(Props{"cart": 7, "$exception_level": "x", "$exception_types": "x", "$issue_name": "Empty cart"}), InGroup("organization", "acme"))
}

func emptyCart() error { return errors.New("cart is empty") }

//go:noinline
func total(prices []int, i int) int { return prices[i] }

//go:noinline
func declined() error { return &traced{callersHere()} }

//go:noinline
func callersHere() []uintptr {
	pcs := make([]uintptr, 2)
	return pcs[:goruntime.Callers(1, pcs)]
}

type traced struct{ pcs []uintptr }

func (*traced) Error() string        { return "card declined" }
func (t *traced) Callers() []uintptr { return t.pcs }

var errStock = errors.New("out of stock")
