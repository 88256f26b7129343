// Package queue keeps accepted events as bytes until they are delivered: it
// batches them, bounds them, runs the one delivery loop and accounts for every
// event. It knows neither JSON nor HTTP.
package queue

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"
)

// The reasons why an event is refused.
var (
	ErrClosed = errors.New("queue closed")
	ErrFull   = errors.New("queue full")
)

// Config configures a Queue. Every field but the hooks is required.
type Config struct {
	BatchSize  int           // waiting events that trigger a request
	BatchBytes int           // cap on the events' bytes of one request
	FlushEvery time.Duration // wait of an event for others, at most
	Events     int           // bound on events, queued and in flight
	Bytes      int           // bound on their bytes
	Block      bool          // wait for room instead of refusing
	Spill      bool          // accept on the spool alone instead of refusing
	Unique     bool          // no request may hold two events of one uuid
	MaxAge     time.Duration // of an event that is not in flight
	MaxRetries int           // resends of one request; negative: no limit

	Spool Spool // nil: events live in memory only

	// Send makes one attempt to deliver r and returns when ctx ends. At most
	// maxInFlight calls run at once (TestMaxInFlight).
	Send func(ctx context.Context, r *Request) Verdict

	// The hooks are called on the delivering goroutines, without a lock, before the
	// events are settled. They must not block. Nil ones are not called.
	Delivered func(r *Request, attempt time.Duration)
	Lost      func(Loss)
	Paused    func(Pause)
	Resumed   func()
	Rested    func() // the dispatcher ended after Rest
}

// A Loss is a set of events that were given up together.
type Loss struct {
	Entries []Entry // none if they were lost on disk
	Events  int
	Bytes   int
	Reason  string // rejected, too_large, …
	Err     error  // of the last attempt; nil if there was none
}

// The reasons why accepted events are lost.
const (
	Rejected fate = "rejected"          // the endpoint refuses them
	TooLarge fate = "too_large"         // one event is more than the endpoint takes
	Expired  fate = "expired"           // MaxAge
	Retries  fate = "retries"           // MaxRetries
	Dropped  fate = "server_drop"       // the endpoint took the request and threw the event away
	Unsure   fate = "unconfirmed"       // the endpoint's answer was none, twice
	Corrupt  fate = "spool_corrupt"     // they can not be read from disk any more
	Shutdown fate = "shutdown_deadline" // the context of Close ended
)

// A Queue is safe for concurrent use. It starts its goroutine with the first event
// and keeps it until Close.
type Queue struct {
	cfg    Config
	ctx    context.Context // of every attempt; ends at Close's deadline
	cancel context.CancelFunc
	wake   chan struct{} // to the dispatcher, capacity 1

	spilling sync.Mutex // held while events are put on disk only; before mu

	mu       sync.Mutex
	done     chan struct{} // closed when the dispatcher ended
	open     []*Batch      // taking events, not on loan; a stack: the last one returned is lent next
	idle     idle
	line     []*Batch   // holding entries no request took, in the order of their first entry
	retries  []*Request // refused ones, which go before anything in line
	inFlight map[*Request]struct{}
	waiters  []*waiter
	watches  []*watch
	used     tally // room taken: by unsettled events, and by loans
	stats    Stats
	waiting  tally // what line holds
	breaker  breaker
	sizeCap  sizeCap
	epoch    uint64
	live     map[uint64]*tally // unsettled events by epoch
	spills   []spill           // of them, those on disk only, oldest first
	loading  bool              // events are being read from disk
	loadAt   time.Time         // when that is tried next, after it brought nothing
	adoptAt  time.Time         // when the spool is asked next what others left
	adopted  bool              // it had something the last time

	wakeAt  tally // the waiting events at which the dispatcher wants to be woken
	wanted  bool  // the dispatcher waits for a batch on loan
	pressed bool  // somebody was refused, or waits, for lack of room
	started bool
	resting bool // the dispatcher ends when nothing is left to deliver
	closed  bool
	aborted bool
	limit   int // requests in flight

	numbered uint64 // the last request's number
	seen     set    // the uuids of the request that gather makes; nil: they may come twice

	grounded chan struct{} // closed when nothing is in flight; nil until abort
}

// A tally counts events and their bytes.
type tally struct{ events, bytes int }

var never = tally{math.MaxInt, math.MaxInt}

func (t *tally) add(events, bytes int) {
	t.events += events
	t.bytes += bytes
}

// reaches reports whether t is at limit by events or by bytes.
func (t tally) reaches(limit tally) bool {
	return t.events >= limit.events || t.bytes >= limit.bytes
}

// New returns an open queue. One with a spool begins to look for events that earlier
// processes left.
func New(cfg Config) *Queue {
	ctx, cancel := context.WithCancel(context.Background())
	q := &Queue{
		cfg:      cfg,
		ctx:      ctx,
		cancel:   cancel,
		wake:     make(chan struct{}, 1),
		inFlight: make(map[*Request]struct{}),
		live:     make(map[uint64]*tally),
		limit:    1,
	}
	if cfg.Unique {
		q.seen = make(set)
	}
	if cfg.Spool != nil {
		q.mu.Lock()
		q.start()
		q.mu.Unlock()
	}
	return q
}

// start runs the dispatcher unless it runs already.
func (q *Queue) start() {
	if q.resting = false; !q.started {
		q.started, q.done = true, make(chan struct{})
		go q.dispatch(q.done) // until Close, or until it may rest
	}
}

