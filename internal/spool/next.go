package spool

import (
	"errors"
	"io/fs"
	"os"
)

// errUnsynced is what Next meets between an fsync that failed and the next success.
var errUnsynced = errors.New("events are in memory until syncing to disk works again")

const maxFailures = 3 // to read a segment; then its events are lost

// Next puts the next events that are on disk only into dst, in the order in which they
// were appended: those of the oldest adopted log first, this Spool's own last. Each is
// returned once, and never with a payload that was not appended. There are at most
// maxEvents, and their data is at most maxBytes unless the first alone is more.
//
// Events that turn out to be lost are counted in dst.Lost, once. A chunk is either all of
// adopted logs or all of the own one, losses included. Next reports whether there is more.
// An error is the disk's: what dst holds is sound all the same, and after some more
// attempts the events that can not be read are counted as lost.
//
// What was returned and is not settled when the Spool is closed is for the next process.
func (s *Spool) Next(dst *Chunk, maxEvents, maxBytes int) (more bool, err error) {
	dst.reset()
	s.reading.Lock()
	defer s.reading.Unlock()
	s.mu.Lock()
	defer s.unlock()
	if s.closed {
		return false, ErrClosed
	}
	var behind error // what is on the pad alone can not be read
	if waiting(s.mine()) > 0 {
		behind = s.move()
	}
	logs, lost := s.adopted, &s.lost[0]
	if waiting(logs) == 0 && lost.sum() == 0 {
		dst.Own, logs, lost = true, s.mine(), &s.lost[1]
	}
	for full := false; !full && err == nil && len(dst.Events) < maxEvents; {
		p, ok := s.passage(logs)
		if !ok {
			break
		}
		s.mu.Unlock()
		full, err = s.read(&p, dst, maxEvents, maxBytes)
		s.mu.Lock()
		if s.passed(&p, err); err == nil && p.log.read.next(p.from) < p.next {
			err = errUnsynced
		}
	}
	dst.Lost, *lost = *lost, Lost{}
	if err == nil && len(dst.Events) == 0 {
		err = behind
	}
	more = waiting(s.adopted)+waiting(s.mine())+s.lost[0].sum()+s.lost[1].sum() > 0
	if !more {
		s.reader.close()
	}
	return more, err
}

// waiting counts the events of logs that Next has to return.
func waiting(logs []*log) (n uint64) {
	for _, l := range logs {
		n += l.unread
	}
	return n
}

// A passage is a run of numbers to be read from one segment.
type passage struct {
	run
	log     *log
	segment *segment
	size    int64 // of the segment

	next    uint64 // the numbers before it have been read, or are missing
	missing []run
}

// passage finds the next run of unread numbers, and counts as lost those of which it is
// known already.
func (s *Spool) passage(logs []*log) (passage, bool) {
	for _, l := range logs {
		for l.unread > 0 {
			end := s.readable(l)
			from := l.read.next(1)
			if from >= end {
				break // what is left is not synced yet
			}
			g, limit := l.segment(from, end)
			switch {
			case g == nil:
				s.lose(l, from, limit, &s.losses(l).Corrupt)
			case s.expired(g):
				s.lose(l, from, limit, &s.losses(l).Expired)
			default:
				to := l.read.nextMember(from, limit)
				return passage{run: run{from, to}, log: l, segment: g, size: g.size, next: from}, true
			}
		}
	}
	return passage{}, false
}

// readable is the number from which on events of l must not be returned.
func (s *Spool) readable(l *log) uint64 {
	switch {
	case l != s.own:
		return l.end
	case s.cfg.Sync == Each:
		return s.synced
	default:
		return s.ashore
	}
}

func (s *Spool) losses(l *log) *Lost {
	if l.adopted {
		return &s.lost[0]
	}
	return &s.lost[1]
}

// read reads as much of p as dst may hold, without the lock.
func (s *Spool) read(p *passage, dst *Chunk, maxEvents, maxBytes int) (full bool, err error) {
	scan, err := s.reader.open(s.fs, p)
	if errors.Is(err, fs.ErrNotExist) {
		p.miss(p.to)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for p.next < p.to {
		offset := scan.offset
		r, ok, err := scan.next()
		if err != nil {
			return false, err
		}
		if !ok {
			p.miss(p.to)
			return false, nil
		}
		if r.number < p.next {
			continue
		}
		if r.number >= p.to {
			scan.offset = offset // another passage begins there
			p.miss(p.to)
			return false, nil
		}
		if n := len(dst.Events); n > 0 && (n >= maxEvents || len(dst.data)+len(r.data) > maxBytes) {
			scan.offset = offset
			return true, nil
		}
		p.miss(r.number)
		dst.add(&r, ticketOf(p.log.index, r.number))
		p.next++
	}
	return false, nil
}

// miss notes that the numbers before to are not there.
func (p *passage) miss(to uint64) {
	if p.next < to {
		p.missing = append(p.missing, run{p.next, to})
		p.next = to
	}
}

// passed accounts for what was read of p.
func (s *Spool) passed(p *passage, err error) {
	l := p.log
	at := p.from
	for _, r := range append(p.missing, run{p.next, p.next}) {
		l.unread -= l.read.missing(at, r.from)
		l.read.addRange(at, r.from)
		at = r.to
		if l == s.own && s.cfg.Sync != Never {
			// After a failed fsync the file may have less than memory: rewrite brings it back.
			r.to = min(r.to, s.synced)
		}
		s.lose(l, r.from, r.to, &s.losses(l).Corrupt)
	}
	if err == nil {
		p.segment.failures = 0
		return
	}
	if p.segment.failures++; p.segment.failures >= maxFailures {
		s.warn(ReadFailed, p.segment.path, err)
		s.lose(l, p.next, min(p.segment.limit, s.readable(l)), &s.losses(l).Corrupt)
	}
}

// lose settles the unread numbers of l from from up to to, and counts them.
func (s *Spool) lose(l *log, from, to uint64, count *uint64) {
	if from >= to {
		return
	}
	for n := l.read.next(from); n < to; {
		end := l.read.nextMember(n, to)
		l.settled.addRange(n, end)
		l.unread -= end - n
		*count += end - n
		n = l.read.next(end)
	}
	l.read.addRange(from, to)
	l.dirty = true
	s.start()
}

// expired reports whether all of g is older than MaxAge. A clock that was set back makes
// nothing old.
func (s *Spool) expired(g *segment) bool { return s.cfg.Now().Sub(g.touched) > s.cfg.MaxAge }

// expire counts as lost what is too old.
func (s *Spool) expire() {
	for _, l := range s.all() {
		for _, g := range l.segments {
			if to := min(g.limit, s.readable(l)); s.expired(g) && l.read.missing(g.first, to) > 0 {
				s.lose(l, g.first, to, &s.losses(l).Expired)
			}
		}
	}
}

// A reader is the segment that was read last, which mostly is the one to read next.
type reader struct {
	segment *segment
	file    File
	scanner
}

// open returns a scanner in front of the first record of p.
func (r *reader) open(fsys FS, p *passage) (*scanner, error) {
	if r.segment != p.segment {
		r.close()
		f, err := fsys.OpenFile(p.segment.path, os.O_RDONLY)
		if err != nil {
			return nil, err
		}
		r.segment, r.file = p.segment, f
		r.scanner = scanner{src: f, seed: p.log.seed, offset: headerSize, buf: r.buf[:0]}
	}
	r.limit = p.size
	return &r.scanner, nil
}

func (r *reader) close() {
	if r.file != nil {
		r.file.Close()
	}
	*r = reader{}
}
