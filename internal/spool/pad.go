package spool

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"
)

const (
	padName = "pad"
	maxPad  = 4 << 20 // of another process's pad, bytes that are read
)

// A pad is a small file that is mapped into memory. Records land there, which costs neither a
// system call nor, as its pages are used again and again, a page fault, and are moved to the
// segment many at a time. What is on it survives the end of the process. It is never read
// but in a log that was adopted: what this process has to move it has in memory, too.
type pad struct {
	Mapping      // nil: none
	tried   bool // to make it
	failed  bool // nothing lands on it any more
	at      int  // where the next record lands; only what is in a segment is ever overwritten
}

// clearPad reports whether records of size bytes are to land on the pad of l, and sees to it
// that there is room.
func (s *Spool) clearPad(l *log, size int) (lands bool, err error) {
	if s.cfg.Sync == Each || size > s.moveBytes {
		return false, nil
	}
	p := &l.pad
	if !p.tried {
		p.tried = true
		s.makePad(l)
	}
	if p.Mapping == nil || p.failed {
		return false, nil
	}
	if full := p.at+size > s.padBytes; full || s.landed >= s.moveBytes {
		if err := s.move(); err != nil {
			return false, err
		}
		if full {
			p.at = headerSize
		}
	}
	return true, nil
}

// makePad makes the pad of l. Where there can be none, on a full disk or because files can
// not be mapped, every Append writes to the segment: what is wrong with the disk, that tells.
func (s *Spool) makePad(l *log) {
	m, err := s.fs.Map(filepath.Join(l.dir, padName), s.padBytes)
	if err != nil {
		return
	}
	h := header{s.cfg.Now(), 1, l.id}
	l.pad.Mapping, l.pad.at = m, headerSize
	l.pad.failed = m.Put(h.append(nil), 0) != nil
}

// put reports whether b has landed.
func (p *pad) put(b []byte) bool {
	if p.Put(b, p.at) != nil {
		p.failed = true // the caller writes b elsewhere
		return false
	}
	p.at += len(b)
	return true
}

func (p *pad) close() {
	if p.Mapping != nil {
		p.Close()
		p.Mapping = nil
	}
}

// move puts what has landed into the segment, with one write.
func (s *Spool) move() error {
	if s.landed == 0 {
		return nil
	}
	if s.broken {
		return s.mend()
	}
	g := s.own.active
	b := s.unsynced[len(s.unsynced)-s.landed:]
	if n, err := g.file.WriteAt(b, g.size); err != nil || n < len(b) {
		if err == nil {
			err = io.ErrShortWrite
		}
		return err // the next attempt writes the same bytes to the same place
	}
	g.size += int64(len(b))
	s.bytes += int64(len(b))
	s.moved(g)
	return nil
}

// moved takes note that everything is in segments, the last of it in g.
func (s *Spool) moved(g *segment) {
	s.landed, s.ashore = 0, s.own.end
	if s.cfg.Sync == Never {
		s.synced = s.ashore
		if s.unsynced = s.unsynced[:0]; cap(s.unsynced) > keepBuffer {
			s.unsynced = nil
		}
		return
	}
	if k := len(s.unsure); k == 0 || s.unsure[k-1] != g {
		s.unsure = append(s.unsure, g)
	}
}

// removePad removes the pad of l, if there is one.
func (s *Spool) removePad(l *log) error {
	return ignore(s.fs.Remove(filepath.Join(l.dir, padName)), fs.ErrNotExist)
}

// A landing is a record on a pad.
type landing struct {
	number uint64
	at     time.Time // when the event was accepted
	offset int64
	end    int64 // where it ends
}

// readPad reads the pad of a log that another process has written, and returns all whole
// records, of which most may be in segments, too, or settled. The pad stands in for a
// segment; nil if there is none.
func (s *Spool) readPad(l *log) (*segment, []landing, error) {
	g := &segment{path: filepath.Join(l.dir, padName), first: 1, limit: math.MaxUint64}
	err := s.readHeader(l, g)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil && !errors.Is(err, errHeader) { // each record tells whose it is
		return g, nil, err
	}
	f, err := s.fs.OpenFile(g.path, os.O_RDONLY)
	if err != nil {
		return g, nil, err
	}
	defer f.Close()
	landings, err := landingsOf(f, l.seed, min(g.size, maxPad))
	return g, landings, err
}

func landingsOf(src io.ReaderAt, seed uint32, size int64) (all []landing, err error) {
	for scan := newScanner(src, seed, size); ; {
		r, ok, err := scan.next()
		if !ok || err != nil {
			return all, err
		}
		all = append(all, landing{r.number, r.at, r.offset, scan.offset})
	}
}

// landedLast returns the landings that come behind all that the segments of l hold. The
// last records to land stand in front of older ones, in their order.
func (l *log) landedLast(all []landing) (last []landing) {
	end := l.end
	if len(l.segments) == 0 && len(all) > 0 {
		end = all[0].number
	}
	for _, r := range all {
		if r.number >= end && r.number < end+maxGap {
			last, end = append(last, r), r.number+1
		}
	}
	return last
}

// joinPad makes the pad the last segment of l, with those landings.
func (l *log) joinPad(g *segment, last []landing) {
	if len(last) == 0 {
		return
	}
	if g.first = l.end; len(l.segments) == 0 {
		g.first = last[0].number
	}
	for _, old := range l.segments {
		old.limit = min(old.limit, g.first)
		if old.touched.After(g.touched) {
			g.touched = old.touched
		}
	}
	for _, r := range last {
		l.end, g.size = r.number+1, r.end
		if r.at.After(g.touched) {
			g.touched = r.at
		}
	}
	g.n = l.nextSegment
	l.segments = append(l.segments, g)
}
