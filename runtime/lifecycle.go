package runtime

import (
	"cmp"
	"context"
	"errors"
	"net/http"
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
	if !c.waiting() {
		return nil
	}
	return c.all(func(l *lane) error { return l.queue.Flush(ctx) })
}

// Close refuses further events with ErrClosed, delivers the queued ones until ctx
// ends, retries included, and then gives up the rest. A context without a deadline
// gets 30 s, and so does nil; one that has ended discards what is queued. Callbacks are
// waited for while they get on, and 0.1 s beyond ctx at most (TestDrain). The error is nil
// if everything was delivered, else an *UndeliveredError. With a spool nothing need be lost
// then: of its Events, so many as Spooled are left on disk for the next process. Events
// that an earlier process left there, and Close has not begun to deliver, are not counted. A second Close returns
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
	flagsClosed := make(chan struct{})
	go func() {
		defer close(flagsClosed)
		if c.flags != nil {
			c.flags.close(ctx)
		}
	}()
	err := c.all(func(l *lane) error {
		err := l.queue.Close(ctx)
		l.transport.CloseIdle()
		l.disk.close()
		return err
	})
	<-flagsClosed
	c.observe.drain(ctx)
	return err
}

// undelivered gives what the queues of all lanes say its public type.
func undelivered(errs ...error) error {
	var sum *UndeliveredError
	for _, err := range errs {
		var u *queue.Undelivered
		if !errors.As(err, &u) {
			continue
		}
		if sum == nil {
			sum = &UndeliveredError{ByReason: make(map[string]uint64)}
		}
		sum.Events += u.Events
		sum.Bytes += u.Bytes
		for reason, n := range u.ByReason {
			sum.ByReason[reason] += n
		}
		sum.Err = cmp.Or(sum.Err, u.Err)
	}
	if sum == nil {
		return nil
	}
	sum.Spooled = int(sum.ByReason[string(queue.Kept)])
	return sum
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
func (l *lane) paused(p queue.Pause) {
	l.state.mu.Lock()
	now := time.Now()
	due := now.Sub(l.state.at) >= stateLogEvery || p.Hold != l.state.hold
	if due {
		l.state.at, l.state.said, l.state.hold = now, true, p.Hold
	}
	l.state.mu.Unlock()
	if !due {
		return
	}
	l.c.observe.later(func() {
		if p.Hold {
			what := "the API key"
			if e := (*StatusError)(nil); errors.As(p.Err, &e) && e.Status == http.StatusPaymentRequired {
				what = "events beyond the project's quota"
			}
			l.c.log().Error("endpoint refuses "+what+"; delivery is tried once a minute", "lane", laneNames[l.protocol], "error", p.Err, "waiting", p.Waiting)
			return
		}
		l.c.log().Warn("delivery paused", "lane", laneNames[l.protocol], "error", p.Err, "retry_in", p.Wait.Round(time.Millisecond), "waiting", p.Waiting)
	})
}

// resumed logs that the endpoint works again, if it was said to fail.
func (l *lane) resumed() {
	l.state.mu.Lock()
	said := l.state.said
	l.state.said = false
	l.state.mu.Unlock()
	if said {
		l.c.observe.later(func() { l.c.log().Info("delivery resumed", "lane", laneNames[l.protocol]) })
	}
}
