package phai

import (
	"context"
	"maps"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

// An Option says something about a trace, a span, a model call or an event, and about
// everything in it. It is a plain struct, so options cost no allocation. Of two that set the same
// thing the nearest, and the later of one call, counts.
type Option struct {
	kind    optionKind
	text    string
	number  int64
	at      time.Time
	feature Feature
	props   ph.Props
	send    []ph.Option
}

type optionKind uint8

const (
	optionNone optionKind = iota
	optionPrivacy
	optionLane
	optionMaxText
	optionFeature
	optionProps
	optionSession
	optionGroup
	optionFramework
	optionExceptions
	optionSend

	// What follows is about one event, not about what is in it.
	optionTraceID
	optionSpanID
	optionParentID
	optionStart
)

// Privacy says whether contents are sent. The default is what the feature of the plan says, and
// [Redact] without one. What a feature redacts stays redacted.
func Privacy(p Policy) Option { return Option{kind: optionPrivacy, number: int64(p)} }

// Lane says which way events go. With true, the default, they go PostHog's own way for the events
// of models, as ph.CaptureAI describes it: 8 MiB each. With false they go with all others, 900 KiB
// each, which a PostHog older than that way needs. What makes an event larger is sent as null.
func Lane(on bool) Option { return Option{kind: optionLane, number: bit(on)} }

// MaxText cuts every text in contents, and in the properties of Extra, to n characters; what is
// cut ends with "... [truncated]". Zero, the default, and what is negative mean no limit; less
// than 64 means 64.
func MaxText(n int) Option {
	if n > 0 {
		n = max(n, minText)
	}
	return Option{kind: optionMaxText, number: int64(max(n, 0))}
}

const minText = 64

// WithFeature says which feature of the tracking plan the run is part of: its events have the
// feature's properties and its name as ai_feature, and its privacy policy holds. Nil means none.
func WithFeature(f Feature) Option { return Option{kind: optionFeature, feature: f} }

// WithProps adds properties to every event of the run. Those of an event's own Extra win, and
// both win over what this package writes, but for what it says about an error. The map must not
// change any more.
func WithProps(p ph.Props) Option { return Option{kind: optionProps, props: p} }

// Session names the conversation that a trace is part of, as $ai_session_id.
func Session(id string) Option { return Option{kind: optionSession, text: id} }

// Group is $ai_group_id, by which an agent framework groups traces.
func Group(id string) Option { return Option{kind: optionGroup, text: id} }

// Framework names the library that drives the model, as $ai_framework.
func Framework(name string) Option { return Option{kind: optionFramework, text: name} }

// CaptureExceptions makes End capture the error it is given as $exception, and link the two
// events. With [Redact] it has no effect: the text of an error may hold a prompt. The default is
// false; [Run.Exception] links to an exception that was captured otherwise.
func CaptureExceptions(on bool) Option {
	return Option{kind: optionExceptions, number: bit(on)}
}

// Send gives options to the capture of every event: ph.As, ph.InGroup, ph.GeoIP. They come
// behind those of outer calls.
func Send(opts ...ph.Option) Option { return Option{kind: optionSend, send: opts} }

// TraceID is the ID of a trace that begins, say one that another process handed on: letters,
// digits and -_~.@()!':| are allowed, at most 200; "_" takes the place of any other. Without it,
// and with an empty one, a trace has a random UUID.
func TraceID(id string) Option { return Option{kind: optionTraceID, text: id} }

// SpanID is the ID of a span or call, a random UUID by default.
func SpanID(id string) Option { return Option{kind: optionSpanID, text: id} }

// ParentID is the span or trace that contains the new one, instead of that of the context.
func ParentID(id string) Option { return Option{kind: optionParentID, text: id} }

// Start is when it began, instead of now.
func Start(t time.Time) Option { return Option{kind: optionStart, at: t} }

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (n *node) apply(ctx context.Context, o *Option) {
	switch o.kind {
	case optionPrivacy:
		n.privacy, n.chosen = Policy(o.number), true
	case optionLane:
		n.ordinary = o.number == 0
	case optionMaxText:
		n.maxText = int(o.number)
	case optionFeature:
		n.feature = nil
		if o.feature != nil {
			n.feature = encodeFeature(ctx, o.feature)
		}
	case optionProps:
		n.props = merge(n.props, o.props)
	case optionSession:
		n.session = cleanID(o.text)
	case optionGroup:
		n.group = cleanID(o.text)
	case optionFramework:
		n.framework = o.text
	case optionExceptions:
		n.exceptions = o.number != 0
	case optionSend:
		n.send = append(n.send[:len(n.send):len(n.send)], o.send...)
	case optionTraceID:
		if id := cleanID(o.text); id != "" {
			n.traceID = id
		}
	case optionSpanID:
		n.spanID = cleanID(o.text)
	case optionParentID:
		n.parent = cleanID(o.text)
	case optionStart:
		n.start = o.at
	}
}

// merge returns the properties of both; inner ones win.
func merge(outer, inner ph.Props) ph.Props {
	if len(outer) == 0 {
		return inner
	}
	all := maps.Clone(outer)
	maps.Copy(all, inner)
	return all
}
