package poll

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A fakeCache does what its fields say and remembers what it was asked.
type fakeCache struct {
	shouldFetch func(ctx context.Context) (bool, error)
	load        func(ctx context.Context) ([]byte, error)
	store       func(ctx context.Context, data []byte) error
	close       func(ctx context.Context) error

	mu    sync.Mutex
	calls []string
	start time.Time
}

func (c *fakeCache) called(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, fmt.Sprintf("%v %s", time.Since(c.start), what))
}

func (c *fakeCache) ShouldFetch(ctx context.Context) (bool, error) {
	c.called("should fetch")
	return c.shouldFetch(ctx)
}

func (c *fakeCache) Load(ctx context.Context) ([]byte, error) {
	c.called("load")
	c.mu.Lock()
	load := c.load
	c.mu.Unlock()
	return load(ctx)
}

func (c *fakeCache) Store(ctx context.Context, data []byte) error {
	c.called(fmt.Sprintf("store %d flags", strings.Count(string(data), `"key"`)))
	return c.store(ctx, data)
}

func (c *fakeCache) Close(ctx context.Context) error {
	c.called("close")
	return c.close(ctx)
}

func (c *fakeCache) seen() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

func turn(yes bool) func(context.Context) (bool, error) {
	return func(context.Context) (bool, error) { return yes, nil }
}

func holds(text string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return []byte(text), nil }
}

// newCache returns a cache of another process's, that holds one flag.
func newCache() *fakeCache {
	return &fakeCache{
		shouldFetch: turn(false),
		load:        holds(doc(1)),
		store:       func(context.Context, []byte) error { return nil },
		close:       func(context.Context) error { return nil },
		start:       time.Now(),
	}
}

