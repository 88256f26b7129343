package phsentry

import (
	"context"
	"net/url"
	"reflect"
	"runtime"
	"strings"

	"github.com/getsentry/sentry-go"
	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/internal/calls"
)

// The properties of PostHog that link to Sentry.
const (
	propEventID = "$sentry_event_id"
	propURL     = "$sentry_url"
)

// A Message is the error of an event that was captured without one.
type Message struct{ text string }

// Error returns what Sentry was told.
func (m *Message) Error() string { return m.text }

// capture captures in PostHog what the event is about. A stack tells by it whether that is
// going on, so it must stay a frame of its own.
//
//go:noinline
func (i *Integration) capture(ctx context.Context, event *sentry.Event, hint *sentry.EventHint) uuid.UUID {
	stack, foreign := callers()
	if !foreign {
		return uuid.Nil
	}
	props := ph.Props{propEventID: string(event.EventID)}
	if i.organization != "" && i.project != "" {
		props[propURL] = i.sentryURL + "/organizations/" + url.PathEscape(i.organization) + "/issues/?" +
			url.Values{"project": {i.project}, "query": {string(event.EventID)}}.Encode()
	}
	opts := []ph.Option{ph.WithProps(props), ph.At(event.Timestamp)}
	if event.Level == sentry.LevelFatal {
		opts = append(opts, ph.Level(ph.LevelFatal))
	}
	if hint.RecoveredException != nil {
		return ph.CapturePanic(ctx, hint.RecoveredException, opts...)
	}
	opts = append(opts, ph.Stack(stack))
	err := hint.OriginalException
	if err == nil {
		err = &Message{textOf(event)}
	}
	return ph.CaptureException(ctx, err, opts...)
}

// textOf returns the message of an event that comes without a Go error.
func textOf(event *sentry.Event) string {
	if n := len(event.Exception); n > 0 {
		outermost := event.Exception[n-1] // Sentry has them in the order in which they arose
		return outermost.Type + ": " + outermost.Value
	}
	return event.Message
}

var (
	methods = reflect.TypeFor[Integration]().PkgPath() + ".(*Integration)."
	hubs    = reflect.TypeFor[sentry.Hub]().PkgPath()
)

// callers returns the stack of the call that gave Sentry the event. It returns false if
// that was the client of PostHog, or code that it called: a callback like Config.OnLost, or
// a hook that runs while an event of Sentry is being captured. Each capture would cause the
// next.
func callers() (stack []uintptr, foreign bool) {
	stack = calls.Stack()
	top := 0 // frames that are Sentry's or of this package
	for i := range stack {
		f, _ := runtime.CallersFrames(stack[i : i+1]).Next()
		if f.Function == methods+"capture" || calls.OfLoop(f.Function) {
			return nil, false
		}
		if i == top && (strings.HasPrefix(f.Function, hubs) || strings.HasPrefix(f.Function, methods)) {
			top++
		}
	}
	return stack[top:], true
}
