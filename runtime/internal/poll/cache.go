package poll

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Cache is where processes share definitions, so that one of them loads them for all.
// Its calls get a context that ends after 5 s, and a call that does not return then is left
// alone; no method is called again before it did. Its errors and panics cost nothing that
// is loaded.
type Cache interface {
	// ShouldFetch reports whether this process is to load the definitions from PostHog,
	// instead of reading them with Load. It is asked before each load of a process that
	// could do either. After an error the process loads them from PostHog.
	ShouldFetch(ctx context.Context) (bool, error)

	// Load returns what Store was given last, by whatever process; nothing, if there is
	// nothing.
	Load(ctx context.Context) ([]byte, error)

	// Store keeps a document that this process loaded. It must not change data. It is
	// called for one document at a time, never for one that is older than the last.
	Store(ctx context.Context, data []byte) error

	// Close gives up what the process holds. It is called once, last.
	Close(ctx context.Context) error
}

const cacheTimeout = 5 * time.Second

// shouldFetch asks the cache whose turn it is.
func (p *Poller) shouldFetch() bool {
	ctx, cancel := bounded(p.ctx, cacheTimeout)
	defer cancel()
	yes, err := ask(ctx, p, &p.guests.shouldFetch, p.cfg.Cache.ShouldFetch)
	p.report(&p.guests.shouldFetch, err)
	return yes || err != nil
}

var errEmptyCache = errors.New("it is empty")

// share loads the definitions from the cache.
func (p *Poller) share() error {
	ctx, cancel := bounded(p.ctx, cacheTimeout)
	defer cancel()
	doc, err := ask(ctx, p, &p.guests.load, p.cfg.Cache.Load)
	switch {
	case err != nil:
	case len(doc) == 0:
		err = errEmptyCache
	default:
		err = p.install(snakeCase(doc), "", Shared)
	}
	if err != nil {
		return fmt.Errorf("reading the definition cache: %w", err)
	}
	p.report(&p.guests.load, nil)
	return nil
}

// The stores are what is under way to the cache.
type stores struct {
	next   []byte        // to be stored; nil: nothing
	failed []byte        // that could not be stored; nil: nothing
	done   chan struct{} // closed when nothing is to be stored any more; nil: nothing is
}

// store stores doc, after what is being stored and instead of what waits.
func (p *Poller) store(doc []byte) {
	if p.cfg.Cache == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stores.next, p.stores.failed = doc, nil
	if p.stores.done == nil {
		p.stores.done = make(chan struct{})
		p.wg.Add(1)
		go p.storeAll() // until nothing waits
	}
}

// restore tries again to store what is still current.
func (p *Poller) restore() {
	p.mu.Lock()
	doc := p.stores.failed
	p.mu.Unlock()
	if doc != nil {
		p.store(doc)
	}
}

func (p *Poller) storeAll() {
	defer p.wg.Done()
	for {
		p.mu.Lock()
		doc := p.stores.next
		p.stores.next = nil
		if doc == nil {
			close(p.stores.done)
			p.stores.done = nil
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		// It is waited for even if it is overdue: a later document must not be overtaken.
		_, err := ask(context.Background(), p, &p.guests.store, func(ctx context.Context) (struct{}, error) {
			ctx, cancel := bounded(ctx, cacheTimeout)
			defer cancel()
			return struct{}{}, p.cfg.Cache.Store(ctx, doc)
		})
		p.report(&p.guests.store, err)
		if err != nil {
			p.mu.Lock()
			if p.stores.next == nil {
				p.stores.failed = doc
			}
			p.mu.Unlock()
		}
	}
}

// closeCache closes the cache, after what is being stored.
func (p *Poller) closeCache() {
	if p.cfg.Cache == nil {
		return
	}
	ctx, cancel := bounded(context.Background(), cacheTimeout)
	defer cancel()
	p.mu.Lock()
	done := p.stores.done
	p.mu.Unlock()
	if done != nil {
		select {
		case <-done:
		case <-ctx.Done():
		}
	}
	last, cancel := bounded(context.Background(), cacheTimeout)
	defer cancel()
	_, err := ask(last, p, &p.guests.close, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, p.cfg.Cache.Close(ctx)
	})
	p.report(&p.guests.close, err)
}
