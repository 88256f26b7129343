package cond

import (
	"context"
	"net/http"

	"example.com/sample/generated/flags"
)

func then(ctx context.Context) string {
	// Before.
	if flags.FastPath(ctx) { // why
		println("fast") // how
		// End.
	}
	// After.
	if !flags.FastPath(ctx) {
		println("slow")
	} else {
		println("not slow")
	}
	if flags.FastPath(ctx) {
		return "fast"
	}

	// The old way.
	println("slow")
	return "slow"
}

func chain(r *http.Request, a, b bool) {
	if a {
		println("a")
	} else if flags.FastPath(r.Context()) {
		println("fast")
	} else if b {
		println("b")
	} else {
		println("c")
	}
	if a {
		println("a")
	} else if flags.FastPath(r.Context()) {
		println("fast")
	}
	if flags.FastPath(r.Context()) {
		println("fast")
	} else if a {
		println("a")
	}
}

func logic(ctx context.Context, a, b bool, f func() bool) bool {
	if a && flags.FastPath(ctx) {
		println("and")
	}
	if flags.FastPath(ctx) && f() {
		println("and then")
	}
	if f() && flags.FastPath(ctx) {
		println("after f")
	}
	if a || !flags.FastPath(ctx) {
		println("or not")
	}
	if (flags.FastPath(ctx) || a) && b {
		println("parens")
	}
	if flags.FastPath(ctx) == true {
		println("compared")
	}
	if flags.FastPath(ctx) == a {
		println("compared with a variable")
	}
	for flags.FastPath(ctx) && a {
		break
	}
	println(flags.FastPath(ctx), !flags.FastPath(ctx))
	return flags.FastPath(ctx) || a
}

func scopes(ctx context.Context, x int) int {
	if flags.FastPath(ctx) {
		y := x + 1
		println(y)
	}
	y := 3
	if flags.FastPath(ctx) {
		z := y
		println(z)
	}
	if flags.FastPath(ctx) {
		x := y
		println(x)
	}
	return x
}
