//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package filelock

import (
	"errors"
	"io/fs"
	"os"
)

const noFollow = 0

// Lock fails with errors.ErrUnsupported: this system has no locks that end with a process.
func Lock(name string) (*os.File, error) { return nil, unsupported(name) }

// LockExisting fails as Lock does.
func LockExisting(name string) (*os.File, error) { return nil, unsupported(name) }

// Locked fails as Lock does.
func Locked(name string) (bool, error) { return false, unsupported(name) }

func unsupported(name string) error {
	return &fs.PathError{Op: "lock", Path: name, Err: errors.ErrUnsupported}
}
