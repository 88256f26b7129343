package unflag

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

var update = flag.Bool("update", false, "rewrite the wanted files in testdata")

// sample is a module made of testdata/sample and the code generated from its plan.
func sample(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	for name, value := range map[string]string{"GOFLAGS": "-mod=mod -buildvcs=false", "GOPROXY": "off", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOWORK": "off"} {
		t.Setenv(name, value)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/sample")); err != nil {
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
	write(t, filepath.Join(dir, "go.mod"), fmt.Sprintf("module example.com/sample\n\ngo 1.25.0\n\nrequire (\n"+
		"\tgithub.com/google/uuid v1.6.0\n\tgithub.com/phgen/phgen v0.0.0\n)\n\nreplace github.com/phgen/phgen => %s\n", checkout))
	p, findings, err := schema.Load(filepath.Join(dir, "tracking-plan.yaml"))
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	files, err := generator.Generate(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		write(t, filepath.Join(p.Go.OutDir, filepath.FromSlash(f.Path)), string(f.Data))
	}
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

const generated = "example.com/sample/generated"

var fastPath = Flag{
	Key: "fast-path", Package: generated + "/flags", Name: "FastPath",
	Readers: map[string]string{generated + "/flags.FastPath": "flag"},
}

func newLayout(variant string) Flag {
	return Flag{
		Key: "new-layout", Package: generated + "/flags", Name: "NewLayout", Variant: variant,
		Readers: map[string]string{generated + "/flags.NewLayout": "flag", generated + "/experiments.Layout": "experiment"},
		Consts:  []string{"NewLayoutOff", "NewLayoutControl", "NewLayoutRight"},
	}
}

// What becomes of the sample is in testdata, a folder for each answer; what can not be
// folded is listed there.
func TestRemove(t *testing.T) {
	dir := sample(t)
	on := fastPath
	on.On = true
	for name, flag := range map[string]Flag{"on": on, "off": fastPath, "right": newLayout("NewLayoutRight"), "control": newLayout("NewLayoutControl")} {
		t.Run(name, func(t *testing.T) {
			r, err := Remove(t.Context(), flag, Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, c := range r.Changes {
				rel, err := filepath.Rel(dir, c.File)
				if err != nil {
					t.Fatal(err)
				}
				got[filepath.ToSlash(rel)+".txt"] = string(c.New)
			}
			var left strings.Builder
			for _, p := range r.Left {
				fmt.Fprintf(&left, "%s:%d:%d: %s\n", filepath.Base(p.Filename), p.Line, p.Column, p.Why)
			}
			got["left.txt"] = left.String()
			compare(t, filepath.Join("testdata", name), got)
		})
	}
}

func compare(t *testing.T, dir string, got map[string]string) {
	t.Helper()
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		for name, text := range got {
			write(t, filepath.Join(dir, name), text)
		}
		return
	}
	want := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		want[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
