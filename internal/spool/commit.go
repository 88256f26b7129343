package spool

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// A group is the Appends that one sync makes durable, if each is to be.
type group struct {
	done   bool
	err    error
	unread uint64 // events that Next may return from then on
}

// accepted takes note of events that the operating system has taken, n of them for Next to
// return. The bytes that were not synced before are as many as before.
func (s *Spool) accepted(n uint64, before int) error {
	if s.cfg.Sync == Never {
		s.own.unread += n
		return nil
	}
	if s.cfg.Sync == Interval {
		s.own.unread += n
		s.start()
		if before < syncBytes && len(s.unsynced) >= syncBytes {
			s.committer.rouse()
		}
		return nil
	}
	if len(s.groups) == 0 || s.busy { // a sync under way may have missed these
		s.groups = append(s.groups, new(group))
	}
	mine := s.groups[len(s.groups)-1]
	mine.unread += n
	for !mine.done {
		if err := s.sync(); err != nil {
			s.giveUp(err)
		}
	}
	return mine.err
}

// sync makes durable what is not. After an fsync that failed it does not ask again, as the
// operating system may have thrown away what it could not write: it writes what was not
// synced into another segment and syncs that, once. It is called with the lock, which it
// releases meanwhile.
func (s *Spool) sync() (err error) {
	for range 2 {
		for s.busy {
			s.idle.Wait()
		}
		if s.broken {
			if err := s.rewrite(); err != nil {
				return err
			}
		}
		if s.landed > 0 {
			err = s.move()
			if s.written(err); err != nil {
				return err
			}
		}
		if err = s.syncOnce(); err == nil {
			return nil
		}
		s.warn(SyncFailed, s.own.dir, err)
		s.broken = true
		if e := s.rewrite(); e != nil {
			return errors.Join(err, e)
		}
	}
	return err
}

func (s *Spool) syncOnce() error {
	if s.own == nil || len(s.unsure) == 0 && !s.newNames {
		return nil
	}
	l, files, names := s.own, slices.Clone(s.unsure), s.newNames
	size, end, groups := len(s.unsynced), l.end, len(s.groups)
	for _, g := range files {
		g.synced = g.size
	}
	s.newNames = false
	s.lend()
	var err error
	for _, g := range files {
		err = errors.Join(err, g.file.Sync())
	}
	if names {
		err = errors.Join(err, s.fs.SyncDir(l.dir))
	}
	s.reclaim()
	if err != nil {
		s.newNames = s.newNames || names
		return err
	}
	s.synced = end
	s.unsynced = s.unsynced[:copy(s.unsynced, s.unsynced[size:])]
	s.unsure = slices.DeleteFunc(s.unsure, func(g *segment) bool { return g.size == g.synced })
	for _, g := range files {
		if g != l.active && g.size == g.synced {
			_ = g.file.Close() // it is synced
			g.file = nil
		}
	}
	for _, g := range s.groups[:groups] {
		l.unread += g.unread
		g.done = true
	}
	s.groups = slices.Delete(s.groups, 0, groups)
	return nil
}

// mend rewrites if need be, and if nobody syncs the files that this closes.
func (s *Spool) mend() error {
	for s.broken && s.busy {
		if s.idle.Wait(); s.closed {
			return ErrClosed
		}
	}
	if !s.broken {
		return nil
	}
	return s.rewrite()
}

// rewrite writes what is not synced into a new segment, which supersedes those that hold
// it now.
func (s *Spool) rewrite() error {
	l := s.own
	for _, g := range s.unsure {
		g.retire = l.end
		_ = g.file.Close() // its fsync has failed: there is no worse
		g.file = nil
		l.dirty = true // sweep removes it in time
	}
	s.unsure, l.active = nil, nil
	if len(s.unsynced) > 0 {
		g, err := s.newSegment(l, s.synced, s.unsynced)
		if err != nil {
			return err
		}
		s.use(l, g)
		s.moved(g)
	}
	s.broken = false
	return nil
}

// giveUp fails all Appends that wait for a sync. Their events may be on disk: they are
// settled, so that nobody sends what was refused.
func (s *Spool) giveUp(err error) {
	l := s.own
	l.read.addRange(s.synced, l.end)
	l.settled.addRange(s.synced, l.end)
	l.dirty = true
	s.synced, s.unsynced = l.end, nil
	_ = s.rewrite() // there is nothing to write: it lets go of the segments
	s.failGroups(err)
	s.start()
}

func (s *Spool) failGroups(err error) {
	for _, g := range s.groups {
		g.done, g.err = true, err
	}
	s.groups = nil
}

// lend and reclaim enclose work on the disk without the lock. Nobody else can lend it.
func (s *Spool) lend() {
	s.busy = true
	s.mu.Unlock()
}

func (s *Spool) reclaim() {
	s.mu.Lock()
	s.busy = false
	s.idle.Broadcast()
}

// A committer is the goroutine that syncs and sweeps.
type committer struct {
	running bool
	wake    chan struct{} // capacity 1
	ended   sync.WaitGroup
}

// start makes sure that the committer runs. It ends when there is nothing left to do, or
// when the Spool is closed.
func (s *Spool) start() {
	if s.committer.running || s.closed {
		return
	}
	s.committer.running = true
	s.committer.ended.Add(1)
	go s.run()
}

func (c *committer) rouse() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// stop waits for the end of the goroutine, which finds the Spool closed.
func (c *committer) stop() {
	c.rouse()
	c.ended.Wait()
}

func (s *Spool) run() {
	defer s.committer.ended.Done()
	pause, swept := s.syncEvery, time.Now()
	for {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-s.committer.wake:
			timer.Stop()
		}
		s.mu.Lock()
		var err error
		if len(s.unsynced) == 0 && cap(s.unsynced) > keepBuffer {
			s.unsynced = nil // nothing came since the last time
		}
		if !s.closed {
			err = s.sync()
			// Removing what is settled costs a sync of its own: whoever only wrote much, and
			// roused this for it, does not ask for that.
			if time.Since(swept) >= s.syncEvery {
				err = errors.Join(err, s.sweep(false))
				swept = time.Now()
			}
		}
		if s.closed || !s.pending() {
			s.committer.running = false
			s.unlock()
			return
		}
		landed := s.landed > 0
		s.unlock()
		if err == nil || landed { // what landed costs little to move again when there may be room
			pause = s.syncEvery - time.Since(swept)
		} else {
			pause = min(2*max(pause, s.syncEvery), maxSyncPause)
		}
	}
}

// pending reports whether the committer has anything to do.
func (s *Spool) pending() bool {
	return cap(s.unsynced) > keepBuffer || len(s.unsynced) > 0 || s.own != nil && s.newNames ||
		slices.ContainsFunc(s.all(), func(l *log) bool { return l.dirty })
}
