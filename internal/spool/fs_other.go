//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package spool

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

const noFollow = 0

func private(string, fs.FileInfo) error          { return nil }
func chmod(*os.File, fs.FileMode) error          { return nil }
func syncDir(string) error                       { return nil }
func (osFS) Lock(name string) (io.Closer, error) { return nil, noLock("lock", name) }
func (osFS) Locked(name string) (bool, error)    { return false, noLock("lock", name) }

func noSpace(error) bool { return false }

func noLock(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: errors.ErrUnsupported}
}
