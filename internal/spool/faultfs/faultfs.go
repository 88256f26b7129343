// Package faultfs is a file system in memory that fails on demand: it runs full, loses
// what was not synced, and ends processes between any two operations. It is for tests of
// what uses package spool.
package faultfs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/phgen/phgen/internal/spool"
)

// ErrDead is what every operation of a process that has ended returns.
var ErrDead = errors.New("faultfs: the process has ended")

// A Disk is shared by the processes that use it. Its faults may be set at any time.
type Disk struct {
	mu      sync.Mutex
	root    *node
	pending []nameChange
	epoch   int // counts losses of power
	faults  Faults
}

// Faults are what goes wrong from now on. The zero Faults are none.
type Faults struct {
	Size     int64 // of all files together; 0: no limit. A write beyond is cut short, with ENOSPC
	ReadOnly bool
	Writes   int  // of the next writes, truncations included, this many fail with EIO, half done
	Syncs    int  // of the next syncs, of files and directories, this many fail with EIO
	Forget   bool // a file whose sync fails reads as it was when it was last synced
	Reads    int  // of the next reads of files, this many fail with EIO
	Removes  int  // of the next removals, this many fail with EIO
}

// A node is a file or a directory, as programs see it and as it would be after a loss of
// power.
type node struct {
	dir     bool
	entries map[string]*node
	kept    map[string]*node // entries that are durable

	data     []byte
	durable  []byte
	unsynced []change // from durable to data, as far as a sync still writes them

	lock *lock
}

// A change is a write, or a truncation if data is nil.
type change struct {
	at   int64
	data []byte
}

// A nameChange is not durable until one of its directories is synced.
type nameChange struct {
	from, to         *node // either may be nil
	fromName, toName string
	file             *node
}

// New returns an empty disk.
func New() *Disk { return &Disk{root: newDir()} }

func newDir() *node {
	return &node{dir: true, entries: map[string]*node{}, kept: map[string]*node{}}
}

// Fail sets what goes wrong.
func (d *Disk) Fail(f Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = f
}

// Faults returns what is still to go wrong.
func (d *Disk) Faults() Faults {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.faults
}

// Used is how many bytes all files have together.
func (d *Disk) Used() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.root.size()
}

func (n *node) size() int64 {
	size := int64(len(n.data))
	for _, e := range n.entries {
		size += e.size()
	}
	return size
}

// Files returns the content of each file below a directory.
func (d *Disk) Files(dir string) map[string][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	files := map[string][]byte{}
	var walk func(n *node, path string)
	walk = func(n *node, path string) {
		if !n.dir {
			files[path] = bytes.Clone(n.data)
		}
		for name, e := range n.entries {
			walk(e, filepath.Join(path, name))
		}
	}
	if n := d.find(dir); n != nil {
		walk(n, dir)
	}
	return files
}

// WriteFile puts a file there, durably, as an operator would.
func (d *Disk) WriteFile(name string, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	dir := d.mkdir(filepath.Dir(name))
	n := &node{data: bytes.Clone(data), durable: bytes.Clone(data)}
	dir.entries[filepath.Base(name)], dir.kept[filepath.Base(name)] = n, n
}

// Remove takes away a file or directory with all it holds, durably.
func (d *Disk) Remove(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if dir := d.find(filepath.Dir(name)); dir != nil {
		delete(dir.entries, filepath.Base(name))
		delete(dir.kept, filepath.Base(name))
	}
}

// LosePower ends all processes. Of what was not synced any part survives: names, and
// writes, of which the last may be torn.
func (d *Disk) LosePower(r *rand.Rand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.epoch++
	for _, c := range d.pending {
		if r.IntN(2) == 0 {
			c.keep()
		}
	}
	d.pending = nil
	d.root.losePower(r)
}

func (n *node) losePower(r *rand.Rand) {
	n.lock = nil
	if n.dir {
		n.entries = map[string]*node{}
		for name, e := range n.kept {
			n.entries[name] = e
			e.losePower(r)
		}
		return
	}
	for _, c := range n.unsynced {
		switch r.IntN(3) {
		case 0:
			n.durable = c.apply(n.durable)
		case 1:
			if c.data != nil {
				c.data = c.data[:r.IntN(len(c.data)+1)]
				n.durable = c.apply(n.durable)
			}
		}
	}
	n.unsynced = nil
	n.data = bytes.Clone(n.durable)
}

func (c change) apply(data []byte) []byte {
	if c.data == nil {
		if c.at <= int64(len(data)) {
			return data[:c.at:c.at]
		}
		return append(data, make([]byte, c.at-int64(len(data)))...)
	}
	if end := c.at + int64(len(c.data)); end > int64(len(data)) {
		data = append(data, make([]byte, end-int64(len(data)))...)
	}
	copy(data[c.at:], c.data)
	return data
}

func (c nameChange) keep() {
	if c.from != nil {
		delete(c.from.kept, c.fromName)
	}
	if c.to != nil {
		c.to.kept[c.toName] = c.file
	}
}

func (d *Disk) find(path string) *node {
	n := d.root
	for _, name := range strings.Split(filepath.Clean(path), string(filepath.Separator)) {
		if name == "" || name == "." {
			continue
		}
		if !n.dir {
			return nil
		}
		if n = n.entries[name]; n == nil {
			return nil
		}
	}
	return n
}

func (d *Disk) mkdir(path string) *node {
	n := d.root
	for _, name := range strings.Split(filepath.Clean(path), string(filepath.Separator)) {
		if name == "" || name == "." {
			continue
		}
		next := n.entries[name]
		if next == nil {
			next = newDir()
			n.entries[name], n.kept[name] = next, next
		}
		n = next
	}
	return n
}

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
func (p *Process) Lock(name string) (io.Closer, error) {
	f, err := p.OpenFile(name, os.O_RDWR|os.O_CREATE)
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
