package runtime

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/runtime/internal/poll"
)

// readFlag reads one flag for the user of ctx.
func (c *Client) readFlag(ctx context.Context, key string, opts []Option) flagAnswer {
	return c.read(ctx, c.askFor(ctx, opts), key, false)
}

// read reads one flag and, unless it is to be silent, reports that.
func (c *Client) read(ctx context.Context, a *flagAsk, key string, silent bool) flagAnswer {
	ctx = orBackground(ctx)
	if o, ok := a.overrides[key]; ok && o.value.Known() {
		return c.overridden(key, o.value)
	}
	if err := c.flagsOff(key); err != nil {
		return unknownFlag(key, codeDisabled, err)
	}
	answer := c.lookup(ctx, a, key)
	if !silent {
		c.flagCalled(ctx, a, &answer)
	}
	return answer
}

// overridden is the answer of an override, with the payload that belongs to the value.
func (c *Client) overridden(key string, v FlagValue) flagAnswer {
	a := flagAnswer{key: key, value: v, source: SourceOverride, reason: "override", condition: -1}
	if c != nil && c.flags != nil {
		if s := c.flags.state(); s != nil {
			if f, ok := s.Definitions.Lookup(key); ok {
				a.payload, _ = f.Payload(v)
			}
		}
	}
	return a
}

// lookup finds out what one flag says.
func (c *Client) lookup(ctx context.Context, a *flagAsk, key string) flagAnswer {
	p := c.patience(ctx)
	defer p.end()
	var need string
	if a.mode != remoteOnly {
		if s := p.definitions(); s != nil {
			var answer flagAnswer
			var known bool
			if answer, need, known = c.local(s, a, key, time.Time{}); known {
				return answer
			}
		}
	}
	if answer, ok := c.unaskable(a, key, need); ok {
		return answer
	}
	return p.ask(a, key)
}

// local is what the definitions s tell about one flag at a time, zero for the present. If they can not tell, known is
// false and need is what they lack.
func (c *Client) local(s *poll.State, a *flagAsk, key string, now time.Time) (answer flagAnswer, need string, known bool) {
	f, _ := s.Definitions.Lookup(key)
	r := c.evaluateHere(f, a, now)
	if r.Value.Known() {
		return localAnswer(s, f, &r), "", true
	}
	if r.Reason == flags.ReasonUnknownFlag && c.flags.absent.has(s, key) {
		return unknownFlag(key, codeMissing, nil), "", true
	}
	return flagAnswer{}, r.Need.String(), false
}

// unaskable is the answer about a flag that this process can not tell and nobody else may
// be asked for.
func (c *Client) unaskable(a *flagAsk, key, need string) (flagAnswer, bool) {
	switch {
	case a.mode == onlyLocally || c.cfg.LocalFlagsOnly || c.recorder != nil:
		return inconclusive(key, need), true
	case a.query.DistinctID == "":
		return unknownFlag(key, codeNoUser, nil), true
	case c.closed.Load():
		return unknownFlag(key, codeDisabled, &FlagError{Key: key, Code: codeDisabled, Err: ErrClosed}), true
	}
	return flagAnswer{}, false
}

// A patience bounds everything that one reading waits for by FlagTimeout, all together.
type patience struct {
	c      *Client
	given  context.Context
	ctx    context.Context
	cancel context.CancelFunc // nil until there is something to wait for
}

func (c *Client) patience(ctx context.Context) patience {
	return patience{c: c, given: ctx, ctx: ctx}
}

// bound makes the context of p end in time.
func (p *patience) bound() context.Context {
	if p.cancel == nil {
		p.ctx, p.cancel = p.c.flags.bounded(p.ctx)
	}
	return p.ctx
}

// over reports whether the time is up, and not because the caller has gone.
func (p *patience) over() bool {
	return p.given.Err() == nil && p.bound().Err() != nil && p.c.flags.life.Err() == nil
}

func (p *patience) end() {
	if p.cancel != nil {
		p.cancel()
	}
}

