package phslog

import (
	"context"
	"log/slog"
	"slices"

	ph "github.com/phgen/phgen/runtime"
)

// A Handler forwards records and captures those of its level. Make one with [New]; it is
// safe for concurrent use if the wrapped handler is.
type Handler struct {
	next    slog.Handler
	level   slog.Leveler
	replace func(groups []string, a slog.Attr) slog.Attr
	groups  []string // opened by WithGroup
	bound   *binding // by WithAttrs, the last one
}

// A binding is what one call of WithAttrs bound. It never changes.
type binding struct {
	outer  *binding
	groups []string // that were open
	attrs  []slog.Attr
}

// New returns a handler that forwards to next. A nil next discards, so that records are
// captured only. A nil option is skipped.
func New(next slog.Handler, opts ...Option) *Handler {
	if next == nil {
		next = slog.DiscardHandler
	}
	h := &Handler{next: next, level: slog.LevelError, replace: Redact}
	for _, o := range opts {
		if o != nil {
			o(h)
		}
	}
	return h
}

// Enabled reports whether the wrapped handler wants records of the level, or they are
// captured.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level.Level() || h.next.Enabled(ctx, level)
}

// Handle forwards r if the wrapped handler wants its level, and then captures it if it has
// the level for that. The error is the wrapped handler's.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if ctx == nil {
		ctx = context.Background()
	}
	var err error
	if h.next.Enabled(ctx, r.Level) {
		err = h.next.Handle(ctx, r)
	}
	if r.Level >= h.level.Level() {
		h.capture(ctx, r)
	}
	return err
}

// WithAttrs returns a handler whose records, forwarded and captured, have attrs too. They
// must not be changed afterwards.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	bound := *h
	bound.next = h.next.WithAttrs(attrs)
	bound.bound = &binding{h.bound, h.groups, attrs}
	return &bound
}

// WithGroup returns a handler that puts what follows into the group name. An empty name
// changes nothing.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	opened := *h
	opened.next = h.next.WithGroup(name)
	opened.groups = append(slices.Clip(h.groups), name)
	return &opened
}

// capture captures r. A stack tells by it whether a record is logged while another is being
// captured, so it must stay a frame of its own.
//
//go:noinline
func (h *Handler) capture(ctx context.Context, r slog.Record) {
	stack, foreign := callers(r.PC)
	if !foreign {
		return
	}
	found := attributes{replace: h.replace}
	r.Attrs(func(a slog.Attr) bool {
		found.add(h.groups, a)
		return true
	})
	for b := h.bound; b != nil; b = b.outer {
		for _, a := range b.attrs {
			found.add(b.groups, a)
		}
	}
	err := found.err
	if err == nil {
		err = &Message{r.Message}
	}
	// Nothing waits on a context that has ended: neither for room in the queue nor for
	// delivery.
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	ph.CaptureException(ctx, err,
		ph.Automatic(),
		ph.Mechanism("slog", true),
		ph.Level(levelOf(r.Level)),
		ph.Stack(stack),
		ph.At(r.Time),
		ph.WithProps(found.properties(r.Message)),
	)
}

// A Message is the error of a record without one.
type Message struct{ text string }

// Error returns the record's message.
func (m *Message) Error() string { return m.text }

// levelFatal is where programs that log a level above Error put it, as the examples of
// package slog do.
const levelFatal = slog.LevelError + 4

func levelOf(l slog.Level) ph.ExceptionLevel {
	switch {
	case l >= levelFatal:
		return ph.LevelFatal
	case l >= slog.LevelError:
		return ph.LevelError
	case l >= slog.LevelWarn:
		return ph.LevelWarning
	case l >= slog.LevelInfo:
		return ph.LevelInfo
	}
	return ph.LevelDebug
}
