package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/phgen/phgen/runtime/internal/flagapi"
	"github.com/phgen/phgen/runtime/internal/poll"
)

// flagging is what a client has for feature flags. One that is disabled or closed keeps it.
type flagging struct {
	c       *Client
	api     *flagapi.Client
	poller  atomic.Pointer[poll.Poller] // nil if nothing can be evaluated in this process
	started atomic.Int64                // when the poller was, in ns since 1970
	called  calledFlags
	absent  absentFlags
	config  configCache

	life context.Context // ends with the client
	kill context.CancelFunc

	mu      sync.Mutex
	closed  bool
	flights sync.WaitGroup
}

// newFlagging returns what c needs for flags. It starts nothing.
func newFlagging(c *Client) *flagging {
	f := &flagging{c: c}
	f.life, f.kill = context.WithCancel(context.Background())
	f.api = flagapi.New(flagapi.Config{
		Host:      c.cfg.Host,
		Token:     c.cfg.APIKey,
		Secret:    c.cfg.SecretKey,
		UserAgent: library + "/" + Version,
		Transport: c.cfg.Transport,
	})
	return f
}

// start begins to keep definitions current, if the client is to evaluate flags in this process.
func (f *flagging) start() {
	cfg := &f.c.cfg
	if f.poller.Load() != nil || cfg.SecretKey == "" && cfg.DefinitionCache == nil && cfg.FlagDefinitions == nil {
		return
	}
	config := poll.Config{
		Every:   cfg.FlagPollEvery,
		Initial: cfg.FlagDefinitions,
		Cache:   cfg.DefinitionCache,
		Report:  func(err error) { f.warn("flag definitions can not be loaded", err) },
	}
	if cfg.SecretKey != "" {
		config.Fetch = f.api.Definitions
	}
	if hook := cfg.OnFlagsChanged; hook != nil {
		config.OnChange = func(*poll.State) { f.c.observe.later(hook) }
	}
	f.started.Store(time.Now().UnixNano())
	f.poller.Store(poll.New(config))
}

// awaited is until when readers wait for the first definitions.
func (f *flagging) awaited() time.Time {
	return time.Unix(0, f.started.Load()).Add(f.timeout())
}

// warn logs an error about flags, each message once in a while.
func (f *flagging) warn(message string, err error) {
	f.c.warnSeldom(warning{event: message, rule: "flags"}, stateLogEvery, message, slog.Any("error", err))
}

// state returns the definitions there are now, nil if none.
func (f *flagging) state() *poll.State {
	p := f.poller.Load()
	if p == nil {
		return nil
	}
	if s := p.State(); s.Definitions != nil {
		return s
	}
	return nil
}

// fly runs a request on a goroutine that close waits for. It is false after close.
func (f *flagging) fly(run func()) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.flights.Go(run)
	return true
}

// stop lets go of the definitions, until start.
func (f *flagging) stop() {
	if p := f.poller.Swap(nil); p != nil {
		_ = p.Close(atOnce{f.life}) // it aborts its request, and is not waited for
	}
	f.api.CloseIdle()
}

// close stops all requests and the poller, for which it waits as long as ctx. What is
// defined can still be evaluated.
func (f *flagging) close(ctx context.Context) {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.kill()
	landed := make(chan struct{})
	go func() {
		defer close(landed)
		f.flights.Wait()
	}()
	if p := f.poller.Load(); p != nil {
		_ = p.Close(ctx) // what has not ended by then holds no event
	}
	select {
	case <-landed: // at once, unless Config.Transport does not heed its context
	case <-ctx.Done():
	}
	f.api.CloseIdle()
}

// remoteAnswers is what PostHog said of several flags.
type remoteAnswers struct {
	byKey map[string]flagAnswer
	code  string // of flags that it did not mention
}

// of returns the answer about one flag. err is that of the request.
func (r remoteAnswers) of(key string, err error) flagAnswer {
	if err != nil {
		return unknownFlag(key, flagCode(err), err)
	}
	if a, ok := r.byKey[key]; ok {
		return a
	}
	code := codeMissing
	if r.code != "" {
		code = r.code + "," + codeMissing
	}
	return unknownFlag(key, code, nil)
}

