package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

// Whatever could change the output, or did change it, makes the cache forget.
func TestCacheForgets(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, dir string, c *cache)
		want   bool
	}{
		{"nothing", func(*testing.T, string, *cache) {}, true},
		{"plan touched", func(t *testing.T, dir string, _ *cache) { put(t, dir, "plan.yaml", "phgen: 1") }, true},
		{"plan edited", func(t *testing.T, dir string, _ *cache) { put(t, dir, "plan.yaml", "phgen: 2") }, false},
		{"plan removed", func(t *testing.T, dir string, _ *cache) { remove(t, dir, "plan.yaml") }, false},
		{"included file edited", func(t *testing.T, dir string, _ *cache) { put(t, dir, "more/a.yaml", "phgen: 2") }, false},
		{"included file added", func(t *testing.T, dir string, _ *cache) { put(t, dir, "more/b.yaml", "phgen: 1") }, false},
		{"file beside that no glob matches", func(t *testing.T, dir string, _ *cache) { put(t, dir, "b.yaml", "phgen: 1") }, true},
		{"go.mod edited", func(t *testing.T, dir string, _ *cache) { put(t, dir, "go.mod", "module b\n") }, false},
		{"go.mod removed", func(t *testing.T, dir string, _ *cache) { remove(t, dir, "go.mod") }, false},
		{"output edited", func(t *testing.T, dir string, _ *cache) { put(t, dir, "gen/tracking/a.go", oursHead+"b") }, false},
		{"output removed", func(t *testing.T, dir string, _ *cache) { remove(t, dir, "gen/tracking/a.go") }, false},
		{"stale file", func(t *testing.T, dir string, _ *cache) { put(t, dir, "gen/tracking/b.go", oursHead) }, false},
		{"foreign file beside", func(t *testing.T, dir string, _ *cache) { put(t, dir, "gen/tracking/b.go", "package x\n") }, true},
		{"lock edited", func(t *testing.T, dir string, _ *cache) { put(t, dir, "phgen.lock", "knot") }, false},
		{"lock removed", func(t *testing.T, dir string, _ *cache) { remove(t, dir, "phgen.lock") }, false},
		{"lock of another name", func(t *testing.T, dir string, _ *cache) { put(t, dir, "plan.phgen.lock", "lock") }, false},
		{"cache cut off", func(t *testing.T, _ string, c *cache) { put(t, "", c.file, `{"Build":`) }, false},
		{"cache of another kind", func(t *testing.T, _ string, c *cache) { put(t, "", c.file, `[]`) }, false},
		{"cache removed", func(t *testing.T, _ string, c *cache) { remove(t, "", c.file) }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := cachedTree(t)
			t.Chdir(dir)
			storeTree(t)
			tt.change(t, dir, openCache("plan.yaml", nil))
			folder, files, ok := openCache("plan.yaml", nil).upToDate()
			if ok != tt.want {
				t.Fatalf("up to date: %t, want %t", ok, tt.want)
			}
			if ok && (folder != "gen" || files != 1) {
				t.Errorf("%d files in %q, want 1 in gen", files, folder)
			}
		})
	}
}

// Each part of a plan is up to date only after a run for that part.
func TestCachePart(t *testing.T) {
	dir := cachedTree(t)
	t.Chdir(dir)
	storeTree(t)
	if _, _, ok := openCache("plan.yaml", selectors{"tag:web"}).upToDate(); ok {
		t.Error("the whole plan was generated, and a part counts as up to date")
	}
}

// A plan that is saved while it is being read may have been seen in either state.
func TestCacheEditedMeanwhile(t *testing.T) {
	dir := cachedTree(t)
	t.Chdir(dir)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes("plan.yaml", later, later); err != nil {
		t.Fatal(err)
	}
	storeTree(t)
	if _, _, ok := openCache("plan.yaml", nil).upToDate(); ok {
		t.Error("remembers a plan that was edited after the run began")
	}
}

// Without a folder for caches everything works, only slower.
func TestCacheNowhere(t *testing.T) {
	dir := cachedTree(t)
	t.Chdir(dir)
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData", "home"} {
		t.Setenv(name, "")
	}
	storeTree(t)
	if _, _, ok := openCache("plan.yaml", nil).upToDate(); ok {
		t.Error("remembers without a place to remember")
	}
}

// cachedTree returns a module with a plan and its generated code.
func cachedTree(t *testing.T) string {
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData", "home"} {
		t.Setenv(name, t.TempDir())
	}
	dir := tree(t, map[string]string{
		"go.mod":            "module a\n",
		"plan.yaml":         "phgen: 1",
		"more/a.yaml":       "phgen: 1",
		"gen/tracking/a.go": oursHead + "a",
		"phgen.lock":        "lock",
	})
	for _, name := range []string{"go.mod", "plan.yaml", "more/a.yaml"} {
		if err := os.Chtimes(filepath.Join(dir, name), longAgo, longAgo); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func storeTree(t *testing.T) {
	t.Helper()
	p := &schema.Plan{File: "plan.yaml", Files: []string{"plan.yaml", "more/a.yaml"}, Include: []string{"./more/*.yaml"}, ModuleDir: ".", Go: schema.GoOptions{Out: "gen", OutDir: "gen"}}
	openCache("plan.yaml", nil).store(p, []generator.File{generated("tracking/a.go", "a")}, func(f generator.File) written { return written{stamp: stampOf(f.Data)} },
		"phgen.lock", []byte("lock"))
}

func put(t *testing.T, dir, name, data string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}
