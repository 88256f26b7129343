package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/phgen/phgen/generator"
)

// An output is the folder a plan's code is generated into. Every access goes
// through an os.Root, so that no symbolic link leads out of the module.
type output struct {
	name   string   // as messages say it: relative to the working directory, slash separated
	module *os.Root // the folder of go.mod
	rel    string   // the way from module to the folder, symbolic links followed
	root   *os.Root // the folder itself; nil while it does not exist
}

// openOutput opens outDir, the output folder of a plan in the module at
// moduleDir, and refuses one that is not strictly below the module once symbolic
// links are followed. The plan was checked for this when it was read; the disk
// may have changed since.
func openOutput(moduleDir, outDir string) (*output, error) {
	module, err := resolve(moduleDir)
	if err != nil {
		return nil, fmt.Errorf("finding the module: %w", err)
	}
	dir, err := resolve(outDir)
	if err != nil {
		return nil, fmt.Errorf("finding the output folder: %w", err)
	}
	rel, err := filepath.Rel(module, dir)
	if err != nil || rel == "." || !filepath.IsLocal(rel) {
		return nil, fmt.Errorf("output folder %q lies outside the module in %q", dir, module)
	}
	out := &output{name: filepath.ToSlash(outDir), rel: rel}
	if out.module, err = os.OpenRoot(module); err != nil {
		return nil, fmt.Errorf("opening the module: %w", err)
	}
	out.root, err = out.module.OpenRoot(rel)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		out.close()
		return nil, fmt.Errorf("opening the output folder: %w", err)
	}
	return out, nil
}

// close lets go of the folder. Nothing can be lost: each file is closed when it
// is written.
func (o *output) close() {
	if o.root != nil {
		_ = o.root.Close()
	}
	_ = o.module.Close()
}

// resolve returns the absolute path of dir with symbolic links followed, of
// which the last elements need not exist.
func resolve(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	missing := ""
	for {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			return filepath.Join(real, missing), nil
		}
		// What exists and leads nowhere is a dangling link: creating its target
		// would write wherever it points.
		if _, statErr := os.Lstat(dir); statErr == nil || !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return "", err
		}
		missing = filepath.Join(filepath.Base(dir), missing)
		dir = filepath.Dir(dir)
	}
}

// A fileChange is what has to happen to one file to bring the folder up to date.
type fileChange struct {
	path string    // slash separated, relative to the output folder
	old  []byte    // nil: there is no such file yet
	new  []byte    // nil: the file is to be removed
	lock *lockFile // the file that path names instead, if any: it is in no output folder
}

// name is what messages call the file of c, if the output folder is that one.
func (c fileChange) name(folder string) string {
	if c.lock != nil {
		return c.lock.name
	}
	return path.Join(folder, c.path)
}

// kind is "add", "change" or "remove".
func (c fileChange) kind() string {
	switch {
	case c.old == nil:
		return "add"
	case c.new == nil:
		return "remove"
	}
	return "change"
}

// changes compares the folder with files and returns what differs, sorted by
// path; stale files of ours are changes, too. A file in the way that phgen did
// not write is an error, which names all such files.
func (o *output) changes(files []generator.File) ([]fileChange, error) {
	var todo []fileChange
	var foreign []string
	for _, f := range files {
		old, ours, err := o.read(f.Path)
		switch {
		case err != nil:
			return nil, err
		case old != nil && !ours:
			foreign = append(foreign, path.Join(o.name, f.Path))
		case old == nil || !sameText(old, f.Data):
			todo = append(todo, fileChange{path: f.Path, old: old, new: f.Data})
		}
	}
	if len(foreign) > 0 {
		return nil, fmt.Errorf("not written by phgen, and in the way: %s; move it away, or let the plan's go.out name another folder", strings.Join(foreign, ", "))
	}
	stale, err := o.stale(files)
	if err != nil {
		return nil, err
	}
	todo = append(todo, stale...)
	slices.SortFunc(todo, func(a, b fileChange) int { return strings.Compare(a.path, b.path) })
	return todo, nil
}

// read returns the bytes of a file in the folder, nil if there is none, and
// whether phgen wrote it. Whatever is no regular file, phgen did not write.
func (o *output) read(name string) (data []byte, ours bool, err error) {
	if o.root == nil {
		return nil, false, nil
	}
	stat, err := o.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading %s: %w", path.Join(o.name, name), err)
	}
	if !stat.Mode().IsRegular() {
		return []byte{}, false, nil
	}
	data, err = o.root.ReadFile(name)
	if err != nil {
		return nil, false, fmt.Errorf("reading %s: %w", path.Join(o.name, name), err)
	}
	return data, generator.Generated(data), nil
}

// packages are the folders that generated packages may have. Only there are
// stale files looked for: another plan may generate into a folder beside them.
var packages = []string{"tracking", "trackingtest", "flags", "experiments", "surveys", "ai"}

// stale returns the removal of every file that phgen wrote and files does not
// hold.
func (o *output) stale(files []generator.File) ([]fileChange, error) {
	if o.root == nil {
		return nil, nil
	}
	current := make(map[string]bool, len(files))
	for _, f := range files {
		current[f.Path] = true
	}
	var todo []fileChange
	for _, dir := range packages {
		err := fs.WalkDir(o.root.FS(), dir, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case !entry.Type().IsRegular() || path.Ext(name) != ".go" || current[name]:
				return nil
			}
			if ours, err := o.startsOurs(name); err != nil || !ours {
				return err
			}
			old, err := o.root.ReadFile(name)
			todo = append(todo, fileChange{path: name, old: old})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("looking for stale files in %s: %w", path.Join(o.name, dir), err)
		}
	}
	return todo, nil
}

// startsOurs reports whether phgen wrote the file, and reads no more of it than
// its first line needs.
func (o *output) startsOurs(name string) (bool, error) {
	f, err := o.root.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	start := make([]byte, 4096)
	n, err := io.ReadFull(f, start)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return generator.Generated(start[:n]), err
}

// sameText reports whether a file holds what was generated. Git may have written it
// with the line ends of Windows.
func sameText(file, generated []byte) bool {
	return bytes.Equal(file, generated) ||
		bytes.Equal(bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n")), generated)
}
