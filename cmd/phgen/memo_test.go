package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What stands on disk is recalled only if it is what the last run left for the
// same key.
func TestMemo(t *testing.T) {
	const onDisk = oursHead + "package a\n"
	stands := stampOf([]byte(onDisk))
	tests := []struct {
		name string
		last written
		keys []string // asked for in turn
		want bool
		kept []string
	}{
		{"first key", written{stands, []string{"plan", "source"}}, []string{"plan"}, true, []string{"plan", "source"}},
		{"second key", written{stands, []string{"plan", "source"}}, []string{"other plan", "source"}, true, []string{"other plan", "source"}},
		{"only key", written{stands, []string{"source"}}, []string{"source"}, true, []string{"source"}},
		{"other keys", written{stands, []string{"plan", "source"}}, []string{"other plan", "other source"}, false, []string{"other plan", "other source"}},
		{"edited on disk", written{stampOf([]byte("before")), []string{"plan", "source"}}, []string{"plan", "source"}, false, []string{"plan", "source"}},
		{"nothing remembered", written{}, []string{"plan", "source"}, false, []string{"plan", "source"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := tree(t, map[string]string{"gen/tracking/a.go": onDisk})
			m := newMemo(&cache{plan: filepath.Join(dir, "plan.yaml"), last: memory{
				Root: dir, Out: "gen", Outputs: map[string]written{"tracking/a.go": tt.last},
			}})
			var got []byte
			for _, key := range tt.keys {
				got = m.recall("tracking/a.go", key)
			}
			if (got != nil) != tt.want || got != nil && string(got) != onDisk {
				t.Errorf("got %q, want what is on disk: %t", got, tt.want)
			}
			kept := m.written(generated("tracking/a.go", "package a\n"))
			if diff := cmp.Diff(written{stands, tt.kept}, kept, cmp.AllowUnexported(written{})); diff != "" {
				t.Errorf("remembers (-want +got):\n%s", diff)
			}
		})
	}
}

// However the plan and the folder came to be what they are: generate leaves what
// a first run would have written, which check tells.
func TestGenerateAfterChanges(t *testing.T) {
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData", "home"} {
		t.Setenv(name, t.TempDir())
	}
	dir := tree(t, map[string]string{"go.mod": "module example.com/big\n"})
	t.Chdir(dir)
	const edited = "generated/tracking/events_2.go"
	steps := []struct {
		name   string
		change func()
	}{
		{"first run", func() { put(t, dir, "plan.yaml", bigPlan(70, 0)) }},
		{"one event", func() { put(t, dir, "plan.yaml", bigPlan(70, 1)) }},
		{"and back", func() { put(t, dir, "plan.yaml", bigPlan(70, 0)) }},
		{"fewer events", func() { put(t, dir, "plan.yaml", bigPlan(40, 0)) }},
		{"more events", func() { put(t, dir, "plan.yaml", bigPlan(80, 2)) }},
		{"edited output", func() { put(t, dir, edited, oursHead+"package tracking\n") }},
		{"edited output and one event", func() {
			put(t, dir, edited, oursHead+"package tracking\n")
			put(t, dir, "plan.yaml", bigPlan(80, 3))
		}},
		{"output removed", func() { remove(t, dir, edited) }},
		{"other folder", func() { put(t, dir, "plan.yaml", "go: {out: other}\n"+bigPlan(80, 3)) }},
		{"first folder again", func() { put(t, dir, "plan.yaml", bigPlan(80, 4)) }},
		{"the name of the plan's file", func() {
			if err := os.Rename("plan.yaml", "renamed.yaml"); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			step.change()
			plan := "plan.yaml"
			if !exists(plan) {
				plan = "renamed.yaml"
			}
			for _, args := range [][]string{{"generate", plan}, {"check", plan}} {
				// An old plan is one that was not edited while phgen ran.
				if err := os.Chtimes(plan, longAgo, longAgo); err != nil {
					t.Fatal(err)
				}
				var output bytes.Buffer
				root := newRoot()
				root.SetOut(&output)
				root.SetErr(&output)
				if got := run(root, args); got != exitClean {
					t.Fatalf("phgen %v: exit status %d, want %d:\n%s", args, got, exitClean, &output)
				}
			}
		})
	}
}
