package phopenfeature

import (
	"context"
	"sync"

	"github.com/open-feature/go-sdk/openfeature"
	ph "github.com/phgen/phgen/runtime"
)

// A Provider answers OpenFeature from a client. It is safe for concurrent use, and may be
// the provider of several domains at once.
type Provider struct {
	client *ph.Client
	events chan openfeature.Event
	news   chan struct{} // there may be new definitions; has room for one

	mu   sync.Mutex
	stop context.CancelFunc // ends the watch; nil while there is none
	done chan struct{}      // closed when the watch has ended
}

var (
	_ openfeature.FeatureProvider          = (*Provider)(nil)
	_ openfeature.ContextAwareStateHandler = (*Provider)(nil)
	_ openfeature.EventHandler             = (*Provider)(nil)
	_ openfeature.Tracker                  = (*Provider)(nil)
)

// maxEvents is how many events wait for OpenFeature before the watch does.
const maxEvents = 16

// An Option changes how New makes a Provider.
type Option func(*Provider)

// Follow makes the provider tell OpenFeature of new definitions at once, instead of within
// 30 s. Changes tells one provider: the last that follows it.
func Follow(c *Changes) Option {
	return func(p *Provider) { c.follow(p.changed) }
}

// New returns a provider of the flags of client. With a nil client its initialisation is
// fatal, and every flag has the default of the call.
func New(client *ph.Client, opts ...Option) *Provider {
	p := &Provider{
		client: client,
		events: make(chan openfeature.Event, maxEvents),
		news:   make(chan struct{}, 1),
	}
	for _, o := range opts {
		if o != nil {
			o(p)
		}
	}
	return p
}

// Metadata returns the provider's name, "PostHog".
func (p *Provider) Metadata() openfeature.Metadata { return openfeature.Metadata{Name: "PostHog"} }

// Hooks returns none.
func (p *Provider) Hooks() []openfeature.Hook { return nil }

// BooleanEvaluation reports whether the flag is on, with or without a variant.
func (p *Provider) BooleanEvaluation(ctx context.Context, flag string, defaultValue bool, flatCtx openfeature.FlattenedContext) openfeature.BoolResolutionDetail {
	a := p.ask(ctx, flag, flatCtx)
	if a.failed != nil {
		return openfeature.BoolResolutionDetail{Value: defaultValue, ProviderResolutionDetail: a.resolution()}
	}
	return openfeature.BoolResolutionDetail{Value: a.detail.Value.On(), ProviderResolutionDetail: a.resolution()}
}

// StringEvaluation returns the flag's variant or, without one, a payload that is text.
func (p *Provider) StringEvaluation(ctx context.Context, flag string, defaultValue string, flatCtx openfeature.FlattenedContext) openfeature.StringResolutionDetail {
	return resolve(p.ask(ctx, flag, flatCtx), defaultValue, (*answer).text)
}

// FloatEvaluation returns a payload that is a number or, without one, such a variant.
func (p *Provider) FloatEvaluation(ctx context.Context, flag string, defaultValue float64, flatCtx openfeature.FlattenedContext) openfeature.FloatResolutionDetail {
	return resolve(p.ask(ctx, flag, flatCtx), defaultValue, (*answer).float)
}

// IntEvaluation returns a payload that is a whole number or, without one, such a variant.
func (p *Provider) IntEvaluation(ctx context.Context, flag string, defaultValue int64, flatCtx openfeature.FlattenedContext) openfeature.IntResolutionDetail {
	return resolve(p.ask(ctx, flag, flatCtx), defaultValue, (*answer).int)
}

// ObjectEvaluation returns a payload that is a JSON object or list, as encoding/json
// decodes it into an any.
func (p *Provider) ObjectEvaluation(ctx context.Context, flag string, defaultValue any, flatCtx openfeature.FlattenedContext) openfeature.InterfaceResolutionDetail {
	return resolve(p.ask(ctx, flag, flatCtx), defaultValue, (*answer).object)
}

// ask reads a flag. Its value and payload are those of one moment.
func (p *Provider) ask(ctx context.Context, flag string, flatCtx openfeature.FlattenedContext) *answer {
	a := &answer{key: flag}
	who, failed := subjectOf(flatCtx)
	if failed != nil {
		a.failed = failed
		return a
	}
	if who.distinctID == "" {
		if a.failed = p.somebody(ctx); a.failed != nil {
			return a
		}
	}
	// What the client sends about the reading goes where the context says.
	ctx = ph.With(ctx, ph.UseClient(p.client))
	// The error is in the detail, too.
	a.snapshot, _ = p.client.EvaluateFlags(ctx, who.query(flag))
	a.detail = a.snapshot.Detail(flag)
	if !a.detail.Value.Known() {
		a.failed = failure(a.detail.Err, p.client.FlagsStatus())
	}
	return a
}

// somebody says what is wrong with a context that is to say who is asked about.
func (p *Provider) somebody(ctx context.Context) *openfeature.ResolutionError {
	if _, err := p.client.EvaluateFlags(ctx, ph.FlagQuery{Keys: []string{}}); err != nil {
		return failure(err, ph.FlagsStatus{})
	}
	return nil
}
