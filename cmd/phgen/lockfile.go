package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/phgen/phgen/internal/lock"
	"github.com/phgen/phgen/schema"
)

// lockBytes bounds the file that is read as a lock. That of 2,000 events has
// less than 1 MiB.
const lockBytes = 256 << 20

// A lockFile is the lock of one plan on disk.
type lockFile struct {
	name string   // as messages say it
	base string   // its name in folder
	dir  *os.Root // the folder of the plan
	data []byte   // nil: there is no such file
}

// openLock reads the lock beside a plan, if there is one.
func openLock(planFile string) (*lockFile, error) {
	base := lockName(planFile)
	l := &lockFile{base: base, name: path.Join(filepath.ToSlash(filepath.Dir(planFile)), base)}
	var err error
	if l.dir, err = os.OpenRoot(filepath.Dir(planFile)); err != nil {
		return nil, fmt.Errorf("opening the folder of %s: %w", l.name, err)
	}
	if l.data, err = l.read(); err != nil {
		l.close()
		return nil, fmt.Errorf("reading %s: %w", l.name, err)
	}
	return l, nil
}

func (l *lockFile) close() { _ = l.dir.Close() }

func (l *lockFile) read() ([]byte, error) {
	stat, err := l.dir.Lstat(l.base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !stat.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	case stat.Size() > lockBytes:
		return nil, fmt.Errorf("it is larger than %d MiB", lockBytes>>20)
	}
	data, err := l.dir.ReadFile(l.base)
	if data == nil {
		data = []byte{} // an empty file is one
	}
	return data, err
}

// lockName is the file name of the lock of a plan: phgen.lock, unless that belongs
// to another plan in the same folder.
func lockName(planFile string) string {
	dir, base := filepath.Split(planFile)
	own := strings.TrimSuffix(base, filepath.Ext(base)) + "." + lock.Name
	if exists(filepath.Join(dir, own)) {
		return own
	}
	f, err := os.Open(filepath.Join(dir, lock.Name))
	if err != nil {
		return lock.Name
	}
	defer f.Close()
	start := make([]byte, 4096)
	n, _ := f.Read(start) // what cannot be read belongs to nobody else
	if other := lock.PlanOf(start[:n]); other != "" && other != base && exists(filepath.Join(dir, filepath.Base(other))) {
		return own
	}
	return lock.Name
}

// findings are the errors of a plan, read from files, that does not keep to the
// lock.
func (l *lockFile) findings(now *lock.Lock, files []string) (schema.Diagnostics, error) {
	if l.data == nil {
		return nil, nil
	}
	was, err := lock.Parse(l.name, l.data)
	if err != nil {
		return nil, err
	}
	return lock.Compare(was, now).Sort(files), nil
}

// changes is what brings the lock up to date: one change or none.
func (l *lockFile) changes(now *lock.Lock) []fileChange {
	text := now.Text()
	if l.data != nil && sameText(l.data, text) {
		return nil
	}
	return []fileChange{{path: l.base, old: l.data, new: text, lock: l}}
}

// write makes changes of the lock, which are one or none.
func (l *lockFile) write(todo []fileChange) error {
	w := newWriter(nil)
	defer w.discard()
	for _, c := range todo {
		err := w.stage(c)
		if err == nil {
			err = w.commit(c)
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", l.name, err)
		}
	}
	return nil
}
