package phredis_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phredis"
)

var _ ph.DefinitionCache = (*phredis.Cache)(nil)

func TestOneFetchesAndAllLoad(t *testing.T) {
	server := startRedis(t)
	a, b := server.cache(), server.cache()

	wantFetch(t, "a, the first", a, true)
	wantFetch(t, "b", b, false)
	wantLoad(t, "b, before anything is stored", b, "")
	mustStore(t, a, `{"flags":[1]}`)
	wantLoad(t, "a", a, `{"flags":[1]}`)
	wantLoad(t, "b", b, `{"flags":[1]}`)
	wantFetch(t, "a, again", a, true)
	mustStore(t, a, `{"flags":[2]}`)
	wantLoad(t, "b", b, `{"flags":[2]}`)

	mustClose(t, a)
	wantFetch(t, "b, after a has closed", b, true)
	wantLoad(t, "b, after a has closed", b, `{"flags":[2]}`)
}

// A fleet of processes that poll at once, round after round, while some of them go and
// others come: in each round one of them asks PostHog.
func TestFleetPollsOnce(t *testing.T) {
	server := startRedis(t)
	const rounds, processes = 20, 8
	fleet := make([]*phredis.Cache, processes)
	for i := range fleet {
		fleet[i] = server.cache()
	}
	for round := range rounds {
		document := fmt.Sprintf(`{"flags":[],"round":%d}`, round)
		var fetches atomic.Int64
		var wg sync.WaitGroup
		for _, c := range fleet {
			wg.Go(func() {
				should, err := c.ShouldFetch(t.Context())
				if err != nil {
					t.Errorf("ShouldFetch = %v", err)
				}
				if !should {
					return
				}
				fetches.Add(1)
				if err := c.Store(t.Context(), []byte(document)); err != nil {
					t.Errorf("Store = %v", err)
				}
			})
		}
		wg.Wait()
		if got := fetches.Load(); got != 1 {
			t.Fatalf("round %d: %d processes fetched, want 1", round, got)
		}
		for i, c := range fleet {
			wantLoad(t, fmt.Sprintf("round %d, process %d", round, i), c, document)
		}
		// One goes, be it the holder or another, and a new one comes.
		i := round % processes
		mustClose(t, fleet[i])
		fleet[i] = server.cache()
	}
}

func TestProjectsAndPrefixesAreApart(t *testing.T) {
	server := startRedis(t)
	ours := server.cache()
	other := phredis.New(server.client(), "phc_other")
	elsewhere := server.cache(phredis.Prefix("staging:"))
	wantFetch(t, "ours", ours, true)
	wantFetch(t, "the other project", other, true)
	wantFetch(t, "the other prefix", elsewhere, true)
	mustStore(t, ours, "ours")
	mustStore(t, other, "other")
	mustStore(t, elsewhere, "elsewhere")
	wantLoad(t, "ours", ours, "ours")
	wantLoad(t, "the other project", other, "other")
	wantLoad(t, "the other prefix", elsewhere, "elsewhere")
	mustClose(t, other)
}

// Nothing in Redis tells the key, and every key has a slot in common and an end.
func TestKeys(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	c := server.cache(phredis.Expiry(time.Hour), phredis.Lease(time.Minute))
	wantFetch(t, "c", c, true)
	mustStore(t, c, "{}")

	names, err := client.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]time.Duration{}
	for _, name := range names {
		if strings.Contains(name, "phc") || strings.Contains(name, "project") {
			t.Errorf("key %q tells the project key", name)
		}
		left, err := client.PTTL(t.Context(), name).Result()
		if err != nil {
			t.Fatal(err)
		}
		got[name] = left.Round(time.Minute)
	}
	const prefix = "phgen:flags:{29c1508ef633992b959a3e84}:"
	want := map[string]time.Duration{prefix + "lease": time.Minute, prefix + "clock": time.Hour, prefix + "definitions": time.Hour}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("keys and their time to live (-got +want):\n%s", diff)
	}
}

func TestOptionsHaveBounds(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	tests := []struct {
		name       string
		opts       []phredis.Option
		wantLease  time.Duration
		wantExpiry time.Duration
	}{
		{"none", nil, 15 * time.Second, 24 * time.Hour},
		{"nil", []phredis.Option{nil}, 15 * time.Second, 24 * time.Hour},
		{"zero", []phredis.Option{phredis.Lease(0), phredis.Expiry(0)}, 15 * time.Second, 24 * time.Hour},
		{"negative lease", []phredis.Option{phredis.Lease(-1)}, time.Second, 24 * time.Hour},
		{"own", []phredis.Option{phredis.Lease(time.Minute), phredis.Expiry(time.Hour)}, time.Minute, time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newCache(t, server.client(), tt.opts...)
			wantFetch(t, tt.name, c, true)
			mustStore(t, c, "{}")
			lease, expiry := client.PTTL(t.Context(), c.LeaseKey()).Val(), client.PTTL(t.Context(), c.DefinitionsKey()).Val()
			if got := lease.Round(time.Second); got != tt.wantLease {
				t.Errorf("lease %v, want %v", got, tt.wantLease)
			}
			if got := expiry.Round(time.Minute); got != tt.wantExpiry {
				t.Errorf("expiry %v, want %v", got, tt.wantExpiry)
			}
		})
	}
}

