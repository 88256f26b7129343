package phredis

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrClosed is what every call but Close answers once the cache is closed.
var ErrClosed = errors.New("phredis: cache is closed")

// errUnordered says why definitions are not stored. The client tries again after its next
// poll, if they are current then.
var errUnordered = errors.New("others are stored, and Redis did not say at the last ShouldFetch which are newer")

// unknown is the generation of a fetch that Redis has given no number: older than all others.
const unknown = "0"

const (
	defaultLease  = 15 * time.Second
	defaultExpiry = 24 * time.Hour

	minLease  = time.Second      // a third of it must suffice for a renewal
	minExpiry = time.Millisecond // the unit of Redis

	// tenure is how long one process goes on renewing its lease: the longest that one whose
	// fetches fail can keep the others from fetching.
	tenure = 5 * time.Minute

	// maxDefinitions bounds a document both ways: the client takes no larger one.
	maxDefinitions = 64 << 20
)

// A Cache is one process's share in the definitions of a fleet. It is safe for concurrent
// use. Make it with New; Close ends the goroutine that renews its lease.
type Cache struct {
	redis  redis.UniversalClient
	keys   keys
	token  string // whose lease it is
	lease  time.Duration
	tenure time.Duration
	expiry time.Duration
	limit  int

	calls    sync.WaitGroup     // requests under way, and the renewal
	renewing context.Context    // ends with Close
	stop     context.CancelFunc // ends renewing

	mu         sync.Mutex
	closed     bool
	renewed    bool   // a goroutine renews the lease
	generation string // the number of the last ShouldFetch
}

// keys are the names of what is stored, all in one slot of a cluster.
type keys struct{ lease, clock, definitions string }

// An Option changes how New makes a Cache.
type Option func(*Cache)

// Lease is how long the fleet waits for a holder of the lease that has died, 15 s. The
// holder renews it three times as often, so it need not fit the interval between polls.
// It is 1 s at least; 0 is the default.
func Lease(d time.Duration) Option {
	return func(c *Cache) {
		if d != 0 {
			c.lease = max(d, minLease)
		}
	}
}

// Expiry is how long definitions are kept after they were stored, 24 h. A process that
// starts later finds none, fetches itself and stores what it gets. It is 1 ms at least; 0
// is the default.
func Expiry(d time.Duration) Option {
	return func(c *Cache) {
		if d != 0 {
			c.expiry = max(d, minExpiry)
		}
	}
}

// Prefix is put before the names of all keys. It is empty by default, and must be the same
// for the whole fleet. In a cluster it may hold no brace.
func Prefix(s string) Option {
	return func(c *Cache) {
		c.keys.lease = s + c.keys.lease
		c.keys.clock = s + c.keys.clock
		c.keys.definitions = s + c.keys.definitions
	}
}

// New returns a cache of the definitions of the project that apiKey, "phc_…", belongs to.
// It asks nothing of Redis yet. Processes share definitions if their project keys are
// equal; only a hash of the key ever leaves the process.
func New(client redis.UniversalClient, apiKey string, opts ...Option) *Cache {
	hash := sha256.Sum256([]byte("phgen flag definitions of " + apiKey))
	prefix := "phgen:flags:{" + hex.EncodeToString(hash[:12]) + "}:"
	c := &Cache{
		redis:      client,
		keys:       keys{lease: prefix + "lease", clock: prefix + "clock", definitions: prefix + "definitions"},
		token:      rand.Text(),
		lease:      defaultLease,
		tenure:     tenure,
		expiry:     defaultExpiry,
		limit:      maxDefinitions,
		generation: unknown,
	}
	c.renewing, c.stop = context.WithCancel(context.Background())
	for _, o := range opts {
		if o != nil {
			o(c)
		}
	}
	return c
}

