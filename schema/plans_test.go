package schema_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/lint"
	"github.com/phgen/phgen/internal/lock"
	"github.com/phgen/phgen/schema"
)

var update = flag.Bool("update", false, "rewrite the want sections of testdata/plans")

const plansDir = "../testdata/plans"

// now is the day on which every fixture is judged.
var now = time.Date(2026, time.January, 15, 12, 0, 0, 0, time.UTC)

// judge finds everything there is to say about the plan at path, as "phgen lint"
// does, and against its lock, as "phgen generate" does. The configuration of x.yaml
// is x.lint.yaml, and phgen.lock is the lock of every plan, if there is one.
func judge(t *testing.T, path string) schema.Diagnostics {
	t.Helper()
	plan, found, err := schema.Load(path)
	if err != nil {
		t.Fatalf("Load(%q): %v", path, err)
	}
	if (plan == nil) != found.HasErrors() {
		t.Errorf("Load(%q) returned a plan: %t, and errors: %t", path, plan != nil, found.HasErrors())
	}
	if plan == nil {
		return found
	}
	if found = append(found, generator.Check(plan)...); found.HasErrors() {
		return found.Sort(plan.Files)
	}
	if src, err := os.ReadFile(lock.Name); err == nil {
		old, err := lock.Parse(lock.Name, src)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, lock.Compare(old, lock.Of(generator.NewPrinter(plan)))...)
	}
	cfg := &schema.LintConfig{}
	configPath := strings.TrimSuffix(path, ".yaml") + ".lint.yaml"
	if src, err := os.ReadFile(configPath); err == nil {
		var wrong schema.Diagnostics
		if cfg, wrong = schema.ParseLintConfig(configPath, src); cfg == nil {
			return wrong
		}
	}
	return lint.Run(plan, found, cfg, now)
}

// Each archive is named after a code. Its bad plans yield exactly the lines of
// want, all about that code; its good plans yield nothing.
func TestPlans(t *testing.T) {
	archives, err := filepath.Glob(plansDir + "/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range archives {
		if archives[i], err = filepath.Abs(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range archives {
		code := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(code, func(t *testing.T) { testPlan(t, path, code) })
	}
}

func testPlan(t *testing.T, path, code string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	var got strings.Builder
	good := 0
	for _, f := range archive.Files {
		switch {
		case strings.HasSuffix(f.Name, ".lint.yaml"):
		case strings.HasPrefix(f.Name, "bad"):
			found := judge(t, f.Name)
			if !slices.ContainsFunc(found, func(d schema.Diagnostic) bool { return d.Code == code }) {
				t.Errorf("%s does not yield %s", f.Name, code)
			}
			for _, d := range found {
				got.WriteString(d.String() + "\n")
			}
		case strings.HasPrefix(f.Name, "good"):
			good++
			for _, d := range judge(t, f.Name) {
				t.Errorf("good plan: %s", d)
			}
		}
	}
	if got.Len() == 0 || good == 0 {
		t.Errorf("want at least one bad*.yaml and one good*.yaml")
	}
	compareWant(t, path, archive, got.String())
}

// compareWant compares got with the archive's want, or rewrites it.
func compareWant(t *testing.T, path string, archive *txtar.Archive, got string) {
	t.Helper()
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	if i < 0 {
		t.Fatalf("%s has no want", path)
	}
	if diff := cmp.Diff(string(archive.Files[i].Data), got); diff != "" && !*update {
		t.Errorf("findings (-want +got):\n%s", diff)
	} else if diff != "" {
		archive.Files[i].Data = []byte(got)
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// No code without an archive, no archive without a code.
func TestPlansAndCodes(t *testing.T) {
	entries, err := os.ReadDir(plansDir)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	for _, doc := range schema.Codes() {
		want = append(want, doc.Code+".txtar")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("archives of testdata/plans against codes (-want +got):\n%s", diff)
	}
}

// The example shows the whole language, so no rule may object to it.
func TestExampleIsClean(t *testing.T) {
	for _, d := range judge(t, "../examples/tracking-plan.yaml") {
		t.Error(d)
	}
}

// Texts that an archive cannot hold, because editors and version control would
// change them.
func TestRawText(t *testing.T) {
	const plan = "phgen: 1\nplan: {name: acme}\n"
	tests := []struct {
		name string
		src  string
		want []string // "line:col: code", or "code" alone for the file as a whole
	}{
		{"one BOM", "\ufeff" + plan, nil},
		{"CRLF", strings.ReplaceAll(plan, "\n", "\r\n"), nil},
		{"CR", strings.ReplaceAll(plan, "\n", "\r"), nil},
		{"no end of line", strings.TrimSpace(plan), nil},
		{"nothing", "", []string{"PH101"}},
		{"only a BOM", "\ufeff", []string{"PH101"}},
		{"two BOMs", "\ufeff\ufeff" + plan, []string{"1:1: PH101"}},
		{"Latin-1", "phgen: 1\nplan: {name: acme, description: caf\xe9}\n", []string{"2:36: PH101"}},
		{"half a character", plan + "# \xe2\x82", []string{"3:3: PH101"}},
		{"surrogate", plan + "# \xed\xa0\x80", []string{"3:3: PH101"}},
		{"overlong", plan + "# \xc0\xaf", []string{"3:3: PH101"}},
		{"UTF-16LE", "\xff\xfep\x00h\x00", []string{"PH101"}},
		{"UTF-16BE", "\xfe\xff\x00p\x00h", []string{"PH101"}},
		{"UTF-16 without BOM", "p\x00h\x00g\x00e\x00n\x00", []string{"PH102"}},
		{"raw NUL", plan + "# \x00\n", []string{"PH102"}},
		{"raw escape", "phgen: 1\nplan: {name: acme, description: \"\x1b[31m\"}\n", []string{"PH102"}},
		{"raw DEL", "phgen: 1\nplan: {name: acme, description: \"\x7f\"}\n", []string{"PH102"}},
		{"raw bidi control", "phgen: 1\nplan: {name: acme, description: \"a\u202eb\"}\n", []string{"2:33: PH119"}},
		{"column after wide characters", "phgen: 1\nplan: {name: acme, \"日本\": 1}\n", []string{"2:20: PH107"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, found := schema.Parse("plan.yaml", []byte(test.src))
			if diff := cmp.Diff(test.want, places(found, test.want)); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", test.src, diff)
			}
		})
	}
}

// places says where each finding is and its code, or the code alone where want
// leaves the place open.
func places(found schema.Diagnostics, want []string) []string {
	var got []string
	for i, d := range found {
		place := strings.TrimPrefix(d.Pos.String(), "plan.yaml:") + ": " + d.Code
		if i < len(want) && want[i] == d.Code {
			place = d.Code
		}
		got = append(got, place)
	}
	return got
}
