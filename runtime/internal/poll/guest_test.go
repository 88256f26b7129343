package poll

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/internal/flagapi"
)

// A request that does not end with its context holds up neither polling nor, beyond its
// patience, Close; and when it ends at last, its answer is worth nothing.
func TestRequestThatIgnoresItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		stuck := func(context.Context, string) (flagapi.Definitions, error) {
			<-release
			return ok(9, "late")(t.Context(), "")
		}
		g := newRig(t, Config{Every: 10 * second}, ok(1, "e1"), stuck, ok(2, "e2"))
		g.until(35 * second)
		want := []string{"loading flag definitions: no answer within 10s", "loading flag definitions: the last call has not returned yet"}
		if diff := cmp.Diff(g.seen(&g.reports), want); diff != "" {
			t.Errorf("reports (-got +want):\n%s", diff)
		}
		close(release)
		g.until(39 * second)
		if got, want := g.now(), `1 flags from api, etag "e1", generation 1`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		g.until(40 * second)
		if got, want := g.now(), `2 flags from api, etag "e2", generation 2`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		g := newRig(t, Config{}, func(context.Context, string) (flagapi.Definitions, error) {
			<-release
			return flagapi.Definitions{}, nil
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), second)
		defer cancel()
		if err := g.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("closing: %v", err)
		}
		close(release)
		synctest.Wait()
	})
}

// A request that is overdue is reported in one way, however it takes its end.
func TestOverdueRequest(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			g := newRig(t, Config{}, func(ctx context.Context, _ string) (flagapi.Definitions, error) {
				<-ctx.Done()
				return flagapi.Definitions{}, errors.New("aborted")
			})
			g.until(100 * second)
			if diff := cmp.Diff(g.seen(&g.reports), []string{"loading flag definitions: no answer within 10s"}); diff != "" {
				t.Errorf("reports (-got +want):\n%s", diff)
			}
		})
	}
}

// A callback that is slow misses states, never the last one, and holds nothing up.
func TestSlowOnChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		g := newRig(t, Config{Every: 10 * second, OnChange: func(s *State) {
			time.Sleep(35 * second)
			got = append(got, print(s))
		}}, ok(1, "1"), ok(2, "2"), ok(3, "3"), ok(4, "4"), current(""))
		g.until(120 * second)
		if diff := cmp.Diff(got, []string{`1 flags from api, etag "1", generation 1`, `4 flags from api, etag "4", generation 4`}); diff != "" {
			t.Errorf("changes (-got +want):\n%s", diff)
		}
		if n := len(g.times()); n != 13 {
			t.Errorf("%d requests, want 13", n)
		}
	})
}

// A callback that panics, or ends its goroutine, is reported once and called again.
func TestBadOnChange(t *testing.T) {
	for name, bad := range map[string]func(){"panic": func() { panic("no") }, "exit": runtime.Goexit} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			g := newRig(t, Config{OnChange: func(*State) {
				calls++
				bad()
			}}, ok(1, ""), ok(2, ""), ok(3, ""))
			g.until(90 * second)
			want := []string{"telling of new flag definitions: " + map[string]string{"panic": "panic: no", "exit": "it ended its goroutine"}[name]}
			if diff := cmp.Diff(g.seen(&g.reports), want); diff != "" || calls != 3 {
				t.Errorf("%d calls, reports (-got +want):\n%s", calls, diff)
			}
		})
	}
}

// A Report that panics ends nothing either.
func TestBadReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(Config{Fetch: down, Report: func(error) { panic("no") }})
		time.Sleep(time.Minute)
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := p.Status().Err; err == nil {
			t.Error("no error")
		}
	})
}

// What fails in the same way again and again is reported once, and again after a success.
func TestReportsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{}, down, down, refuse(500, 0), refuse(500, 0), ok(1, ""), refuse(500, 0), refuse(500, 0))
		g.until(time.Hour)
		want := []string{
			"loading flag definitions: connection refused",
			"loading flag definitions: endpoint answered 500 Internal Server Error",
			"loading flag definitions: endpoint answered 500 Internal Server Error",
		}
		if diff := cmp.Diff(g.seen(&g.reports), want); diff != "" {
			t.Errorf("reports (-got +want):\n%s", diff)
		}
	})
}