// ShouldFetch reports whether this process is the one that asks PostHog: it has the lease,
// or has taken it now. An error, of Redis or of ctx, leaves that open.
func (c *Cache) ShouldFetch(ctx context.Context) (bool, error) {
	reply, err := c.run(ctx, begin, []string{c.keys.lease, c.keys.clock}, c.token, c.lease.Milliseconds(), c.expiry.Milliseconds())
	held, generation, ok := beginning(reply)
	if err == nil && !ok {
		err = fmt.Errorf("unexpected reply of type %T", reply)
	}
	if err != nil {
		c.mu.Lock()
		c.generation = unknown // the fetch that follows has no place among the others
		c.mu.Unlock()
		return false, wrap("taking the lease", err)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed { // meanwhile; Close waits for this call before it gives the lease back
		return false, ErrClosed
	}
	c.generation = generation
	if held && !c.renewed {
		c.renewed = true
		c.calls.Go(c.renew) // until Close, the end of its tenure, or the loss of the lease
	}
	return held, nil
}

// beginning takes apart what the script begin answers.
func beginning(reply any) (held bool, generation string, ok bool) {
	pair, _ := reply.([]any)
	if len(pair) != 2 {
		return false, "", false
	}
	n, isInt := pair[0].(int64)
	generation, isText := pair[1].(string)
	return n == 1, generation, isInt && isText
}

// Load returns the definitions that were stored last, by whichever process, or nil if there
// are none. The caller may keep and change them.
func (c *Cache) Load(ctx context.Context) ([]byte, error) {
	reply, err := c.run(ctx, load, []string{c.keys.definitions}, c.limit)
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	text, ok := reply.(string)
	if err == nil && !ok {
		err = fmt.Errorf("%v bytes stored, of at most %d", reply, c.limit)
	}
	if err != nil {
		return nil, wrap("loading definitions", err)
	}
	return []byte(text), nil
}

// Store keeps definitions, fetched since the last ShouldFetch, for the fleet. It does
// nothing if what is stored comes from a fetch that began later, by the order in which
// ShouldFetch was called. If Redis failed that ShouldFetch nobody knows, and Store is an
// error unless nothing is stored. Storing nothing, or more than 64 MiB, is an error too.
// Store keeps no reference to definitions.
func (c *Cache) Store(ctx context.Context, definitions []byte) error {
	if n := len(definitions); n == 0 || n > c.limit {
		return wrap("storing definitions", fmt.Errorf("%d bytes, of 1 to %d", n, c.limit))
	}
	c.mu.Lock()
	generation := c.generation
	c.mu.Unlock()
	stored, err := c.run(ctx, store, []string{c.keys.definitions}, generation, string(definitions), c.expiry.Milliseconds())
	if err == nil && stored == int64(0) && generation == unknown {
		err = errUnordered
	}
	return wrap("storing definitions", err)
}

// Close gives the lease back, if this process has it, so that another takes it at its next
// poll. What is under way is waited for until ctx ends. If Close can not reach Redis its
// error says so, and the lease runs out by itself. A second Close returns nil at once. The
// Redis client stays open.
func (c *Cache) Close(ctx context.Context) error {
	c.mu.Lock()
	closed := c.closed
	c.closed = true
	c.mu.Unlock()
	if closed {
		return nil
	}
	c.stop()
	if err := wait(ctx, &c.calls); err != nil {
		return wrap("giving the lease back", err)
	}
	_, err := await(ctx, &c.calls, func() (any, error) {
		return c.eval(ctx, release, []string{c.keys.lease}, c.token)
	})
	return wrap("giving the lease back", err)
}

// renew keeps the lease until the cache is closed, its tenure is over, or somebody else
// has it. A renewal that fails is tried again: after an outage the lease is still there,
// or it is not, and the next ShouldFetch takes it.
func (c *Cache) renew() {
	defer func() {
		c.mu.Lock()
		c.renewed = false
		c.mu.Unlock()
	}()
	every := c.lease / 3
	tick := time.NewTicker(every)
	defer tick.Stop()
	over := time.NewTimer(c.tenure)
	defer over.Stop()
	for {
		select {
		case <-c.renewing.Done():
			return
		case <-over.C:
			c.attempt(every, release)
			return
		case <-tick.C:
			if c.attempt(every, extend, c.lease.Milliseconds()) == int64(0) {
				return
			}
		}
	}
}

// attempt runs a script on the lease for a limited time, and returns its reply, or nil.
func (c *Cache) attempt(limit time.Duration, s *redis.Script, args ...any) any {
	ctx, cancel := context.WithTimeout(c.renewing, limit)
	defer cancel()
	reply, err := c.run(ctx, s, []string{c.keys.lease}, append([]any{c.token}, args...)...)
	if err != nil {
		return nil
	}
	return reply
}

// wrap says what was tried when err happened.
func wrap(what string, err error) error {
	if err == nil || errors.Is(err, ErrClosed) {
		return err
	}
	return fmt.Errorf("phredis: %s: %w", what, err)
}
