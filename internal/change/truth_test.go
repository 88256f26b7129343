package change

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
	"path/filepath"
	"strings"
	"testing"

	"github.com/phgen/phgen/generator"
)

// What the catalogue says of Go source is true: a caller that was written for the
// plan before compiles against that of after, or does not. Sections for which no
// code is generated have no caller.
func TestTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks some hundred packages")
	}
	compiled := compiledPackages(t)
	for _, cell := range cells {
		data, err := os.ReadFile(filepath.Join("cells", cell.Code+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		parts := splitText(string(data))
		if parts["caller"] == "" {
			if cell.Levels[Go] == Breaking && !strings.HasPrefix(parts["before"], "ai:") {
				t.Errorf("%s breaks Go source, but its example has no caller", cell.Code)
			}
			continue
		}
		if err := compile(t, compiled, load(t, "before.yaml", parts["before"]), parts["caller"]); err != nil {
			t.Errorf("%s: the caller does not compile against the plan before:\n%v", cell.Code, err)
		}
		err = compile(t, compiled, load(t, "after.yaml", parts["after"]), parts["caller"])
		switch breaks := cell.Levels[Go] == Breaking && !cell.Silent; {
		case breaks && err == nil:
			t.Errorf("%s breaks Go source, but its caller still compiles", cell.Code)
		case !breaks && err != nil:
			t.Errorf("%s lets callers compile, but not its own:\n%v", cell.Code, err)
		}
	}
}

// compiledPackages are the files with the compiled form of what generated code and
// callers import. The go command is asked once.
func compiledPackages(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}",
		"context", "math", "net/netip", "strconv", "time", "github.com/google/uuid", "github.com/phgen/phgen/runtime").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if name, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			files[name] = file
		}
	}
	return files
}

// A program is the generated packages of a plan, checked as the compiler does.
type program struct {
	fset     *token.FileSet
	compiled types.Importer
	sources  map[string][]*ast.File // by import path
	done     map[string]*types.Package
}

// compile says why a caller does not compile against the packages of a plan.
func compile(t *testing.T, compiled map[string]string, x *generator.Printer, caller string) error {
	t.Helper()
	p := &program{fset: token.NewFileSet(), sources: map[string][]*ast.File{}, done: map[string]*types.Package{}}
	p.compiled = importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) {
		if compiled[path] == "" {
			return nil, fmt.Errorf("no package %s", path)
		}
		return os.Open(compiled[path])
	})
	files, err := x.Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Path, "trackingtest/") {
			p.add(t, path.Join(x.Plan.Go.ImportPath, path.Dir(f.Path)), f.Path, string(f.Data))
		}
	}
	for at, files := range p.sources {
		if _, err := p.check(at, files); err != nil {
			t.Fatalf("package %s does not compile: %v", at, err)
		}
	}
	p.add(t, "caller", "caller.go", callerOf(caller))
	_, err = p.check("caller", p.sources["caller"])
	return err
}

func (p *program) add(t *testing.T, at, name, source string) {
	t.Helper()
	file, err := parser.ParseFile(p.fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	p.sources[at] = append(p.sources[at], file)
}

// Import implements types.Importer.
func (p *program) Import(at string) (*types.Package, error) {
	if p.done[at] != nil {
		return p.done[at], nil
	}
	if files := p.sources[at]; files != nil {
		pkg, err := p.check(at, files)
		p.done[at] = pkg
		return pkg, err
	}
	return p.compiled.Import(at)
}

func (p *program) check(at string, files []*ast.File) (*types.Package, error) {
	var errs []error
	config := types.Config{Importer: p, Error: func(err error) { errs = append(errs, err) }}
	pkg, _ := config.Check(at, p.fset, files, nil)
	return pkg, errors.Join(errs...)
}

// callerOf is a package whose function has that body. The plan's packages are at
// acme/generated: it has no go.mod, and is called acme.
func callerOf(body string) string {
	imports := `import "context"` + "\n"
	for _, pkg := range []struct{ name, path string }{
		{"tracking", "acme/generated/tracking"},
		{"growth", "acme/generated/tracking/growth"},
		{"flags", "acme/generated/flags"},
		{"experiments", "acme/generated/experiments"},
		{"surveys", "acme/generated/surveys"},
		{"time", "time"},
		{"ph", "github.com/phgen/phgen/runtime"},
		{"uuid", "github.com/google/uuid"},
	} {
		if strings.Contains(body, pkg.name+".") {
			imports += fmt.Sprintf("import %s %q\n", pkg.name, pkg.path)
		}
	}
	return "package caller\n\n" + imports + "\nfunc call(ctx context.Context) {\n" + body + "}\n"
}
