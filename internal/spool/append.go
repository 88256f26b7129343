package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

const keepBuffer = 1 << 20 // larger buffers are not kept for the next Append

// Append takes all of events or none, with one write at most. They get the tickets first,
// first+1, …, and the time if they have none. With held the caller has them in memory as well, and Next does not return
// them. Once Append has returned nil they survive the end of the process and are never
// forgotten until they are settled.
//
// It fails with ErrClosed, with ErrFull when MaxBytes is reached, with ErrTooLarge, or with
// what the disk says. A later call tries again by itself.
func (s *Spool) Append(events []Event, held bool) (first Ticket, err error) {
	if len(events) == 0 {
		return 0, nil
	}
	size := 0
	for i := range events {
		e := &events[i]
		if len(e.Name) > maxName || len(e.Data) > maxData {
			return 0, fmt.Errorf("%w: name of %d bytes, data of %d", ErrTooLarge, len(e.Name), len(e.Data))
		}
		size += minRecord + len(e.Name) + len(e.Data)
	}
	s.mu.Lock()
	defer s.unlock()
	if err := s.makeRoom(size); err != nil {
		return 0, err
	}
	first, err = s.append(events, size, held)
	if err != nil || s.landed == 0 {
		s.written(err)
	}
	return first, err
}

// written takes note of how the disk took what was written to it.
func (s *Spool) written(err error) {
	switch {
	case err != nil && !s.trouble:
		s.warn(DiskTrouble, s.cfg.Dir, err)
	case err == nil && s.trouble:
		s.warn(DiskWorks, s.cfg.Dir, nil)
	}
	s.trouble = err != nil
}

// makeRoom keeps within the bounds on bytes, in all and not synced.
func (s *Spool) makeRoom(size int) error {
	if n := len(s.unsynced); n > 0 && n+size > maxUnsynced && s.cfg.Sync == Interval && !s.closed {
		if err := s.sync(); err != nil && len(s.unsynced) > 0 {
			return err
		}
	}
	if full := s.full(size); full && !s.closed {
		s.expire()
		if err := s.sweep(false); err != nil && s.full(size) {
			return errors.Join(ErrFull, err)
		}
	}
	switch {
	case s.closed:
		return ErrClosed
	case s.full(size):
		return ErrFull
	}
	return nil
}

func (s *Spool) full(size int) bool {
	return s.bytes+int64(s.landed+size)+headerSize > s.cfg.MaxBytes
}

func (s *Spool) append(events []Event, size int, held bool) (Ticket, error) {
	g, err := s.writable(size)
	if err != nil {
		return 0, err
	}
	l := s.own
	lands, err := s.clearPad(l, size)
	if err != nil {
		return 0, err
	}
	now := s.cfg.Now()
	first, n, unsynced := l.end, uint64(len(events)), len(s.unsynced)
	for i := range events {
		if events[i].At.IsZero() {
			events[i].At = now
		}
		s.unsynced = appendRecord(s.unsynced, l.seed, l.end+uint64(i), &events[i])
	}
	l.end += n
	if err := s.put(l, g, size, lands); err != nil {
		l.end, s.unsynced = first, s.unsynced[:unsynced]
		return 0, err
	}
	g.touched = now
	if held {
		l.read.addRange(first, l.end)
		n = 0
	}
	return ticketOf(l.index, first), s.accepted(n, unsynced)
}

// put puts the last size bytes that are not synced on the pad or, with all that landed on it
// before, into g.
func (s *Spool) put(l *log, g *segment, size int, lands bool) error {
	s.landed += size
	if lands && l.pad.put(s.unsynced[len(s.unsynced)-size:]) {
		return nil
	}
	err := s.move()
	if err == nil {
		return nil
	}
	s.landed -= size
	if g.file.Truncate(g.size) != nil {
		l.active = nil // the next segment speaks for what was half written
		s.broken = s.landed > 0
	}
	return err
}

// writable returns the segment to append to, which has room for size bytes unless it is
// empty.
func (s *Spool) writable(size int) (*segment, error) {
	g, err := s.segmentFor(size)
	if errors.Is(err, fs.ErrNotExist) && s.own != nil {
		// Somebody has removed the directory. The log keeps its tickets; what it still held
		// will be found missing.
		for s.busy {
			s.idle.Wait()
		}
		if s.closed {
			return nil, ErrClosed
		}
		s.failGroups(err)
		s.retired = append(s.retired, s.own)
		s.own, s.unsynced, s.landed, s.unsure, s.broken = nil, nil, 0, nil, false
		g, err = s.segmentFor(size)
	}
	return g, err
}

func (s *Spool) segmentFor(size int) (*segment, error) {
	if err := s.mend(); err != nil {
		return nil, err
	}
	if s.own == nil {
		if err := s.begin(); err != nil {
			return nil, err
		}
	}
	l := s.own
	old := l.active
	if old != nil {
		used := old.size + int64(s.landed)
		if used == headerSize || used+int64(size) <= int64(s.cfg.SegmentBytes) {
			return old, nil
		}
		if err := s.move(); err != nil {
			return nil, err
		}
	}
	g, err := s.newSegment(l, l.end, nil)
	if err != nil {
		return nil, err
	}
	if old != nil && !slices.Contains(s.unsure, old) {
		_ = old.file.Close() // it is synced, or nobody asked for that
		old.file = nil
	}
	s.use(l, g)
	return g, nil
}
