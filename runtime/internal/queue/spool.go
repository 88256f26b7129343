package queue

import (
	"errors"
	"time"
)

// A Spool keeps accepted events on disk until they are settled, so that they outlive the
// process. Its methods are called from several goroutines at once, without a lock.
type Spool interface {
	// Append writes the events that stand in buf from start on, the End fields of es being
	// offsets in buf, and sets their tickets. Once it returned nil they survive a crash.
	// With held the queue keeps them in memory, too; otherwise Load returns them. It takes
	// all of them or none.
	Append(buf []byte, start int, es []Entry, held bool) error

	// Load appends events that are on disk only to b, oldest first and within limits
	// unless the first alone goes beyond, and says what it found. It returns every event
	// once, those of this process never together with others.
	Load(b *Batch, events, bytes int) (Loaded, error)

	// Settle forgets those of es that have a ticket.
	Settle(es []Entry)

	// Adopt looks for events left by processes that have ended, and returns how many it
	// found since the last call. Load then returns them, too.
	Adopt() uint64
}

// Loaded says what Load found.
type Loaded struct {
	Own     bool      // they are this process's
	At      time.Time // when the oldest of those loaded was accepted, by the wall clock
	Gone    int       // events that can not be read any more
	Expired int       // events that are too old
}

const (
	loadEvents = 1_000   // read from disk at a time
	loadBytes  = 1 << 20 // of them
	loadEvery  = time.Second
	adoptEvery = time.Minute
)

// A spill is a run of events on disk only that were accepted in one epoch.
type spill struct {
	epoch uint64
	at    time.Time // when the first was accepted
	tally
}

// write puts events that have room in memory on disk as well. A disk that can not take
// them costs no event: they are as safe as without a spool.
func (q *Queue) write(buf []byte, start int, es []Entry) {
	if q.cfg.Spool.Append(buf, start, es, true) != nil { // the spool reports what is wrong with it
		for i := range es {
			es[i].Ticket = 0
		}
	}
}

// spill accepts events for which memory has no room: they wait on disk.
func (q *Queue) spill(buf []byte, start int, es []Entry) error {
	q.spilling.Lock() // the log then has them in the order of their epochs
	defer q.spilling.Unlock()
	if q.cfg.Spool.Append(buf, start, es, false) != nil {
		return ErrFull
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		q.cfg.Spool.Settle(es)
		return ErrClosed
	}
	n, size := len(es), len(buf)-start
	q.stats.Accepted += uint64(n)
	q.stats.Spooled += uint64(n)
	q.track(q.epoch, n, size)
	if last := len(q.spills) - 1; last >= 0 && q.spills[last].epoch == q.epoch {
		q.spills[last].add(n, size)
	} else {
		q.spills = append(q.spills, spill{q.epoch, time.Now(), tally{n, size}})
	}
	q.start()
	return nil
}

// spillsOver reports whether err is a lack of room that the disk can mend.
func (q *Queue) spillsOver(err error) bool { return errors.Is(err, ErrFull) && q.cfg.Spill }

// loadLimits is what is read from disk at a time: at most half of what memory takes.
func (q *Queue) loadLimits() tally {
	return tally{max(1, min(loadEvents, q.cfg.Events/2)), min(loadBytes, q.cfg.Bytes/2)}
}

// startLoad begins to read events back if they can be sent and half of the room is free:
// what is captured meanwhile finds room, too. It returns how long nothing is to be read.
func (q *Queue) startLoad(now time.Time) time.Duration {
	if q.cfg.Spool == nil || q.loading || q.ctx.Err() != nil {
		return time.Hour
	}
	again := q.adopted && q.stats.Spooled == 0 // what was adopted is through: there may be more
	adopt := (again || !now.Before(q.adoptAt)) && !q.closed
	waits := len(q.spills) > 0 || q.stats.Spooled > 0 && !q.closed
	room := 2*q.used.events < q.cfg.Events && 2*q.used.bytes < q.cfg.Bytes
	able := room && (q.breaker.failures == 0 || q.used.events == 0) // an open breaker needs a probe, no more
	read := waits && able && !now.Before(q.loadAt)
	if !adopt && !read {
		wait := time.Hour
		if !q.closed {
			wait = q.adoptAt.Sub(now)
		}
		if waits && able {
			wait = min(wait, q.loadAt.Sub(now))
		}
		return wait
	}
	if adopt {
		q.adoptAt = now.Add(adoptEvery)
	}
	q.loading = true
	var limit tally
	if read {
		limit = q.loadLimits()
		q.used.add(limit.events, limit.bytes)
	}
	go q.load(adopt, limit) // until the disk has answered
	return time.Hour
}

