package runtime

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/phgen/phgen/runtime/flags"
)

// A FlagSet is the flags of one generated package, in the plan's order. Generated packages
// hold one as static data; nothing may change it after the program started.
type FlagSet struct{ Flags []FlagSpec }

// A FlagSpec is what the plan says about one flag.
type FlagSpec struct {
	Key          string
	Variants     []string       // PostHog's names, "false" first; nil: the flag is on or off
	Default      uint8          // when nobody knows: an index of Variants, or 1 for on
	Evaluate     FlagEvaluation // who is asked
	RemoteConfig bool           // it is all payload: nobody asks whether it is on
}

// FlagEvaluation is who is asked for a flag.
type FlagEvaluation uint8

// The ways.
const (
	LocalFirst   FlagEvaluation = iota // this process, and PostHog for what it can not tell
	LocalOnly                          // this process alone
	RemoteAlways                       // PostHog alone
)

// loadedFlags are the flags of a set, evaluated once for a scope.
type loadedFlags struct {
	set      *FlagSet
	client   *Client
	ask      *flagAsk
	identity string
	slots    []flagSlot
}

type flagSlot struct {
	answer   flagAnswer
	index    uint8
	reported atomic.Bool // its $feature_flag_called
}

// Bool returns whether flag i is on, or the plan's default if nobody knows. It never fails.
func (s *FlagSet) Bool(ctx context.Context, i int) bool { return s.Variant(ctx, i) != 0 }

// BoolDetail is Bool with the reason.
func (s *FlagSet) BoolDetail(ctx context.Context, i int) (bool, FlagDetail) {
	v, d := s.VariantDetail(ctx, i)
	return v != 0, d
}

// Variant returns the variant of flag i as its index, 0 if it is off or in a variant that
// the plan does not know, or the plan's default if nobody knows. It never fails. What Load
// has evaluated costs no evaluation (BenchmarkLoadedFlag).
func (s *FlagSet) Variant(ctx context.Context, i int) uint8 {
	f := &s.Flags[i]
	slot, _ := s.slot(ctx, i)
	switch {
	case slot == nil:
		c, a := s.ask(ctx, i)
		return f.index(c.value(ctx, a, f.Key))
	case slot.reported.Load():
		return slot.index
	}
	a := s.read(ctx, i, false)
	return f.index(a.value)
}

// VariantDetail is Variant with the reason.
func (s *FlagSet) VariantDetail(ctx context.Context, i int) (uint8, FlagDetail) {
	a, f := s.read(ctx, i, false), &s.Flags[i]
	d := a.detail()
	if d.Err == nil && f.unknown(a.value) {
		d.Err = ErrUnknownVariant
	}
	return f.index(a.value), d
}

// index is v as generated code has it.
func (f *FlagSpec) index(v FlagValue) uint8 {
	switch {
	case !v.Known():
		return f.Default
	case f.Variants == nil && v.On():
		return 1
	case v.Variant() == "":
		return 0 // off; or on, which is no variant
	}
	return uint8(max(0, slices.Index(f.Variants, v.Variant())))
}

// unknown reports whether the plan does not know v. The value of a holdout is in no plan.
func (f *FlagSpec) unknown(v FlagValue) bool {
	return f.Variants != nil && v.On() && !strings.HasPrefix(v.Variant(), "holdout-") &&
		(v.Variant() == "" || slices.Index(f.Variants, v.Variant()) < 1)
}

// slot returns what Load has found out about flag i for the user of ctx; nil if it has not.
func (s *FlagSet) slot(ctx context.Context, i int) (*flagSlot, *loadedFlags) {
	if ctx == nil {
		return nil, nil
	}
	scope := scopeOf(ctx)
	if scope == nil {
		return nil, nil
	}
	for _, l := range scope.view().loaded {
		if l.set == s && l.client == scope.captures() {
			return &l.slots[i], l
		}
	}
	return nil, nil
}

// read reads flag i and, unless it is to be silent, reports that.
func (s *FlagSet) read(ctx context.Context, i int, silent bool) flagAnswer {
	slot, l := s.slot(ctx, i)
	if slot != nil {
		if !silent && l.client.flagCalled(ctx, l.ask, &slot.answer) {
			slot.reported.Store(true)
		}
		return slot.answer
	}
	c, a := s.ask(ctx, i)
	return c.read(ctx, a, s.Flags[i].Key, silent)
}

// ask returns who is asked for flag i, and how.
func (s *FlagSet) ask(ctx context.Context, i int) (*Client, *flagAsk) {
	var scope *Scope
	if ctx != nil {
		scope = scopeOf(ctx)
	}
	return scope.captures(), s.Flags[i].ask(scope.view().flagAsk())
}

