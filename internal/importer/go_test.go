package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/golden"
	"github.com/phgen/phgen/schema"
)

// goModule is a module made of testdata/go, with a stand-in for posthog-go.
func goModule(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	for name, value := range map[string]string{"GOFLAGS": "-mod=mod -buildvcs=false", "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOWORK": "off"} {
		t.Setenv(name, value)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/go")); err != nil {
		t.Fatal(err)
	}
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(checkout, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.sum"), string(sums))
	write(t, filepath.Join(dir, "go.mod"), fmt.Sprintf("module example.com/shop\n\ngo 1.25.0\n\nrequire (\n"+
		"\tgithub.com/google/uuid v1.6.0\n\tgithub.com/phgen/phgen v0.0.0\n\tgithub.com/posthog/posthog-go v1.0.0\n)\n\n"+
		"replace github.com/phgen/phgen => %s\n\nreplace github.com/posthog/posthog-go => ./posthog\n", checkout))
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestGo drafts a plan from calls, generates code from it, and rewrites the calls to that.
func TestGo(t *testing.T) {
	dir := goModule(t)
	source := GoSource{Dir: dir}
	r, err := Go(t.Context(), source, Options{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "testdata/go-want", r)

	write(t, filepath.Join(dir, "tracking-plan.yaml"), string(r.Plan))
	p, found, err := schema.Load(filepath.Join(dir, "tracking-plan.yaml"))
	if err != nil || found.HasErrors() {
		t.Fatal(err, found)
	}
	printer := generator.NewPrinter(p)
	if _, err := Rewrite(t.Context(), source, printer); err == nil || !strings.Contains(err.Error(), "phgen generate") {
		t.Errorf("without generated code: got error %v, want one that asks for it", err)
	}
	files, err := generator.Generate(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		write(t, filepath.Join(p.Go.OutDir, filepath.FromSlash(f.Path)), string(f.Data))
	}
	rewriting, err := Rewrite(t.Context(), source, printer)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, c := range rewriting.Changes {
		name, _ := filepath.Rel(dir, c.File)
		fmt.Fprintf(&text, "-- %s --\n%s", filepath.ToSlash(name), c.New)
	}
	fmt.Fprintf(&text, "-- left --\n%d rewritten\n", rewriting.Rewritten)
	for _, l := range rewriting.Left {
		text.WriteString(l.String() + "\n")
	}
	golden.Compare(t, "testdata/go-want/rewritten.txt", text.String())
}
