package vars

import (
	"context"
	"net/http"

	"example.com/sample/generated/flags"
)

func once(ctx context.Context, a bool) bool {
	fast := flags.FastPath(ctx) // read once
	if fast {
		println("fast")
	}
	if fast && a {
		println("fast a")
	}
	println(fast)
	return !fast
}

func inIf(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if fast := flags.FastPath(ctx); fast {
		w.WriteHeader(200)
	} else {
		w.WriteHeader(404)
	}
}

func negated(ctx context.Context) {
	slow := !flags.FastPath(ctx)
	func() {
		if slow {
			println("slow")
		}
	}()
}

func changed(ctx context.Context, a bool) {
	fast := flags.FastPath(ctx)
	if a {
		fast = false
	}
	if fast {
		println("fast")
	}
	_ = flags.FastPath(ctx)
	flags.FastPath(ctx)
	other := flags.Other(ctx)
	if other {
		println("other")
	}
}

type handler struct{ fast bool }

func (h *handler) set(ctx context.Context) {
	h.fast = flags.FastPath(ctx)
	*h = handler{fast: flags.FastPath(ctx)}
}
