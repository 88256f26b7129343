//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filelock

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Opening a pipe that somebody put in our place must not wait for its other end.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// Lock locks the file called name, which it creates if need be, until the file is closed
// or the process ends. It returns ErrLocked if somebody else has it. The file is open
// close-on-exec, so that no child keeps it locked.
func Lock(name string) (*os.File, error) { return lockFile(name, os.O_RDWR|os.O_CREATE) }

// LockExisting is Lock that creates nothing.
func LockExisting(name string) (*os.File, error) { return lockFile(name, os.O_RDWR) }

func lockFile(name string, flag int) (*os.File, error) {
	f, err := Open(name, flag)
	if err != nil {
		return nil, err
	}
	if err = flock(f, syscall.LOCK_EX); err == nil && !Same(f, name) {
		err = ErrLocked // its last owner, or somebody else, has just removed it
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Locked reports whether somebody has locked the file called name, and leaves no trace.
func Locked(name string) (bool, error) {
	f, err := Open(name, os.O_RDONLY)
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = flock(f, syscall.LOCK_SH) // several may look at once
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	return false, err
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrLocked
		default:
			return &fs.PathError{Op: "lock", Path: f.Name(), Err: err}
		}
	}
}
