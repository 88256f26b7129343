package faultfs

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/phgen/phgen/internal/spool"
)

// A Process uses a Disk until it ends. It is a spool.FS.
type Process struct {
	disk  *Disk
	epoch int
	left  int // operations that change something; negative: no limit
	dead  bool
	locks []*lock
}

// Process starts a process.
func (d *Disk) Process() *Process {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &Process{disk: d, epoch: d.epoch, left: -1}
}

// Kill ends the process: its locks are free, its files are as they are.
func (p *Process) Kill() {
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	p.die()
}

// KillAfter ends the process in place of its n+1st operation that changes something.
func (p *Process) KillAfter(n int) {
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	p.left = n
}

// Dead reports whether the process has ended.
func (p *Process) Dead() bool {
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	return p.dead || p.epoch != p.disk.epoch
}

func (p *Process) die() {
	p.dead = true
	for _, l := range p.locks {
		l.free()
	}
	p.locks = nil
}

// begin starts an operation, which ends with the returned function.
func (p *Process) begin(op, path string, changes bool) (func(), error) {
	p.disk.mu.Lock()
	end := p.disk.mu.Unlock
	err := ErrDead
	if !p.dead && p.epoch == p.disk.epoch {
		err = nil
		switch {
		case !changes:
		case p.left == 0:
			p.die()
			err = ErrDead
		case p.disk.faults.ReadOnly:
			err = syscall.EROFS
		default:
			p.left--
		}
	}
	if err != nil {
		end()
		return nil, &fs.PathError{Op: op, Path: path, Err: err}
	}
	return end, nil
}

// spend reports whether one of the faults left is due.
func spend(left *int) bool {
	if *left == 0 {
		return false
	}
	*left--
	return true
}

// MkdirPrivate makes a directory durably.
func (p *Process) MkdirPrivate(dir string) error {
	p.disk.mu.Lock()
	there := p.disk.find(dir)
	p.disk.mu.Unlock()
	end, err := p.begin("mkdir", dir, there == nil)
	if err != nil {
		return err
	}
	defer end()
	if n := p.disk.mkdir(dir); !n.dir {
		return &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
	}
	return nil
}

