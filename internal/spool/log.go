package spool

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A log is a directory of segments that this Spool has locked.
type log struct {
	index   uint32 // of its tickets
	adopted bool   // another process, or another Spool, has written it
	name    string
	dir     string
	id      uint64
	seed    uint32
	lock    io.Closer

	segments    []*segment // in the order they were made
	nextSegment uint32
	active      *segment // the one to append to; nil: the next Append makes it
	pad         pad
	end         uint64 // the next number

	settled window // numbers that need never be read again
	read    window // numbers that Next returns no more: settled, returned, or held in memory
	unread  uint64 // numbers below end that are not in read

	dirty      bool // settled is ahead of the cursor on disk
	cursor     File // nil until it is needed
	generation uint64
}

// A segment is a file of a log.
type segment struct {
	path    string
	n       uint32
	first   uint64
	limit   uint64 // it speaks for the numbers from first up to limit, exclusive
	size    int64
	touched time.Time // of its newest event; with a monotonic reading
	file    File      // open while it is appended to, or not synced

	// retire is set when fsync failed: from this number on being synced, what it held that
	// was not synced is safe in another segment.
	retire   uint64
	synced   int64 // of size
	failures int   // to read it
}

// logName makes names sort by time.
func logName(created time.Time, pid int, id uint64) string {
	return fmt.Sprintf("%016x-%d-%016x", max(0, created.UnixMicro()), pid, id)
}

func parseLogName(name string) (created time.Time, pid int, id uint64, ok bool) {
	parts := strings.Split(name, "-")
	if len(parts) != 3 {
		return created, 0, 0, false
	}
	µs, errTime := strconv.ParseInt(parts[0], 16, 64)
	pid, errPID := strconv.Atoi(parts[1])
	id, errID := strconv.ParseUint(parts[2], 16, 64)
	created = time.UnixMicro(µs)
	ok = errTime == nil && errPID == nil && errID == nil && name == logName(created, pid, id)
	return created, pid, id, ok
}

func (s *Spool) newLog(name string, id uint64) *log {
	return &log{
		name: name, dir: filepath.Join(s.cfg.Dir, name), id: id, seed: seedOf(id),
		end: 1, settled: newWindow(1), read: newWindow(1),
	}
}

const (
	// maxCreations bounds how often begin tries. Between the creation of a lock and the
	// locking somebody else may lock it, one time in thousands.
	maxCreations = 20

	// bornWithin is how long an empty log without a lock is taken for one that its process
	// is just making.
	bornWithin = time.Minute
)

// begin starts this Spool's own log. It is called with the lock.
func (s *Spool) begin() error {
	var err error
	for range maxCreations { // somebody may take the new directory for an abandoned one
		var l *log
		if l, err = s.create(); err == nil {
			s.index++
			l.index = s.index
			s.own, s.synced, s.ashore, s.newNames = l, l.end, l.end, s.cfg.Sync != Never
			return nil
		}
		if !errors.Is(err, ErrLocked) && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

// create makes an empty log, or leaves nothing behind.
func (s *Spool) create() (*log, error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, err
	}
	id := le.Uint64(random[:])
	l := s.newLog(logName(s.cfg.Now(), os.Getpid(), id), id)
	err := s.fs.MkdirPrivate(l.dir)
	if err != nil {
		return nil, err
	}
	l.lock, err = s.fs.Lock(filepath.Join(l.dir, "lock"), os.O_CREATE)
	if errors.Is(err, ErrLocked) || errors.Is(err, fs.ErrNotExist) {
		l.lock = nil
		return nil, err // whoever was faster removes it
	}
	if err != nil {
		l.lock = nil
		return nil, errors.Join(err, s.fs.Remove(l.dir))
	}
	if err = s.openCursor(l); err != nil {
		s.release(l)
		return nil, errors.Join(err, s.removeLog(l))
	}
	return l, nil
}

// openCursor opens the cursor file, which it makes at its full size if there is none.
func (s *Spool) openCursor(l *log) error {
	if l.cursor != nil {
		return nil
	}
	f, err := s.fs.OpenFile(filepath.Join(l.dir, "cursor"), os.O_RDWR|os.O_CREATE)
	if err != nil {
		return err
	}
	size, err := f.Size()
	if err == nil && size < cursorSize {
		c := cursorOf(&l.settled, l.end)
		_, err = f.WriteAt(append(c.appendSlot(make([]byte, 0, cursorSize), l.id), make([]byte, cursorSize)...)[:cursorSize], 0)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.cursor = f
	return nil
}

// newSegment makes the file of a segment that holds records, or leaves nothing behind. The
// header is written last: from then on the segment speaks for its numbers.
func (s *Spool) newSegment(l *log, first uint64, records []byte) (*segment, error) {
	g := &segment{n: l.nextSegment, first: first, limit: math.MaxUint64, touched: s.cfg.Now()}
	g.path = filepath.Join(l.dir, segmentName(g.n, first))
	g.size = headerSize + int64(len(records))
	l.nextSegment++
	f, err := s.fs.OpenFile(g.path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, err
	}
	if len(records) > 0 {
		_, err = f.WriteAt(records, headerSize)
	}
	if err == nil {
		h := header{g.touched, first, l.id}
		_, err = f.WriteAt(h.append(make([]byte, 0, headerSize)), 0)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), s.fs.Remove(g.path))
	}
	g.file = f
	return g, nil
}

// use makes g the segment to append to. It speaks for its numbers from now on.
func (s *Spool) use(l *log, g *segment) {
	for _, old := range l.segments {
		old.limit = min(old.limit, g.first)
	}
	l.segments = append(l.segments, g)
	l.active = g
	s.bytes += g.size
	s.newNames = s.cfg.Sync != Never
}

// segment returns the segment that speaks for a number, and the number from which on it
// does not; nil if none does.
func (l *log) segment(number, end uint64) (*segment, uint64) {
	for _, g := range slices.Backward(l.segments) {
		if g.first <= number && number < g.limit {
			return g, min(g.limit, end)
		}
	}
	for _, g := range l.segments {
		if g.first > number {
			end = min(end, g.first)
		}
	}
	return nil, end
}

// release lets go of a log: its next owner may be another process.
func (s *Spool) release(l *log) {
	for _, g := range l.segments {
		if g.file != nil {
			g.file.Close()
			g.file = nil
		}
	}
	l.pad.close()
	if l.cursor != nil {
		l.cursor.Close()
		l.cursor = nil
	}
	if l.lock != nil {
		l.lock.Close()
		l.lock = nil
	}
}

// removeLog removes a log that holds no segment any more, or what is left of it.
func (s *Spool) removeLog(l *log) error {
	errCursor := s.fs.Remove(filepath.Join(l.dir, "cursor"))
	lock := filepath.Join(l.dir, "lock")
	errLock := s.fs.Remove(lock)
	open := l.lock != nil
	s.release(l)
	if open && errLock != nil { // an open file can not be removed on Windows
		errLock = s.fs.Remove(lock)
	}
	return errors.Join(ignore(errCursor, fs.ErrNotExist), ignore(errLock, fs.ErrNotExist), s.fs.Remove(l.dir))
}
