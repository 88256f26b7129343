//go:build darwin || linux

package spool

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
)

// A mapping keeps its file open: some file systems write a file back only as long as it is.
type mapping struct {
	file   *os.File
	memory []byte
}

func mapFile(f *os.File, size int) (Mapping, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	m := mapping{file: f}
	var failure error
	err = conn.Control(func(fd uintptr) {
		m.memory, failure = syscall.Mmap(int(fd), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	})
	if err = errors.Join(err, failure); err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return m, nil
}

// Put survives a page that can not be written, because somebody has cut the file, the disk
// fails, or is full and never overwrites.
func (m mapping) Put(b []byte, at int) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			err = fmt.Errorf("writing to the mapped file %s: %v", m.file.Name(), fault)
		default:
			panic(fault) //nolint:forbidigo // it is none of ours
		}
	}()
	copy(m.memory[at:], b)
	return nil
}

func (m mapping) Close() error {
	return errors.Join(syscall.Munmap(m.memory), m.file.Close())
}
