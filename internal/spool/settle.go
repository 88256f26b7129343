package spool

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
)

// Settle says that events were delivered or given up: they need never be read again. A
// ticket of none, or of an event that is settled, does nothing. An event that Next has not
// returned yet will not be, and counts as neither returned nor lost.
//
// It is a matter of memory. The disk learns of it within 100 ms, and segments of which all
// is settled are then removed.
func (s *Spool) Settle(tickets ...Ticket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range tickets {
		l := s.log(t.log())
		n := t.number()
		if l == nil || n >= l.end || !l.settled.add(n) {
			continue
		}
		if l.read.add(n) {
			l.unread--
		}
		if !l.dirty {
			l.dirty = true
			s.start()
		}
	}
}

// log returns the log of a ticket, nil if there is none any more.
func (s *Spool) log(index uint32) *log {
	if s.own != nil && s.own.index == index {
		return s.own
	}
	for _, logs := range [2][]*log{s.adopted, s.retired} {
		for _, l := range logs {
			if l.index == index {
				return l
			}
		}
	}
	return nil
}

// sweep writes down what is settled, and removes segments and adopted logs of which all
// is; with final this Spool's own log, too. It is called with the lock, which it releases
// meanwhile.
func (s *Spool) sweep(final bool) error {
	var errs []error
	for s.busy {
		s.idle.Wait()
	}
	for _, l := range s.all() {
		done := s.allSettled(l) && (final || l != s.own)
		if !l.dirty && !done {
			continue
		}
		if done {
			errs = append(errs, s.drop(l))
		} else {
			errs = append(errs, s.sweepLog(l))
		}
	}
	return errors.Join(errs...)
}

func (s *Spool) allSettled(l *log) bool { return l.settled.missing(1, l.end) == 0 }

// sweepLog writes the cursor of l and removes what it covers.
func (s *Spool) sweepLog(l *log) error {
	l.generation++
	c := cursorOf(&l.settled, l.end)
	c.generation = l.generation
	l.dirty = false
	var settled []*segment
	for _, g := range l.segments {
		if g == l.active || !c.covers(g.first, min(g.limit, l.end)) {
			continue
		}
		if g.retire > s.synced && s.cfg.Sync != Never {
			l.dirty = true // its successor is not synced yet
			continue
		}
		settled = append(settled, g)
	}
	s.unsure = slices.DeleteFunc(s.unsure, func(g *segment) bool { return slices.Contains(settled, g) })
	s.lend()
	err := s.writeCursor(l, &c, len(settled) > 0)
	var removed []*segment
	if noSpace(err) && len(settled) > 0 && settled[0].limit <= c.watermark {
		// A file system that never overwrites needs room for the cursor, too. One segment
		// makes some.
		removed, err = s.remove(settled[:1])
		settled = settled[len(removed):]
		err = errors.Join(err, s.writeCursor(l, &c, true))
	}
	if err == nil {
		var more []*segment
		more, err = s.remove(settled)
		removed = append(removed, more...)
	}
	s.reclaim()
	l.dirty = l.dirty || err != nil
	s.forget(l, removed)
	return err
}

// remove removes segments, and returns those that are gone.
func (s *Spool) remove(segments []*segment) (gone []*segment, err error) {
	for _, g := range segments {
		if g.file != nil {
			_ = g.file.Close()
			g.file = nil
		}
		if e := ignore(s.fs.Remove(g.path), fs.ErrNotExist); e != nil {
			err = errors.Join(err, e)
		} else {
			gone = append(gone, g)
		}
	}
	return gone, err
}

// forget drops removed segments from l.
func (s *Spool) forget(l *log, removed []*segment) {
	for _, g := range removed {
		s.bytes -= g.size
	}
	l.segments = slices.DeleteFunc(l.segments, func(g *segment) bool { return slices.Contains(removed, g) })
}

// writeCursor overwrites the older slot. Before a segment goes it must be durable: else a
// loss of power could make the segment look lost.
func (s *Spool) writeCursor(l *log, c *cursor, sync bool) error {
	if err := s.openCursor(l); err != nil {
		return err
	}
	if _, err := l.cursor.WriteAt(c.appendSlot(nil, l.id), int64(c.generation%2)*slotSize); err != nil {
		return err
	}
	if sync && s.cfg.Sync != Never {
		return l.cursor.Sync()
	}
	return nil
}

// drop removes a log of which everything is settled.
func (s *Spool) drop(l *log) error {
	l.generation++
	c := cursor{generation: l.generation, watermark: l.end}
	l.dirty = false
	segments := l.segments
	s.lend()
	err := ignore(s.writeCursor(l, &c, true), fs.ErrNotExist)
	// The pad goes first: without segments what is not on it would look lost.
	var removed []*segment
	errPad := s.removePad(l)
	if errPad == nil {
		var e error
		removed, e = s.remove(segments)
		err = errors.Join(err, e)
	}
	err = errors.Join(err, errPad)
	gone := errPad == nil && len(removed) == len(segments)
	if gone && s.cfg.Sync != Never {
		err = errors.Join(err, ignore(s.fs.SyncDir(l.dir), fs.ErrNotExist)) // the cursor goes last
	}
	s.reclaim()
	s.forget(l, removed)
	if !gone {
		l.dirty = true
		return err
	}
	if e := s.removeLog(l); e != nil && !errors.Is(e, fs.ErrNotExist) {
		s.warn(LeftAlone, filepath.Join(s.cfg.Dir, l.name), e) // somebody's file is in it
	}
	s.adopted = slices.DeleteFunc(s.adopted, func(x *log) bool { return x == l })
	s.retired = slices.DeleteFunc(s.retired, func(x *log) bool { return x == l })
	return err
}
