package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/phgen/phgen/internal/docs"
	"github.com/phgen/phgen/schema"
)

// A docsOutput is where documentation goes, and which kinds of it.
type docsOutput struct {
	folder string // that has the files; empty for standard output
	file   string // the only file in it; empty for all files of the kinds
	kinds  []docs.Kind
}

// kindOf is the kind that a file has by its name.
var kindOf = map[string]docs.Kind{".md": docs.Markdown, ".html": docs.HTML, ".csv": docs.CSV}

func newDocsOutput(kind docs.Kind, out string) (docsOutput, error) {
	d := docsOutput{kinds: []docs.Kind{kind}}
	stat, err := os.Stat(out)
	switch {
	case out == "":
		return d, errors.New("--out is empty; name a folder, a file, or - for standard output")
	case out == "-":
	case strings.HasSuffix(filepath.ToSlash(out), "/") || err == nil && stat.IsDir():
		d.folder = filepath.Clean(out)
		if kind == "" {
			d.kinds = docs.Kinds()
		}
		return d, nil
	default:
		d.folder, d.file = filepath.Dir(out), filepath.Base(out)
	}
	if kind == "" {
		d.kinds[0] = docs.Markdown
		if k, ok := kindOf[strings.ToLower(filepath.Ext(d.file))]; ok {
			d.kinds[0] = k
		}
	}
	return d, nil
}

// files are what shall be in the folder.
func (d docsOutput) files(p *schema.Plan) ([]docs.File, error) {
	if d.folder == "" || d.file != "" {
		data, err := docs.One(p, d.kinds[0], filepath.Ext(d.file))
		return []docs.File{{Path: d.file, Data: data}}, err
	}
	files, errs := make([][]docs.File, len(d.kinds)), make([]error, len(d.kinds))
	var kinds sync.WaitGroup
	for i, kind := range d.kinds {
		kinds.Go(func() { files[i], errs[i] = docs.Files(p, kind) })
	}
	kinds.Wait()
	return slices.Concat(files...), errors.Join(errs...)
}

func (d docsOutput) write(ctx context.Context, r *report, p *schema.Plan) error {
	if d.folder == "" {
		files, err := d.files(p)
		if err == nil {
			_, err = r.data.Write(files[0].Data)
		}
		return err
	}
	defer progress(r.talk, "writing "+d.folder)()
	if err := os.MkdirAll(d.folder, 0o777); err != nil {
		return err
	}
	out, todo, err := d.changes(p)
	if err != nil {
		return err
	}
	defer func() { _ = out.root.Close() }() // what was written is closed
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	return out.write(ctx, todo)
}

// check shows which files write would change.
func (d docsOutput) check(r *report, p *schema.Plan) error {
	if d.folder == "" {
		return errors.New("--check compares files; name them with --out")
	}
	out, todo, err := d.changes(p)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(r.talk, "phgen: %s does not exist; \"phgen docs\" writes it\n", printable(d.folder))
		return errOutOfDate
	}
	if err != nil {
		return err
	}
	defer func() { _ = out.root.Close() }() // what was written is closed
	for _, c := range todo {
		fmt.Fprintf(r.talk, "%s: %s\n", printable(c.name(out.name)), map[string]string{"add": "missing", "change": "out of date", "remove": "of no event any more"}[c.kind()])
	}
	if len(todo) == 0 {
		return nil
	}
	fmt.Fprintf(r.talk, "phgen: %s out of date; run \"phgen docs\"\n", plural(len(todo), "file"))
	return errOutOfDate
}

// changes compares the folder, which must exist, with what it shall hold. A file in the
// way that phgen did not write is an error, which names all such files.
func (d docsOutput) changes(p *schema.Plan) (*output, []fileChange, error) {
	files, err := d.files(p)
	if err != nil {
		return nil, nil, err
	}
	root, err := os.OpenRoot(d.folder)
	if err != nil {
		return nil, nil, err
	}
	out := &output{name: filepath.ToSlash(d.folder), root: root}
	todo, err := docsChanges(root, files)
	if err == nil && d.file == "" && slices.Contains(d.kinds, docs.JSONSchema) {
		var stale []fileChange
		stale, err = staleSchemas(root, files)
		todo = append(todo, stale...)
	}
	if err != nil {
		_ = root.Close()
		return nil, nil, err
	}
	return out, todo, nil
}

func docsChanges(root *os.Root, files []docs.File) ([]fileChange, error) {
	var todo []fileChange
	var foreign []string
	for _, f := range files {
		old, err := root.ReadFile(f.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			todo = append(todo, fileChange{path: f.Path, new: f.Data})
		case err != nil:
			return nil, err
		case !docs.Written(f.Path, old):
			foreign = append(foreign, filepath.Join(root.Name(), filepath.FromSlash(f.Path)))
		case !sameText(old, f.Data):
			todo = append(todo, fileChange{path: f.Path, old: old, new: f.Data})
		}
	}
	if len(foreign) > 0 {
		return nil, fmt.Errorf("not written by phgen docs, and in the way: %s; move it away, or let --out name another place", strings.Join(foreign, ", "))
	}
	return todo, nil
}

// staleSchemas returns the removal of the schemas of former events.
func staleSchemas(root *os.Root, files []docs.File) ([]fileChange, error) {
	current := make(map[string]bool, len(files))
	for _, f := range files {
		current[f.Path] = true
	}
	entries, err := fs.ReadDir(root.FS(), docs.SchemaFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var todo []fileChange
	for _, entry := range entries {
		name := path.Join(docs.SchemaFolder, entry.Name())
		if current[name] || !entry.Type().IsRegular() || !strings.HasSuffix(name, docs.SchemaSuffix) {
			continue
		}
		old, err := root.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if docs.Written(name, old) {
			todo = append(todo, fileChange{path: name, old: old})
		}
	}
	return todo, nil
}