func (r remoteAnswers) copy() remoteAnswers {
	r.byKey = maps.Clone(r.byKey)
	return r
}

// ask asks PostHog for the flags with the keys, or for all if keys is nil.
func (f *flagging) ask(ctx context.Context, a *flagAsk, keys []string) (remoteAnswers, error) {
	r, err := f.api.Flags(ctx, a.request(keys, f.c.cfg.GeoIP))
	if err != nil {
		if cause := context.Cause(f.life); cause != nil {
			err = fmt.Errorf("%w: %w", ErrClosed, err)
		}
		return remoteAnswers{}, err
	}
	if r.QuotaLimited {
		return remoteAnswers{}, errQuota
	}
	got := remoteAnswers{byKey: make(map[string]flagAnswer, len(r.Flags))}
	if r.ErrorsWhileComputing {
		got.code = codeComputing
	} else if s := f.state(); s != nil {
		for _, key := range keys {
			_, defined := s.Definitions.Lookup(key)
			if _, known := r.Lookup(key); !known && !defined {
				f.absent.add(s, key)
			}
		}
	}
	for i := range r.Flags {
		got.byKey[r.Flags[i].Key] = remoteAnswer(r, &r.Flags[i])
	}
	return got, nil
}

// request is what PostHog is asked with. geoIP is what the client says.
func (a *flagAsk) request(keys []string, geoIP bool) *flagapi.Request {
	q := &a.query
	return &flagapi.Request{
		DistinctID:      q.DistinctID,
		DeviceID:        q.DeviceID,
		Person:          q.Person,
		Groups:          q.Groups,
		GroupProperties: q.GroupProperties,
		Keys:            keys,
		GeoIP:           a.geoIP == yes || a.geoIP == unsaid && geoIP,
	}
}

// identity returns what tells the answers to a from those to another.
func (a *flagAsk) identity(c *Client) string {
	if text := a.known.Load(); text != nil {
		return *text
	}
	text := a.request(nil, c != nil && c.cfg.GeoIP).Identity()
	a.known.Store(&text)
	return text
}

// A configCache remembers the payloads of remote config flags.
type configCache struct {
	mu    sync.Mutex
	byKey map[string]*remoteConfig
}

type remoteConfig struct {
	mu   sync.Mutex
	text string
	ok   bool
	next time.Time // when PostHog is asked again
}

// maxConfigs bounds the keys that a configCache remembers. Plans have fewer.
const maxConfigs = 1000

// of returns the place of a key.
func (c *configCache) of(key string) *remoteConfig {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.byKey[key]
	if r != nil {
		return r
	}
	if c.byKey == nil || len(c.byKey) >= maxConfigs {
		c.byKey = make(map[string]*remoteConfig)
	}
	r = new(remoteConfig)
	c.byKey[key] = r
	return r
}

// cachedConfig returns the payload of a remote config flag: that of the definitions if the flag is
// among them, else what PostHog says, which is asked once in FlagPollEvery. While it does
// not answer, what it said last holds.
func (c *Client) cachedConfig(ctx context.Context, f *FlagSpec) (string, bool) {
	if c.flagsOff("") != nil {
		return "", false
	}
	if f.Evaluate != RemoteAlways {
		a := c.lookup(orBackground(ctx), c.askFor(ctx, nil).inMode(onlyLocally), f.Key)
		if a.value.Known() && (a.payload != "" || !a.value.On()) {
			return a.payload, a.payload != ""
		}
	}
	if f.Evaluate == LocalOnly || c.cfg.LocalFlagsOnly || c.recorder != nil || c.cfg.SecretKey == "" {
		return "", false
	}
	r := c.flags.config.of(f.Key)
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := c.now(); now.Before(r.next) || c.closed.Load() {
		return r.text, r.ok
	}
	text, err := c.remoteConfig(orBackground(ctx), f.Key)
	switch {
	case err == nil:
		r.text, r.ok = text, true
	case errors.Is(err, ErrNoPayload):
		r.text, r.ok = "", false
	}
	r.next = c.now().Add(c.cfg.FlagPollEvery)
	return r.text, r.ok
}