func TestDefinitionsExpire(t *testing.T) {
	server := startRedis(t)
	c := server.cache(phredis.Expiry(-time.Hour)) // a millisecond
	wantFetch(t, "c", c, true)
	mustStore(t, c, "{}")
	until(t, "definitions expire", func(ctx context.Context) bool {
		got, err := c.Load(ctx)
		return got == nil && err == nil
	})
}

// A fetch that began before another never replaces what that has stored.
func TestOlderFetchDoesNotWin(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	a, b := server.cache(), server.cache()
	wantFetch(t, "a", a, true)
	client.Del(t.Context(), a.LeaseKey()) // a is suspended until its lease has run out
	wantFetch(t, "b", b, true)
	mustStore(t, b, "new")
	mustStore(t, a, "old")
	wantLoad(t, "after the older fetch", a, "new")
	mustStore(t, b, "new again")
	wantLoad(t, "after the same fetch", a, "new again")
	wantFetch(t, "a, which has lost its lease", a, false)
	mustStore(t, a, "newest") // it had nothing to load and fetched all the same
	wantLoad(t, "after the later fetch", b, "newest")
}

// Whatever the order of calls: what is stored comes from the fetch that began last of
// those that have stored.
func TestStoreOrder(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 0))
		client.FlushAll(t.Context())
		caches := []*phredis.Cache{server.cache(), server.cache(), server.cache()}
		var began [3]int // the number of each one's last ShouldFetch
		calls, stored, trace := 0, 0, ""
		for range 30 {
			i := random.IntN(len(caches))
			switch op := random.IntN(5); {
			case op == 0:
				client.Del(t.Context(), caches[0].LeaseKey())
				trace += " expire"
			case op <= 2:
				if _, err := caches[i].ShouldFetch(t.Context()); err != nil {
					t.Fatal(err)
				}
				calls++
				began[i] = calls
				trace += fmt.Sprintf(" %d:fetch", i)
			case began[i] > 0:
				mustStore(t, caches[i], fmt.Sprint(began[i]))
				stored = max(stored, began[i])
				trace += fmt.Sprintf(" %d:store", i)
			}
			if stored > 0 {
				wantLoad(t, fmt.Sprintf("seed %d:%s", seed, trace), caches[i], fmt.Sprint(stored))
			}
		}
		for _, c := range caches {
			mustClose(t, c)
		}
	}
}

// A clock that was put back makes no later fetch an older one.
func TestClockPutBack(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	c := server.cache()
	tomorrow := time.Now().Add(24 * time.Hour).UnixMicro()
	client.Set(t.Context(), c.ClockKey(), tomorrow, 0)
	wantFetch(t, "c", c, true)
	mustStore(t, c, "first")
	wantFetch(t, "c", c, true)
	mustStore(t, c, "second")
	wantLoad(t, "c", c, "second")
	if got, want := client.Get(t.Context(), c.ClockKey()).Val(), fmt.Sprint(tomorrow+2); got != want {
		t.Errorf("clock is %s, want %s", got, want)
	}
}

