package vet

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each code has a text, and what the text shows as wrong is found in it, and what it shows
// as right is not. Codes of a whole program are tested by TestWholeProgram and by the
// command.
func TestExplanations(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	offline(t)
	dir := t.TempDir()
	newSample(t, dir)
	for _, folder := range []string{"shop", "clean", "raw"} {
		if err := os.RemoveAll(filepath.Join(dir, folder)); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{}
	for _, d := range Codes() {
		if d.Explanation == "" || d.Bad == "" || d.Good == "" || d.Title == "" || d.Since == "" {
			t.Errorf("%s lacks a text or snippet", d.Code)
		}
		snippet(t, dir, d.Code, "bad", d.Bad)
		snippet(t, dir, d.Code, "good", d.Good)
		switch d.Code {
		case "PHV006", "PHV007", "PHV009":
		default:
			want[filepath.Join(strings.ToLower(d.Code), "bad.go")] = d.Code
		}
	}
	results, err := Run(t.Context(), Options{Tool: self(t), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range results.Findings {
		if f.Code == "PHV004" && want[f.File] == "PHV010" {
			continue // one half of a pair is deprecated
		}
		if want[f.File] != f.Code {
			t.Errorf("%s:%d: got %s: %s, want nothing", f.File, f.Line, f.Code, f.Message)
		}
		delete(want, f.File)
	}
	for file, code := range want {
		t.Errorf("%s: got nothing, want %s", file, code)
	}
}

// snippet writes the body of a function, with the imports that it needs.
func snippet(t *testing.T, dir, code, name, body string) {
	t.Helper()
	var imports strings.Builder
	for word, path := range map[string]string{
		"context.": `"context"`, "tracking.": `"example.com/sample/generated/tracking"`, "flags.": `"example.com/sample/generated/flags"`,
		"ph.": `ph "github.com/phgen/phgen/runtime"`,
	} {
		if word == "context." || strings.Contains(uncommented(body), word) {
			fmt.Fprintf(&imports, "\t%s\n", path)
		}
	}
	file := filepath.Join(dir, strings.ToLower(code), name+".go")
	write(t, file, fmt.Sprintf("package p\n\nimport (\n%s)\n\nfunc %s(ctx context.Context) {\n%s}\n", imports.String(), name, body))
}

func uncommented(body string) string {
	var code strings.Builder
	for line := range strings.Lines(body) {
		if !strings.HasPrefix(line, "//") {
			code.WriteString(line)
		}
	}
	return code.String()
}
