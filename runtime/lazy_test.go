package runtime

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
)

func TestLazyTags(t *testing.T) {
	calls := 0
	request := func() Props {
		calls++
		return Props{"path": "/a", "method": "GET", "$set": Props{"a": 1}, "bad": func() {}}
	}
	r := newRig(t)
	ctx := r.ctx(Tag("method", "PUT"), LazyTags(request), LazyTags(func() Props { return Props{"path": "/b"} }))
	inner := With(ctx, Tag("bad", 1))
	SetUser(ctx, "u_2")
	_ = Run(inner, func(ctx context.Context) error { IdentityOf(ctx); return nil })
	if calls != 0 {
		t.Errorf("called %d times before the first event", calls)
	}
	capture(inner)
	if got, want := r.props(), `"bad":1,"method":"PUT","path":"/b","$context_tags":["bad","method","path"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	SetTag(ctx, "path", "/c")
	SetUser(ctx, "u_2")
	capture(ctx)
	if got, want := r.props(), `"bad":null,"method":"PUT","path":"/c","$context_tags":["bad","method","path"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	capture(With(ctx, Fresh()))
	if got, want := r.props(), `"$process_person_profile":false`; got != want {
		t.Errorf("fresh: got %s, want %s", got, want)
	}
	if calls != 1 {
		t.Errorf("called %d times, want once", calls)
	}
}

func TestLazyTagsPanic(t *testing.T) {
	r := newRig(t)
	capture(r.ctx(Tag("a", 1), LazyTags(func() Props { panic("no tags") })))
	if got, want := r.props(), `"a":1,"$context_tags":["a"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLazyTagsAmongGoroutines(t *testing.T) {
	var calls atomic.Int64
	r := newRig(t)
	ctx := r.ctx(LazyTags(func() Props { calls.Add(1); return Props{"a": 1} }))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { capture(With(ctx)) })
	}
	wg.Wait()
	if got := len(r.sent()); got != 20 || calls.Load() != 1 {
		t.Errorf("%d events, %d calls; want 20 and 1", got, calls.Load())
	}
}
