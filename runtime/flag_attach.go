package runtime

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/phgen/phgen/runtime/value"
)

const (
	keyActiveFlags = "$active_feature_flags"
	featurePrefix  = "$feature/"
)

// WithFlags puts the flags of a snapshot on an event, as $feature/<key> and $active_feature_flags:
// what breaks down insights by them. Properties of the event's own win. It has no effect in a scope.
func WithFlags(s *FlagSnapshot) Option { return Option{kind: optionWithFlags, flags: s} }

// SendFlags puts the flags with the keys, or all, on an event as [WithFlags] does. If
// flags can be evaluated in this process, those it can tell are taken and nobody is
// asked; else PostHog is, for FlagTimeout at most, and the capturing call waits. Whatever comes of
// it, the event is sent. It has no effect in a scope or beside WithFlags.
func SendFlags(keys ...string) Option { return Option{kind: optionSendFlags, keys: keys} }

// An attachedFlag is a flag that an event carries.
type attachedFlag struct {
	key      string
	value    FlagValue
	property string // featureKey of key, if it was made before
}

// featureKey is the property that carries the flag or experiment key.
func featureKey(key string) string { return featurePrefix + keyText(key) }

// attachFlags finds out which flags the event carries, before it has a batch on loan.
func (w *Writer) attachFlags(opts []Option) {
	if w.spec.Kind != KindEvent || w.spec.flagCalled {
		return
	}
	var send, given bool
	var keys []string
	for i := range opts {
		switch o := &opts[i]; o.kind {
		case optionWithFlags:
			given = true
			w.flags = w.flags[:0]
			if o.flags != nil {
				w.attach(o.flags.answers)
			}
		case optionSendFlags:
			send, keys = true, o.keys
		}
	}
	switch {
	case given:
	case send:
		w.attach(w.client.flagsToSend(w.ctx, slices.Clone(opts), keys)) // a clone, for else opts would escape
	case len(w.spec.Flags) > 0:
		w.attachLocal()
	}
	if len(w.spec.Experiments) > 0 {
		w.attachVariants(opts)
	}
}

func (w *Writer) attach(answers []flagAnswer) {
	for i := range answers {
		if a := &answers[i]; a.value.Known() {
			w.flags = append(w.flags, attachedFlag{key: a.key, value: a.value})
		}
	}
}

// flagsToSend returns the flags of [SendFlags].
func (c *Client) flagsToSend(ctx context.Context, opts []Option, keys []string) []flagAnswer {
	a := c.askFor(ctx, opts)
	if c.flags.poller.Load() != nil && a.mode == localFirst {
		a = a.inMode(onlyLocally)
	}
	answers, err := c.evaluate(ctx, a, keys)
	if err != nil {
		c.flags.warn("flags for events are unknown", err)
	}
	return answers
}

// attachLocal takes the flags of the event's experiments: what the scope knows of them, or this
// process can tell. It waits for nobody.
func (w *Writer) attachLocal() {
	a := w.client.askFor(w.ctx, nil)
	if w.distinctID != "" && w.distinctID != a.query.DistinctID {
		a = a.derive()
		a.option(&Option{kind: optionAs, name: w.distinctID})
	}
	for _, key := range w.spec.Flags {
		if v := w.client.peek(a, w.view, key); v.Known() {
			w.flags = append(w.flags, attachedFlag{key: key, value: v})
		}
	}
	slices.SortFunc(w.flags, func(a, b attachedFlag) int { return cmp.Compare(a.key, b.key) })
}

// peek returns what a flag says as far as that is known at once.
func (c *Client) peek(a *flagAsk, v *view, key string) FlagValue {
	if o, ok := a.overrides[key]; ok && o.value.Known() {
		return o.value
	}
	if a.scope != nil {
		for _, l := range v.loaded {
			if l.client != c {
				continue
			}
			for i := range l.slots {
				if l.slots[i].answer.key == key && l.slots[i].answer.value.Known() {
					return l.slots[i].answer.value
				}
			}
		}
	}
	if s := c.flags.state(); s != nil && a.mode != remoteOnly {
		f, _ := s.Definitions.Lookup(key)
		if r := c.evaluateHere(f, a, time.Time{}); r.Value.Known() {
			return r.Value
		}
	}
	if a.scope != nil {
		if m := a.scope.memory.Load(); m != nil && m.identity == a.identity(c) {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.got.byKey[key].value
		}
	}
	return FlagValue{}
}

// writeFlags writes the flags that the event carries, behind everything that wins over them.
func (w *Writer) writeFlags() {
	active := 0
	for i := range w.flags {
		f := &w.flags[i]
		if f.value.On() {
			active++
		}
		key := f.property
		if key == "" {
			key = featureKey(f.key)
		}
		if w.claimed(key) {
			continue
		}
		w.note(key, len(w.buf))
		w.key(key)
		w.buf = appendFlagValue(w.buf, f.value)
	}
	if active == 0 || w.claimed(keyActiveFlags) {
		return
	}
	w.note(keyActiveFlags, len(w.buf))
	w.key(keyActiveFlags)
	w.buf = append(w.buf, '[')
	first := true
	for i := range w.flags {
		if w.flags[i].value.On() {
			w.buf = appendTagName(w.buf, keyText(w.flags[i].key), first)
			first = false
		}
	}
	w.buf = append(w.buf, ']')
}

func appendFlagValue(dst []byte, v FlagValue) []byte {
	if v.Variant() != "" {
		return value.AppendString(dst, v.Variant())
	}
	return appendBool(dst, v.On())
}