// Rest ends the queue's goroutine when nothing is left to deliver. The next event starts
// it again.
func (q *Queue) Rest() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.resting = q.started
	q.rouse()
}

// Open lends the caller an open batch with room for n more events. It returns
// ErrClosed, or ErrFull when the bounds are reached; a queue that blocks waits for
// room until ctx ends and then returns ErrFull wrapped with ctx's error.
//
// The caller appends one event (or a pair) to b.Buf and must then call Commit
// or Abandon without running anybody else's code in between: a batch on loan can
// not be sent. Concurrent callers get different batches, so nobody waits for a lock
// while encoding.
func (q *Queue) Open(ctx context.Context, n int) (*Batch, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	// One byte stands for a size that is not known yet: a queue that is full by
	// bytes takes nobody.
	if err := q.reserve(ctx, tally{n, 1}); err != nil {
		if !q.spillsOver(err) {
			return nil, err
		}
		b := q.lend(0)
		b.spills = true
		return b, nil
	}
	q.used.bytes--
	return q.lend(n), nil
}

// Commit accepts the events appended since Open: n of them, described by es[:n],
// whose End fields the caller has set. If their bytes go beyond the bound they are
// refused with ErrFull (or wait, when the queue blocks) and b.Buf is cut back.
func (q *Queue) Commit(ctx context.Context, b *Batch, es *[2]Entry, n int) error {
	size := len(b.Buf) - b.mark
	if cap(b.Buf)-len(b.Buf) > maxSlack {
		b.Buf = slices.Clone(b.Buf)
	}
	if b.spills {
		defer q.Abandon(b)
		return q.spill(b.Buf, b.mark, es[:n])
	}
	q.mu.Lock()
	if q.closed {
		q.undo(b)
		q.mu.Unlock()
		return ErrClosed
	}
	if q.used.bytes+size > q.cfg.Bytes {
		return q.commitLater(ctx, b, es, n)
	}
	q.used.add(n-b.reserved, size)
	if q.cfg.Spool != nil {
		b.reserved = n
		q.mu.Unlock()
		q.write(b.Buf, b.mark, es[:n])
		q.mu.Lock()
		if q.closed {
			q.free(tally{0, size})
			q.undo(b)
			q.mu.Unlock()
			q.cfg.Spool.Settle(es[:n])
			return ErrClosed
		}
	}
	q.accept(b, es[:n], size)
	q.mu.Unlock()
	return nil
}

// commitLater takes an event that is too large for the room left out of its batch,
// which must not stay on loan, and puts it again. It unlocks q.
func (q *Queue) commitLater(ctx context.Context, b *Batch, es *[2]Entry, n int) error {
	if !q.cfg.Block && !q.cfg.Spill {
		q.undo(b)
		q.press()
		q.mu.Unlock()
		return ErrFull
	}
	data := slices.Clone(b.Buf[b.mark:])
	moved := *es
	for i := range moved[:n] {
		moved[i].End -= b.mark
	}
	q.undo(b)
	q.mu.Unlock()
	return q.Put(ctx, data, &moved, n)
}

// Abandon returns the batch; what was appended since Open is cut off.
func (q *Queue) Abandon(b *Batch) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.undo(b)
}

// Put accepts n events that are encoded already in data, their End fields
// relative to data. It is Open, append and Commit in one.
func (q *Queue) Put(ctx context.Context, data []byte, es *[2]Entry, n int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.reserve(ctx, tally{n, len(data)}); err != nil {
		if !q.spillsOver(err) {
			return err
		}
		q.mu.Unlock()
		defer q.mu.Lock()
		return q.spill(data, 0, es[:n])
	}
	if q.cfg.Spool != nil {
		q.mu.Unlock()
		q.write(data, 0, es[:n])
		q.mu.Lock()
		if q.closed {
			q.free(tally{n, len(data)})
			q.cfg.Spool.Settle(es[:n])
			return ErrClosed
		}
	}
	b := q.lend(0)
	b.Buf = append(b.Buf, data...)
	placed := *es
	for i := range placed[:n] {
		placed[i].End += b.mark
	}
	q.accept(b, placed[:n], len(data))
	return nil
}

// accept adds the entries whose bytes stand at the end of b.Buf, their room being
// reserved, and returns b from its loan.
func (q *Queue) accept(b *Batch, es []Entry, size int) {
	if len(b.Entries) == 0 {
		b.at, b.epoch = time.Now(), q.epoch
		q.line = append(q.line, b)
	}
	b.Entries = append(b.Entries, es...)
	b.live += len(es)
	n := len(es)
	q.track(b.epoch, n, size)
	q.stats.Accepted += uint64(n)
	q.stats.Queued += uint64(n)
	q.waiting.add(n, size)
	q.giveBack(b)
	q.start()
	if q.waiting.reaches(q.wakeAt) {
		q.rouse()
	}
}

// track counts unsettled events of an epoch.
func (q *Queue) track(epoch uint64, events, bytes int) {
	t := q.live[epoch]
	if t == nil {
		t = new(tally)
		q.live[epoch] = t
	}
	if t.add(events, bytes); t.events == 0 {
		delete(q.live, epoch)
	}
}

// rouse wakes the dispatcher, once until it has looked.
func (q *Queue) rouse() {
	q.wakeAt, q.wanted = never, false
	select {
	case q.wake <- struct{}{}:
	default: // it is awake already
	}
}
