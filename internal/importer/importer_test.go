package importer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/golden"
	"github.com/phgen/phgen/schema"
)

// lintDay is the day of lint in tests.
var lintDay = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// TestConvert converts plans that use all there is in their formats.
func TestConvert(t *testing.T) {
	for name, format := range map[string]string{
		"segment": "segment", "segment-legacy": "segment", "rudderstack": "rudderstack", "rudderstack-cli": "rudderstack",
		"openfeature": "openfeature", "posthog": "posthog", "jsonschema": "jsonschema", "jsonschema-bundle": "jsonschema",
		"hostile": "segment",
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("testdata", name)
			r, err := Convert(format, filesIn(t, filepath.Join(dir, "in")), Options{})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, dir, r)
		})
	}
}

// compare holds a result against the golden files of dir: the plan, what was not
// converted, and what lint asks a human for.
func compare(t *testing.T, dir string, r *Result) {
	t.Helper()
	golden.Compare(t, filepath.Join(dir, "plan.yaml"), string(r.Plan))
	var losses strings.Builder
	for _, l := range r.Losses {
		losses.WriteString(l.String() + "\n")
	}
	golden.Compare(t, filepath.Join(dir, "losses.txt"), losses.String())
	var lint strings.Builder
	for _, d := range schema.Lint(sound(t, r.Plan), lintDay) {
		lint.WriteString(d.Code + " " + d.Path + "\n")
	}
	golden.Compare(t, filepath.Join(dir, "lint.txt"), lint.String())
}

// sound reads a plan that must have no errors, and must be laid out as fmt does.
func sound(t testing.TB, text []byte) *schema.Plan {
	t.Helper()
	p, found := schema.Parse("plan.yaml", text)
	if found.HasErrors() {
		t.Fatalf("%v\n%s", found, text)
	}
	if found := generator.Check(p); found.HasErrors() {
		t.Fatalf("%v\n%s", found, text)
	}
	if laid, err := schema.Format("plan.yaml", text); err != nil || string(laid) != string(text) {
		t.Fatalf("the draft is not laid out: %v", err)
	}
	return p
}

func filesIn(t *testing.T, dir string) []File {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var files []File
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, File{e.Name(), text})
	}
	return files
}
