package faultfs

import (
	"bytes"
	"io"
	"io/fs"
	"slices"
	"syscall"
)

// A file is open in one process.
type file struct {
	p      *Process
	n      *node
	name   string
	writes bool
	closed bool
}

func (f *file) begin(op string, changes bool) (func(), error) {
	end, err := f.p.begin(op, f.name, changes)
	if err == nil && (f.closed || changes && !f.writes) {
		end()
		return nil, f.fail(op, fs.ErrClosed)
	}
	return end, err
}

func (f *file) fail(op string, err error) error {
	return &fs.PathError{Op: op, Path: f.name, Err: err}
}

func (f *file) ReadAt(b []byte, at int64) (int, error) {
	end, err := f.begin("read", false)
	if err != nil {
		return 0, err
	}
	defer end()
	if spend(&f.p.disk.faults.Reads) {
		return 0, f.fail("read", syscall.EIO)
	}
	if at >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(b, f.n.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(b []byte, at int64) (int, error) {
	end, err := f.begin("write", true)
	if err != nil {
		return 0, err
	}
	defer end()
	n := len(b)
	d := f.p.disk
	if spend(&d.faults.Writes) {
		n, err = n/2, f.fail("write", syscall.EIO)
	} else if grow := at + int64(n) - int64(len(f.n.data)); d.faults.Size > 0 && grow > 0 {
		if over := d.root.size() + grow - d.faults.Size; over > 0 {
			n, err = max(0, n-int(over)), f.fail("write", syscall.ENOSPC)
		}
	}
	if n > 0 {
		f.change(change{at, bytes.Clone(b[:n])})
	}
	return n, err
}

func (f *file) change(c change) {
	f.n.data = c.apply(f.n.data)
	f.n.unsynced = append(f.n.unsynced, c)
}

func (f *file) Truncate(size int64) error {
	end, err := f.begin("truncate", true)
	if err != nil {
		return err
	}
	defer end()
	if spend(&f.p.disk.faults.Writes) {
		return f.fail("truncate", syscall.EIO)
	}
	f.change(change{at: size})
	return nil
}

// Sync makes what was written durable. If it fails, what was written since the last one
// never will be, as on Linux: the pages are clean, and a later sync has nothing to do.
func (f *file) Sync() error {
	end, err := f.begin("sync", true)
	if err != nil {
		return err
	}
	defer end()
	if spend(&f.p.disk.faults.Syncs) {
		f.n.unsynced = nil
		if f.p.disk.faults.Forget {
			f.n.data = slices.Clone(f.n.durable)
		}
		return f.fail("sync", syscall.EIO)
	}
	for _, c := range f.n.unsynced {
		f.n.durable = c.apply(f.n.durable)
	}
	f.n.unsynced = nil
	return nil
}

func (f *file) Size() (int64, error) {
	end, err := f.begin("stat", false)
	if err != nil {
		return 0, err
	}
	defer end()
	return int64(len(f.n.data)), nil
}

func (f *file) Close() error {
	end, err := f.begin("close", false)
	if err != nil {
		return err
	}
	defer end()
	f.closed = true
	return nil
}
