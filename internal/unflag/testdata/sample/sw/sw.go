package sw

import (
	"context"

	"example.com/sample/generated/experiments"
	"example.com/sample/generated/flags"
)

func on(ctx context.Context) string {
	switch flags.NewLayout(ctx) {
	case flags.NewLayoutRight: // the new one
		println("right") // here
		return "right"
	// Everybody else.
	case flags.NewLayoutControl, flags.NewLayoutOff:
		println("left")
	}
	return "left"
}

func byDefault(ctx context.Context) {
	switch v := flags.NewLayout(ctx); v {
	case flags.NewLayoutControl:
		println("left")
	default:
		println("right")
	}
	switch experiments.Layout(ctx) {
	case flags.NewLayoutOff:
		println("off")
	}
}

func compared(ctx context.Context, a bool) {
	if flags.NewLayout(ctx) == flags.NewLayoutRight && a {
		println("right")
	}
	v := flags.NewLayout(ctx)
	if v != flags.NewLayoutRight {
		println("left")
	}
	switch {
	case a:
		println("a")
	case v == flags.NewLayoutRight:
		println("right")
	default:
		println("left")
	}
	switch {
	case v == flags.NewLayoutRight:
		println("right")
	case a:
		println("a")
	}
}

func unfoldable(ctx context.Context) {
	switch flags.NewLayout(ctx) {
	case flags.NewLayoutRight:
		if ctx.Err() != nil {
			break
		}
		println("right")
	}
	println(flags.NewLayout(ctx).String())
	if cfg, ok := flags.NewLayoutConfig(ctx); ok {
		println(cfg.Width)
	}
}
