package phai

import (
	"context"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

// settings is what options say about a node and everything in it.
type settings struct {
	privacy    Policy
	chosen     bool // privacy is an option's
	ordinary   bool
	exceptions bool
	maxText    int
	session    string
	group      string
	framework  string
	feature    *feature
	props      ph.Props
	send       []ph.Option
}

// policy is what options say. What a feature of the plan redacts stays redacted, and what it
// keeps is kept unless an option says otherwise.
func (s *settings) policy() Policy {
	switch {
	case s.feature == nil, s.feature.privacy == Keep && s.chosen:
		return s.privacy
	}
	return s.feature.privacy
}

// A node is a place in a tree of spans, and the context that says so. It never changes once it is
// handed out.
type node struct {
	context.Context // around
	settings
	traceID string
	spanID  string // that of a trace is traceID; empty: only settings
	parent  string
	start   time.Time
	links   *links
}

type nodeKey struct{}

// Value implements context.Context.
func (n *node) Value(key any) any {
	if key == (nodeKey{}) {
		return n
	}
	return n.Context.Value(key)
}

// nodeOf returns the innermost node of ctx, or nil.
func nodeOf(ctx context.Context) *node {
	if ctx == nil {
		return nil
	}
	n, _ := ctx.Value(nodeKey{}).(*node)
	return n
}

// newNode returns what opts make of the place that ctx is in. An ID of a trace that is not the
// one around leaves that.
func newNode(ctx context.Context, opts []Option) *node {
	n := &node{Context: ctx}
	if outer := nodeOf(ctx); outer != nil {
		n.settings, n.traceID, n.parent, n.links = outer.settings, outer.traceID, outer.spanID, outer.links
	}
	traceID, parent := n.traceID, n.parent
	n.parent = ""
	for i := range opts {
		n.apply(ctx, &opts[i])
	}
	if n.traceID != traceID {
		n.links = nil
	} else if n.parent == "" {
		n.parent = parent
	}
	return n
}

// With returns a copy of ctx in which options hold for everything that this package captures. It
// begins nothing; with TraceID, and maybe ParentID, it goes on with a trace of another process. A
// nil ctx counts as context.Background.
func With(ctx context.Context, opts ...Option) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	n := newNode(ctx, opts)
	if n.spanID = n.parent; n.spanID == "" {
		n.spanID = n.traceID
	}
	return n
}

// TraceIDOf returns the ID of the trace that ctx is in, to hand it on to another process; empty
// if there is none.
func TraceIDOf(ctx context.Context) string {
	if n := nodeOf(ctx); n != nil {
		return n.traceID
	}
	return ""
}

// SpanIDOf returns the ID of the innermost span or model call that ctx is in, that of the trace
// if there is none, and empty text outside a trace.
func SpanIDOf(ctx context.Context) string {
	if n := nodeOf(ctx); n != nil {
		return n.spanID
	}
	return ""
}
