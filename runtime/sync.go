package runtime

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/queue"
)

// A syncLog knows the calls of Config.Sync that wait. The queue's Flush tells when all
// events are settled, but not whose were lost, nor what was lost before it began.
type syncLog struct {
	mu    sync.Mutex
	calls []*syncCall
}

// A syncCall is a call that waits for its event, or the pair of a dual write.
type syncCall struct {
	open []syncEvent // not settled
	lost UndeliveredError
}

type syncEvent struct {
	id   uuid.UUID
	size int
}

// begin notes the events of a call, which stand in a buffer from start on, before the
// queue has them.
func (s *syncLog) begin(es []queue.Entry, start int) *syncCall {
	call := new(syncCall)
	for _, e := range es {
		call.open = append(call.open, syncEvent{e.UUID, e.End - start})
		start = e.End
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	return call
}

// settle notes the end of events: why they were lost, or "".
func (s *syncLog) settle(es iter.Seq[queue.Entry], reason string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) == 0 {
		return
	}
	for e := range es {
		for _, call := range s.calls {
			call.settle(e.UUID, reason, err)
		}
	}
}

func (c *syncCall) settle(id uuid.UUID, reason string, err error) {
	i := slices.IndexFunc(c.open, func(e syncEvent) bool { return e.id == id })
	if i < 0 {
		return
	}
	if reason != "" {
		c.lost.add(reason, c.open[i].size, err)
	}
	c.open = slices.Delete(c.open, i, i+1)
}

// end forgets a call and returns what it lost, or still waits for because of cause.
func (s *syncLog) end(call *syncCall, cause error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = slices.DeleteFunc(s.calls, func(o *syncCall) bool { return o == call })
	for _, e := range call.open {
		call.lost.add(queue.Pending, e.size, cause)
	}
	if call.lost.Events == 0 {
		return nil
	}
	return &call.lost
}

// add counts an event of so many bytes.
func (e *UndeliveredError) add(reason string, size int, cause error) {
	if e.ByReason == nil {
		e.ByReason = make(map[string]uint64)
	}
	e.ByReason[reason]++
	e.Events++
	e.Bytes += size
	if e.Err == nil {
		e.Err = cause
	}
}

// await waits for what a call sent.
func (l *lane) await(ctx context.Context, call *syncCall) error {
	if cause := context.Cause(ctx); cause != nil {
		err := l.syncs.end(call, cause) // before the flush: who has no time is told so, however fast the answer comes
		_ = l.queue.Flush(ctx)          // which only begins it
		return err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.c.cfg.RequestTimeout)
		defer cancel()
	}
	_ = l.queue.Flush(ctx) // what it says is about everybody's events
	return l.syncs.end(call, context.Cause(ctx))
}

// delivered and lost are the queue's hooks.
func (l *lane) delivered(r *queue.Request, attempt time.Duration) {
	l.syncs.settle(r.Entries(), "", nil)
	if l.c.cfg.OnDelivered != nil {
		l.c.observe.delivered(r, attempt)
	}
}

func (l *lane) lost(loss queue.Loss) {
	l.syncs.settle(slices.Values(loss.Entries), loss.Reason, loss.Err)
	l.c.observe.lost(loss)
}
