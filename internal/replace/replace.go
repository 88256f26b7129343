// Package replace replaces files that people wrote, all of them or none.
package replace

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A File is one file to be replaced.
type File struct {
	Name     string
	Old, New []byte // what it holds, and what it shall hold
}

// ErrChanged says that a file no longer holds what it held when it was read.
var ErrChanged = errors.New("changed by somebody else meanwhile; nothing was written")

// Files replaces all files or none: new contents are written beside their files
// first and renamed when all are on disk, and where a rename fails the earlier
// ones are undone. A file keeps its mode; where the name is a symbolic link, the
// file that it leads to is replaced and the link stays. A read-only file, one that
// is no regular file, and one that does not hold Old any more ([ErrChanged]) are
// errors.
func Files(files []File) error {
	var staged []*pending
	defer func() {
		for _, r := range staged {
			r.discard()
		}
	}()
	for _, f := range files {
		r, err := stage(f)
		if err != nil {
			return fmt.Errorf("writing %s: %w", f.Name, err)
		}
		staged = append(staged, r)
	}
	for i, r := range staged {
		if err := r.commit(); err != nil {
			return errors.Join(fmt.Errorf("writing %s: %w", r.Name, err), undo(staged[:i]))
		}
	}
	return nil
}

// A pending file is one whose new content is on disk beside it.
type pending struct {
	File
	target string // the name with links followed
	temp   string // "" once it is in place
}

func stage(f File) (*pending, error) {
	target, err := filepath.EvalSymlinks(f.Name)
	if err != nil {
		return nil, err
	}
	mode, err := writable(target)
	if err != nil {
		return nil, err
	}
	now, err := os.ReadFile(target)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(now, f.Old) {
		return nil, ErrChanged
	}
	r := &pending{File: f, target: target}
	temp, err := os.CreateTemp(filepath.Dir(target), ".phgen-*.tmp")
	if err != nil {
		return nil, err
	}
	r.temp = temp.Name()
	_, err = temp.Write(f.New)
	if err = errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close()); err != nil {
		r.discard()
		return nil, err
	}
	return r, nil
}

// writable returns the mode of a regular file that may be written. A rename would
// replace any other one, too.
func writable(name string) (fs.FileMode, error) {
	info, err := os.Stat(name)
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errors.New("not a regular file")
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	return info.Mode().Perm(), f.Close()
}

func (r *pending) commit() error {
	err := os.Rename(r.temp, r.target)
	if err == nil {
		r.temp = ""
	}
	return err
}

// undo puts the old contents back.
func undo(done []*pending) error {
	var errs []error
	for _, r := range done {
		back, err := stage(File{r.Name, r.New, r.Old})
		if err == nil {
			err = back.commit()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("restoring %s: %w", r.Name, err))
		}
	}
	return errors.Join(errs...)
}

// discard removes a temporary file that was not needed. It is best effort: a
// leading dot keeps what stays out of the way.
func (r *pending) discard() {
	if r.temp != "" {
		_ = os.Remove(r.temp)
	}
}
