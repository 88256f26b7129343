package filelock

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// noFollow has no flag that all versions of Go know: Open compares what it opened.
const noFollow = 0

// Lock opens the file called name, which it creates if need be, so that nobody else can
// until it is closed or the process ends. It returns ErrLocked if somebody else has it open.
// Others may see when it was written.
func Lock(name string) (*os.File, error) { return exclusive(name, syscall.OPEN_ALWAYS) }

// LockExisting is Lock that creates nothing.
func LockExisting(name string) (*os.File, error) { return exclusive(name, syscall.OPEN_EXISTING) }

// Locked reports whether somebody has locked the file called name, and leaves no trace.
func Locked(name string) (bool, error) {
	f, err := exclusive(name, syscall.OPEN_EXISTING)
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, f.Close()
}

func exclusive(name string, mode uint32) (*os.File, error) {
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
