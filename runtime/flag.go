package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/phgen/phgen/runtime/flags"
)

// FlagValue is what a flag says: off, on, or a variant. Its zero value says nothing: the
// flag is unknown, which is not off.
type FlagValue = flags.Value

// FlagSource is where the value of a flag comes from.
type FlagSource uint8

// The sources.
const (
	SourceDefault  FlagSource = iota // nobody could say: the plan's default, or no value
	SourceLocal                      // evaluated in this process
	SourceRemote                     // PostHog was asked
	SourceOverride                   // OverrideFlags
)

// String returns the source in one word.
func (s FlagSource) String() string {
	switch s {
	case SourceLocal:
		return "local"
	case SourceRemote:
		return "remote"
	case SourceOverride:
		return "override"
	}
	return "default"
}

// A FlagDetail says what a flag's value is and why.
type FlagDetail struct {
	Key       string
	Value     FlagValue // PostHog's own, which the plan may not know; zero if the flag is unknown
	Source    FlagSource
	Reason    string // PostHog's code, as "condition_match"; empty if nobody gave one
	Condition int    // index of the release condition that decided; -1 if none did, or nobody said
	ID        int64  // of the flag in PostHog; 0 if nobody said
	Version   int64  // of the flag's definition; 0 if nobody said
	Err       error  // a *FlagError if the flag is unknown, ErrUnknownVariant if the plan does not know the value
}

// ErrNoPayload says that a flag has no payload for its value, or that its value is not
// known.
var ErrNoPayload = errors.New("ph: flag has no payload")

// A FlagError says why a flag is unknown.
type FlagError struct {
	Key string

	// Code is that of $feature_flag_error: "timeout", "connection_error",
	// "api_error_<status>", "quota_limited", "flag_missing" (PostHog has no such flag),
	// "errors_while_computing_flags", "evaluation_failed" (both are PostHog's own trouble),
	// "local_evaluation_inconclusive" (only this process was to be asked, and it can not
	// say), or "unknown_error"; or one of those that no event carries:
	// "client_disabled" and "missing_distinct_id".
	Code string

	Need string // what local evaluation lacked, in words; empty if it was not tried
	Err  error  // what happened; nil if Code says it all
}

// Error names the flag and what stands in the way.
func (e *FlagError) Error() string {
	text := "ph: flags are unknown: " + e.Code
	if e.Key != "" {
		text = fmt.Sprintf("ph: flag %q is unknown: %s", e.Key, e.Code)
	}
	if e.Need != "" {
		text += ": local evaluation needs the " + e.Need
	}
	if e.Err != nil {
		text += fmt.Sprintf(": %v", e.Err)
	}
	return text
}

// Unwrap returns Err.
func (e *FlagError) Unwrap() error { return e.Err }

// Flag returns what a flag says to the user of ctx, or of As. It is evaluated in this
// process if SecretKey is set and that is enough to tell, else PostHog is asked, once for
// a scope, for FlagTimeout at most. ok is false when nobody knows, never because the flag is
// off; then [Client.FlagDetail] says why. The first reading of each value by each user is sent as
// $feature_flag_called, unless NoExposure says otherwise. As, Device, InGroup, GeoIP, OnlyLocally,
// RemoteOnly and NoExposure have an effect among opts. On a nil or disabled client no flag
// is known; a closed one still evaluates by the definitions it has, and sends nothing.
func (c *Client) Flag(ctx context.Context, key string, opts ...Option) (v FlagValue, ok bool) {
	v = c.value(ctx, c.askFor(ctx, opts), key)
	return v, v.Known()
}

// FlagDetail is [Client.Flag] with the reason.
func (c *Client) FlagDetail(ctx context.Context, key string, opts ...Option) FlagDetail {
	a := c.readFlag(ctx, key, opts)
	return a.detail()
}

// FlagPayload decodes the payload that belongs to the flag's value into dst, as
// encoding/json does. It reads the flag as [Client.Flag] does, but sends no
// $feature_flag_called. The error is ErrNoPayload if there is none.
func (c *Client) FlagPayload(ctx context.Context, key string, dst any, opts ...Option) error {
	a := c.readFlag(ctx, key, append(opts[:len(opts):len(opts)], NoExposure()))
	return a.decode(dst)
}

// AllFlags returns the values of all flags that are known, for the user of ctx or of As. It
// sends no $feature_flag_called. The error says why flags may be missing; what is known is returned
// beside it.
func (c *Client) AllFlags(ctx context.Context, opts ...Option) (map[string]FlagValue, error) {
	a := c.askFor(ctx, opts)
	records, err := c.evaluate(ctx, a, nil)
	all := make(map[string]FlagValue, len(records))
	for i := range records {
		if records[i].value.Known() {
			all[records[i].key] = records[i].value
		}
	}
	return all, err
}

// RemoteConfig decodes the payload of a remote config flag into dst. It needs
// Config.SecretKey and asks PostHog with every call, for FlagTimeout at most. The error is
// ErrNoPayload if PostHog knows no such payload.
func (c *Client) RemoteConfig(ctx context.Context, key string, dst any) error {
	text, err := c.remoteConfig(ctx, key)
	if err != nil {
		return err
	}
	return decodePayload(text, dst)
}

func (c *Client) remoteConfig(ctx context.Context, key string) (string, error) {
	if err := c.flagsOff(key); err != nil {
		return "", err
	}
	if c.closed.Load() {
		return "", &FlagError{Key: key, Code: codeDisabled, Err: ErrClosed}
	}
	ctx, cancel := c.flags.bounded(ctx)
	defer cancel()
	text, ok, err := c.flags.api.RemoteConfig(ctx, key)
	switch {
	case err != nil:
		return "", flagError(key, err)
	case !ok:
		return "", ErrNoPayload
	}
	return text, nil
}

// flagsOff says why c knows no flags at all.
func (c *Client) flagsOff(key string) error {
	if c == nil || c.flags == nil || c.disabled.Load() && !c.closed.Load() {
		return &FlagError{Key: key, Code: codeDisabled}
	}
	return nil
}

// ReloadFlags fetches the definitions of the flags now and returns when they are there. It
// joins a fetch under way, and gives up when ctx ends. Without a SecretKey it does nothing.
func (c *Client) ReloadFlags(ctx context.Context) error {
	if err := c.flagsOff(""); err != nil {
		return ErrDisabled
	}
	p := c.flags.poller.Load()
	if p == nil {
		return nil
	}
	return p.Reload(orBackground(ctx))
}

// FlagsReady waits until definitions were asked for once, or ctx ends, and reports whether
// flags can be evaluated in this process. Without SecretKey, DefinitionCache and FlagDefinitions they never can.
func (c *Client) FlagsReady(ctx context.Context) bool {
	if c.flagsOff("") != nil {
		return false
	}
	p := c.flags.poller.Load()
	if p == nil {
		return false
	}
	p.Wait(orBackground(ctx))
	return p.State().Definitions != nil
}

// FlagsStatus is the state of the flags' definitions.
type FlagsStatus struct {
	Flags    int           // how many definitions there are
	Source   string        // "api", "cache", "file" (Config.FlagDefinitions), or empty if there are none
	LoadedAt time.Time     // when the definitions in use came; zero if there are none
	Checked  time.Time     // when they were last known to be current
	Age      time.Duration // since then; 0 if there are none
	Err      error         // of the last attempt; nil if that went well
}

// FlagsStatus returns the state of the flags' definitions, for health checks and logs.
func (c *Client) FlagsStatus() FlagsStatus {
	if c.flagsOff("") != nil {
		return FlagsStatus{}
	}
	p := c.flags.poller.Load()
	if p == nil {
		return FlagsStatus{}
	}
	s := p.Status()
	status := FlagsStatus{Flags: s.Flags, Source: string(s.Source), LoadedAt: s.LoadedAt, Checked: s.LastSuccess, Err: s.Err}
	if status.Checked.Before(status.LoadedAt) {
		status.Checked = status.LoadedAt // of the program's own definitions
	}
	if !status.Checked.IsZero() {
		status.Age = c.now().Sub(status.Checked)
	}
	return status
}

func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

// decodePayload decodes the JSON text of a payload. What is no JSON is taken as text.
func decodePayload(text string, dst any) error {
	if text == "" {
		return ErrNoPayload
	}
	err := json.Unmarshal([]byte(text), dst)
	var syntax *json.SyntaxError
	if s, ok := dst.(*string); ok && errors.As(err, &syntax) {
		*s = text
		return nil
	}
	if a, ok := dst.(*any); ok && errors.As(err, &syntax) {
		*a = text
		return nil
	}
	if err != nil {
		return fmt.Errorf("ph: decoding the payload: %w", err)
	}
	return nil
}
