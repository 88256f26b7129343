package schema

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
)

// Load reads the plan at name and the files it includes. The Plan is nil if one
// of the diagnostics is an Error; the only Warning among them is PH630, which
// needs the text. The error tells that a file cannot be read at all, the plan or
// one that it includes; then nothing was judged.
func Load(name string) (*Plan, Diagnostics, error) {
	l := newLoader(name)
	s, err := l.read(name, filepath.ToSlash(name))
	if err == nil {
		err = l.include(s.root.at("include"))
	}
	if err != nil {
		return nil, nil, err
	}
	plan, found := l.judge()
	return plan, found, nil
}

// LoadFS is Load for the plan at name in fsys, which stands for the root of a
// repository: a go.mod above the plan counts if it is in fsys. Nothing outside
// fsys is read.
func LoadFS(fsys fs.FS, name string) (*Plan, Diagnostics, error) {
	l := newLoader(name)
	l.fsys = fsys
	s, err := l.read(name, name)
	if err == nil {
		err = l.include(s.root.at("include"))
	}
	if err != nil {
		return nil, nil, err
	}
	plan, found := l.judge()
	return plan, found, nil
}

// Parse reads a plan that is one text; name stands for it in positions. What
// concerns the file system is not looked at: the files under include are not
// read, and the module is the plan's name. The Plan is nil if one of the
// diagnostics is an Error.
func Parse(name string, src []byte) (*Plan, Diagnostics) {
	l := newLoader("")
	l.parse(name, src)
	return l.judge()
}

// A loader reads the files of one plan.
type loader struct {
	path      string // of the root file; empty if there is none
	fsys      fs.FS  // where path leads; nil: the disk
	files     []*source
	yaml      parser
	found     findings
	bytes     int
	structure int
	unread    bool // a text that could not be understood: judging the rest means nothing
	partial   bool // a file under include that was not found may hold any name
}

func newLoader(path string) *loader {
	l := &loader{path: path}
	l.yaml.found = &l.found
	return l
}

// errNotRegular says that reading a file might never end.
var errNotRegular = errors.New("not a regular file")

// open opens a file for reading unless that might never end, as with a pipe.
func open(name string) (*os.File, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	return os.Open(name)
}

// open opens a file of the plan for reading.
func (l *loader) open(name string) (fs.File, error) {
	if l.fsys == nil {
		return open(name)
	}
	return l.fsys.Open(filepath.ToSlash(name))
}

// read parses one file unless it breaks a limit. Every file read is in files.
func (l *loader) read(file, name string) (*source, error) {
	f, err := l.open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	defer f.Close()
	src, err := readAll(f)
	if err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	return l.parse(name, src), nil
}

// readAll reads a file that is not too large, and enough of one that is.
func readAll(f fs.File) ([]byte, error) {
	var text bytes.Buffer
	if info, err := f.Stat(); err == nil {
		text.Grow(int(min(max(info.Size(), 0), maxFileBytes)) + bytes.MinRead)
	}
	_, err := text.ReadFrom(io.LimitReader(f, maxFileBytes+1))
	return text.Bytes(), err
}

// parse adds one file. Its root is nil if the text is no YAML, and if it is of a
// version that this package does not read.
func (l *loader) parse(name string, src []byte) *source {
	if pieceCount(len(src)) > 1 {
		go planShapes() // which will be wanted when the text is parsed
	}
	s := &source{name: name}
	l.files = append(l.files, s)
	before := l.found.seen
	l.bytes += len(src)
	l.structure += structure(src)
	switch {
	case len(src) > maxFileBytes:
		l.report(Pos{name, 1, 1}, "PH112", "split it and list the parts under include", "the file is larger than %d MiB", maxFileBytes>>20)
	case l.bytes > maxTotalBytes || l.structure > maxStructure:
		l.tooMuch(name)
	default:
		if s.split(src, &l.found); l.found.seen == before {
			l.yaml.parse(s)
		}
		l.unread = l.unread || l.found.seen > before
		l.checkVersion(s)
		return s
	}
	l.unread = true
	return s
}

// tooMuch reports that the files of a plan are too large together.
func (l *loader) tooMuch(name string) {
	at := Pos{name, 1, 1}
	if l.structure > maxStructure {
		l.report(at, "PH112", "make the plan smaller", "with this file the plan has more than %d separators, brackets, hyphens and lines", maxStructure)
		return
	}
	l.report(at, "PH112", "make the plan smaller", "with this file the plan has more than %d MiB", maxTotalBytes>>20)
}

// checkVersion reports a version that this package does not read; in any other,
// no further mistake means anything. A version that is missing or of a wrong
// kind is for the shape check.
func (l *loader) checkVersion(s *source) {
	n := s.root.at("phgen")
	if n == nil {
		return
	}
	v, err := n.integer()
	_, notNumber := n.number()
	switch {
	case err == nil && v != 1:
		l.report(n.pos(), "PH111", "", "the plan is of version %d; this phgen reads version 1", v)
		l.unread, s.root = true, nil
	case err != nil && notNumber == nil: // such as 1.0, which JSON Schema takes for an integer
		e := err.(*spelling)
		l.report(n.pos(), e.code, e.fix, "%q %s", "phgen", e.what)
		l.unread, s.root = true, nil
	}
}

