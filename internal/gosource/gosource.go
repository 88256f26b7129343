// Package gosource loads users' Go code, for those who rewrite it.
package gosource

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"

	"golang.org/x/tools/go/packages"
)

const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedModule

// A Query names packages.
type Query struct {
	Dir      string   // where patterns count from; empty: the working folder
	Tags     string   // build tags, separated by commas
	Patterns []string // as the go command takes them; none: ./...
	Tests    bool     // with their tests
}

// Load loads packages with syntax and types, with the contents of some files, by their
// absolute names, replaced. Errors in the packages are theirs.
func Load(ctx context.Context, q Query, overlay map[string][]byte) ([]*packages.Package, error) {
	cfg := &packages.Config{Mode: mode, Context: ctx, Dir: q.Dir, Tests: q.Tests, Overlay: overlay}
	if q.Tags != "" {
		cfg.BuildFlags = []string{"-tags=" + q.Tags}
	}
	patterns := q.Patterns
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	pkgs, err := packages.Load(cfg, patterns...)
	if err != nil {
		return nil, fmt.Errorf("loading packages: %w", err)
	}
	return pkgs, nil
}

// Read returns what a file holds, or holds in overlay.
func Read(name string, overlay map[string][]byte) ([]byte, error) {
	if src, ok := overlay[name]; ok {
		return src, nil
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("loading packages: %w", err)
	}
	return src, nil
}

// FunctionAt names the declared function around a line; empty: none.
func FunctionAt(fset *token.FileSet, f *ast.File, line int) string {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fset.Position(fn.Pos()).Line <= line && line <= fset.Position(fn.End()).Line {
			return FunctionName(fn)
		}
	}
	return ""
}

// FunctionName tells a function of a file from the others: "Run", or "(*Server).Run".
func FunctionName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	return "(" + types.ExprString(fn.Recv.List[0].Type) + ")." + fn.Name.Name
}
