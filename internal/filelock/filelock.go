// Package filelock locks files against other processes, and against whoever puts something
// else in their place: it never follows a symbolic link and never waits.
package filelock

import (
	"errors"
	"io/fs"
	"os"
)

// ErrLocked says that somebody else has a lock.
var ErrLocked = errors.New("locked by another process")

// Open opens a regular file, never what a symbolic link points to. flag is that of
// os.OpenFile; a file that it creates has mode 0600, less the umask.
func Open(name string, flag int) (*os.File, error) {
	f, err := os.OpenFile(name, flag|noFollow, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && noFollow == 0 && !Same(f, name) {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("is a symbolic link")}
	}
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("no regular file")}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Same reports whether name is f, and no link to it. It is not if somebody removed or
// replaced the file.
func Same(f *os.File, name string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(name)
	return err == nil && os.SameFile(open, named)
}
