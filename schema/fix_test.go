package schema_test

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/lint"
	"github.com/phgen/phgen/schema"
)

// lintText finds all there is to say about one text.
func lintText(t *testing.T, src []byte) (*schema.Plan, schema.Diagnostics) {
	t.Helper()
	plan, found := schema.Parse("plan.yaml", src)
	if plan == nil {
		t.Fatalf("%s\n%s", found, src)
	}
	return plan, lint.Run(plan, found, nil, now)
}

func TestFix(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"nothing", "events:\n  shown: {}\n", "events:\n  shown: {}\n"},
		{"words", "types: {T: {enum: [yes, 'no', Off]}} # yes\nevents:\n  on: {properties: {y: T}} # on\n",
			"types: {T: {enum: [\"yes\", 'no', \"Off\"]}} # yes\nevents:\n  \"on\": {properties: {\"y\": T}} # on\n"},
		{"words behind wide characters", "events: {größe 映画: {description: Y}, b: {description: \"a\\tb\", trigger: no}}\n",
			"events: {größe 映画: {description: \"Y\"}, b: {description: \"a\\tb\", trigger: \"no\"}}\n"},
		{"tags", "events:\n  shown: {tags: [a, b, a , a], description: s}\n", "events:\n  shown: {tags: [a, b], description: s}\n"},
		{"quoted tags", "events:\n  shown: {tags: [a, \"a\"]}\n", "events:\n  shown: {tags: [a, \"a\"]}\n"},
		{"tags in lines", "events:\n  shown:\n    tags:\n      - a\n      - a # why\n", "events:\n  shown:\n    tags:\n      - a\n      - a # why\n"},
		{"owners", "owners:\n  a: {}\n  # Gone.\n  b: {slack: x} # away\n  c: {}\nevents: {shown: {owner: c}}\n", "owners:\n  c: {}\nevents: {shown: {owner: c}}\n"},
		{"aliases", "types:\n  Share: {type: float, max: 1}\n  Shares: {type: array, of: Share}\n  Tier: {enum: [a]}\n  ID: {type: string, go: {named: true}}\n  List: {type: array, of: {enum: [b]}}\n",
			"types:\n  Tier: {enum: [a]}\n  ID: {type: string, go: {named: true}}\n  List: {type: array, of: {enum: [b]}}\n"},
		{"what stays uses it", "types:\n  Share: {type: float, max: 1}\n  Box: {type: object, properties: {share: Share}}\n", "types:\n  Share: {type: float, max: 1}\n  Box: {type: object, properties: {share: Share}}\n"},
		{"sets", "types:\n  Share: {type: float, max: 1}\nproperty_sets:\n  one: {share: Share, list: [string]}\n  two: {tier: {enum: [a]}}\n",
			"types: {}\nproperty_sets:\n  two: {tier: {enum: [a]}}\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src := "\ufeff" + heading + test.src
			plan, found := lintText(t, []byte(src))
			got, mended, err := schema.Fix(plan, "plan.yaml", []byte(src), found)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("\ufeff"+heading+test.want, string(got)); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			if changed := test.src != test.want; changed != (len(mended) > 0) {
				t.Errorf("mended %v", mended)
			}
		})
	}
}

// The file of every code that lint can find something in: what Fix leaves is a plan,
// exports the same Go, and cannot be mended again.
func TestFixKeepsCode(t *testing.T) {
	archives, err := filepath.Glob(plansDir + "/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("archives: %v, %v", archives, err)
	}
	fixed := 0
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if before, found := schema.Parse("plan.yaml", f.Data); before != nil && !generator.Check(before).HasErrors() {
				found = lint.Run(before, found, nil, now)
				src, mended, err := schema.Fix(before, "plan.yaml", f.Data, found)
				if err != nil {
					t.Errorf("%s, %s: %v", path, f.Name, err)
					continue
				}
				fixed += len(mended)
				checkFixed(t, filepath.Base(path)+"/"+f.Name, before, src)
			}
		}
	}
	if fixed < 10 {
		t.Errorf("only %d findings were mended", fixed)
	}
}

func checkFixed(t *testing.T, name string, before *schema.Plan, src []byte) {
	t.Helper()
	after, found := lintText(t, src)
	if diff := cmp.Diff(exported(t, before), exported(t, after)); diff != "" {
		t.Errorf("%s: exported code (-before +after):\n%s", name, diff)
	}
	if again, mended, err := schema.Fix(after, "plan.yaml", src, found); err != nil || len(mended) > 0 || string(again) != string(src) {
		t.Errorf("%s: the second time mends %v, %v", name, mended, err)
	}
}

// exported is the exported code of a plan, without comments.
func exported(t *testing.T, p *schema.Plan) string {
	t.Helper()
	files, err := generator.NewPrinter(p).Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range files {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, f.Path, f.Data, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if ast.FileExports(file); len(file.Decls) == 0 {
			continue // a file of unexported tables may go
		}
		file.Comments, file.Imports = nil, nil
		if err := format.Node(&text, set, file); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

func TestFixMistakes(t *testing.T) {
	found := schema.Diagnostics{{Pos: schema.Pos{File: "plan.yaml", Line: 1, Col: 1}, Code: "PH630", Path: "phgen"}}
	if _, _, err := schema.Fix(&schema.Plan{}, "plan.yaml", []byte("a: ["), found); err == nil {
		t.Error("a file that is no YAML was mended")
	}
	src := []byte(heading)
	if got, mended, err := schema.Fix(&schema.Plan{}, "other.yaml", src, found); err != nil || mended != nil || string(got) != string(src) {
		t.Errorf("a file without findings: %q, %v, %v", got, mended, err)
	}
}
