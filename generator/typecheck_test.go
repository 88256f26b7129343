package generator

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/phgen/phgen/schema"
)

// exports finds the compiled form of every package that generated code imports.
// The go command is asked once for all tests.
var exports = sync.OnceValues(func() (map[string]string, error) {
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "context", "math", "net/netip", "strconv", "time", uuidPath, phtestPath, phaiPath}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if name, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			files[name] = file
		}
	}
	return files, nil
})

// A typechecker judges generated packages, and programs that use them, as the
// compiler would.
type typechecker struct {
	fset     *token.FileSet
	compiled types.Importer
	sources  map[string][]*ast.File // by import path
	done     map[string]*types.Package
}

// compile parses files as packages below the plan's output folder.
func compile(p *schema.Plan, files []File) (*typechecker, error) {
	exported, err := exports()
	if err != nil {
		return nil, err
	}
	c := &typechecker{fset: token.NewFileSet(), sources: map[string][]*ast.File{}, done: map[string]*types.Package{}}
	c.compiled = importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exported[path]) })
	for _, f := range files {
		file, err := parser.ParseFile(c.fset, f.Path, f.Data, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		at := p.Go.ImportPath + "/" + path.Dir(f.Path)
		c.sources[at] = append(c.sources[at], file)
	}
	return c, nil
}

// all checks every package.
func (c *typechecker) all() error {
	var errs []error
	for at := range c.sources {
		if _, err := c.Import(at); err != nil {
			errs = append(errs, fmt.Errorf("%s does not compile:\n%w", at, err))
		}
	}
	return errors.Join(errs...)
}

// Import implements types.Importer.
func (c *typechecker) Import(at string) (*types.Package, error) {
	files, generated := c.sources[at]
	if !generated {
		return c.compiled.Import(at)
	}
	if c.done[at] == nil {
		pkg, err := c.check(at, files)
		if err != nil {
			return nil, err
		}
		c.done[at] = pkg
	}
	return c.done[at], nil
}

// check reports every error in the package at, not only the first.
func (c *typechecker) check(at string, files []*ast.File) (*types.Package, error) {
	var found []string
	config := types.Config{Importer: c, Error: func(err error) { found = append(found, err.Error()) }}
	pkg, err := config.Check(at, c.fset, files, nil)
	if err != nil {
		return nil, fmt.Errorf("%s", strings.Join(found, "\n"))
	}
	return pkg, nil
}

// typecheck fails t if a generated package would not compile.
func typecheck(t testing.TB, p *schema.Plan, files []File) *typechecker {
	t.Helper()
	c, err := compile(p, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.all(); err != nil {
		t.Error(err)
	}
	return c
}
