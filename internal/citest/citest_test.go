// Package citest runs what other people's CI takes from this repository: the
// steps of the GitHub Action and the hooks of pre-commit.
package citest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

var (
	checkout string // the root of the repository
	bin      string // a folder that holds phgen
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if checkout, err = filepath.Abs("../.."); err != nil {
			panic(err)
		}
		if bin, err = os.MkdirTemp("", "phgen-citest-"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(bin)
		build := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "./cmd/phgen")
		build.Dir, build.Stderr = checkout, os.Stderr
		if err := build.Run(); err != nil {
			panic("building phgen: " + err.Error())
		}
		return m.Run()
	}())
}

// read decodes one of the repository's YAML files.
func read(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(checkout, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// module makes a module with a plan and its generated code, and moves into it.
func module(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, dir := range []string{"HOME", "XDG_CACHE_HOME"} {
		t.Setenv(dir, t.TempDir())
	}
	write(t, "go.mod", "module example.com/shop\n\ngo 1.25\n")
	write(t, "tracking-plan.yaml", plan)
	if out, status := run(t, exec.Command(filepath.Join(bin, "phgen"), "generate")); status != 0 {
		t.Fatalf("generate: %s", out)
	}
}

const plan = `phgen: 1
plan: {name: shop}
owners: {web: {}}
events:
  project created: {description: Somebody made a project., owner: web}
`

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// run returns what a command printed to both outputs, and its exit status.
func run(t *testing.T, cmd *exec.Cmd) (string, int) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	return strings.TrimSpace(string(out)), cmd.ProcessState.ExitCode()
}
