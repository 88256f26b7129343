package faultfs

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"syscall"

	"github.com/phgen/phgen/internal/spool"
)

const (
	pageBytes  = 256   // small, as the events of tests are
	maxChanges = 1_000 // of a mapped file; older ones the system has written by itself
)

// Map makes a file and maps it. Of the faults it knows Size, ReadOnly and Writes.
func (p *Process) Map(name string, size int) (spool.Mapping, error) {
	end, err := p.begin("map", name, true)
	if err != nil {
		return nil, err
	}
	defer end()
	fail := func(err error) (spool.Mapping, error) {
		return nil, &fs.PathError{Op: "map", Path: name, Err: err}
	}
	d := p.disk
	dir := d.find(filepath.Dir(name))
	switch {
	case dir == nil || !dir.dir:
		return fail(fs.ErrNotExist)
	case dir.entries[filepath.Base(name)] != nil:
		return fail(fs.ErrExist)
	case spend(&d.faults.Writes):
		return fail(syscall.EIO)
	case d.faults.Size > 0 && d.root.size()+int64(size) > d.faults.Size:
		return fail(syscall.ENOSPC)
	}
	n := &node{data: make([]byte, size), durable: make([]byte, size), mapped: true}
	dir.entries[filepath.Base(name)] = n
	d.pending = append(d.pending, nameChange{to: dir, toName: filepath.Base(name), file: n})
	return &mapping{file{p: p, n: n, name: name, writes: true}}, nil
}

// A mapping is a file that is changed without being written.
type mapping struct{ file }

// Put changes half of b if the process ends at it.
func (m *mapping) Put(b []byte, at int) error {
	end, err := m.begin("put", true)
	if err != nil {
		m.p.disk.mu.Lock()
		defer m.p.disk.mu.Unlock()
		if m.p.dead && m.p.left == 0 && m.p.epoch == m.p.disk.epoch {
			m.p.left-- // this is the operation at which it ended
			m.put(b[:len(b)/2], at)
		}
		return err
	}
	defer end()
	m.put(b, at)
	return nil
}

func (m *mapping) put(b []byte, at int) {
	m.change(change{int64(at), bytes.Clone(b)})
	if n := m.n; len(n.unsynced) > 2*maxChanges {
		for _, c := range n.unsynced[:maxChanges] {
			n.durable = c.apply(n.durable)
		}
		n.unsynced = append([]change(nil), n.unsynced[maxChanges:]...)
	}
}

// mixPages leaves each page as it was after any of the changes.
func (n *node) mixPages(r *rand.Rand) {
	pages := (len(n.durable) + pageBytes - 1) / pageBytes
	mixed, until := bytes.Clone(n.durable), make([]int, pages)
	for i := range until {
		until[i] = r.IntN(len(n.unsynced) + 1)
	}
	for k, c := range n.unsynced {
		n.durable = c.apply(n.durable)
		for i, last := range until {
			if last == k+1 {
				copy(mixed[i*pageBytes:], n.durable[i*pageBytes:min((i+1)*pageBytes, len(n.durable))])
			}
		}
	}
	n.durable, n.unsynced = mixed, nil
}
