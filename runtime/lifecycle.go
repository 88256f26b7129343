package runtime

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/phgen/phgen/runtime/internal/queue"
)

// closeTimeout is the deadline of a Close whose context has none.
const closeTimeout = 30 * time.Second

// Flush sends what waits at once. It returns when every event accepted before the
// call is delivered or lost, although captures may go on, or when ctx ends. The
// error is then an *UndeliveredError; what it calls pending stays in the queue.
// While the endpoint fails Flush waits as long as ctx: give it a deadline. A nil ctx has
// none. Any number of calls may run at once; on a closed client Flush returns nil.
func (c *Client) Flush(ctx context.Context) error {
	if c == nil {
		return nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	return undelivered(c.queue.Flush(ctx))
}

// Close refuses further events with ErrClosed, delivers the queued ones until ctx
// ends, retries included, and then gives up the rest. A context without a deadline
// gets 30 s, and so does nil; one that has ended discards what is queued. Callbacks are
// waited for while they get on, and 0.1 s beyond ctx at most (TestDrain). The error is nil
// if nothing was lost since the call, else an *UndeliveredError. A second Close returns
// nil at once, even while the first one runs. Close may be called from a callback.
func (c *Client) Close(ctx context.Context) error {
	if c == nil || !c.closed.CompareAndSwap(false, true) {
		return nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, closeTimeout)
		defer cancel()
	}
	err := c.queue.Close(ctx)
	c.transport.CloseIdle()
	c.observe.drain(ctx)
	return undelivered(err)
}

// undelivered gives the queue's error its public type.
func undelivered(err error) error {
	var u *queue.Undelivered
	if !errors.As(err, &u) {
		return err
	}
	return &UndeliveredError{Events: u.Events, Bytes: u.Bytes, ByReason: u.ByReason, Err: u.Err}
}

// stateLogEvery bounds the log lines about an endpoint that fails: one when it begins
// to, or fails in another way, one when it works again, and one every so often.
const stateLogEvery = 5 * time.Minute

// A stateLog remembers what was said about the endpoint last.
type stateLog struct {
	mu   sync.Mutex
	at   time.Time
	said bool // that it fails
	hold bool // that it refuses the key
}

// paused logs that delivery waits for the endpoint.
func (c *Client) paused(p queue.Pause) {
	c.state.mu.Lock()
	now := time.Now()
	due := now.Sub(c.state.at) >= stateLogEvery || p.Hold != c.state.hold
	if due {
		c.state.at, c.state.said, c.state.hold = now, true, p.Hold
	}
	c.state.mu.Unlock()
	if !due {
		return
	}
	c.observe.later(func() {
		if p.Hold {
			c.log().Error("endpoint refuses the API key; delivery is tried once a minute", "error", p.Err, "waiting", p.Waiting)
			return
		}
		c.log().Warn("delivery paused", "error", p.Err, "retry_in", p.Wait.Round(time.Millisecond), "waiting", p.Waiting)
	})
}

// resumed logs that the endpoint works again, if it was said to fail.
func (c *Client) resumed() {
	c.state.mu.Lock()
	said := c.state.said
	c.state.said = false
	c.state.mu.Unlock()
	if said {
		c.observe.later(func() { c.log().Info("delivery resumed") })
	}
}
