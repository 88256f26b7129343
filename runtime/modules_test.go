package runtime

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/phgen/phgen"

// dependencies lists what format says of every package outside the standard library
// that patterns depend on, sorted, each once.
func dependencies(t *testing.T, format string, patterns ...string) []string {
	t.Helper()
	args := append([]string{"list", "-deps", "-f", "{{if not .Standard}}" + format + "{{end}}"}, patterns...)
	cmd := exec.Command("go", args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	list := strings.Fields(string(out))
	slices.Sort(list)
	return slices.Compact(list)
}

// What a user's program takes in with the runtime. A module more is a decision: write
// its reason into the commit that adds it here.
func TestModules(t *testing.T) {
	got := dependencies(t, "{{.Module.Path}}", "./...")
	want := []string{"github.com/google/uuid", "github.com/klauspost/compress", module}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("modules of runtime/... (-got +want):\n%s", diff)
	}
}

// The compiler and the runtime share no import: the generator knows the runtime only
// as text.
func TestTwoProgramsThatNeverMeet(t *testing.T) {
	for _, pkg := range dependencies(t, "{{.ImportPath}}", "./...") {
		if strings.HasPrefix(pkg, module+"/schema") || strings.HasPrefix(pkg, module+"/generator") {
			t.Errorf("runtime imports %s", pkg)
		}
	}
	for _, pkg := range dependencies(t, "{{.ImportPath}}", "../schema/...", "../generator/...") {
		if strings.HasPrefix(pkg, module+"/runtime") {
			t.Errorf("the compiler imports %s", pkg)
		}
	}
}

// The runtime opens no page of its own: net/http/pprof and expvar would, in every program
// that imports them.
func TestNoPages(t *testing.T) {
	for _, pkg := range imports(t, ".", "./value", "./internal/...") {
		if pkg == "expvar" || pkg == "net/http/pprof" {
			t.Errorf("runtime imports %s", pkg)
		}
	}
}

// imports lists every package that patterns depend on.
func imports(t *testing.T, patterns ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-deps"}, patterns...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.Fields(string(out))
}