// ReadDir lists a directory.
func (p *Process) ReadDir(dir string) ([]fs.DirEntry, error) {
	end, err := p.begin("readdir", dir, false)
	if err != nil {
		return nil, err
	}
	defer end()
	n := p.disk.find(dir)
	if n == nil || !n.dir {
		return nil, &fs.PathError{Op: "readdir", Path: dir, Err: fs.ErrNotExist}
	}
	var entries []fs.DirEntry
	for name, e := range n.entries {
		entries = append(entries, entry{name, e.dir, int64(len(e.data))})
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// OpenFile opens a file as the spool does.
func (p *Process) OpenFile(name string, flag int) (spool.File, error) {
	p.disk.mu.Lock()
	there := p.disk.find(name)
	p.disk.mu.Unlock()
	end, err := p.begin("open", name, flag&os.O_RDWR != 0 && (there == nil || p.disk.faults.ReadOnly))
	if err != nil {
		return nil, err
	}
	defer end()
	n, err := p.open(name, flag)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &file{p: p, n: n, name: name, writes: flag&os.O_RDWR != 0}, nil
}

func (p *Process) open(name string, flag int) (*node, error) {
	dir := p.disk.find(filepath.Dir(name))
	if dir == nil || !dir.dir {
		return nil, fs.ErrNotExist
	}
	n := dir.entries[filepath.Base(name)]
	switch {
	case n == nil && flag&os.O_CREATE == 0:
		return nil, fs.ErrNotExist
	case n == nil:
		n = &node{}
		dir.entries[filepath.Base(name)] = n
		p.disk.pending = append(p.disk.pending, nameChange{to: dir, toName: filepath.Base(name), file: n})
	case flag&os.O_EXCL != 0:
		return nil, fs.ErrExist
	case n.dir:
		return nil, syscall.EISDIR
	}
	return n, nil
}

// Rename replaces what is called to.
func (p *Process) Rename(from, to string) error {
	end, err := p.begin("rename", from, true)
	if err != nil {
		return err
	}
	defer end()
	a, b := p.disk.find(filepath.Dir(from)), p.disk.find(filepath.Dir(to))
	if a == nil || b == nil || a.entries[filepath.Base(from)] == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	n := a.entries[filepath.Base(from)]
	delete(a.entries, filepath.Base(from))
	b.entries[filepath.Base(to)] = n
	p.disk.pending = append(p.disk.pending, nameChange{a, b, filepath.Base(from), filepath.Base(to), n})
	return nil
}

// Remove removes a file or an empty directory.
func (p *Process) Remove(name string) error {
	end, err := p.begin("remove", name, true)
	if err != nil {
		return err
	}
	defer end()
	if spend(&p.disk.faults.Removes) {
		return &fs.PathError{Op: "remove", Path: name, Err: syscall.EIO}
	}
	dir := p.disk.find(filepath.Dir(name))
	if dir == nil || dir.entries[filepath.Base(name)] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	if len(dir.entries[filepath.Base(name)].entries) > 0 {
		return &fs.PathError{Op: "remove", Path: name, Err: syscall.ENOTEMPTY}
	}
	delete(dir.entries, filepath.Base(name))
	p.disk.pending = append(p.disk.pending, nameChange{from: dir, fromName: filepath.Base(name)})
	return nil
}

// SyncDir makes the names in a directory durable.
func (p *Process) SyncDir(dir string) error {
	end, err := p.begin("sync", dir, true)
	if err != nil {
		return err
	}
	defer end()
	n := p.disk.find(dir)
	if n == nil {
		return &fs.PathError{Op: "sync", Path: dir, Err: fs.ErrNotExist}
	}
	if spend(&p.disk.faults.Syncs) {
		return &fs.PathError{Op: "sync", Path: dir, Err: syscall.EIO}
	}
	p.disk.pending = slices.DeleteFunc(p.disk.pending, func(c nameChange) bool {
		if c.from != n && c.to != n {
			return false
		}
		c.keep()
		return true
	})
	return nil
}

// A lock belongs to a process.
type lock struct {
	p *Process
	n *node
}

func (l *lock) free() {
	if l.n.lock == l {
		l.n.lock = nil
	}
}

// Close frees the lock.
func (l *lock) Close() error {
	l.p.disk.mu.Lock()
	defer l.p.disk.mu.Unlock()
	l.free()
	return nil
}

// Lock locks a file.
func (p *Process) Lock(name string, flag int) (io.Closer, error) {
	f, err := p.OpenFile(name, os.O_RDWR|flag)
	if err != nil {
		return nil, err
	}
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	n := f.(*file).n
	if n.lock != nil {
		return nil, spool.ErrLocked
	}
	n.lock = &lock{p, n}
	p.locks = append(p.locks, n.lock)
	return n.lock, nil
}

// Locked reports whether a file is locked.
func (p *Process) Locked(name string) (bool, error) {
	end, err := p.begin("lock", name, false)
	if err != nil {
		return false, err
	}
	defer end()
	n := p.disk.find(name)
	if n == nil {
		return false, &fs.PathError{Op: "lock", Path: name, Err: fs.ErrNotExist}
	}
	return n.lock != nil, nil
}

// An entry is one name of a directory.
type entry struct {
	name string
	dir  bool
	size int64
}

func (e entry) Name() string               { return e.name }
func (e entry) IsDir() bool                { return e.dir }
func (e entry) Info() (fs.FileInfo, error) { return e, nil }
func (e entry) Size() int64                { return e.size }
func (e entry) ModTime() time.Time         { return time.Time{} }
func (e entry) Sys() any                   { return nil }
func (e entry) Type() fs.FileMode          { return e.Mode().Type() }
func (e entry) Mode() fs.FileMode {
	if e.dir {
		return fs.ModeDir | 0o700
	}
	return 0o600
}
