// Package faultfs is a file system in memory that fails on demand: it runs full, loses
// what was not synced, and ends processes between any two operations. It is for tests of
// what uses package spool.
package faultfs

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
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
	mapped   bool     // a loss of power leaves any mix of its pages

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
	return d.walk(dir, func(n *node) (map[string]*node, []byte) { return n.entries, n.data })
}

// Durable returns the files that a loss of power leaves in any case.
func (d *Disk) Durable(dir string) map[string][]byte {
	return d.walk(dir, func(n *node) (map[string]*node, []byte) { return n.kept, n.durable })
}

func (d *Disk) walk(dir string, view func(*node) (map[string]*node, []byte)) map[string][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	files := map[string][]byte{}
	var walk func(n *node, path string)
	walk = func(n *node, path string) {
		entries, data := view(n)
		if !n.dir {
			files[path] = bytes.Clone(data)
		}
		for name, e := range entries {
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
	if n.mapped {
		n.mixPages(r)
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
