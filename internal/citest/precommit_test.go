package citest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A hook is one entry of .pre-commit-hooks.yaml.
type hook struct {
	ID            string
	Name          string
	Description   string
	Entry         string
	Language      string
	Files         string
	PassFilenames *bool  `yaml:"pass_filenames"`
	Minimum       string `yaml:"minimum_pre_commit_version"`
}

func hooks(t *testing.T) map[string]hook {
	t.Helper()
	var list []hook
	read(t, ".pre-commit-hooks.yaml", &list)
	byID := map[string]hook{}
	for _, h := range list {
		byID[h.ID] = h
	}
	if len(byID) != len(list) {
		t.Fatal("two hooks have one id")
	}
	return byID
}

// runHook runs a hook as pre-commit does: the entry split at spaces, with phgen
// on the path.
func runHook(t *testing.T, h hook, args ...string) (string, int) {
	t.Helper()
	words := append(strings.Fields(h.Entry), args...)
	if words[0] != "phgen" {
		t.Fatalf("entry %q, want phgen, which pre-commit installs", h.Entry)
	}
	return run(t, exec.Command(filepath.Join(bin, "phgen"), words[1:]...))
}

func TestHooks(t *testing.T) {
	all := hooks(t)
	tests := []struct {
		id      string
		bad     string // a plan that the hook must stop
		say     string // in its output
		changes bool   // the hook mends the plan, which pre-commit takes for a failure
	}{
		{"phgen-validate", strings.Replace(plan, "owner: web", "owner: app", 1), "PH203", false},
		{"phgen-fmt", strings.Replace(plan, "plan: {", "plan:   { ", 1), "tracking-plan.yaml", true},
		{"phgen-lint", "phgen: 1\nplan: {name: shop}\nflags: {old: {kind: boolean, expires: 2020-01-01}}\n", "PH406", false},
		{"phgen-check", strings.Replace(plan, "project", "team", 1), "out of date", false},
	}
	if len(tests) != len(all) {
		t.Errorf("%d hooks, of which %d are tested", len(all), len(tests))
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			h := all[tt.id]
			if h.Language != "golang" || h.Name == "" || h.Description == "" || h.PassFilenames == nil || *h.PassFilenames || h.Minimum == "" {
				t.Errorf("incomplete: %+v", h)
			}
			if !regexp.MustCompile(h.Files).MatchString("tracking-plan.yaml") {
				t.Errorf("files %q leave the plan out", h.Files)
			}
			module(t)
			if out, status := runHook(t, h); status != 0 {
				t.Errorf("on a good plan: status %d\n%s", status, out)
			}
			write(t, "tracking-plan.yaml", tt.bad)
			out, status := runHook(t, h)
			if !strings.Contains(out, tt.say) || (status == 0) != tt.changes {
				t.Errorf("on a bad plan: status %d, want a failure: %t, and %q in\n%s", status, !tt.changes, tt.say, out)
			}
			now, err := os.ReadFile("tracking-plan.yaml")
			if err != nil {
				t.Fatal(err)
			}
			want := tt.bad
			if tt.changes {
				want = plan
			}
			if d := cmp.Diff(want, string(now)); d != "" {
				t.Errorf("the plan (-want +got):\n%s", d)
			}
		})
	}
}

// Another plan is named with args.
func TestHookArguments(t *testing.T) {
	module(t)
	write(t, "other.yaml", "phgen: 1\nplan: {name: shop}\nevnts: {}\n")
	out, status := runHook(t, hooks(t)["phgen-validate"], "other.yaml")
	if status != 1 || !strings.HasPrefix(out, "other.yaml:3:1: PH107") {
		t.Errorf("status %d, want 1, and PH107 of other.yaml in\n%s", status, out)
	}
}
