package runtime

import (
	"context"
	"testing"
)

// deepContext returns a scope of depth 5 whose innermost says nothing about the user.
func deepContext(tb testing.TB) context.Context {
	tb.Helper()
	ctx := benchContext(tb)
	return With(With(ctx, Tag("a", 1)), Tag("b", 2))
}

func BenchmarkReadScope(b *testing.B) {
	ctx := deepContext(b)
	b.ReportAllocs()
	for b.Loop() {
		if !IdentityOf(ctx).Known {
			b.Fatal("nobody is known")
		}
	}
}

func BenchmarkWith(b *testing.B) {
	ctx := benchContext(b)
	b.ReportAllocs()
	for b.Loop() {
		With(ctx, Fresh(), User("u_1"), Session("0190c8a4-1111-7222-8333-444455556666"))
	}
}

// What a request without an exception costs for being prepared for one.
func BenchmarkRun(b *testing.B) {
	ctx := benchContext(b)
	b.ReportAllocs()
	for b.Loop() {
		_ = Run(ctx, func(context.Context) error { return nil }, Fresh(), User("u_1"))
	}
}
