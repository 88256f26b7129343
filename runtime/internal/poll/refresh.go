package poll

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/runtime/internal/flagapi"
)

// refresh loads the definitions from where they are to come from. What is loaded stays
// when that fails, unless the endpoint says that they are ours no more.
func (p *Poller) refresh() error {
	if p.cfg.Cache == nil {
		return p.fetch()
	}
	if p.cfg.Fetch == nil {
		return p.share()
	}
	if p.shouldFetch() {
		err := p.fetch()
		if err != nil && !revoked(err) && p.State().Definitions == nil {
			// PostHog can not be reached, but earlier it could: the cache outlives processes.
			if shared := p.share(); shared != nil && !errors.Is(shared, errEmptyCache) {
				err = fmt.Errorf("%w; %w", err, shared)
			}
		}
		return err
	}
	err := p.share()
	if err == nil || p.State().Definitions != nil {
		return err
	}
	if !errors.Is(err, errEmptyCache) {
		p.report(&p.guests.load, errors.Unwrap(err))
	}
	return p.fetch() // it is somebody else's turn, but nothing came of it yet
}

// fetch loads the definitions from the endpoint.
func (p *Poller) fetch() error {
	have := p.State()
	ctx, cancel := bounded(p.ctx, p.cfg.Timeout)
	defer cancel()
	got, err := ask(ctx, p, &p.guests.fetch, func(ctx context.Context) (flagapi.Definitions, error) {
		return p.cfg.Fetch(ctx, have.ETag)
	})
	switch {
	case p.ctx.Err() != nil:
		return ErrClosed
	case err != nil:
	case !got.NotModified:
		err = p.install(got.Body, got.ETag, API)
	case have.ETag == "":
		err = errors.New("the endpoint says that nothing changed, but nothing was loaded")
	default:
		p.confirm(have, got.ETag)
	}
	p.answered(err, time.Now())
	switch {
	case revoked(err):
		p.clear()
	case err == nil && got.NotModified:
		p.restore()
	case err == nil:
		p.store(got.Body)
	}
	return err
}

// revoked reports whether err says that the definitions are to be forgotten: the key is
// wrong, or out of quota.
func revoked(err error) bool {
	var status *flagapi.StatusError
	return errors.As(err, &status) && (status.Status == http.StatusUnauthorized || status.Status == http.StatusPaymentRequired)
}

// install makes doc the current state.
func (p *Poller) install(doc []byte, etag string, source Source) error {
	old := p.State()
	s := &State{ETag: etag, Source: source, LoadedAt: time.Now(), Generation: old.Generation + 1, sum: sha256.Sum256(doc)}
	same := old.Definitions != nil && old.sum == s.sum
	if same {
		s.Definitions, s.LoadedAt = old.Definitions, old.LoadedAt
		if source == Shared {
			s.ETag = old.ETag // it is still that of this document
		}
	} else {
		d, err := flags.Parse(doc)
		if err != nil {
			return fmt.Errorf("flag definitions: %w", err)
		}
		s.Definitions = d
	}
	p.state.Store(s)
	if !same && source != File {
		p.changed()
	}
	return nil
}

// confirm notes that what is loaded is current.
func (p *Poller) confirm(have *State, etag string) {
	s := *have
	s.Generation++
	if etag != "" {
		s.ETag = etag
	}
	p.state.Store(&s)
}

// clear forgets the definitions.
func (p *Poller) clear() {
	old := p.State()
	if old.Definitions == nil {
		return
	}
	p.state.Store(&State{Generation: old.Generation + 1})
	p.changed()
}