// load reads events back, for which there is room as large as limit.
func (q *Queue) load(adopt bool, limit tally) {
	var found uint64
	if adopt {
		found = q.cfg.Spool.Adopt()
	}
	b, l := new(Batch), Loaded{}
	var err error
	if limit.events > 0 {
		l, err = q.cfg.Spool.Load(b, limit.events, limit.bytes)
	}
	for reason, n := range l.lost() {
		if q.cfg.Lost != nil {
			q.cfg.Lost(Loss{Events: n, Reason: string(reason), Err: err})
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if adopt {
		q.adopted = found > 0
	}
	q.stats.Accepted += found
	q.stats.Spooled += found
	if limit.events > 0 {
		q.loaded(b, l, limit, err)
	}
	q.loading = false
	q.land()
	q.rouse()
}

// lost is how many events are lost by reason.
func (l Loaded) lost() map[fate]int {
	lost := map[fate]int{Corrupt: l.Gone, Expired: l.Expired}
	for reason, n := range lost {
		if n == 0 {
			delete(lost, reason)
		}
	}
	return lost
}

// loaded accounts for what load read, and puts it in line before what is younger.
func (q *Queue) loaded(b *Batch, l Loaded, limit tally, err error) {
	n, gone := len(b.Entries), l.Gone+l.Expired
	if q.aborted || q.closed && !l.Own {
		n = 0 // what was read stays on disk, for the next process
		b.Buf, b.Entries = nil, nil
	}
	if n+gone == 0 {
		q.loadAt = time.Now().Add(loadEvery)
	}
	q.free(tally{limit.events - n, limit.bytes - len(b.Buf)})
	q.stats.Spooled -= uint64(n + gone)
	for reason, n := range l.lost() {
		q.stats.lose(string(reason), uint64(n))
	}
	now := time.Now()
	b.epoch, b.at = q.epoch, now.Add(-max(0, now.Round(0).Sub(l.At)))
	if l.Own {
		var since time.Time
		b.epoch, since = q.unspill(n + gone)
		if b.at.Before(since) { // the wall clock was set forward
			b.at = since
		}
		for _, w := range q.watches {
			for reason, n := range l.lost() {
				if b.epoch <= w.last {
					w.lost.add(string(reason), n, 0)
					w.lost.Err = err
				}
			}
		}
	}
	if n > 0 {
		q.track(b.epoch, n, len(b.Buf))
		b.live = n
		q.stats.Queued += uint64(n)
		q.waiting.add(n, len(b.Buf))
		q.line = append([]*Batch{b}, q.line...)
	}
	q.notify()
}

// unspill takes n events from the front of the spills. It returns the epoch of the first
// and when that began to spill; what is loaded counts as of that epoch, so that a flush
// waits for a few too many rather than for one too few.
func (q *Queue) unspill(n int) (epoch uint64, since time.Time) {
	epoch = q.epoch
	for first := true; n > 0 && len(q.spills) > 0; first = false {
		s := &q.spills[0]
		if first {
			epoch, since = s.epoch, s.at
		}
		k := min(n, s.events)
		size := s.bytes
		if k < s.events {
			size = s.bytes / s.events * k
		}
		s.add(-k, -size)
		q.track(s.epoch, -k, -size)
		if n -= k; s.events == 0 {
			q.spills = q.spills[1:]
		}
	}
	return epoch, since
}

// keep leaves the events of r that are on disk to the next process.
func (q *Queue) keep(r *Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stats.Queued -= uint64(r.Events)
	q.stats.Spooled += uint64(r.Events)
	for _, p := range r.parts {
		q.release(p, Kept, nil)
	}
	q.free(tally{r.Events, r.Bytes})
	q.rouse()
}
