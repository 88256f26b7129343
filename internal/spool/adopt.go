package spool

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	maxBad    = 3       // segments set aside that are kept
	maxGap    = 1 << 30 // numbers between the beginnings of two segments
	badSuffix = ".bad"
)

// Adopt looks for logs of processes that have ended since. It returns how many events
// were found since the last call, Open's included; Next returns them before all others
// that are younger. It is for about once a minute: it lists the directory and looks at
// each log there. An error means that the directory could not be read.
func (s *Spool) Adopt() (events uint64, err error) {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return 0, ErrClosed
	}
	err = s.adopt()
	s.mu.Lock()
	defer s.mu.Unlock()
	events, s.found = s.found, 0
	return events, err
}

func (s *Spool) adopt() error {
	s.reading.Lock()
	defer s.reading.Unlock()
	entries, err := s.fs.ReadDir(s.cfg.Dir)
	if err != nil {
		return err
	}
	s.mu.Lock()
	known := map[string]bool{}
	for _, l := range s.all() {
		known[l.name] = true
	}
	s.mu.Unlock()
	for _, e := range entries {
		created, _, id, isLog := parseLogName(e.Name())
		if !isLog || !e.IsDir() || known[e.Name()] {
			continue
		}
		if more := s.adoptLog(e.Name(), id, created); !more {
			break
		}
	}
	return nil
}

// adoptLog takes over a log that nobody has locked. It reports whether there is room for
// another.
func (s *Spool) adoptLog(name string, id uint64, created time.Time) (more bool) {
	s.mu.Lock()
	full := s.closed || len(s.adopted) >= maxLogs || s.index >= maxLogIndex
	s.mu.Unlock()
	if full {
		return false
	}
	l := s.newLog(name, id)
	l.adopted = true
	lock, err := s.takeLock(l.dir, created)
	if errors.Is(err, ErrLocked) || errors.Is(err, fs.ErrNotExist) {
		return true // its process lives, or somebody was faster
	}
	var warnings []Warning
	if err == nil {
		l.lock = lock
		warnings, err = s.recover(l, s.leftAlone[name]+1 >= maxFailures)
	}
	s.mu.Lock()
	defer s.unlock()
	for _, w := range warnings {
		s.warn(w.Kind, w.Path, w.Err)
	}
	if err != nil {
		s.release(l)
		if s.leftAlone[name]++; s.leftAlone[name] == 1 {
			s.warn(LeftAlone, l.dir, err)
		}
		return true
	}
	if s.closed {
		s.release(l)
		return false
	}
	s.index++
	l.index = s.index
	for _, g := range l.segments {
		s.bytes += g.size
	}
	s.found += l.unread
	at, _ := slices.BinarySearchFunc(s.adopted, name, func(l *log, name string) int { return strings.Compare(l.name, name) })
	s.adopted = slices.Insert(s.adopted, at, l)
	if l.unread == 0 {
		l.dirty = true // there is nothing left but to remove it
		s.start()
	}
	return true
}

// takeLock locks a log that was there before. A log without a lock file is being made, if
// it is empty and young: a lock file made here would keep its process from that. After a
// loss of power the file may be missing although there is more in the log.
func (s *Spool) takeLock(dir string, created time.Time) (io.Closer, error) {
	path := filepath.Join(dir, "lock")
	lock, err := s.fs.Lock(path, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		return lock, err
	}
	entries, err := s.fs.ReadDir(dir)
	switch {
	case err != nil:
		return nil, err
	case len(entries) > 0:
		return s.fs.Lock(path, os.O_CREATE)
	case s.cfg.Now().Sub(created) > bornWithin:
		if err = s.fs.Remove(dir); err == nil { // its process died
			err = fs.ErrNotExist
		}
		return nil, err
	default:
		return nil, fs.ErrNotExist
	}
}

// recover finds out what a log holds, reading no more than its headers, its cursor, its
// last segment and its pad. It fails if the log is to be left alone. The last attempt does so only
// if the log was written by a later version; it sets aside what can not be read.
func (s *Spool) recover(l *log, last bool) (warnings []Warning, err error) {
	entries, err := s.fs.ReadDir(l.dir)
	if err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	var bad []*segment
	for _, e := range entries {
		n, first, ok := parseSegmentName(e.Name())
		if !ok {
			continue
		}
		g := &segment{path: filepath.Join(l.dir, e.Name()), n: n, first: first, limit: math.MaxUint64}
		switch err := s.readHeader(l, g); {
		case errors.Is(err, errHeader), last && err != nil && !errors.Is(err, errFuture):
			bad = append(bad, g)
		case err != nil:
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		default:
			l.segments = append(l.segments, g)
		}
	}
	s.join(l)
	var trailing uint64
	for len(l.segments) > 0 {
		g := l.segments[len(l.segments)-1]
		var tail int64
		tail, trailing, err = s.findEnd(l, g)
		if err == nil {
			if tail < g.size {
				warnings = append(warnings, Warning{TailCut, g.path, s.cut(g, tail)})
			}
			break
		}
		if !last {
			return nil, fmt.Errorf("%s: %w", filepath.Base(g.path), err)
		}
		bad = append(bad, g)
		l.segments = l.segments[:len(l.segments)-1]
		s.join(l)
	}
	pad, landings, err := s.readPad(l)
	switch {
	case err == nil:
		end := l.end + trailing
		l.joinPad(pad, l.landedLast(landings))
		l.end = max(l.end, end)
	case last && !errors.Is(err, errFuture):
		pad.n = l.nextSegment
		bad = append(bad, pad)
	default:
		return nil, fmt.Errorf("%s: %w", padName, err)
	}
	for _, g := range bad {
		warnings = append(warnings, s.setAside(l, g)...)
	}
	s.recall(l)
	for i, g := range l.segments {
		if i+1 < len(l.segments) {
			g.touched = l.segments[i+1].touched // its last event is older
		}
		// The wall clock gives the age once; from then on the monotonic one does.
		g.touched = now.Add(-max(0, now.Round(0).Sub(g.touched)))
	}
	return warnings, nil
}