func TestCache(t *testing.T) {
	errNo := errors.New("no")
	for name, c := range map[string]struct {
		cache   func(c *fakeCache)
		replies []reply // to requests at 0 s, 30 s, …; nil: no endpoint
		want    string  // the state at 40 s
		calls   []string
		times   []time.Duration // of requests
		reports []string
	}{
		"our turn": {
			func(c *fakeCache) { c.shouldFetch = turn(true) }, []reply{ok(2, "e1"), ok(3, "e2")},
			`3 flags from api, etag "e2", generation 2`,
			[]string{"0s should fetch", "0s store 2 flags", "30s should fetch", "30s store 3 flags"},
			[]time.Duration{0, 30 * second}, nil,
		},
		"nothing new is not stored": {
			func(c *fakeCache) { c.shouldFetch = turn(true) }, []reply{ok(2, "e1"), current("")},
			`2 flags from api, etag "e1", generation 2`,
			[]string{"0s should fetch", "0s store 2 flags", "30s should fetch"},
			[]time.Duration{0, 30 * second}, nil,
		},
		"their turn": {
			func(*fakeCache) {}, []reply{ok(2, "e1")},
			`1 flags from cache, etag "", generation 2`,
			[]string{"0s should fetch", "0s load", "30s should fetch", "30s load"}, nil, nil,
		},
		"no secret": {
			func(*fakeCache) {}, nil,
			`1 flags from cache, etag "", generation 2`,
			[]string{"0s load", "30s load"}, nil, nil,
		},
		"no secret, and nothing there": {
			func(c *fakeCache) { c.load = holds("") }, nil,
			"nothing, generation 0",
			[]string{"0s load", "30s load"}, nil, []string{"loading flag definitions: reading the definition cache: it is empty"},
		},
		"their turn, and nothing there": {
			func(c *fakeCache) { c.load = holds("") }, []reply{ok(2, "e1")},
			// At 30 s there still is nothing there, but what is known stays.
			`2 flags from api, etag "e1", generation 1`,
			[]string{"0s should fetch", "0s load", "0s store 2 flags", "30s should fetch", "30s load"},
			[]time.Duration{0}, []string{"loading flag definitions: reading the definition cache: it is empty"},
		},
		"nobody knows whose turn": {
			func(c *fakeCache) { c.shouldFetch = func(context.Context) (bool, error) { return false, errNo } }, []reply{ok(2, "e1"), current("")},
			`2 flags from api, etag "e1", generation 2`,
			[]string{"0s should fetch", "0s store 2 flags", "30s should fetch"},
			[]time.Duration{0, 30 * second}, []string{"asking the definition cache whose turn it is: no"},
		},
		"unreadable": {
			func(c *fakeCache) { c.load = func(context.Context) ([]byte, error) { return nil, errNo } }, []reply{ok(2, "e1")},
			`2 flags from api, etag "e1", generation 1`,
			[]string{"0s should fetch", "0s load", "0s store 2 flags", "30s should fetch", "30s load"},
			[]time.Duration{0}, []string{"reading the definition cache: no", "loading flag definitions: reading the definition cache: no"},
		},
		"endpoint down at the start": {
			func(c *fakeCache) { c.shouldFetch = turn(true) }, []reply{down},
			`1 flags from cache, etag "", generation 1`,
			[]string{"0s should fetch", "0s load", "30s should fetch"},
			[]time.Duration{0, 30 * second}, []string{"loading flag definitions: connection refused"},
		},
		"revoked": { // what others may see is no more ours
			func(c *fakeCache) { c.shouldFetch = turn(true) }, []reply{refuse(402, 0)},
			"nothing, generation 0",
			[]string{"0s should fetch", "30s should fetch"},
			[]time.Duration{0, 30 * second}, []string{"loading flag definitions: endpoint answered 402 Payment Required"},
		},
		"not stored": { // tried again with the next answer, even if nothing is new
			func(c *fakeCache) {
				c.shouldFetch = turn(true)
				c.store = func(context.Context, []byte) error { return errNo }
			}, []reply{ok(2, "e1"), current("")},
			`2 flags from api, etag "e1", generation 2`,
			[]string{"0s should fetch", "0s store 2 flags", "30s should fetch", "30s store 2 flags"},
			[]time.Duration{0, 30 * second}, []string{"writing the definition cache: no"},
		},
		"panics": {
			func(c *fakeCache) {
				c.shouldFetch = func(context.Context) (bool, error) { panic("1") }
				c.store = func(context.Context, []byte) error { panic("2") }
			}, []reply{ok(2, "e1"), current("")},
			`2 flags from api, etag "e1", generation 2`,
			[]string{"0s should fetch", "0s store 2 flags", "30s should fetch", "30s store 2 flags"},
			[]time.Duration{0, 30 * second}, []string{"asking the definition cache whose turn it is: panic: 1", "writing the definition cache: panic: 2"},
		},
		"ends goroutines": {
			func(c *fakeCache) {
				c.load = func(context.Context) ([]byte, error) { runtime.Goexit(); return nil, nil }
			}, []reply{ok(2, "e1")},
			`2 flags from api, etag "e1", generation 1`,
			[]string{"0s should fetch", "0s load", "0s store 2 flags", "30s should fetch", "30s load"},
			[]time.Duration{0}, []string{
				"reading the definition cache: it ended its goroutine",
				"loading flag definitions: reading the definition cache: it ended its goroutine"},
		},
		"slow to say whose turn": {
			func(c *fakeCache) {
				c.shouldFetch = func(ctx context.Context) (bool, error) { <-ctx.Done(); return false, nil }
			}, []reply{ok(2, "e1"), current("")},
			`2 flags from api, etag "e1", generation 2`,
			[]string{"0s should fetch", "5s store 2 flags", "35s should fetch"},
			[]time.Duration{5 * second, 40 * second}, []string{"asking the definition cache whose turn it is: no answer within 5s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cache := newCache()
				c.cache(cache)
				g := newRig(t, Config{Cache: cache}, c.replies...)
				g.until(40 * second)
				if got := g.now(); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
				if diff := cmp.Diff(cache.seen(), c.calls); diff != "" {
					t.Errorf("calls (-got +want):\n%s", diff)
				}
				if diff := cmp.Diff(g.times(), c.times); diff != "" {
					t.Errorf("requests (-got +want):\n%s", diff)
				}
				if diff := cmp.Diff(g.seen(&g.reports), c.reports); diff != "" {
					t.Errorf("reports (-got +want):\n%s", diff)
				}
				if err := g.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if calls := cache.seen(); calls[len(calls)-1] != "40s close" {
					t.Errorf("calls %q, want the last one to be close", calls)
				}
			})
		})
	}
}

// What is in the cache replaces what is known only if it is sound.
func TestMalformedCache(t *testing.T) {
	for _, text := range []string{"", "{", "null", "[]", `{"flags":{}}`, "<html>", "\x00", `{"cohorts":{}}`} {
		synctest.Test(t, func(t *testing.T) {
			cache := newCache()
			g := newRig(t, Config{Cache: cache}, ok(2, "e1"))
			g.until(10 * second)
			cache.mu.Lock()
			cache.load = holds(text)
			cache.mu.Unlock()
			g.until(40 * second)
			if got, want := g.now(), `1 flags from cache, etag "", generation 1`; got != want {
				t.Errorf("%q: got %s, want %s", text, got, want)
			}
			if err := g.Status().Err; err == nil {
				t.Errorf("%q: no error", text)
			}
		})
	}
}

