//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Opening a pipe that somebody put in our place must not wait for its other end.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// private makes sure that nobody but this user, or root, can put files into dir.
func private(dir string, info fs.FileInfo) error {
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		return &fs.PathError{Op: "open", Path: dir, Err: fmt.Errorf("belongs to user %d", st.Uid)}
	}
	if info.Mode().Perm() != 0o700 {
		return os.Chmod(dir, 0o700)
	}
	return nil
}

func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

func chmod(f *os.File, mode fs.FileMode) error { return f.Chmod(mode) }

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil // this file system has no such thing
	}
	return errors.Join(err, f.Close())
}

// Lock opens the file close-on-exec, so that no child keeps it locked.
func (osFS) Lock(name string) (io.Closer, error) {
	f, err := openFile(name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	if err = flock(f, syscall.LOCK_EX); err == nil && !same(f, name) {
		err = ErrLocked // its last owner has just removed it
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (osFS) Locked(name string) (bool, error) {
	f, err := openFile(name, os.O_RDONLY)
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = flock(f, syscall.LOCK_SH) // several may look at once
	return errors.Is(err, ErrLocked), ignore(err, ErrLocked)
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