// readHeader reads the header of g. It fails with errHeader if g is no segment of l.
func (s *Spool) readHeader(l *log, g *segment) error {
	f, err := s.fs.OpenFile(g.path, os.O_RDONLY)
	if err != nil {
		g.size = headerSize // nobody knows: it is not to be taken for empty
		return err
	}
	defer f.Close()
	if g.size, err = f.Size(); err != nil {
		return err
	}
	b := make([]byte, min(headerSize, g.size))
	if _, err := f.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	h, err := parseHeader(b, l.id)
	if err == nil && h.first != g.first {
		err = errHeader
	}
	g.touched = h.created
	return err
}

// setAside renames a segment that can not be read, and keeps only the last of those. One
// that has not even a header is removed: its process died before it wrote an event.
func (s *Spool) setAside(l *log, g *segment) []Warning {
	if g.size < headerSize {
		if err := s.fs.Remove(g.path); err != nil {
			return []Warning{{SetAside, g.path, err}}
		}
		return nil
	}
	to := filepath.Join(s.cfg.Dir, fmt.Sprintf("%s-%08x%s", l.name, g.n, badSuffix))
	if err := s.fs.Rename(g.path, to); err != nil {
		return []Warning{{SetAside, g.path, err}}
	}
	warnings := []Warning{{SetAside, to, nil}}
	entries, err := s.fs.ReadDir(s.cfg.Dir)
	if err != nil {
		return append(warnings, Warning{SetAside, s.cfg.Dir, err})
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		return e.IsDir() || !strings.HasSuffix(e.Name(), badSuffix)
	})
	for _, e := range entries[:max(0, len(entries)-maxBad)] {
		if err := s.fs.Remove(filepath.Join(s.cfg.Dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			warnings = append(warnings, Warning{SetAside, e.Name(), err})
		}
	}
	return warnings
}

// join works out which numbers each segment speaks for.
func (s *Spool) join(l *log) {
	slices.SortFunc(l.segments, func(a, b *segment) int { return cmp.Compare(a.n, b.n) })
	limit := uint64(math.MaxUint64)
	for _, g := range slices.Backward(l.segments) {
		g.limit, limit = limit, min(limit, g.first)
		l.nextSegment = max(l.nextSegment, g.n+1)
	}
}

// recall works out which numbers of l are settled.
func (s *Spool) recall(l *log) {
	c, ok := s.readCursor(l)
	if !ok && len(l.segments) > 0 {
		c.watermark = slices.MinFunc(l.segments, func(a, b *segment) int { return cmp.Compare(a.first, b.first) }).first
	}
	l.generation = c.generation
	l.settled = newWindow(max(1, min(c.watermark, l.end)))
	for _, r := range c.runs {
		l.settled.addRange(r.from, min(r.to, l.end))
	}
	l.read = l.settled
	l.read.words = slices.Clone(l.settled.words)
	l.unread = l.settled.missing(1, l.end)
}

// findEnd reads the last segment of l, and returns where its last record ends and how many
// damaged ones there are behind the last whole one.
func (s *Spool) findEnd(l *log, g *segment) (tail int64, trailing uint64, err error) {
	l.end = g.first
	f, err := s.fs.OpenFile(g.path, os.O_RDONLY)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	scan := newScanner(f, l.seed, g.size)
	for {
		r, ok, err := scan.next()
		if err != nil {
			return 0, 0, err
		}
		if !ok {
			return scan.tail, scan.trailing, nil
		}
		if r.number >= l.end && r.number < l.end+maxGap {
			l.end = r.number + 1
		}
		if r.at.After(g.touched) {
			g.touched = r.at
		}
	}
}

// cut cuts off what was not wholly written.
func (s *Spool) cut(g *segment, size int64) error {
	f, err := s.fs.OpenFile(g.path, os.O_RDWR)
	if err != nil {
		return err
	}
	if err = f.Truncate(size); err == nil {
		g.size = size
	}
	return errors.Join(err, f.Close())
}

// readCursor reads what is settled. Without a cursor nothing is: what was delivered is
// delivered again.
func (s *Spool) readCursor(l *log) (cursor, bool) {
	f, err := s.fs.OpenFile(filepath.Join(l.dir, "cursor"), os.O_RDONLY)
	if err != nil {
		return cursor{}, false
	}
	defer f.Close()
	b := make([]byte, cursorSize)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return cursor{}, false
	}
	return parseCursor(b[:n], l.id)
}