// The ETag belongs to the document that is known. After reading another one from the cache,
// a 304 would confirm what is not there.
func TestCacheAndETag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newCache()
		ours := []bool{true, false, true, false, true}
		cache.shouldFetch = func(context.Context) (bool, error) {
			yes := ours[0]
			ours = ours[1:]
			return yes, nil
		}
		docs := []string{doc(2), doc(1)}
		cache.load = func(context.Context) ([]byte, error) {
			text := docs[0]
			docs = docs[1:]
			return []byte(text), nil
		}
		g := newRig(t, Config{Cache: cache}, ok(2, "e1"), current(""), ok(2, "e1"))
		g.until(130 * second)
		// At 30 s the cache holds what is known already, at 90 s something else.
		want := []request{{0, ""}, {60 * second, "e1"}, {120 * second, ""}}
		if diff := cmp.Diff(g.requests, want); diff != "" {
			t.Errorf("requests (-got +want):\n%s", diff)
		}
		changes := []string{`2 flags from api, etag "e1", generation 1`, `1 flags from cache, etag "", generation 4`, `2 flags from api, etag "e1", generation 5`}
		if diff := cmp.Diff(g.seen(&g.changes), changes); diff != "" {
			t.Errorf("changes (-got +want):\n%s", diff)
		}
	})
}

// Documents reach the cache in their order, one at a time: one that is slow to arrive is
// waited for, and those that came meanwhile are left out, but for the last one.
func TestStoresInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newCache()
		cache.shouldFetch = turn(true)
		active := 0
		cache.store = func(ctx context.Context, data []byte) error {
			if active++; active > 1 {
				t.Error("two at once")
			}
			time.Sleep(95 * second) // whatever the context says
			if ctx.Err() == nil {
				t.Error("the call is not bounded")
			}
			active--
			return nil
		}
		g := newRig(t, Config{Cache: cache}, ok(1, "1"), ok(2, "2"), ok(3, "3"), ok(4, "4"), current(""))
		g.until(300 * second)
		calls := slices.DeleteFunc(cache.seen(), func(call string) bool { return strings.HasSuffix(call, "should fetch") })
		if diff := cmp.Diff(calls, []string{"0s store 1 flags", "1m35s store 4 flags"}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

// A document that could not be stored is forgotten once a later one is.
func TestFailedStoreIsOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newCache()
		cache.shouldFetch = turn(true)
		errs := []error{errors.New("no"), nil, nil}
		cache.store = func(context.Context, []byte) error {
			err := errs[0]
			errs = errs[1:]
			return err
		}
		g := newRig(t, Config{Cache: cache}, ok(1, "1"), ok(2, "2"), current(""))
		g.until(100 * second)
		calls := slices.DeleteFunc(cache.seen(), func(call string) bool { return strings.HasSuffix(call, "should fetch") })
		if diff := cmp.Diff(calls, []string{"0s store 1 flags", "30s store 2 flags"}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

// So is one that fails after a later one arrived.
func TestLateFailedStoreIsOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newCache()
		cache.shouldFetch = turn(true)
		first := true
		cache.store = func(context.Context, []byte) error {
			if !first {
				return nil
			}
			first = false
			time.Sleep(35 * second)
			return errors.New("no")
		}
		g := newRig(t, Config{Cache: cache}, ok(1, "1"), ok(2, "2"), current(""))
		g.until(100 * second)
		calls := slices.DeleteFunc(cache.seen(), func(call string) bool { return strings.HasSuffix(call, "should fetch") })
		if diff := cmp.Diff(calls, []string{"0s store 1 flags", "35s store 2 flags"}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
	})
}

// A cache whose calls do not return holds up neither polling nor Close for long.
func TestStuckCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		cache := newCache()
		cache.shouldFetch = func(context.Context) (bool, error) { <-release; return false, nil }
		cache.store = func(context.Context, []byte) error { <-release; return nil }
		cache.close = func(context.Context) error { <-release; return nil }
		g := newRig(t, Config{Cache: cache}, ok(1, "1"), ok(2, "2"), current(""))
		g.until(100 * second)
		if got, want := g.now(), `2 flags from api, etag "2", generation 4`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		want := []string{"0s should fetch", "5s store 1 flags"}
		if diff := cmp.Diff(cache.seen(), want); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*second)
		defer cancel()
		if err := g.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("closing: %v", err)
		}
		if calls := cache.seen(); calls[len(calls)-1] != "1m45s close" {
			t.Errorf("calls %q, want the last one to be close, after 5 s", calls)
		}
		close(release)
	})
}

// What is being stored when the poller is closed arrives.
func TestCloseStoresFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newCache()
		cache.shouldFetch = turn(true)
		cache.store = func(ctx context.Context, _ []byte) error {
			select {
			case <-time.After(2 * second):
				cache.called("stored")
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		cache.close = func(context.Context) error { return errors.New("no") }
		g := newRig(t, Config{Cache: cache}, ok(1, "1"))
		synctest.Wait()
		if err := g.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(cache.seen(), []string{"0s should fetch", "0s store 1 flags", "2s stored", "2s close"}); diff != "" {
			t.Errorf("calls (-got +want):\n%s", diff)
		}
		if diff := cmp.Diff(g.seen(&g.reports), []string{"closing the definition cache: no"}); diff != "" {
			t.Errorf("reports (-got +want):\n%s", diff)
		}
	})
}
