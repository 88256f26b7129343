package unflag

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/packages"

	"github.com/phgen/phgen/internal/gosource"
)

// A file is one that people write, with the types of its package.
type file struct {
	name   string // absolute
	src    []byte
	syntax *ast.File
	root   inspector.Cursor
	fset   *token.FileSet
	info   *types.Info

	ignored bool // by its build constraints: it has no syntax
}

type program struct {
	packages []*packages.Package
	files    []*file // each once, sorted
}

// load loads packages and their tests, with the contents of some files replaced.
func load(ctx context.Context, o Options, overlay map[string][]byte) (*program, error) {
	pkgs, err := gosource.Load(ctx, gosource.Query{Dir: o.Dir, Tags: o.Tags, Patterns: o.Patterns, Tests: true}, overlay)
	if err != nil {
		return nil, err
	}
	p := &program{packages: pkgs}
	seen := map[string]bool{}
	for _, pkg := range pkgs {
		for i, syntax := range pkg.Syntax {
			name := pkg.CompiledGoFiles[i]
			if seen[name] || ast.IsGenerated(syntax) || filepath.Ext(name) != ".go" {
				continue
			}
			seen[name] = true
			src, err := gosource.Read(name, overlay)
			if err != nil {
				return nil, err
			}
			p.files = append(p.files, &file{name: name, src: src, syntax: syntax, root: inspector.New([]*ast.File{syntax}).Root(), fset: pkg.Fset, info: pkg.TypesInfo})
		}
	}
	for _, pkg := range pkgs {
		for _, name := range pkg.IgnoredFiles {
			if seen[name] || filepath.Ext(name) != ".go" {
				continue
			}
			seen[name] = true
			src, err := os.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("loading packages: %w", err)
			}
			p.files = append(p.files, &file{name: name, src: src, ignored: true})
		}
	}
	slices.SortFunc(p.files, func(a, b *file) int { return strings.Compare(a.name, b.name) })
	return p, nil
}

// errors are what keeps the packages from compiling.
func (p *program) errors() []packages.Error {
	var errs []packages.Error
	for _, pkg := range p.packages {
		for _, e := range pkg.Errors {
			if !slices.Contains(errs, e) {
				errs = append(errs, e)
			}
		}
	}
	return errs
}

// mentions is where the text of f mentions one of the names, as a word.
func (f *file) mentions(names []string) (token.Position, bool) {
	for _, name := range names {
		for from := 0; ; {
			i := bytes.Index(f.src[from:], []byte("."+name))
			if i < 0 {
				break
			}
			at := from + i + 1
			end := at + len(name)
			if end == len(f.src) || !isWord(f.src[end]) {
				line := bytes.Count(f.src[:at], []byte("\n"))
				return token.Position{Filename: f.name, Offset: at, Line: line + 1, Column: at - bytes.LastIndexByte(f.src[:at], '\n')}, true
			}
			from = end
		}
	}
	return token.Position{}, false
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
