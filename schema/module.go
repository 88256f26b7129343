package schema

import (
	"bufio"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"unicode"
)

// locate finds where the generated packages of the plan go, and their import
// path. A text without a file has no place: its folder is only a name.
func (l *loader) locate(c *compiler) {
	g := &c.plan.Go
	pos := g.Pos
	if n := c.root.at("go").at("out"); n != nil {
		pos = n.pos()
	}
	refuse := func(format string, args ...any) {
		c.report(pos, "PH117", "name a folder below that of go.mod, as in ./generated", format, args...)
	}
	out := g.Out
	switch {
	case strings.ContainsFunc(out, unicode.IsControl):
		refuse("the output folder %q holds a control character", out)
		return
	case path.IsAbs(out) || filepath.IsAbs(out) || filepath.VolumeName(out) != "" || strings.Contains(out, `\`):
		refuse("the output folder %q is not relative with %q between folders", out, "/")
		return
	}
	g.Out = path.Clean(out)
	for name := range strings.SplitSeq(g.Out, "/") {
		if !importable(name) {
			refuse("the output folder %q cannot be a part of an import path", name)
			return
		}
	}
	c.plan.Module, c.plan.ModuleDir = c.plan.Name, "."
	if l.path == "" {
		if g.Out == "." || g.Out == ".." || strings.HasPrefix(g.Out, "../") {
			refuse("the output folder %q is not below the module", out)
			return
		}
		g.OutDir, g.ImportPath = filepath.FromSlash(g.Out), path.Join(c.plan.Module, g.Out)
		return
	}
	if l.fsys != nil {
		if !l.locateFS(c.plan) {
			refuse("the output folder %q is not below the module's folder", out)
		}
		return
	}
	dir := filepath.Dir(l.path)
	g.OutDir = filepath.Join(dir, filepath.FromSlash(g.Out))
	c.plan.ModuleDir = dir
	if moduleDir, name := nearestModule(dir); moduleDir != "" {
		c.plan.ModuleDir, c.plan.Module = moduleDir, name
	}
	if !below(c.plan.ModuleDir, g.OutDir, false) {
		refuse("the output folder %q is not below the module's folder", out)
		return
	}
	rel, err := relative(c.plan.ModuleDir, g.OutDir)
	if err != nil {
		refuse("the output folder %q: %v", out, err)
		return
	}
	g.ImportPath = path.Join(c.plan.Module, filepath.ToSlash(rel))
}

// locateFS is locate for a plan in a file system of its own. It reports whether
// the output folder is below the module's.
func (l *loader) locateFS(p *Plan) bool {
	dir := path.Dir(l.path)
	out := path.Join(dir, p.Go.Out)
	p.ModuleDir, p.Go.OutDir = dir, filepath.FromSlash(out)
	for at := dir; ; at = path.Dir(at) {
		f, err := l.fsys.Open(path.Join(at, "go.mod"))
		if err == nil {
			name := moduleName(bufio.NewScanner(f))
			f.Close()
			if name != "" {
				p.ModuleDir, p.Module = at, name
			}
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || path.Dir(at) == at {
			break
		}
	}
	rel, err := filepath.Rel(p.ModuleDir, out)
	if err != nil || !filepath.IsLocal(rel) || rel == "." {
		return false
	}
	p.Go.ImportPath = path.Join(p.Module, filepath.ToSlash(rel))
	return true
}

// importable reports whether the go command takes name as a folder of an import path.
func importable(name string) bool {
	if name == "." || name == ".." {
		return true // of a path that goes on, and is checked as a whole
	}
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~+", r)
	}
	return name != "" && !strings.ContainsFunc(name, odd) && name[0] != '.' && name[len(name)-1] != '.'
}

// relative is the way from dir to file after following links.
func relative(dir, file string) (string, error) {
	d, err := realPath(dir)
	if err != nil {
		return "", err
	}
	f, err := realPath(file)
	if err != nil {
		return "", err
	}
	return filepath.Rel(d, f)
}

// nearestModule finds the go.mod in dir or above it. Without one, or if it
// names no module, both results are empty.
func nearestModule(dir string) (moduleDir, name string) {
	dir, err := filepath.Abs(dir)
	for ; err == nil; dir = filepath.Dir(dir) {
		f, openErr := open(filepath.Join(dir, "go.mod"))
		if openErr == nil {
			defer f.Close()
			if name := moduleName(bufio.NewScanner(f)); name != "" {
				return dir, name
			}
			return "", ""
		}
		if !errors.Is(openErr, fs.ErrNotExist) || filepath.Dir(dir) == dir {
			return "", ""
		}
	}
	return "", ""
}

// moduleName is what the module line of a go.mod says.
func moduleName(lines *bufio.Scanner) string {
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "//")
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == "module" {
			return strings.Trim(fields[1], "\"`")
		}
	}
	return ""
}
