package phsentry

import (
	"context"
	"net/http"
	"net/url"

	"github.com/getsentry/sentry-go"
	ph "github.com/phgen/phgen/runtime"
)

// The names of what an event of Sentry gets.
const (
	tagDistinctID = "posthog_distinct_id"
	tagPersonURL  = "posthog_person_url"
	contextName   = "PostHog"
	contextScope  = "scope" // while the event is made
)

// maxTag is how long a tag's value may be in Sentry.
const maxTag = 200

// An Integration is a sentry.Integration. Make one with [New] for each client of Sentry.
type Integration struct {
	organization string
	project      string
	sentryURL    string
	postHogURL   string
}

// New returns an integration for one client of Sentry. A nil option is skipped.
func New(opts ...Option) *Integration {
	i := &Integration{sentryURL: "https://sentry.io", postHogURL: "https://us.posthog.com"}
	for _, o := range opts {
		if o != nil {
			o(i)
		}
	}
	return i
}

// Install is for sentry.ClientOptions.Integrations: it adds i to the default ones.
func (i *Integration) Install(defaults []sentry.Integration) []sentry.Integration {
	return append(defaults, i)
}

// Name returns the name under which Sentry lists the integration.
func (i *Integration) Name() string { return "PostHog" }

// SetupOnce installs the event processor. Sentry calls it.
func (i *Integration) SetupOnce(client *sentry.Client) {
	if i.project == "" {
		if dsn, err := sentry.NewDsn(client.Options().Dsn); err == nil { // else nothing is sent at all
			i.project = dsn.GetProjectID()
		}
	}
	client.AddEventProcessor(i.process)
}

// Middleware tells the hub of each request the scope of its context. It belongs inside the
// middlewares of phhttp and sentryhttp, whichever of them is outside. Without a hub in the
// context it gives the request one.
func (i *Integration) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if bound := i.Bind(ctx); bound != ctx {
			r = r.WithContext(bound)
		}
		next.ServeHTTP(w, r)
	})
}

// Bind tells the hub of ctx the scope of ctx, and returns ctx. If ctx has no hub, it gets a
// clone of the current one. A later Bind of the same hub takes the place of this one.
func (i *Integration) Bind(ctx context.Context) context.Context {
	hub := sentry.GetHubFromContext(ctx)
	if hub == nil {
		hub = sentry.CurrentHub().Clone()
		ctx = sentry.SetHubOnContext(ctx, hub)
	}
	hub.Scope().SetContext(contextName, sentry.Context{contextScope: bound{ctx}})
	return ctx
}

// bound carries a context to the event processor. To JSON it is an empty object, should an
// event ever pass that processor by.
type bound struct{ ctx context.Context }

// process is the event processor.
func (i *Integration) process(event *sentry.Event, hint *sentry.EventHint) *sentry.Event {
	if hint == nil {
		hint = &sentry.EventHint{}
	}
	ctx := scoped(event, hint)
	if event.Type != "" || event.Level != sentry.LevelError && event.Level != sentry.LevelFatal {
		return event
	}
	links := sentry.Context{}
	if id := ph.IdentityOf(ctx); id.Known {
		person := i.postHogURL + "/person/" + url.PathEscape(id.DistinctID)
		links["distinct_id"], links["person_url"] = id.DistinctID, person
		setTag(event, tagDistinctID, id.DistinctID)
		setTag(event, tagPersonURL, person)
	}
	if id := i.capture(ctx, event, hint); id != [16]byte{} {
		links["exception_uuid"] = id.String()
	}
	if len(links) > 0 {
		if event.Contexts == nil {
			event.Contexts = map[string]sentry.Context{}
		}
		event.Contexts[contextName] = links
	}
	return event
}

// scoped returns the context whose scope the event belongs to, and takes it out of the
// event. One that knows the user is better than one that does not.
func scoped(event *sentry.Event, hint *sentry.EventHint) context.Context {
	own, _ := event.Contexts[contextName][contextScope].(bound)
	if own.ctx != nil {
		delete(event.Contexts, contextName)
	}
	switch {
	case hint.Context != nil && (own.ctx == nil || ph.IdentityOf(hint.Context).Known):
		return hint.Context
	case own.ctx != nil:
		return own.ctx
	}
	return context.Background()
}

// setTag sets a tag that the application has not set itself.
func setTag(event *sentry.Event, key, value string) {
	if _, ok := event.Tags[key]; ok || len(value) > maxTag {
		return
	}
	if event.Tags == nil {
		event.Tags = map[string]string{}
	}
	event.Tags[key] = value
}
