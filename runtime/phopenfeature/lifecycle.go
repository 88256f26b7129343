package phopenfeature

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/open-feature/go-sdk/openfeature"
	ph "github.com/phgen/phgen/runtime"
)

const (
	staleAfter = 5 * time.Minute  // without a fetch that went well
	lookEvery  = 30 * time.Second // the client does not tell that a fetch failed, or went well again
)

// Changes brings a provider the news of new definitions at once, from a client, which must
// be made before the provider. The zero value is ready for use; it must not be copied.
type Changes struct {
	mu   sync.Mutex
	tell func()
}

// FlagsChanged is what ph.Config.OnFlagsChanged takes. It does nothing while no provider
// follows, and never waits.
func (c *Changes) FlagsChanged() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tell != nil {
		c.tell()
	}
}

func (c *Changes) follow(tell func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tell = tell
}

// changed has the watch look at the definitions. It never waits: news of which there
// already are some is no more than that.
func (p *Provider) changed() {
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// Init is InitWithContext without an end: the client ends its first fetch itself.
func (p *Provider) Init(evaluationContext openfeature.EvaluationContext) error {
	return p.InitWithContext(context.Background(), evaluationContext)
}

// InitWithContext waits until the client has tried to fetch definitions, if it evaluates by
// any, or ctx ends. The error says that there are none, though there should be; events tell
// when that is over. OpenFeature calls it for every domain that the provider is set for.
func (p *Provider) InitWithContext(ctx context.Context, _ openfeature.EvaluationContext) error {
	if p.client == nil {
		return &openfeature.ProviderInitError{ErrorCode: openfeature.ProviderFatalCode, Message: "there is no ph.Client"}
	}
	ready := p.client.FlagsReady(ctx)
	status := p.client.FlagsStatus()
	now := healthOf(status)
	if !ready && ctx.Err() != nil {
		now = openfeature.ErrorState
	}
	p.watch(watcher{provider: p, health: now, loadedAt: status.LoadedAt})
	switch {
	case now != openfeature.ErrorState:
		return nil
	case status.Err != nil:
		return &openfeature.ProviderInitError{ErrorCode: openfeature.GeneralCode, Message: unhealthy(status)}
	}
	return fmt.Errorf("waiting for the definitions of flags: %w", ctx.Err())
}

// Shutdown is ShutdownWithContext without an end.
func (p *Provider) Shutdown() {
	// The watch ends at once, so nothing is left to go wrong.
	_ = p.ShutdownWithContext(context.Background())
}

// ShutdownWithContext ends the provider's events, until it is initialised again. The client
// stays open. A second call does nothing.
func (p *Provider) ShutdownWithContext(ctx context.Context) error {
	p.mu.Lock()
	stop, done := p.stop, p.done
	p.stop = nil
	p.mu.Unlock()
	if stop == nil {
		return nil
	}
	stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// EventChannel returns the events of definitions that come, change and grow old. The first
// PROVIDER_READY is OpenFeature's own. It is never closed.
func (p *Provider) EventChannel() <-chan openfeature.Event { return p.events }

// watch begins to watch the client, unless the provider does already.
func (p *Provider) watch(w watcher) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		return
	}
	var ctx context.Context
	ctx, p.stop = context.WithCancel(context.Background())
	done := make(chan struct{})
	p.done = done
	go func() { // until Shutdown
		defer close(done)
		w.run(ctx)
	}()
}

// A watcher is what the provider has told about the client's definitions.
type watcher struct {
	provider *Provider
	health   openfeature.State // ready, stale or error
	loadedAt time.Time
}

func (w *watcher) run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-w.provider.news:
		case <-ctx.Done():
			return
		}
		w.look(ctx)
	}
}

// look tells what is new.
func (w *watcher) look(ctx context.Context) {
	status := w.provider.client.FlagsStatus()
	if now := healthOf(status); now != w.health {
		w.health = now
		switch now {
		case openfeature.ErrorState:
			w.tell(ctx, openfeature.ProviderError, unhealthy(status))
		case openfeature.StaleState:
			w.tell(ctx, openfeature.ProviderStale, unhealthy(status))
		default:
			w.tell(ctx, openfeature.ProviderReady, "flag definitions are current")
		}
	}
	if !status.LoadedAt.Equal(w.loadedAt) {
		w.loadedAt = status.LoadedAt
		w.tell(ctx, openfeature.ProviderConfigChange, "flag definitions have changed")
	}
}

// tell waits for OpenFeature only until ctx ends.
func (w *watcher) tell(ctx context.Context, what openfeature.EventType, message string) {
	details := openfeature.ProviderEventDetails{Message: message}
	if what == openfeature.ProviderError {
		details.ErrorCode = openfeature.GeneralCode
	}
	select {
	case w.provider.events <- openfeature.Event{ProviderName: w.provider.Metadata().Name, EventType: what, ProviderEventDetails: details}:
	case <-ctx.Done():
	}
}

// healthOf says how well a client can evaluate by definitions. One that is not to have any
// is well.
func healthOf(s ph.FlagsStatus) openfeature.State {
	switch {
	case s.Err == nil:
		return openfeature.ReadyState
	case s.LoadedAt.IsZero():
		return openfeature.ErrorState
	case age(s) >= staleAfter:
		return openfeature.StaleState
	}
	return openfeature.ReadyState
}

// unhealthy says what is wrong.
func unhealthy(s ph.FlagsStatus) string {
	if s.LoadedAt.IsZero() {
		return fmt.Sprintf("there are no flag definitions: %v", s.Err)
	}
	return fmt.Sprintf("flag definitions are %v old: %v", age(s).Round(time.Second), s.Err)
}

// age is the time since the definitions came, or were last known to be current.
func age(s ph.FlagsStatus) time.Duration {
	at := s.LoadedAt
	if s.Checked.After(at) {
		at = s.Checked
	}
	return time.Since(at)
}
