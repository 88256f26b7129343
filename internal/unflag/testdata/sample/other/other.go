package other

import (
	"context"

	"example.com/sample/generated/flags"
)

func next() context.Context { return context.Background() }

func hidden(ctx context.Context) {
	if flags.FastPath(next()) {
		println("next does something")
	}
	read := flags.FastPath
	println(read(ctx))
	on, detail := flags.FastPathDetail(ctx)
	println(on, detail.Err)
	if flags.FastPath(ctx) {
		println("but this is clear")
	}
}

// Without the flag, n would be set and never used, by something that has to happen.
func useless(ctx context.Context) {
	n := len(next().Err().Error())
	if flags.FastPath(ctx) {
		println("on")
	} else {
		println(n)
	}
}
