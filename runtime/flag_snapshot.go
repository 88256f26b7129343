package runtime

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/phgen/phgen/runtime/value"
)

// A FlagQuery says whose flags EvaluateFlags evaluates. What it leaves open the scope says.
type FlagQuery struct {
	DistinctID      string            // empty: the scope's user
	DeviceID        string            // empty: the scope's device
	Keys            []string          // of the flags; nil: all, empty: none
	Person          Props             // beside those of the scope, if DistinctID is empty
	Groups          map[string]string // type → key; nil: the scope's
	GroupProperties map[string]Props  // by type
	OnlyLocally     bool              // as [OnlyLocally]
	RemoteOnly      bool              // as [RemoteOnly]
	NoExposure      bool              // as [NoExposure]
	GeoIP           bool              // as [GeoIP]; false: as the scope says
}

// A FlagSnapshot is what flags said to one user at one moment. It never changes, may be
// used by many goroutines, and asks nobody. Enabled, Variant, Value and Detail send $feature_flag_called
// the first time, as [Client.Flag] does. A nil snapshot knows no flag.
type FlagSnapshot struct {
	c       *Client
	ctx     context.Context // of the events about it
	ask     *flagAsk
	answers []flagAnswer // sorted by key
	missing string       // code of a flag that is not among them; empty: it was left out on purpose

	mu   sync.Mutex
	read map[string]bool
}

// EvaluateFlags evaluates the flags of q, or all, at once: this process with one set of definitions and
// one clock, and PostHog for what it can not tell, in one request, for FlagTimeout at
// most. The error says that some flags are unknown because PostHog did not answer, or that there is no distinct ID; the
// snapshot beside it is good for the others and never nil.
func (c *Client) EvaluateFlags(ctx context.Context, q FlagQuery) (*FlagSnapshot, error) {
	ctx = orBackground(ctx)
	nobody := q.DistinctID == "" && scopeOf(ctx) == nil
	ctx = q.scope(ctx)
	a := c.askFor(ctx, nil)
	s := &FlagSnapshot{c: c, ctx: ctx, ask: a, missing: codeMissing}
	if err := c.flagsOff(""); err != nil {
		s.c = nil
		return s, err
	}
	if nobody {
		s.c = nil
		return s, &FlagError{Code: codeNoUser}
	}
	if answer, never := c.unaskable(a, "", ""); never {
		s.missing = answer.code // what is not defined here may exist
	}
	var err error
	s.answers, err = c.evaluate(ctx, a, q.Keys)
	return s, err
}

// scope returns ctx with what q says.
func (q *FlagQuery) scope(ctx context.Context) context.Context {
	var opts []ScopeOption
	if q.DistinctID != "" {
		opts = append(opts, scopeFunc(func(s *Scope) { s.own.otherUser = true }), User(q.DistinctID))
	}
	if q.DeviceID != "" {
		opts = append(opts, Device(q.DeviceID))
	}
	if q.Groups != nil {
		opts = append(opts, scopeFunc(func(s *Scope) { s.own.otherGroups = true }))
		for groupType, key := range q.Groups {
			opts = append(opts, Group(groupType, key))
		}
	}
	if len(q.Person) > 0 {
		opts = append(opts, PersonFlagProperties(q.Person))
	}
	for groupType, props := range q.GroupProperties {
		opts = append(opts, groupFlagProperties(value.Clean(groupType), "", props))
	}
	for _, o := range []struct {
		set    bool
		option Option
	}{{q.OnlyLocally, OnlyLocally()}, {q.RemoteOnly, RemoteOnly()}, {q.NoExposure, NoExposure()}, {q.GeoIP, GeoIP(true)}} {
		if o.set {
			opts = append(opts, o.option)
		}
	}
	if len(opts) == 0 {
		return ctx
	}
	return With(ctx, opts...)
}

// look returns the answer about a flag and reports that it was read.
func (s *FlagSnapshot) look(key string) flagAnswer {
	if s == nil || s.c == nil {
		return unknownFlag(key, codeDisabled, nil)
	}
	i, found := s.find(key)
	if !found && s.missing == "" {
		return unknownFlag(key, codeMissing, nil)
	}
	s.mu.Lock()
	if s.read == nil {
		s.read = make(map[string]bool)
	}
	s.read[key] = true
	s.mu.Unlock()
	if !found {
		a := unknownFlag(key, s.missing, nil)
		s.c.flagCalled(s.ctx, s.ask, &a)
		return a
	}
	s.c.flagCalled(s.ctx, s.ask, &s.answers[i])
	return s.answers[i]
}

