package spool

import (
	"errors"
	"fmt"
	"runtime/debug"
	"syscall"
)

// A mapped is the memory in which a reserved file is written: a store there is with the
// operating system as soon as it is made, as with write(2), for a tenth of the time. Its
// blocks are allocated, so that the disk can not run full under it.
type mapped struct {
	memory []byte // nil: the file is written as any other
	end    int64  // of what was written; the rest is zeros
}

// Reserve extends the file with zeros to size, and writes to memory from now on. Close cuts
// off what was not written.
func (f *osFile) Reserve(size int64) error {
	blank := make([]byte, max(0, size-f.end))
	if _, err := f.File.WriteAt(blank, f.end); err != nil { // a hole might find no room later
		return errors.Join(err, f.File.Truncate(f.end))
	}
	memory, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return errors.Join(err, f.File.Truncate(f.end))
	}
	f.memory = memory
	return nil
}

// WriteAt writes to the memory of a reserved file as far as that reaches. The first bytes
// come last: a process that dies in between leaves zeros there, and no record begins so.
func (f *osFile) WriteAt(b []byte, at int64) (n int, err error) {
	if at+int64(len(b)) > int64(len(f.memory)) {
		n, err = f.File.WriteAt(b, at)
	} else {
		head := min(len(b), frameSize)
		if err = f.store(b[head:], at+int64(head)); err == nil {
			err = f.store(b[:head], at)
		}
		if err == nil {
			n = len(b)
		}
	}
	f.end = max(f.end, at+int64(n))
	return n, err
}

// store copies b. A disk that fails, and a file that somebody has cut, are a signal here,
// which must not end the program.
func (f *osFile) store(b []byte, at int64) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("writing %s: %v", f.Name(), v)
		}
	}()
	copy(f.memory[at:], b)
	return nil
}

// Truncate cuts off what was written beyond size. A reserved file keeps its room.
func (f *osFile) Truncate(size int64) error {
	if f.memory == nil || f.end > int64(len(f.memory)) {
		return f.File.Truncate(size)
	}
	for at := size; at < f.end; at += int64(len(zeros)) {
		if err := f.store(zeros[:min(int64(len(zeros)), f.end-at)], at); err != nil {
			return err
		}
	}
	f.end = size
	return nil
}

// Size returns how many bytes were written.
func (f *osFile) Size() (int64, error) {
	if f.memory != nil {
		return f.end, nil
	}
	return f.statSize()
}

// Close cuts the file to what was written.
func (f *osFile) Close() error {
	if f.memory == nil {
		return f.File.Close()
	}
	memory := f.memory
	f.memory = nil
	errUnmap := syscall.Munmap(memory)
	errCut := f.File.Truncate(f.end)
	if err := f.File.Close(); err != nil {
		return err
	}
	if errUnmap != nil {
		return errUnmap
	}
	return errCut
}