// definitions returns the definitions there are, nil if none. It waits for the first
// attempt to get them, which nobody does any more when that has taken FlagTimeout.
func (p *patience) definitions() *poll.State {
	poller := p.c.flags.poller.Load()
	if poller == nil {
		return nil
	}
	s := poller.State()
	if s.Definitions == nil && !poller.Attempted() && !p.c.closed.Load() {
		if wait := time.Until(p.c.flags.awaited()); wait > 0 {
			ctx, cancel := context.WithTimeout(p.bound(), wait)
			poller.Wait(ctx)
			cancel()
		}
		s = poller.State()
	}
	if s.Definitions == nil {
		return nil
	}
	return s
}

// ask asks PostHog for one flag, or the memory of the scope.
func (p *patience) ask(a *flagAsk, key string) flagAnswer {
	if a.scope != nil {
		m := a.scope.remembered(a.identity(p.c), p.c.now())
		return m.ask(p, a, key)
	}
	answers, err := p.c.flags.ask(p.bound(), a, []string{key})
	return answers.of(key, err)
}

// results keeps slices of results for reuse.
var results = sync.Pool{New: func() any { return new([]flags.Result) }}

// evaluate returns what is known of the flags with the keys, or of all flags if keys is
// nil, sorted by key: one pass, one clock, one set of definitions. What this process can
// not tell PostHog is asked for, in one request; the error says that it did not answer.
func (c *Client) evaluate(ctx context.Context, a *flagAsk, keys []string) ([]flagAnswer, error) {
	if err := c.flagsOff(""); err != nil {
		return nil, err
	}
	if keys != nil && len(keys) == 0 {
		return nil, nil
	}
	p := c.patience(orBackground(ctx))
	defer p.end()
	answers, open := p.local(a, keys)
	var err error
	if _, never := c.unaskable(a, "", ""); open && !never {
		answers, err = p.complete(a, keys, answers)
	} else if open && a.mode != onlyLocally && a.query.DistinctID == "" {
		err = &FlagError{Code: codeNoUser}
	}
	for key, o := range a.overrides {
		if o.value.Known() && (keys == nil || slices.Contains(keys, key)) {
			answers = put(answers, c.overridden(key, o.value))
		}
	}
	slices.SortFunc(answers, func(x, y flagAnswer) int { return cmp.Compare(x.key, y.key) })
	return answers, err
}

// put replaces the answer about the same flag, or appends a.
func put(answers []flagAnswer, a flagAnswer) []flagAnswer {
	i := slices.IndexFunc(answers, func(other flagAnswer) bool { return other.key == a.key })
	if i < 0 {
		return append(answers, a)
	}
	answers[i] = a
	return answers
}

// local evaluates in this process. It reports whether anything is left open.
func (p *patience) local(a *flagAsk, keys []string) (answers []flagAnswer, open bool) {
	if a.mode == remoteOnly {
		return nil, true
	}
	s := p.definitions()
	if s == nil {
		return nil, true
	}
	now := p.c.now()
	if keys == nil {
		return p.c.localAll(s, a, now)
	}
	answers = make([]flagAnswer, 0, len(keys))
	for _, key := range keys {
		answer, need, known := p.c.local(s, a, key, now)
		if !known {
			open = true
			answer = inconclusive(key, need)
		}
		answers = append(answers, answer)
	}
	return answers, open
}

// localAll evaluates every flag that s defines.
func (c *Client) localAll(s *poll.State, a *flagAsk, now time.Time) (answers []flagAnswer, open bool) {
	defer func() {
		if v := recover(); v != nil {
			c.flags.warn("evaluating flags panicked", fmt.Errorf("%v", v))
			answers, open = nil, true
		}
	}()
	q := a.query
	q.Now = now
	pooled := results.Get().(*[]flags.Result)
	*pooled = s.Definitions.EvaluateAll(&q, *pooled)
	answers = make([]flagAnswer, 0, len(*pooled))
	for i := range *pooled {
		r, f := &(*pooled)[i], s.Definitions.At(i)
		if r.Value.Known() {
			answers = append(answers, localAnswer(s, f, r))
			continue
		}
		open = true
		answers = append(answers, inconclusive(f.Key(), r.Need.String()))
	}
	results.Put(pooled)
	return answers, open
}

