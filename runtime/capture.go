package runtime

import (
	"context"
	"fmt"
	"net/url"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/value"
)

// maxName is how many characters an event's name may have.
const maxName = 200

var (
	untypedEvent  = EventSpec{Kind: KindEvent}
	untypedAI     = EventSpec{Kind: KindEvent, ai: true}
	untypedPerson = EventSpec{Kind: KindPerson}
	untypedGroup  = EventSpec{Kind: KindGroup}
)

// Capture sends an event that is in no plan, with or without props, and returns its
// UUID. The zero UUID says that it was refused; [TryCapture] says why. It never waits for
// the network, unless Config.OnFull is [Block] and the queue is full, and never panics.
// props is read before Capture returns, and not kept.
func Capture(ctx context.Context, name string, props Props, opts ...Option) uuid.UUID {
	id, _ := TryCapture(ctx, name, props, opts...)
	return id
}

// TryCapture is Capture that says why an event was refused: one of ErrDisabled,
// ErrClosed, ErrDropped, ErrInvalid (no name, or more than 200 characters),
// ErrTooLarge and ErrQueueFull. It is nil exactly when the event was accepted, but for
// the *UndeliveredError of Config.Sync.
func TryCapture(ctx context.Context, name string, props Props, opts ...Option) (uuid.UUID, error) {
	return untyped(ctx, &untypedEvent, name, props, opts)
}

// CaptureAI is [Capture] for the events of language models, whose inputs and outputs are
// large: PostHog takes 8 MiB each at an address of their own. They have a queue of their
// own there, made with the first call, so that neither kind holds up the other; a server
// that does not know the address yet rejects them.
func CaptureAI(ctx context.Context, name string, props Props, opts ...Option) uuid.UUID {
	id, _ := untyped(ctx, &untypedAI, name, props, opts)
	return id
}

func untyped(ctx context.Context, s *EventSpec, name string, props Props, opts []Option) (uuid.UUID, error) {
	w := begin(ctx, s, value.Clean(name), opts, true)
	w.checkName()
	w.props(props)
	return w.End()
}

// CaptureAttrs is [Capture] without a map: it allocates nothing
// (TestCaptureAllocates). Of two attributes with one key the first is sent.
func CaptureAttrs(ctx context.Context, name string, attrs ...Attr) uuid.UUID {
	w := begin(ctx, &untypedEvent, value.Clean(name), nil, false)
	w.checkName()
	if !w.off {
		w.track = true // keys are not the plan's, so one may come twice
	}
	for i := range attrs {
		w.attr(&attrs[i])
	}
	id, _ := w.End()
	return id
}

// Pageview sends $pageview with the address of the page and, if that is a full URL, its
// host and path. Like [Capture] it returns the zero UUID if the event was refused.
func Pageview(ctx context.Context, address string, opts ...Option) uuid.UUID {
	w := begin(ctx, &untypedEvent, "$pageview", opts, true)
	w.any("$current_url", address)
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		w.any("$host", u.Host)
		w.any("$pathname", u.EscapedPath())
	}
	id, _ := w.End()
	return id
}

// checkName refuses an event without a name or with one that PostHog would cut.
func (w *Writer) checkName() {
	if w.off {
		return
	}
	n := len(w.name)
	if n > maxName {
		n = utf8.RuneCountInString(w.name)
	}
	if n == 0 || n > maxName {
		w.off, w.err = true, fmt.Errorf("%w: an event's name has 1 to %d characters, not %d", ErrInvalid, maxName, n)
	}
}
