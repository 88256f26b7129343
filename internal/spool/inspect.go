package spool

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Contents is what a directory of a Spool holds.
type Contents struct {
	Logs     []Log    // the oldest first
	SetAside []string // names of segments that could not be read
}

// A Log is what one process left, or is about to leave.
type Log struct {
	Name     string
	Created  time.Time
	PID      int  // of the process that wrote it
	Live     bool // that process, or another that has adopted the log, is running
	Later    bool // written by a later version: only the sizes are known
	Segments int
	Bytes    int64
	Events   uint64    // that are not settled
	Damaged  uint64    // of these, those that can not be read
	Oldest   time.Time // when the oldest of the others was accepted; zero without any
}

// Inspect reads a directory of a Spool without changing or hindering anything. What it
// says of a live log may be out of date by 100 ms.
func Inspect(dir string) (Contents, error) { return inspect(osFS{}, dir) }

func inspect(fsys FS, dir string) (c Contents, err error) {
	s := &Spool{cfg: Config{Dir: dir}, fs: fsys}
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		return c, err
	}
	for _, e := range entries {
		created, pid, id, isLog := parseLogName(e.Name())
		switch {
		case !e.IsDir() && strings.HasSuffix(e.Name(), badSuffix):
			c.SetAside = append(c.SetAside, e.Name())
		case e.IsDir() && isLog:
			l := Log{Name: e.Name(), Created: created, PID: pid}
			l.Live, err = fsys.Locked(filepath.Join(dir, l.Name, "lock"))
			if err = ignore(err, fs.ErrNotExist); err == nil {
				err = s.inspectLog(&l, id)
			}
			if errors.Is(err, fs.ErrNotExist) {
				continue // it was removed meanwhile
			}
			if err != nil {
				return c, err
			}
			c.Logs = append(c.Logs, l)
		}
	}
	return c, nil
}

// inspectLog reads all of a log.
func (s *Spool) inspectLog(info *Log, id uint64) error {
	l := s.newLog(info.Name, id)
	pad, landings, err := s.readPad(l) // first: what is moved meanwhile is in a segment
	if info.Later = errors.Is(err, errFuture); err != nil && !info.Later {
		return err
	}
	entries, err := s.fs.ReadDir(l.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		n, first, ok := parseSegmentName(e.Name())
		if !ok {
			continue
		}
		g := &segment{path: filepath.Join(l.dir, e.Name()), n: n, first: first, limit: math.MaxUint64}
		err := s.readHeader(l, g)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // it was settled meanwhile
		case errors.Is(err, errFuture):
			info.Later = true
		case err != nil && !errors.Is(err, errHeader):
			return err
		case err == nil:
			l.segments = append(l.segments, g)
		}
		info.Segments++
		info.Bytes += g.size
	}
	if info.Later {
		return nil
	}
	s.join(l)
	var trailing uint64
	if n := len(l.segments); n > 0 {
		if _, trailing, err = s.findEnd(l, l.segments[n-1]); err != nil {
			return err
		}
	}
	end, last, segments := l.end+trailing, l.landedLast(landings), l.segments
	if info.Live { // what is missing among those was moved, or landed, meanwhile
		for n, r := range last {
			if r.number != l.end+uint64(n) {
				last = last[:n]
				break
			}
		}
	}
	l.joinPad(pad, last)
	l.end = max(l.end, end)
	s.recall(l) // after the segments were listed: those that go meanwhile are settled
	info.Events = l.unread
	for _, r := range last {
		info.Bytes += r.end - r.offset
		info.found(l, r.number, r.at)
	}
	return s.inspectEvents(info, l, segments)
}

// found takes note that an event is there.
func (info *Log) found(l *log, number uint64, at time.Time) {
	if l.read.add(number) && (info.Oldest.IsZero() || at.Before(info.Oldest)) {
		info.Oldest = at
	}
}

// inspectEvents counts the events that are not settled and not there.
func (s *Spool) inspectEvents(info *Log, l *log, segments []*segment) error {
	for _, g := range segments {
		f, err := s.fs.OpenFile(g.path, os.O_RDONLY)
		if errors.Is(err, fs.ErrNotExist) {
			to := min(g.limit, l.end)
			info.Events -= l.read.missing(g.first, to)
			l.read.addRange(g.first, to)
			continue
		}
		if err != nil {
			return err
		}
		for scan := newScanner(f, l.seed, g.size); ; {
			r, ok, err := scan.next()
			if err != nil {
				f.Close()
				return err
			}
			if !ok {
				break
			}
			if r.number >= g.first && r.number < min(g.limit, l.end) {
				info.found(l, r.number, r.at)
			}
		}
		f.Close()
	}
	info.Damaged = l.read.missing(1, l.end)
	return nil
}

// Purge removes all logs that nobody has locked and that are not of a later version, with
// the events in them, and the segments that were set aside. It returns what it removed.
func Purge(dir string) (removed Contents, err error) { return purge(osFS{}, dir) }

func purge(fsys FS, dir string) (removed Contents, err error) {
	s := &Spool{cfg: Config{Dir: dir}, fs: fsys}
	contents, err := inspect(fsys, dir)
	if err != nil {
		return removed, err
	}
	for _, info := range contents.Logs {
		if info.Live || info.Later {
			continue
		}
		gone, e := s.purgeLog(info)
		err = errors.Join(err, e)
		if gone {
			removed.Logs = append(removed.Logs, info)
		}
	}
	for _, name := range contents.SetAside {
		if e := fsys.Remove(filepath.Join(dir, name)); e != nil {
			err = errors.Join(err, ignore(e, fs.ErrNotExist))
			continue
		}
		removed.SetAside = append(removed.SetAside, name)
	}
	return removed, err
}

// purgeLog removes a log, unless it has been adopted since it was inspected.
func (s *Spool) purgeLog(info Log) (gone bool, err error) {
	l := s.newLog(info.Name, 0)
	if l.lock, err = s.fs.Lock(filepath.Join(l.dir, "lock"), os.O_CREATE); err != nil {
		l.lock = nil
		return false, ignore(ignore(err, ErrLocked), fs.ErrNotExist)
	}
	entries, err := s.fs.ReadDir(l.dir)
	for _, e := range entries {
		if _, _, ok := parseSegmentName(e.Name()); ok || e.Name() == padName {
			err = errors.Join(err, s.fs.Remove(filepath.Join(l.dir, e.Name())))
		}
	}
	if err != nil {
		s.release(l)
		return false, err
	}
	return true, s.removeLog(l)
}
