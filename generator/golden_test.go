package generator

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/schema"
)

// features are the folders of testdata/golden: each a plan and what it becomes.
func features(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("testdata/golden")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestGolden(t *testing.T) {
	for _, name := range features(t) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("testdata/golden", name)
			compare(t, filepath.Join(dir, "generated"), generate(t, load(t, filepath.Join(dir, "plan.yaml"))))
		})
	}
}

// What Generate prints compiles, package by package, with nothing but the
// runtime and uuid to import.
func TestGoldenCompiles(t *testing.T) {
	for _, name := range features(t) {
		t.Run(name, func(t *testing.T) {
			p := load(t, filepath.Join("testdata/golden", name, "plan.yaml"))
			typecheck(t, p, generate(t, p))
		})
	}
}

// go vet also finds what the compiler lets pass: copied locks, wrong directives,
// methods of well-known names with other signatures.
func TestGoldenVet(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	out, err := exec.Command("go", "vet", "./testdata/golden/...", "../examples/generated/...").CombinedOutput()
	if err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

// The output is what gofmt would make of it, so that users' editors and checks
// leave it alone.
func TestGofmtFixpoint(t *testing.T) {
	for _, name := range features(t) {
		for _, f := range generate(t, load(t, filepath.Join("testdata/golden", name, "plan.yaml"))) {
			got, err := format.Source(f.Data)
			if err != nil {
				t.Errorf("%s %s: %v", name, f.Path, err)
			}
			if diff := cmp.Diff(string(got), string(f.Data)); diff != "" {
				t.Errorf("gofmt changes %s %s (-gofmt +generated):\n%s", name, f.Path, diff)
			}
		}
	}
}

// Specs and tables must be static data: a program that links a plan of thousands
// of events would otherwise run thousands of initialisers at every start.
func TestStaticData(t *testing.T) {
	for _, name := range features(t) {
		for _, f := range generate(t, load(t, filepath.Join("testdata/golden", name, "plan.yaml"))) {
			file, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Data, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, decl := range file.Decls {
				if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.VAR {
					ast.Inspect(gen, func(n ast.Node) bool {
						switch n.(type) {
						case *ast.CallExpr, *ast.FuncLit:
							t.Errorf("%s %s: a variable is initialised by a call", name, f.Path)
						}
						return true
					})
				}
				if fn, ok := decl.(*ast.FuncDecl); ok && fn.Name.Name == "init" {
					t.Errorf("%s %s: has an init function", name, f.Path)
				}
			}
		}
	}
}

// Two runs give the same bytes, and so do two loads of one plan: no map's order
// shows, nor how the work was shared among the cores.
func TestDeterministic(t *testing.T) {
	for _, name := range features(t) {
		file := filepath.Join("testdata/golden", name, "plan.yaml")
		p := load(t, file)
		first := generate(t, p)
		for range 3 {
			if diff := cmp.Diff(first, generate(t, p)); diff != "" {
				t.Errorf("%s: a second run differs:\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(first, generate(t, load(t, file))); diff != "" {
			t.Errorf("%s: the same plan, loaded again, gives other code:\n%s", name, diff)
		}
		if !slices.IsSortedFunc(first, func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
			t.Errorf("%s: the files are not sorted by path", name)
		}
	}
}

// The folder a plan lies in is no part of its code.
func TestNoPathInOutput(t *testing.T) {
	src, err := os.ReadFile("testdata/golden/events/plan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var outputs [][]File
	for _, name := range []string{"plan.yaml", "/home/somebody/work/plan.yaml", `C:\Users\Somebody\plan.yaml`} {
		p, found := schema.Parse(name, src)
		outputs = append(outputs, generate(t, checked(t, p, found)))
	}
	for _, files := range outputs[1:] {
		if diff := cmp.Diff(outputs[0], files); diff != "" {
			t.Errorf("the plan's folder shows:\n%s", diff)
		}
	}
}

// The limits of the language must be no limits of the printer.
func TestExtremes(t *testing.T) {
	var b strings.Builder
	b.WriteString("phgen: 1\nplan: {name: extremes}\ntypes:\n  Wide:\n    enum:\n")
	for i := range 255 {
		fmt.Fprintf(&b, "      - value %d\n", i)
	}
	b.WriteString("events:\n  all_required:\n    properties:\n")
	for i := range 300 {
		fmt.Fprintf(&b, "      p%d: string!\n", i)
	}
	b.WriteString("  all_optional:\n    properties:\n")
	for i := range 299 {
		fmt.Fprintf(&b, "      p%d: \"int?\"\n", i)
	}
	b.WriteString("      wide: Wide\n")
	p, found := schema.Parse("plan.yaml", []byte(b.String()))
	typecheck(t, checked(t, p, found), generate(t, p))
}