func (s *FlagSnapshot) find(key string) (int, bool) {
	return slices.BinarySearchFunc(s.answers, key, func(a flagAnswer, key string) int { return cmp.Compare(a.key, key) })
}

// Enabled reports whether the flag is known and on, with or without a variant.
func (s *FlagSnapshot) Enabled(key string) bool {
	a := s.look(key)
	return a.value.On()
}

// Variant returns the flag's variant, or "" if it has none or is not known.
func (s *FlagSnapshot) Variant(key string) string {
	a := s.look(key)
	return a.value.Variant()
}

// Value returns what the flag says. It is false if that is not known.
func (s *FlagSnapshot) Value(key string) (FlagValue, bool) {
	a := s.look(key)
	return a.value, a.value.Known()
}

// Detail returns what the flag says and why.
func (s *FlagSnapshot) Detail(key string) FlagDetail {
	a := s.look(key)
	return a.detail()
}

// Payload decodes the payload that belongs to the flag's value into dst, as encoding/json
// does. It sends no $feature_flag_called. The error is ErrNoPayload if there is none.
func (s *FlagSnapshot) Payload(key string, dst any) error {
	if s == nil {
		return ErrNoPayload
	}
	i, found := s.find(key)
	if !found {
		return ErrNoPayload
	}
	return s.answers[i].decode(dst)
}

// Keys returns the keys of the flags that are known, sorted.
func (s *FlagSnapshot) Keys() []string {
	if s == nil {
		return nil
	}
	keys := make([]string, 0, len(s.answers))
	for i := range s.answers {
		if s.answers[i].value.Known() {
			keys = append(keys, s.answers[i].key)
		}
	}
	return keys
}

// Only returns a snapshot of the flags with the keys, for [WithFlags]. Reading another flag from it
// sends nothing.
func (s *FlagSnapshot) Only(keys ...string) *FlagSnapshot {
	return s.where(func(key string) bool { return slices.Contains(keys, key) })
}

// Accessed returns a snapshot of the flags that were read from s so far, for [WithFlags]: of
// none if none were.
func (s *FlagSnapshot) Accessed() *FlagSnapshot {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.where(func(key string) bool { return s.read[key] })
}

func (s *FlagSnapshot) where(keep func(key string) bool) *FlagSnapshot {
	if s == nil {
		return nil
	}
	part := &FlagSnapshot{c: s.c, ctx: s.ctx, ask: s.ask}
	for i := range s.answers {
		if keep(s.answers[i].key) {
			part.answers = append(part.answers, s.answers[i])
		}
	}
	return part
}

// A FlagBootstrap is what the bootstrap option of posthog-js takes, as JSON.
type FlagBootstrap struct {
	DistinctID      string                     `json:"distinctID"`
	IsIdentifiedID  bool                       `json:"isIdentifiedID"`
	FeatureFlags    map[string]FlagValue       `json:"featureFlags"`
	FeaturePayloads map[string]json.RawMessage `json:"featureFlagPayloads"`
}

// Bootstrap returns the known flags for a page of the same user, which then need not wait for
// PostHog. distinctID is whom the page is to start with; empty means the user that the flags were
// evaluated for. The page may show it to anybody who reads its source.
func (s *FlagSnapshot) Bootstrap(distinctID string) FlagBootstrap {
	b := FlagBootstrap{
		DistinctID:      distinctID,
		FeatureFlags:    map[string]FlagValue{},
		FeaturePayloads: map[string]json.RawMessage{},
	}
	if s == nil || s.c == nil {
		return b
	}
	v := scopeOf(s.ctx).view()
	b.DistinctID = cmp.Or(distinctID, s.ask.query.DistinctID)
	b.IsIdentifiedID = v.user != "" && b.DistinctID == v.user
	for i := range s.answers {
		a := &s.answers[i]
		if !a.value.Known() {
			continue
		}
		b.FeatureFlags[a.key] = a.value
		if a.payload != "" {
			text, err := json.Marshal(payloadValue(a.payload))
			if err == nil {
				b.FeaturePayloads[a.key] = text
			}
		}
	}
	return b
}
