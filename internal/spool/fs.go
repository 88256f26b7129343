package spool

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/phgen/phgen/internal/filelock"
)

// An FS is the part of a file system that a Spool uses. The operating system's is the
// default; the one of package faultfs fails on demand. Its errors match those of io/fs.
type FS interface {
	// MkdirPrivate makes a directory, and those above it, that only this user may enter.
	// It fails if what is there is anything else.
	MkdirPrivate(dir string) error
	// ReadDir lists a directory, sorted by name.
	ReadDir(dir string) ([]fs.DirEntry, error)
	// OpenFile opens a regular file with mode 0600, never what a symbolic link points to.
	// flag is O_RDONLY, O_RDWR, or O_RDWR|O_CREATE with or without O_EXCL.
	OpenFile(name string, flag int) (File, error)
	// Map makes a file of size zero bytes, which must not be there yet, and maps it into
	// memory. What is put into it outlives the process as what is written does. It leaves
	// nothing behind if it fails; errors.ErrUnsupported means that it always will.
	Map(name string, size int) (Mapping, error)
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir makes the names in dir durable.
	SyncDir(dir string) error
	// Lock locks a file until the Closer is closed or the process ends. It never waits:
	// ErrLocked means that somebody else has it. flag is os.O_CREATE, if the file is to be
	// created if need be, or 0.
	Lock(name string, flag int) (io.Closer, error)
	// Locked reports whether somebody holds a lock of the file, and leaves no trace.
	Locked(name string) (bool, error)
}

// A File is open until Close, which is called once.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
	Size() (int64, error)
}

// A Mapping is a file in memory until Close, which is called once.
type Mapping interface {
	// Put copies b to an offset; it must fit. If it fails, any part of b may be there.
	Put(b []byte, at int) error
	io.Closer
}

// ErrLocked is what FS.Lock returns for a file that somebody else has locked.
var ErrLocked = filelock.ErrLocked

type osFS struct{}

type osFile struct{ *os.File }

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (osFS) MkdirPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
			return err
		}
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if info, err = os.Lstat(dir); err == nil {
			err = syncDir(filepath.Dir(dir))
		}
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "mkdir", Path: dir, Err: errors.New("exists and is no directory")}
	}
	return private(dir, info)
}

func (osFS) ReadDir(dir string) ([]fs.DirEntry, error) { return os.ReadDir(dir) }

func (osFS) OpenFile(name string, flag int) (File, error) {
	f, err := filelock.Open(name, flag)
	if err == nil && flag&os.O_CREATE != 0 {
		err = own(f)
	}
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) Map(name string, size int) (Mapping, error) {
	f, err := filelock.Open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, err
	}
	if err = own(f); err != nil { // which has closed it
		return nil, errors.Join(err, os.Remove(name))
	}
	// Zeros, not a hole: to write to a hole of a full disk is fatal.
	if _, err = f.WriteAt(make([]byte, size), 0); err == nil {
		var m Mapping
		if m, err = mapFile(f, size); err == nil {
			return m, nil
		}
	}
	return nil, errors.Join(err, f.Close(), os.Remove(name))
}

func (osFS) Lock(name string, flag int) (io.Closer, error) {
	lock := filelock.LockExisting
	if flag&os.O_CREATE != 0 {
		lock = filelock.Lock
	}
	f, err := lock(name)
	if err == nil {
		err = own(f)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (osFS) Locked(name string) (bool, error) { return filelock.Locked(name) }

// own gives f the mode 0600, or closes it: the umask may have taken bits from a new file
// that its next owner needs.
func own(f *os.File) error {
	info, err := f.Stat()
	if err == nil && info.Mode().Perm() != 0o600 {
		err = chmod(f, 0o600)
	}
	if err != nil {
		f.Close()
	}
	return err
}

func (osFS) Rename(from, to string) error { return os.Rename(from, to) }
func (osFS) Remove(name string) error     { return os.Remove(name) }
func (osFS) SyncDir(dir string) error     { return syncDir(dir) }

// ignore returns err unless it is one that does not matter.
func ignore(err, harmless error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}