// inconclusive is the answer about a flag that this process can not tell.
func inconclusive(key, need string) flagAnswer {
	return unknownFlag(key, codeInconclusive, &FlagError{Key: key, Code: codeInconclusive, Need: need})
}

// complete asks PostHog for the same flags. What this process knew stays.
func (p *patience) complete(a *flagAsk, keys []string, answers []flagAnswer) ([]flagAnswer, error) {
	got, err := p.askMany(a, keys)
	if err != nil {
		code := flagCode(err)
		for i := range answers {
			if !answers[i].value.Known() {
				answers[i] = unknownFlag(answers[i].key, code, err)
			}
		}
		for _, key := range keys {
			if !slices.ContainsFunc(answers, func(a flagAnswer) bool { return a.key == key }) {
				answers = append(answers, unknownFlag(key, code, err))
			}
		}
		return answers, flagError("", err)
	}
	known := make(map[string]bool, len(answers))
	for i := range answers {
		key := answers[i].key
		known[key] = true
		if !answers[i].value.Known() {
			answers[i] = got.of(key, nil)
		}
	}
	if keys == nil {
		for key, a := range got.byKey {
			if !known[key] {
				answers = append(answers, a)
			}
		}
		return answers, nil
	}
	for _, key := range keys {
		if !known[key] {
			known[key] = true
			answers = append(answers, got.of(key, nil))
		}
	}
	return answers, nil
}

// askMany asks PostHog for several flags, all if keys is nil, unless the scope knows that
// it does not answer. What it says the scope remembers.
func (p *patience) askMany(a *flagAsk, keys []string) (remoteAnswers, error) {
	if a.scope == nil {
		return p.c.flags.ask(p.bound(), a, keys)
	}
	m := a.scope.remembered(a.identity(p.c), p.c.now())
	if got, ok := m.all(keys); ok {
		return got, nil
	}
	if err := m.failure(p.c.now()); err != nil {
		return remoteAnswers{}, err
	}
	got, err := p.c.flags.ask(p.bound(), a, keys)
	m.learn(got, keys == nil, err, p.c.now())
	return got, err
}

// loadAll evaluates the flags of a plan: those that PostHog is to be asked for in one
// request.
func (c *Client) loadAll(ctx context.Context, a *flagAsk, specs []FlagSpec) []flagAnswer {
	p := c.patience(ctx)
	defer p.end()
	answers := make([]flagAnswer, len(specs))
	var s *poll.State
	if a.mode != remoteOnly && slices.ContainsFunc(specs, func(f FlagSpec) bool { return f.Evaluate != RemoteAlways }) {
		s = p.definitions()
	}
	now := c.now()
	var open []string
	for i := range specs {
		f := &specs[i]
		if f.RemoteConfig {
			continue
		}
		mode, need := f.ask(a), ""
		if mode.mode != remoteOnly && s != nil {
			var known bool
			if answers[i], need, known = c.local(s, a, f.Key, now); known {
				continue
			}
		}
		var never bool
		if answers[i], never = c.unaskable(mode, f.Key, need); !never {
			open = append(open, f.Key)
		}
	}
	if len(open) == 0 {
		return answers
	}
	got, err := p.askMany(a, open)
	for i := range specs {
		if slices.Contains(open, specs[i].Key) {
			answers[i] = got.of(specs[i].Key, err)
		}
	}
	return answers
}

// bounded returns ctx with an end that comes after FlagTimeout at the latest, or when the
// client is closed.
func (f *flagging) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout())
	stop := context.AfterFunc(f.life, cancel)
	return ctx, func() { stop(); cancel() }
}

func (f *flagging) timeout() time.Duration { return f.c.cfg.FlagTimeout }