// ask is what the plan makes of what a scope says.
func (f *FlagSpec) ask(a *flagAsk) *flagAsk {
	mode := a.mode
	switch f.Evaluate {
	case LocalOnly:
		mode = onlyLocally
	case RemoteAlways:
		if mode == localFirst {
			mode = remoteOnly
		}
	}
	return a.inMode(mode)
}

// Load evaluates the flags of the set once, for the user of ctx, and returns a context in
// whose scope they are at hand. PostHog is asked for all that this process can not tell in one request, for
// FlagTimeout at most. $feature_flag_called is sent when a flag is read. Once the scope's user, groups or other
// properties change, flags are evaluated one by one again.
func (s *FlagSet) Load(ctx context.Context) context.Context {
	ctx = orBackground(ctx)
	scope := scopeOf(ctx)
	c := scope.captures()
	if c.flagsOff("") != nil || c.recorder != nil {
		return ctx
	}
	if scope == nil {
		ctx = With(ctx) // somewhere to remember what PostHog says
	}
	a := c.askFor(ctx, nil)
	l := &loadedFlags{set: s, client: c, ask: a, identity: a.identity(c), slots: make([]flagSlot, len(s.Flags))}
	for i, answer := range c.loadAll(ctx, a, s.Flags) {
		l.slots[i].answer = answer
		l.slots[i].index = s.Flags[i].index(answer.value)
	}
	return With(ctx, scopeFunc(func(s *Scope) { s.own.loaded = []*loadedFlags{l} }))
}

// validLoaded returns those of v.loaded that still hold for what v says.
func (v *view) validLoaded() []*loadedFlags {
	if len(v.overrides) > 0 { // which come first, and are for tests
		return nil
	}
	a := v.flagAsk()
	return slices.DeleteFunc(v.loaded, func(l *loadedFlags) bool {
		return l.ask.mode != a.mode || l.identity != a.identity(l.client)
	})
}

// payload returns the payload that belongs to the value of flag i: what an override says,
// or JSON text. It is false if there is none.
func (s *FlagSet) payload(ctx context.Context, i int) (json string, override any, ok bool) {
	f := &s.Flags[i]
	var scope *Scope
	if ctx != nil {
		scope = scopeOf(ctx)
	}
	if o, has := scope.view().overrides[f.Key]; has && o.payload != nil {
		return "", o.payload, true
	}
	if f.RemoteConfig {
		json, ok = scope.captures().cachedConfig(ctx, f)
		return json, nil, ok
	}
	a := s.read(ctx, i, true)
	return a.payload, nil, a.payload != "" && a.value.Known()
}

// A FlagOverride is a value or payload that a flag has in one scope, whatever PostHog says.
type FlagOverride struct {
	key string
	flagOverride
}

type flagOverride struct {
	value   FlagValue // zero: not overridden
	payload any       // nil: not overridden
}

// overridden returns outer with what inner says instead. It changes neither.
func overridden(outer, inner map[string]flagOverride) map[string]flagOverride {
	switch {
	case len(outer) == 0:
		return inner
	case len(inner) == 0:
		return outer
	}
	both := maps.Clone(outer)
	for key, o := range inner {
		all := both[key]
		if o.value.Known() {
			all.value = o.value
		}
		if o.payload != nil {
			all.payload = o.payload
		}
		both[key] = all
	}
	return both
}

// OverrideBool makes a flag be on or off.
func OverrideBool(key string, on bool) FlagOverride {
	v := flags.False
	if on {
		v = flags.True
	}
	return FlagOverride{key, flagOverride{value: v}}
}

// OverrideVariant makes a flag have the variant. "false" means off.
func OverrideVariant(key, variant string) FlagOverride {
	if variant == "false" {
		return OverrideBool(key, false)
	}
	return FlagOverride{key, flagOverride{value: flags.Variant(variant)}}
}

// OverridePayload makes a flag have the payload, a struct of the generated package.
func OverridePayload(key string, payload any) FlagOverride {
	return FlagOverride{key, flagOverride{payload: payload}}
}

// OverrideFlags returns a context in whose scope, and the scopes in it, flags are what the
// overrides say: for tests, previews and QA. Reading them asks nobody and sends nothing. They hold for
// every package that has the flag, and for [Client.Flag].
func OverrideFlags(ctx context.Context, overrides ...FlagOverride) context.Context {
	return With(ctx, scopeFunc(func(s *Scope) {
		for _, o := range overrides {
			s.own.overrides = overridden(s.own.overrides, map[string]flagOverride{o.key: o.flagOverride})
		}
	}))
}
