package gosource

import (
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"testing"
)

func TestFunctionAt(t *testing.T) {
	const src = "package p\n\nfunc F() {\n}\n\nfunc (s *S[T]) G() {\n}\n\nfunc (S) H() {}\n\nvar x = func() {}\n"
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[int]string{1: "", 3: "F", 4: "F", 5: "", 6: "(*S[T]).G", 7: "(*S[T]).G", 9: "(S).H", 11: ""} {
		if got := FunctionAt(fset, f, line); got != want {
			t.Errorf("line %d: got %q, want %q", line, got, want)
		}
	}
}

func TestLoad(t *testing.T) {
	file, err := filepath.Abs("gosource.go")
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string][]byte{file: []byte("package gosource\n\nvar Replaced = 1\n")}
	pkgs, err := Load(t.Context(), Query{}, overlay)
	if err != nil {
		t.Fatal(err)
	}
	if len(pkgs) != 1 || pkgs[0].Types.Scope().Lookup("Replaced") == nil {
		t.Errorf("got %v, want this package with what the overlay says", pkgs)
	}
	if got, err := Read(file, overlay); err != nil || string(got) != string(overlay[file]) {
		t.Errorf("Read of a replaced file: got %q, %v", got, err)
	}
	if _, err := Read(file+".missing", overlay); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of no file: got %v, want that there is none", err)
	}
	if _, err := Load(t.Context(), Query{Dir: filepath.Join(t.TempDir(), "missing")}, nil); err == nil {
		t.Error("Load in no folder: got no error")
	}
}
