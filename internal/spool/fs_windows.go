package spool

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// noFollow has no flag that all versions of Go know: openFile compares what it opened.
const noFollow = 0

// private has nothing to check: a new directory is as private as the one above it.
func private(string, fs.FileInfo) error { return nil }

func noSpace(err error) bool {
	const handleDiskFull, diskFull = syscall.Errno(39), syscall.Errno(112)
	return errors.Is(err, handleDiskFull) || errors.Is(err, diskFull) || errors.Is(err, syscall.ENOSPC)
}

func chmod(*os.File, fs.FileMode) error { return nil }

// syncDir has nothing to do: NTFS keeps names in its journal.
func syncDir(string) error { return nil }

// Lock opens the file so that nobody else can.
func (osFS) Lock(name string) (io.Closer, error) {
	return exclusive(name, syscall.OPEN_ALWAYS)
}

func (osFS) Locked(name string) (bool, error) {
	f, err := exclusive(name, syscall.OPEN_EXISTING)
	if err != nil {
		return errors.Is(err, ErrLocked), ignore(err, ErrLocked)
	}
	return false, f.Close()
}

func exclusive(name string, mode uint32) (io.Closer, error) {
	const sharingViolation = syscall.Errno(32)
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, &fs.PathError{Op: "lock", Path: name, Err: err}
	}
	h, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, mode,
		syscall.FILE_ATTRIBUTE_NORMAL|syscall.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if errors.Is(err, sharingViolation) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, &fs.PathError{Op: "lock", Path: name, Err: err}
	}
	return os.NewFile(uintptr(h), name), nil
}
