package schema_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/phgen/phgen/schema"
)

// heading opens every plan of testdata/findings, so its own lines begin at 3.
const heading = "phgen: 1\nplan: {name: p, version: 2.0.0}\n"

// Each archive holds plans and, behind each, the findings that it must yield:
// the file "x" and then "x: want". No finding is written "none".
func TestFindings(t *testing.T) {
	archives, err := filepath.Glob("testdata/findings/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("archives: %v, %v", archives, err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { testFindings(t, path) })
	}
}

func testFindings(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		plan, want := archive.Files[i], &archive.Files[i+1]
		if want.Name != plan.Name+": want" {
			t.Fatalf("%s: %q stands behind %q", path, want.Name, plan.Name)
		}
		_, found := schema.Parse("p", []byte(heading+string(plan.Data)))
		got := "none\n"
		if len(found) > 0 {
			got = ""
		}
		for _, d := range found {
			got += d.String() + "\n"
		}
		if *update {
			want.Data = []byte(got)
			continue
		}
		if diff := cmp.Diff(string(want.Data), got); diff != "" {
			t.Errorf("%s:\n%s\nfindings (-want +got):\n%s", plan.Name, plan.Data, diff)
		}
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
