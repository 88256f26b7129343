package exception

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"

	_ "github.com/google/uuid" // which testdata/builds needs: so it is there without a network
	"github.com/phgen/phgen/internal/golden"
)

// What a program says of itself, of Go, and of modules it depends on, however it was built:
// the shop calls a module that was downloaded, which calls Go, which calls the shop, which calls
// a module from another folder.
func TestBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs a program five times")
	}
	work := copyBuilds(t)
	shop := filepath.Join(work, "shop")
	run(t, shop, "off", "go", "mod", "vendor")
	for _, tt := range []struct {
		name  string
		work  string // GOWORK
		flags []string
	}{
		{"plain", "off", []string{"-mod=readonly"}},
		{"trimpath", "off", []string{"-mod=readonly", "-trimpath"}},
		{"vendor", "off", []string{"-mod=vendor"}},
		{"vendor-trimpath", "off", []string{"-mod=vendor", "-trimpath"}},
		{"workspace", filepath.Join(work, "go.work"), []string{"-mod=readonly"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			binary := filepath.Join(t.TempDir(), "shop.exe")
			run(t, shop, tt.work, "go", append(append([]string{"build", "-o", binary}, tt.flags...), ".")...)
			golden.Compare(t, filepath.Join("testdata", "builds", tt.name+".txt"), show(t, work, run(t, shop, "off", binary)))
		})
	}
}

// copyBuilds copies the modules of testdata/builds to a folder where they may be changed, and has
// them use this library as it is here.
func copyBuilds(t *testing.T) string {
	t.Helper()
	work, err := filepath.EvalSymlinks(t.TempDir()) // as the compiler has it
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(work, os.DirFS(filepath.Join("testdata", "builds"))); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	shop := filepath.Join(work, "shop")
	if err := os.WriteFile(filepath.Join(shop, "go.sum"), sums, 0o644); err != nil {
		t.Fatal(err)
	}
	library := strings.TrimSuffix(library, "/runtime")
	run(t, shop, "off", "go", "mod", "edit", "-replace="+library+"="+root)
	run(t, shop, "off", "go", "list", "-mod=mod", ".") // takes the versions that the library requires
	return work
}

// run runs a command in dir, without a network, and returns what it prints.
func run(t *testing.T, dir, gowork, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOPROXY=off", "GOFLAGS=-buildvcs=false", "GOWORK="+gowork)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, stderr.String())
	}
	return string(out)
}

// show returns what the golden of a report has: the error's type and its package, and the frames
// in the order in which they are sent, with folders that are elsewhere on every machine by their
// names.
func show(t *testing.T, work, output string) string {
	t.Helper()
	var report struct {
		List []struct {
			Type, Module string
			Stacktrace   struct {
				Frames []struct {
					Filename, Function string
					InApp              bool `json:"in_app"`
				}
			}
		}
		Images []json.RawMessage
	}
	if err := json.Unmarshal([]byte(output), &report); err != nil {
		t.Fatalf("%v in %s", err, output)
	}
	if len(report.List) != 1 {
		t.Fatalf("got %d items, want 1: %s", len(report.List), output)
	}
	if executable() != nil && len(report.Images) != 1 {
		t.Errorf("got %d images, want 1: Go's linker gives executables an identity", len(report.Images))
	}
	env := strings.Split(strings.TrimSpace(run(t, work, "off", "go", "env", "GOROOT", "GOMODCACHE")), "\n")
	folders := strings.NewReplacer( // the first that fits: GOROOT may be in GOMODCACHE
		strings.TrimSpace(filepath.ToSlash(env[0]))+"/", "$GOROOT/",
		strings.TrimSpace(filepath.ToSlash(env[1]))+"/", "$GOMODCACHE/",
		filepath.ToSlash(work)+"/", "$WORK/",
	)
	var b strings.Builder
	item := report.List[0]
	fmt.Fprintf(&b, "%s of %s\n\n", item.Type, item.Module)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, f := range item.Stacktrace.Frames {
		if f.Function == "runtime.goexit" {
			continue // its file is that of an architecture
		}
		owner := "others"
		if f.InApp {
			owner = "in app"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", owner, f.Function, folders.Replace(f.Filename))
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
