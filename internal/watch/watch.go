// Package watch tells when a plan or a file that it includes has changed.
package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Watcher watches the files of one plan. It watches folders and not files: many
// editors save by putting a new file into the old one's place, and a file that
// is deleted comes back.
type Watcher struct {
	notify  *fsnotify.Watcher
	plan    string   // absolute
	globs   []string // relative to the plan's folder, with slashes
	files   []string // absolute; where links lead is among them
	folders []string // absolute; those that hold files or may come to hold some
}

// New watches the plan at name, which need not exist. Close ends it.
func New(name string) (*Watcher, error) {
	plan, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	w := &Watcher{notify: notify, plan: plan}
	if err := w.Include(nil); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Close lets go of all folders. A Wait that still runs returns an error.
func (w *Watcher) Close() error { return w.notify.Close() }

// Include watches what globs match as well, in place of those of an earlier call:
// files that are there, and files and folders that will be. Folders that were
// deleted and made again are watched again.
func (w *Watcher) Include(globs []string) error {
	w.globs, w.files, w.folders = globs, nil, nil
	w.file(w.plan)
	dir := filepath.Dir(w.plan)
	for _, glob := range globs {
		parts := strings.Split(path.Clean(glob), "/")
		for i := range parts {
			pattern := filepath.Join(escapeGlob(dir), filepath.FromSlash(path.Join(parts[:i+1]...)))
			found, err := filepath.Glob(pattern)
			if err != nil {
				break // no pattern; the plan has an error that says so
			}
			for _, name := range found {
				if i == len(parts)-1 {
					w.file(name)
				} else if info, err := os.Stat(name); err == nil && info.IsDir() {
					w.folders = append(w.folders, name)
				}
			}
		}
	}
	return w.sync()
}

// file watches one file, and the one it leads to if it is a link.
func (w *Watcher) file(name string) {
	w.files = append(w.files, name)
	w.folders = append(w.folders, filepath.Dir(name))
	if real, err := filepath.EvalSymlinks(name); err == nil && real != name {
		w.files = append(w.files, real)
		w.folders = append(w.folders, filepath.Dir(real))
	}
}

// escapeGlob quotes what a folder's name may hold.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace(dir)
}

// sync watches exactly the folders, and in place of one that is missing the
// nearest above it.
func (w *Watcher) sync() error {
	var want []string
	for _, dir := range w.folders {
		for !isFolder(dir) && dir != filepath.Dir(dir) {
			dir = filepath.Dir(dir)
		}
		want = append(want, dir)
	}
	slices.Sort(want)
	want = slices.Compact(want)
	have := w.notify.WatchList()
	for _, dir := range have {
		if !slices.Contains(want, dir) {
			_ = w.notify.Remove(dir) // it may be gone already
		}
	}
	for _, dir := range want {
		if slices.Contains(have, dir) {
			continue
		}
		if err := w.notify.Add(dir); err != nil {
			return fmt.Errorf("watching %s: %w", dir, err)
		}
	}
	return nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// Wait returns nil when something has changed since New or the last Wait and then
// nothing for as long as quiet. It returns the error of ctx when that ends first.
func (w *Watcher) Wait(ctx context.Context, quiet time.Duration) error {
	var silence <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-silence:
			return nil
		case e, ok := <-w.notify.Events:
			if !ok {
				return fsnotify.ErrClosed
			}
			if w.matters(e) {
				silence = time.After(quiet)
			}
		case err, ok := <-w.notify.Errors:
			switch {
			case !ok:
				return fsnotify.ErrClosed
			case !errors.Is(err, fsnotify.ErrEventOverflow):
				return fmt.Errorf("watching the plan: %w", err)
			}
			silence = time.After(quiet) // nobody knows what was lost
		}
	}
}

// matters tells whether an event concerns the plan.
func (w *Watcher) matters(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod {
		return false
	}
	if slices.Contains(w.files, e.Name) {
		return true
	}
	if e.Has(fsnotify.Create) || e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
		for _, dir := range w.folders {
			if dir == e.Name || strings.HasPrefix(dir, e.Name+string(filepath.Separator)) {
				_ = w.notify.Remove(e.Name) // what has this name now is another folder
				return true
			}
		}
	}
	rel, err := filepath.Rel(filepath.Dir(w.plan), e.Name)
	return err == nil && w.included(filepath.ToSlash(rel), isFolder(e.Name))
}

// included tells whether a glob matches a file, or may match one in a folder.
func (w *Watcher) included(name string, folder bool) bool {
	depth := strings.Count(name, "/") + 1
	for _, glob := range w.globs {
		parts := strings.Split(path.Clean(glob), "/")
		if depth > len(parts) || depth < len(parts) && !folder {
			continue
		}
		if ok, err := path.Match(path.Join(parts[:depth]...), name); err == nil && ok {
			return true
		}
	}
	return false
}
