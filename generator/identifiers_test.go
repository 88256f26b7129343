package generator

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"testing"
)

// Every identifier is declared in the generated code, and every function of an event or
// flag is among the identifiers.
func TestIdentifiers(t *testing.T) {
	for _, feature := range features(t) {
		t.Run(feature, func(t *testing.T) {
			p := load(t, filepath.Join("testdata/golden", feature, "plan.yaml"))
			declared := map[string]bool{}
			for _, f := range generate(t, p) {
				declaredNames(t, p.Go.ImportPath+"/"+path.Dir(f.Path), f, declared)
			}
			named := map[IdentifierKind]int{}
			for _, id := range NewPrinter(p).Identifiers() {
				named[id.Kind]++
				if !declared[id.Package+" "+id.Name] {
					t.Errorf("%s %q is %s in %s, which declares no such thing", id.Kind, id.Path, id.Name, id.Package)
				}
			}
			if got, want := named[EventFunc], len(p.Events); got != want {
				t.Errorf("got %d events, want %d", got, want)
			}
			if got, want := named[GroupFunc], len(p.Groups); got != want {
				t.Errorf("got %d groups, want %d", got, want)
			}
		})
	}
}

// declaredNames adds what a file declares, behind the import path of its package.
func declaredNames(t *testing.T, pkg string, f File, declared map[string]bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Data, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				if recv, ok := d.Recv.List[0].Type.(*ast.Ident); ok {
					name = recv.Name + "." + name
				}
			}
			declared[pkg+" "+name] = true
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					declared[pkg+" "+s.Name.Name] = true
				case *ast.ValueSpec:
					for _, name := range s.Names {
						declared[pkg+" "+name.Name] = true
					}
				}
			}
		}
	}
}