// include reads the files that the root's list of globs names.
func (l *loader) include(list *node) error {
	if list == nil || list.kind != listNode {
		return nil // a wrong kind is for the shape check
	}
	matched := map[string]*node{}
	for _, item := range list.items {
		for _, file := range l.matches(item) {
			if matched[file] == nil {
				matched[file] = item
			}
		}
	}
	var names []string
	for name := range matched {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) >= maxFiles {
		l.report(list.pos(), "PH112", "join some", "%d files; the limit is %d", len(names)+1, maxFiles)
		l.unread = true
		return nil
	}
	dir, _ := filepath.Split(l.path)
	for _, name := range names {
		if l.bytes > maxTotalBytes || l.structure > maxStructure {
			break // reported, and true of every file that follows
		}
		if _, err := l.read(filepath.Join(dir, filepath.FromSlash(name)), filepath.ToSlash(dir)+name); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) report(pos Pos, code, fix, format string, args ...any) {
	l.found.add(pos, code, fix, format, args...)
}

// refuse reports an include that cannot be followed. What it would have named
// is unknown, so any name may be meant.
func (l *loader) refuse(n *node, code, fix, format string, args ...any) {
	l.report(n.pos(), code, fix, format, args...)
	l.partial = true
}

// glob is the pattern that n holds, empty if it is none.
func (l *loader) glob(n *node) string {
	glob, err := n.string()
	if err != nil || glob == "" && l.unread {
		return "" // for the shape check, or reported with the YAML
	}
	_, bad := path.Match(glob, "")
	switch {
	case strings.Contains(glob, "**"):
		l.refuse(n, "PH118", "list one pattern for each folder", "%q holds \"**\": not in version 1", glob)
	case strings.Contains(glob, `\`):
		l.refuse(n, "PH113", `write "/" between folders`, "%q holds a backslash", glob)
	case path.IsAbs(glob) || filepath.IsAbs(glob) || filepath.VolumeName(glob) != "":
		l.refuse(n, "PH113", "write it relative to this file", "%q is an absolute path", glob)
	case slices.Contains(strings.Split(glob, "/"), ".."):
		l.refuse(n, "PH113", "keep the parts below this file", "%q leaves the folder of the plan", glob)
	case bad != nil || glob == "":
		l.refuse(n, "PH113", "use *, ? and [a-z]", "%q is no pattern", glob)
	default:
		return glob
	}
	return ""
}

// matches are the files that one glob names, relative to the root's folder.
func (l *loader) matches(n *node) []string {
	glob := l.glob(n)
	if glob == "" {
		return nil
	}
	if l.fsys != nil {
		return l.matchesFS(n, glob)
	}
	dir := filepath.Dir(l.path)
	found, err := filepath.Glob(filepath.Join(escapeGlob(dir), filepath.FromSlash(glob)))
	if err != nil {
		l.refuse(n, "PH113", "use *, ? and [a-z]", "%q is no pattern", glob)
		return nil
	}
	var names []string
	root := false
	for _, file := range found {
		info, err := os.Stat(file)
		if err != nil || info.IsDir() {
			continue
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			continue
		}
		rel = filepath.ToSlash(rel)
		switch {
		case !below(dir, file, true):
			l.refuse(n, "PH113", "keep the parts below this file", "%q matches %q, a link that leaves the folder of the plan", glob, rel)
			return nil
		case !info.Mode().IsRegular(): // reading it might never end
			l.refuse(n, "PH113", "name plan files only", "%q matches %q, which is no regular file", glob, rel)
			return nil
		case sameFile(file, l.path):
			root = true
		default:
			names = append(names, rel)
		}
	}
	if len(names) == 0 && !root {
		l.refuse(n, "PH113", "mend the pattern, or remove it", "%q matches no file", glob)
	}
	return names
}

// matchesFS is matches for a plan in a file system of its own, which no link
// leaves.
func (l *loader) matchesFS(n *node, glob string) []string {
	folder, err := fs.Sub(l.fsys, path.Dir(l.path))
	var found []string
	if err == nil {
		found, err = fs.Glob(folder, glob)
	}
	if err != nil {
		l.refuse(n, "PH113", "use *, ? and [a-z]", "%q is no pattern", glob)
		return nil
	}
	var names []string
	root := false
	for _, name := range found {
		info, err := fs.Stat(folder, name)
		switch {
		case err != nil || info.IsDir():
		case !info.Mode().IsRegular():
			l.refuse(n, "PH113", "name plan files only", "%q matches %q, which is no regular file", glob, name)
			return nil
		case name == path.Base(l.path):
			root = true
		default:
			names = append(names, name)
		}
	}
	if len(names) == 0 && !root {
		l.refuse(n, "PH113", "mend the pattern, or remove it", "%q matches no file", glob)
	}
	return names
}

// escapeGlob quotes what a folder's name may hold.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`*`, `[*]`, `?`, `[?]`, `[`, `[[]`).Replace(dir)
}

// sameFile tells whether two paths lead to one file.
func sameFile(a, b string) bool {
	x, xErr := os.Stat(a)
	y, yErr := os.Stat(b)
	return xErr == nil && yErr == nil && os.SameFile(x, y)
}

// below tells whether file lies under dir after following links.
func below(dir, file string, orEqual bool) bool {
	d, err := realPath(dir)
	if err != nil {
		return false
	}
	f, err := realPath(file)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(d, f)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return false
	}
	return orEqual || rel != "."
}

// realPath is an absolute path with every link followed. What does not exist
// yet is taken as it is written.
func realPath(p string) (string, error) {
	p, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	var rest string
	for {
		real, err := filepath.EvalSymlinks(p)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		parent := filepath.Dir(p)
		if !errors.Is(err, os.ErrNotExist) || parent == p {
			return "", err
		}
		rest = filepath.Join(filepath.Base(p), rest)
		p = parent
	}
}
