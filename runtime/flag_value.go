package runtime

import (
	"context"
	"fmt"
	"time"

	"github.com/phgen/phgen/runtime/flags"
)

// value reads one flag for those who only want to know its value.
func (c *Client) value(ctx context.Context, a *flagAsk, key string) FlagValue {
	if v, ok := c.glance(a, key); ok {
		return v
	}
	answer := c.read(ctx, a, key, false)
	return answer.value
}

// glance is read as far as that neither waits nor reports anything, which is nearly always.
func (c *Client) glance(a *flagAsk, key string) (v FlagValue, ok bool) {
	if len(a.overrides) > 0 || a.mode == remoteOnly || c.flagsOff(key) != nil {
		return v, false
	}
	poller := c.flags.poller.Load()
	if poller == nil {
		return v, false
	}
	f, ok := poller.State().Definitions.Lookup(key)
	if !ok {
		return v, false
	}
	r := c.evaluateHere(f, a, time.Time{})
	return r.Value, r.Value.Known() && c.called(a, key, r.Value)
}

// evaluateHere evaluates one flag; a zero now stands for the present. Should the evaluator
// panic, the flag is undecided: a reader of flags has no part in that.
func (c *Client) evaluateHere(f flags.Flag, a *flagAsk, now time.Time) (r flags.Result) {
	defer func() {
		if v := recover(); v != nil {
			c.flags.warn("evaluating a flag panicked", fmt.Errorf("flag %q: %v", f.Key(), v))
			r = flags.Result{Condition: -1}
		}
	}()
	if !f.Dated() { // reading the clock takes as long as hashing
		return f.Evaluate(&a.query)
	}
	q := a.query
	if q.Now = now; now.IsZero() {
		q.Now = c.now()
	}
	return f.Evaluate(&q)
}
