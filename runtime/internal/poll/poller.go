// Package poll keeps the definitions of feature flags current: it loads them again and
// again, from PostHog or from a cache that processes share, and what it loaded stays when
// that fails. It knows neither HTTP nor what definitions say.
package poll

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/runtime/internal/flagapi"
)

// Config configures a Poller. The zero value of a field means what is written beside it.
type Config struct {
	// Fetch loads the definitions, unless etag is still current. Nil: the definitions
	// come from Cache alone.
	Fetch func(ctx context.Context, etag string) (flagapi.Definitions, error)

	Cache   Cache         // nil: none
	Initial []byte        // a document to begin with; nil: none
	Every   time.Duration // between two loads; 0: 30 s, and 0.1 s at least
	Timeout time.Duration // of one call of Fetch; 0: 10 s

	// OnChange is told of definitions that differ from those before, or are no more. It is
	// called off the loop, one call at a time: a slow one misses all but the latest. It
	// must not call Close. Nil: nobody wants to know.
	OnChange func(*State)

	// Report is told what goes wrong, once until it goes well or goes wrong in another way.
	// It must return at once. Nil: nobody wants to know.
	Report func(error)
}

const (
	defaultEvery   = 30 * time.Second
	minEvery       = 100 * time.Millisecond
	defaultTimeout = 10 * time.Second
)

// Source says where definitions were read.
type Source string

// The sources.
const (
	API    Source = "api"
	Shared Source = "cache"
	File   Source = "file" // Config.Initial
)

// A State is what is known at one moment. It never changes.
type State struct {
	Definitions *flags.Definitions // nil: none are loaded
	LoadedAt    time.Time          // when they arrived; a 304 or the same document leaves it
	ETag        string             // theirs; "" if there is none
	Source      Source             // where they were read last
	Generation  uint64             // grows with every load that succeeds, 304 included, and when they are cleared

	sum [sha256.Size]byte // of the document
}

// A Poller is safe for concurrent use. Use New.
type Poller struct {
	cfg    Config
	state  atomic.Pointer[State]
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	first  chan struct{} // closed after the first attempt
	wake   chan struct{} // has one token if a flight waits for the loop
	gone   chan struct{} // closed when every goroutine ended

	guests guests
	wg     sync.WaitGroup // of goroutines beside the loop; it, or one of them, starts each

	mu      sync.Mutex
	closed  bool
	flight  *flight // the attempt in progress, or the one that the loop is to make; nil: none
	backoff backoff
	attempt time.Time // when the last one began
	success time.Time // when the last one succeeded
	err     error     // of the last one

	stores  stores
	changes changes
}

var (
	// ErrClosed says that the poller is closed.
	ErrClosed = errors.New("the flag definitions are closed")
	// ErrNoSource says that there is nothing to load definitions from.
	ErrNoSource = errors.New("flag definitions need a secret key or a cache")
)

// New returns a poller that has begun to load, until Close. An Initial document that is
// of no use is reported.
func New(cfg Config) *Poller {
	if cfg.Every <= 0 {
		cfg.Every = defaultEvery
	}
	cfg.Every = max(cfg.Every, minEvery)
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	p := &Poller{cfg: cfg, first: make(chan struct{}), wake: make(chan struct{}, 1), gone: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.guests.name()
	p.state.Store(new(State))
	if cfg.Initial != nil {
		p.err = p.install(snakeCase(cfg.Initial), "", File)
		p.report(&p.guests.fetch, p.err)
	}
	if cfg.Fetch == nil && cfg.Cache == nil {
		close(p.first)
		close(p.gone)
		return p
	}
	p.flight = newFlight()
	go p.run() // until p.ctx ends
	return p
}

// State returns the current state, never nil. An evaluation calls it once, so that all it
// sees belongs together.
func (p *Poller) State() *State { return p.state.Load() }

// Wait waits until definitions are loaded or the first attempt to load them ended, or
// until ctx ends. It never waits for later attempts. It reports whether there are any.
func (p *Poller) Wait(ctx context.Context) bool {
	if p.State().Definitions != nil {
		return true
	}
	select {
	case <-p.first:
	case <-ctx.Done():
	}
	return p.State().Definitions != nil
}

// Attempted reports whether Wait would return at once.
func (p *Poller) Attempted() bool {
	select {
	case <-p.first:
		return true
	default:
		return p.State().Definitions != nil
	}
}

// Reload loads the definitions now, or waits for the attempt in progress, and returns its
// error. While the endpoint wants to be left alone, that is the one of the last attempt, at
// once. An attempt goes on if ctx ends before it does.
func (p *Poller) Reload(ctx context.Context) error {
	f, err := p.join(time.Now())
	if err != nil {
		return err
	}
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Status describes a poller for people.
type Status struct {
	Flags       int       // that are loaded
	Source      Source    // "" if none are
	LoadedAt    time.Time // when they arrived
	LastSuccess time.Time // when they were last known to be current
	LastAttempt time.Time
	Err         error // of the last attempt; nil if it succeeded
}

// Status returns the current status.
func (p *Poller) Status() Status {
	s := p.State()
	p.mu.Lock()
	defer p.mu.Unlock()
	status := Status{Source: s.Source, LoadedAt: s.LoadedAt, LastSuccess: p.success, LastAttempt: p.attempt, Err: p.err}
	if s.Definitions != nil {
		status.Flags = s.Definitions.Len()
	}
	return status
}

// Close ends the polling, aborts a request under way, closes the cache and waits until all
// that ended, or until ctx does: that is its only error. What was loaded stays. It may be
// called again.
func (p *Poller) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	select {
	case <-p.gone:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
