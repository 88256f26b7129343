package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

var errInterrupted = errors.New("interrupted; nothing was written")

// write makes all changes or none. New contents are written beside their files
// first and renamed when all are on disk. Where a rename fails, the earlier ones
// are undone. Until the first rename, the end of ctx abandons the write.
func (o *output) write(ctx context.Context, todo []fileChange) error {
	if len(todo) == 0 {
		return nil
	}
	if o.root == nil {
		if err := o.create(); err != nil {
			return err
		}
	}
	w := newWriter(o.root)
	defer w.discard()
	for _, c := range todo {
		if ctx.Err() != nil {
			return errInterrupted
		}
		if err := w.stage(c); err != nil {
			return fmt.Errorf("writing %s: %w", c.name(o.name), err)
		}
	}
	if ctx.Err() != nil {
		return errInterrupted
	}
	for i, c := range todo {
		if err := w.commit(c); err != nil {
			return errors.Join(fmt.Errorf("writing %s: %w", c.name(o.name), err), w.undo(todo[:i]))
		}
	}
	w.made = nil // the new folders are full now
	w.prune(todo)
	return nil
}

// create makes the output folder and opens it.
func (o *output) create() error {
	err := o.module.MkdirAll(o.rel, 0o777)
	if err == nil {
		o.root, err = o.module.OpenRoot(o.rel)
	}
	if err != nil {
		return fmt.Errorf("creating the output folder: %w", err)
	}
	return nil
}

// A writer carries out one write.
type writer struct {
	root   *os.Root
	staged map[place]string // temporary files with new contents
	made   []string         // folders created for this write, outer ones first
	dirs   map[string]bool  // folders that exist by now
}

func newWriter(root *os.Root) *writer {
	return &writer{root: root, staged: map[place]string{}, dirs: map[string]bool{".": true}}
}

// A place is where a change has its file.
type place struct {
	root *os.Root
	path string
}

func (w *writer) place(c fileChange) place {
	if c.lock != nil {
		return place{c.lock.dir, c.path}
	}
	return place{w.root, c.path}
}

// stage writes the new content of c to a temporary file in the folder of c.
func (w *writer) stage(c fileChange) error {
	if c.new == nil {
		return nil
	}
	if err := w.mkdir(path.Dir(c.path)); err != nil {
		return err
	}
	p := w.place(c)
	temp := path.Join(path.Dir(c.path), ".phgen-"+rand.Text()+".tmp")
	f, err := p.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	w.staged[p] = temp
	_, err = f.Write(c.new)
	return errors.Join(err, f.Close())
}

// mkdir creates dir and what is missing above it.
func (w *writer) mkdir(dir string) error {
	if w.dirs[dir] {
		return nil
	}
	if err := w.mkdir(path.Dir(dir)); err != nil {
		return err
	}
	err := w.root.Mkdir(dir, 0o777)
	if err == nil {
		w.made = append(w.made, dir)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) { // a file of that name fails the next step
		return err
	}
	w.dirs[dir] = true
	return nil
}

// commit puts c into effect.
func (w *writer) commit(c fileChange) error {
	p := w.place(c)
	if c.new == nil {
		return p.root.Remove(p.path)
	}
	err := p.root.Rename(w.staged[p], p.path)
	if err == nil {
		delete(w.staged, p)
	}
	return err
}

// undo takes back changes that were committed, the last one first.
func (w *writer) undo(done []fileChange) error {
	var errs []error
	for i := len(done) - 1; i >= 0; i-- {
		back := fileChange{path: done[i].path, old: done[i].new, new: done[i].old, lock: done[i].lock}
		err := w.stage(back)
		if err == nil {
			err = w.commit(back)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("restoring it: %w", err))
		}
	}
	return errors.Join(errs...)
}

// discard removes what an abandoned write leaves: temporary files, and the
// folders made for them. It is best effort; a leading dot keeps the go command
// from reading a temporary file that stays.
func (w *writer) discard() {
	for p, temp := range w.staged {
		_ = p.root.Remove(temp)
	}
	for i := len(w.made) - 1; i >= 0; i-- {
		_ = w.root.Remove(w.made[i])
	}
}

// prune removes the folders that lost their last file. One that still holds
// something cannot be removed, and stays.
func (w *writer) prune(done []fileChange) {
	for _, c := range done {
		if c.new != nil {
			continue
		}
		for dir := path.Dir(c.path); dir != "."; dir = path.Dir(dir) {
			if w.root.Remove(dir) != nil {
				break
			}
		}
	}
}