// What somebody else has left under our keys is an error, or is overwritten.
func TestForeignData(t *testing.T) {
	server := startRedis(t)
	client := server.client()
	tests := []struct {
		name  string
		plant func(ctx context.Context, c *phredis.Cache)
		fetch string
		load  string
		store string
		after string // what Load gives in the end
	}{
		{
			name:  "no hash",
			plant: func(ctx context.Context, c *phredis.Cache) { client.Set(ctx, c.DefinitionsKey(), "x", 0) },
			fetch: "<nil>", load: "WRONGTYPE", store: "WRONGTYPE",
		},
		{
			name:  "no text under the lease",
			plant: func(ctx context.Context, c *phredis.Cache) { client.HSet(ctx, c.LeaseKey(), "a", "b") },
			fetch: "WRONGTYPE", load: "<nil>", store: "<nil>", after: "{}",
		},
		{
			name: "a generation that is no number",
			plant: func(ctx context.Context, c *phredis.Cache) {
				client.HSet(ctx, c.DefinitionsKey(), "generation", "x", "document", "y")
			},
			fetch: "<nil>", load: "<nil>", store: "<nil>", after: "{}",
		},
		{
			name:  "a clock that is no number",
			plant: func(ctx context.Context, c *phredis.Cache) { client.Set(ctx, c.ClockKey(), "noon", 0) },
			fetch: "<nil>", load: "<nil>", store: "<nil>", after: "{}",
		},
		{
			name: "too much",
			plant: func(ctx context.Context, c *phredis.Cache) {
				client.HSet(ctx, c.DefinitionsKey(), "generation", "1", "document", strings.Repeat("x", 11))
			},
			fetch: "<nil>", load: "phredis: loading definitions: 11 bytes stored, of at most 10", store: "<nil>", after: "{}",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client.FlushAll(t.Context())
			c := newCache(t, server.client(), phredis.Limit(10))
			tt.plant(t.Context(), c)
			_, err := c.ShouldFetch(t.Context())
			wantError(t, "ShouldFetch", err, tt.fetch)
			_, err = c.Load(t.Context())
			wantError(t, "Load", err, tt.load)
			wantError(t, "Store", c.Store(t.Context(), []byte("{}")), tt.store)
			if tt.after != "" {
				wantLoad(t, tt.name, c, tt.after)
			}
		})
	}
}

func wantError(t *testing.T, call string, err error, want string) {
	t.Helper()
	if got := errorText(err); !strings.Contains(got, want) {
		t.Errorf("%s = %s, want %s", call, got, want)
	}
}

func TestStoreHasBounds(t *testing.T) {
	server := startRedis(t)
	c := server.cache(phredis.Limit(3))
	wantFetch(t, "c", c, true)
	for _, tt := range []struct{ document, want string }{
		{"", "phredis: storing definitions: 0 bytes, of 1 to 3"},
		{"1", "<nil>"},
		{"123", "<nil>"},
		{"1234", "phredis: storing definitions: 4 bytes, of 1 to 3"},
	} {
		if got := errorText(c.Store(t.Context(), []byte(tt.document))); got != tt.want {
			t.Errorf("Store(%q) = %s, want %s", tt.document, got, tt.want)
		}
	}
	if err := c.Store(t.Context(), nil); err == nil {
		t.Error("Store(nil) = <nil>, want an error")
	}
}

// Definitions are bytes: every one of them comes back.
func TestStoreKeepsBytes(t *testing.T) {
	server := startRedis(t)
	c := server.cache()
	document := make([]byte, 3<<20)
	for i := range document {
		document[i] = byte(i ^ i>>8)
	}
	wantFetch(t, "c", c, true)
	mustStore(t, c, string(document))
	wantLoad(t, "c", c, string(document))
}

func TestNoClient(t *testing.T) {
	c := phredis.New(nil, apiKey)
	_, err := c.ShouldFetch(t.Context())
	if got, want := errorText(err), "phredis: taking the lease: no Redis client"; got != want {
		t.Errorf("ShouldFetch = %s, want %s", got, want)
	}
	if got, want := errorText(c.Close(t.Context())), "phredis: giving the lease back: no Redis client"; got != want {
		t.Errorf("Close = %s, want %s", got, want)
	}
}

func TestClosed(t *testing.T) {
	server := startRedis(t)
	a, b := server.cache(), server.cache()
	wantFetch(t, "a", a, true)
	mustStore(t, a, "{}")
	mustClose(t, a)
	if should, err := a.ShouldFetch(t.Context()); should || !errors.Is(err, phredis.ErrClosed) {
		t.Errorf("ShouldFetch = %t, %v, want false, %v", should, err, phredis.ErrClosed)
	}
	if got, err := a.Load(t.Context()); got != nil || !errors.Is(err, phredis.ErrClosed) {
		t.Errorf("Load = %q, %v, want nil, %v", got, err, phredis.ErrClosed)
	}
	if err := a.Store(t.Context(), []byte("{}")); !errors.Is(err, phredis.ErrClosed) {
		t.Errorf("Store = %v, want %v", err, phredis.ErrClosed)
	}
	wantFetch(t, "b", b, true)
	mustClose(t, a) // it has no lease any more, and takes nobody else's
	wantFetch(t, "b", b, true)
	wantFetch(t, "c", server.cache(), false)
}

// A cache that never had the lease leaves it to the one that has.
func TestCloseOfAnother(t *testing.T) {
	server := startRedis(t)
	a, b, c := server.cache(), server.cache(), server.cache()
	wantFetch(t, "a", a, true)
	wantFetch(t, "b", b, false)
	mustClose(t, b)
	wantFetch(t, "c", c, false)
}
