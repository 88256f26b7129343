package gitref

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/phgen/phgen/internal/typo"
)

// An UnknownRefError tells that a repository has no such commit.
type UnknownRefError struct {
	Ref     string
	Near    string // the branch or tag that may be meant; empty: none
	Shallow bool   // the clone lacks commits that its origin has
}

func (e *UnknownRefError) Error() string {
	text := fmt.Sprintf("unknown git ref %q", e.Ref)
	if e.Near != "" {
		text += fmt.Sprintf("; did you mean %q?", e.Near)
	}
	if e.Shallow {
		text += `; this clone is shallow, so fetch the whole history: "git fetch --unshallow", or fetch-depth: 0 for actions/checkout`
	}
	return text
}

// A Commit is the files of one commit as a read-only fs.FS. Links inside it are
// followed, submodules are folders without anything in them. It is not safe for
// concurrent use, works until the context of [Repository.At] ends, and is to be
// closed.
type Commit struct {
	Ref  string // as it was asked for
	Hash string

	repo *Repository
	ctx  context.Context
	dirs map[string][]entry // that were listed, by hash
	cat  *cat               // nil until a file is read
}

// An entry is one line of git ls-tree.
type entry struct {
	name string
	mode string // 100644, 100755, 120000 (link), 040000 (folder), 160000 (submodule)
	hash string
	size int64
}

// At finds the commit that ref names. The error is a *BadRefError or an
// *UnknownRefError where ref is at fault.
func (r *Repository) At(ctx context.Context, ref string) (*Commit, error) {
	if err := Check(ref); err != nil {
		return nil, err
	}
	out, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err != nil {
		var said *gitError
		if errors.As(err, &said) {
			return nil, r.unknown(ctx, ref)
		}
		return nil, err
	}
	return &Commit{Ref: ref, Hash: strings.TrimSpace(string(out)), repo: r, ctx: ctx, dirs: map[string][]entry{}}, nil
}

// unknown explains why there is no commit of that name.
func (r *Repository) unknown(ctx context.Context, ref string) error {
	e := &UnknownRefError{Ref: ref}
	if out, err := r.git(ctx, "rev-parse", "--is-shallow-repository"); err == nil {
		e.Shallow = strings.TrimSpace(string(out)) == "true"
	}
	const most = "2000"
	out, err := r.git(ctx, "for-each-ref", "--count="+most, "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
	if err != nil {
		return e
	}
	names := strings.Fields(string(out))
	for _, name := range names { // a clone in CI may know a branch only by its remote
		if strings.HasSuffix(name, "/"+ref) {
			e.Near = name
			return e
		}
	}
	e.Near = typo.Nearest(ref, names)
	return e
}

// maxLinks is how many links are followed on the way to one file.
const maxLinks = 16

// find walks to the entry of name, which is that of the link's target for a link.
func (c *Commit) find(op, name string) (entry, error) {
	refuse := func(err error) (entry, error) { return entry{}, &fs.PathError{Op: op, Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return refuse(fs.ErrInvalid)
	}
	root := entry{name: ".", mode: "040000", hash: c.Hash + "^{tree}"}
	here, at, rest := root, ".", name // at is the path of here
	for links := 0; rest != "."; {
		first, more, _ := strings.Cut(rest, "/")
		list, err := c.list(here)
		if err != nil {
			return refuse(err)
		}
		i := slices.IndexFunc(list, func(e entry) bool { return e.name == first })
		if i < 0 {
			return refuse(fs.ErrNotExist)
		}
		if list[i].mode != "120000" {
			here, at, rest = list[i], path.Join(at, first), path.Clean(more)
			continue
		}
		if links++; links > maxLinks {
			return refuse(errors.New("too many links"))
		}
		target, err := c.blob(list[i], 4096)
		if err != nil {
			return refuse(err)
		}
		rest = path.Join(at, string(target), more)
		if path.IsAbs(string(target)) || !fs.ValidPath(rest) {
			return refuse(errors.New("a link that leaves the repository"))
		}
		here, at = root, "."
	}
	here.name = path.Base(name)
	return here, nil
}

// list is the content of a folder.
func (c *Commit) list(dir entry) ([]entry, error) {
	switch dir.mode {
	case "160000":
		return nil, nil
	case "040000":
	default:
		return nil, errors.New("not a folder")
	}
	if known, ok := c.dirs[dir.hash]; ok {
		return known, nil
	}
	out, err := c.repo.git(c.ctx, "ls-tree", "-z", "--long", "--full-tree", dir.hash)
	if err != nil {
		return nil, err
	}
	var list []entry
	for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if line == "" {
			continue // an empty folder
		}
		e, ok := parseEntry(line)
		if !ok {
			return nil, fmt.Errorf("git ls-tree printed %q", line)
		}
		list = append(list, e)
	}
	c.dirs[dir.hash] = list
	return list, nil
}

// parseEntry reads "mode type hash size<tab>name"; the size of what is no blob
// is a hyphen.
func parseEntry(line string) (entry, bool) {
	head, name, ok := strings.Cut(line, "\t")
	fields := strings.Fields(head)
	if !ok || len(fields) != 4 || name == "" {
		return entry{}, false
	}
	size, err := strconv.ParseInt(fields[3], 10, 64)
	if err != nil && fields[3] != "-" {
		return entry{}, false
	}
	return entry{name: name, mode: fields[0], hash: fields[2], size: size}, true
}

// maxBlob bounds a file that is read. Whoever reads has a smaller limit of its
// own, and sees that a file is larger than that.
const maxBlob = 32 << 20

// blob is the content of the file e. One git serves all files of a commit.
func (c *Commit) blob(e entry, limit int64) ([]byte, error) {
	if e.size > limit {
		return nil, fmt.Errorf("larger than %d bytes", limit)
	}
	if c.cat == nil {
		cat, err := c.repo.startCat(c.ctx)
		if err != nil {
			return nil, err
		}
		c.cat = cat
	}
	return c.cat.read(e)
}

// Close ends what reads the files. The second call does nothing.
func (c *Commit) Close() error {
	cat := c.cat
	c.cat = nil
	if cat == nil {
		return nil
	}
	return cat.close()
}

// info describes the entry to the package fs.
type info struct{ entry }

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) Sys() any           { return nil }
func (i info) IsDir() bool        { return i.Mode().IsDir() }

func (i info) Mode() fs.FileMode {
	switch i.mode {
	case "040000", "160000":
		return fs.ModeDir | 0o555
	case "120000":
		return fs.ModeSymlink | 0o444
	}
	return 0o444
}

func (i info) Type() fs.FileMode          { return i.Mode().Type() }
func (i info) Info() (fs.FileInfo, error) { return i, nil }

// Stat implements fs.StatFS.
func (c *Commit) Stat(name string) (fs.FileInfo, error) {
	e, err := c.find("stat", name)
	if err != nil {
		return nil, err
	}
	return info{e}, nil
}

// ReadDir implements fs.ReadDirFS.
func (c *Commit) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := c.find("readdir", name)
	if err != nil {
		return nil, err
	}
	list, err := c.list(e)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	entries := make([]fs.DirEntry, len(list))
	for i, e := range list {
		entries[i] = info{e}
	}
	return entries, nil
}

// Open implements fs.FS.
func (c *Commit) Open(name string) (fs.File, error) {
	e, err := c.find("open", name)
	if err != nil {
		return nil, err
	}
	if (info{e}).IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("a folder")}
	}
	data, err := c.blob(e, maxBlob)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &file{Reader: *bytes.NewReader(data), info: info{e}}, nil
}

// A file is an open one.
type file struct {
	bytes.Reader
	info info
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }
