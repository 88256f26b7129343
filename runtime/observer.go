package runtime

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/queue"
)

const (
	maxObservations = 1024
	maxObserved     = 1 << 16                // uuids that wait for OnDelivered: 1 MiB of them
	observerGrace   = 100 * time.Millisecond // Close's patience with a callback that does not return
	missedLogEvery  = time.Minute
)

// An observer runs other people's code (callbacks and log handlers) one call at a
// time, off the upload path. Its goroutine lives only while there is something to
// run. When too much waits, an observation is missed and counted.
type observer struct {
	c *Client

	uuids atomic.Int64 // that wait for OnDelivered

	mu       sync.Mutex
	waiting  []func()
	idle     chan struct{} // closed when the goroutine ends; nil while there is none
	ran      uint64        // calls finished, which tells a slow callback from a stuck one
	missed   uint64        // since the last log line about it
	loggedAt time.Time
}

// later queues run, or misses it and returns false.
func (o *observer) later(run func()) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) >= maxObservations {
		o.missed++
		return false
	}
	o.waiting = append(o.waiting, run)
	if o.idle == nil {
		o.idle = make(chan struct{})
		go o.work(o.idle) // until nothing waits
	}
	return true
}

// miss counts an observation that nobody will see.
func (o *observer) miss() {
	o.mu.Lock()
	o.missed++
	o.mu.Unlock()
}

// work runs what waits.
func (o *observer) work(idle chan struct{}) {
	done := false
	defer func() {
		if !done { // a callback ended this goroutine, as FailNow of package testing does
			go o.work(idle)
		}
	}()
	for {
		o.mu.Lock()
		if len(o.waiting) == 0 {
			o.waiting, o.idle, done = nil, nil, true
			close(idle)
			o.mu.Unlock()
			return
		}
		run := o.waiting[0]
		o.waiting[0] = nil
		o.waiting = o.waiting[1:]
		missed := o.missed
		if now := time.Now(); missed > 0 && now.Sub(o.loggedAt) >= missedLogEvery {
			o.missed, o.loggedAt = 0, now
		} else {
			missed = 0
		}
		o.mu.Unlock()

		o.protect(run)
		if missed > 0 {
			o.protect(func() { o.c.log().Warn("callbacks are too slow", "missed_observations", missed) })
		}
	}
}

// protect calls run and survives its panic.
func (o *observer) protect(run func()) {
	defer func() {
		o.mu.Lock()
		o.ran++
		o.mu.Unlock()
		if v := recover(); v != nil {
			defer func() { _ = recover() }() // the logger may be what panics
			o.c.log().Error("callback panicked", "panic", fmt.Sprint(v))
		}
	}()
	run()
}

// drain waits until everything observed is run. It gives up when ctx has ended, or
// a callback does not return: it may be the one that called Close.
func (o *observer) drain(ctx context.Context) {
	tick := time.NewTicker(observerGrace)
	defer tick.Stop()
	for {
		o.mu.Lock()
		idle, ran := o.idle, o.ran
		o.mu.Unlock()
		if idle == nil {
			return
		}
		select {
		case <-idle:
		case <-tick.C:
			o.mu.Lock()
			stuck := o.ran == ran
			o.mu.Unlock()
			if stuck || ctx.Err() != nil {
				return
			}
		}
	}
}

// violation reports a broken rule to Config.OnViolation.
func (o *observer) violation(v Violation) {
	if hook := o.c.cfg.OnViolation; hook != nil {
		o.later(func() { hook(v) })
	}
}

// delivered reports a request to Config.OnDelivered. While a slow hook leaves too many
// waiting it costs a request nothing: its uuids are not even copied.
func (o *observer) delivered(r *queue.Request, attempt time.Duration) {
	if o.uuids.Load() >= maxObserved {
		o.miss()
		return
	}
	hook := o.c.cfg.OnDelivered
	d := Delivered{UUIDs: make([]uuid.UUID, 0, r.Events), Bytes: r.Bytes, Attempts: r.Attempts, Latency: attempt}
	for e := range r.Entries() {
		d.UUIDs = append(d.UUIDs, e.UUID)
	}
	n := int64(len(d.UUIDs))
	o.uuids.Add(n)
	queued := o.later(func() {
		defer o.uuids.Add(-n)
		hook(d)
	})
	if !queued {
		o.uuids.Add(-n)
	}
}

// lost writes the one log line of a loss and reports its events to Config.OnLost.
func (o *observer) lost(l queue.Loss) {
	o.later(func() {
		attrs := []any{"events", l.Events, "reason", l.Reason, "error", l.Err}
		if len(l.Entries) > 0 {
			first := l.Entries[0]
			attrs = append(attrs, "first_event", first.Name, "first_uuid", uuid.UUID(first.UUID))
		}
		o.c.log().Warn("events lost", attrs...)
	})
	hook := o.c.cfg.OnLost
	if hook == nil {
		return
	}
	o.later(func() {
		for _, e := range l.Entries {
			o.protect(func() { hook(LostEvent{UUID: e.UUID, Event: e.Name, Reason: l.Reason, Err: l.Err}) })
		}
	})
}
