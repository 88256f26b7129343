package schema_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/schema"
)

// write makes files below a new folder and moves into it.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func lines(found schema.Diagnostics) []string {
	var list []string
	for _, d := range found {
		list = append(list, d.String())
	}
	return list
}

const root = "phgen: 1\nplan: {name: p}\n"

func TestLoadIncluded(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"positions join the folder of the root", map[string]string{
			"plans/tracking-plan.yaml": root + "include: [\"events/*.yaml\"]\nevents: {a: {owner: x}}\n",
			"plans/events/b.yaml":      "phgen: 1\nevents:\n  b: {owner: y}\n",
			"plans/events/a.yaml":      "phgen: 1\nevents:\n  ü: {é: 1, owner: z}\n",
		}, []string{
			`plans/tracking-plan.yaml:4:21: PH203: unknown owner "x"`,
			`plans/events/a.yaml:3:7: PH107: unknown key "é"; legal here: deprecated, description, examples, experiments, extra_properties, go, groups, idempotency, on_invalid, owner, person, person_profile, properties, sampling, since, status, tags, trigger, use, version`,
			`plans/events/a.yaml:3:20: PH203: unknown owner "z"`,
			`plans/events/b.yaml:3:14: PH203: unknown owner "y"`,
		}},
		{"one name in two files", map[string]string{
			"plans/tracking-plan.yaml": root + "include: [a.yaml]\nevents: {a: {}}\nperson: {properties: {x: string}}\nai: {features: {f: {}}}\n",
			"plans/a.yaml":             "phgen: 1\nevents: {a: {}, b: {}}\nperson: {properties: {x: string}}\nai: {features: {f: {}}}\n",
		}, []string{
			`plans/a.yaml:2:10: PH114: the event "a" is already at plans/tracking-plan.yaml:4:10; remove or rename one`,
			`plans/a.yaml:3:23: PH114: the person property "x" is already at plans/tracking-plan.yaml:5:23; remove or rename one`,
			`plans/a.yaml:4:17: PH114: the AI feature "f" is already at plans/tracking-plan.yaml:6:17; remove or rename one`,
		}},
		{"what only the root may say", map[string]string{
			"plans/tracking-plan.yaml": root + "include: [a.yaml]\n",
			"plans/a.yaml":             "phgen: 1\nplan: {name: q}\ninclude: []\ngo: {}\nnaming: {}\ndefaults: {}\nai: {privacy: keep}\n",
		}, []string{
			`plans/a.yaml:2:1: PH116: "plan" belongs in the root file, plans/tracking-plan.yaml; move it to the root file`,
			`plans/a.yaml:3:1: PH113: an included file cannot include others; list the files in the root`,
			`plans/a.yaml:4:1: PH116: "go" belongs in the root file, plans/tracking-plan.yaml; move it to the root file`,
			`plans/a.yaml:5:1: PH116: "naming" belongs in the root file, plans/tracking-plan.yaml; move it to the root file`,
			`plans/a.yaml:6:1: PH116: "defaults" belongs in the root file, plans/tracking-plan.yaml; move it to the root file`,
			`plans/a.yaml:7:6: PH116: "ai.privacy" belongs in the root file, plans/tracking-plan.yaml; move it to the root file`,
		}},
		{"patterns", map[string]string{
			"plans/tracking-plan.yaml": root + `include: [none.yaml, "../x.yaml", /etc/hosts, '..\x', "a/**/b.yaml", "[", "", "folder", 5]` + "\nevents: {a: {owner: unknown, ownr: 1}}\n",
			"plans/folder/x.yaml":      "phgen: 1\n",
		}, []string{
			`plans/tracking-plan.yaml:3:11: PH113: "none.yaml" matches no file; mend the pattern, or remove it`,
			`plans/tracking-plan.yaml:3:22: PH113: "../x.yaml" leaves the folder of the plan; keep the parts below this file`,
			`plans/tracking-plan.yaml:3:35: PH113: "/etc/hosts" is an absolute path; write it relative to this file`,
			`plans/tracking-plan.yaml:3:47: PH113: "..\\x" holds a backslash; write "/" between folders`,
			`plans/tracking-plan.yaml:3:55: PH118: "a/**/b.yaml" holds "**": not in version 1; list one pattern for each folder`,
			`plans/tracking-plan.yaml:3:70: PH113: "[" is no pattern; use *, ? and [a-z]`,
			`plans/tracking-plan.yaml:3:75: PH113: "" is no pattern; use *, ? and [a-z]`,
			`plans/tracking-plan.yaml:3:79: PH113: "folder" matches no file; mend the pattern, or remove it`,
			`plans/tracking-plan.yaml:3:89: PH108: this entry must be a string, but YAML reads 5 as a number; quote it: "5"`,
			`plans/tracking-plan.yaml:4:30: PH107: unknown key "ownr"; did you mean "owner"?`,
		}},
		{"text and YAML errors of all files", map[string]string{
			"plans/tracking-plan.yaml": root + "include: [\"*.yml\"]\nevents: {a: {b: 1}}\n",
			"plans/a.yml":              "phgen: 1\na: b: c\n",
			"plans/b.yml":              "",
			"plans/c.yml":              "phgen: 1\nx: 1\n",
		}, []string{
			`plans/a.yml:2:5: PH102: mapping values are not allowed in this context; quote a value that holds ": ", and indent nested keys below their own line`,
			`plans/b.yml:1:1: PH101: the file is empty; a plan begins with "phgen: 1"`,
		}},
		{"another version alone", map[string]string{
			"plans/tracking-plan.yaml": root + "include: [\"*.yml\"]\nfoo: 1\n",
			"plans/a.yml":              "phgen: 2\na: b\n",
			"plans/b.yml":              "",
		}, []string{
			`plans/a.yml:1:8: PH111: the plan is of version 2; this phgen reads version 1`,
		}},
		{"another version alone, whatever its YAML is", map[string]string{
			"plans/tracking-plan.yaml": "phgen: 2\nplan: &p {name: x}\nother: *p\nother: 1\n",
		}, []string{
			`plans/tracking-plan.yaml:1:8: PH111: the plan is of version 2; this phgen reads version 1`,
		}},
		{"YAML errors of the root and of what it includes", map[string]string{
			"plans/tracking-plan.yaml": root + "include: [a.yml, !x b.yml]\nowners: {a: {}, a: {}}\nevents: {a: {owner: b}}\n",
			"plans/a.yml":              "phgen: 1\nevents: {404: {}}\n",
		}, []string{
			`plans/tracking-plan.yaml:3:18: PH104: the tag "!x"; remove it; quote the value if it is a string`,
			`plans/tracking-plan.yaml:4:17: PH105: the key "a" is already at plans/tracking-plan.yaml:4:10; remove one`,
			`plans/a.yml:2:10: PH106: the key 404 is no string but a number; quote it: "404"`,
		}},
		{"no version", map[string]string{
			"plans/tracking-plan.yaml": root + "include: [a.yml]\n",
			"plans/a.yml":              "events: {}\n",
		}, []string{
			`plans/a.yml:1:1: PH109: the plan lacks the key "phgen"; add it`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			write(t, test.files)
			plan, found, err := schema.Load("plans/tracking-plan.yaml")
			if err != nil || plan != nil {
				t.Errorf("Load: a plan: %t, error %v", plan != nil, err)
			}
			if diff := cmp.Diff(test.want, lines(found)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// Entries come in the order of the root, then of the files by name; a file that
// is matched twice counts once, and the root not at all.
func TestLoadMerged(t *testing.T) {
	write(t, map[string]string{
		"go.mod":                   "// tools\nmodule \"example.com/app\" // ours\n",
		"plans/tracking-plan.yaml": root + "include: [z.yaml, \"*.yaml\", \"sub/[a-c].yaml\"]\nevents: {m: {use: [s]}}\ntypes: {A: {enum: [x]}}\n",
		"plans/z.yaml":             "phgen: 1\nevents: {y: {properties: {a: A!}}, b: {}}\n",
		"plans/sub/b.yaml":         "\ufeffphgen: 1\r\nproperty_sets: {s: {a: A}}\r\nevents: {c: {}}\r\n",
		"plans/sub/d.yaml":         "not a plan",
	})
	plan, found, err := schema.Load("plans/tracking-plan.yaml")
	if err != nil || plan == nil {
		t.Fatalf("Load: %v, %v", found, err)
	}
	var events []string
	for _, e := range plan.Events {
		events = append(events, e.Pos.String()+" "+e.Name)
	}
	want := []string{"plans/tracking-plan.yaml:4:10 m", "plans/sub/b.yaml:3:10 c", "plans/z.yaml:2:10 y", "plans/z.yaml:2:36 b"}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if got, want := strings.Join(plan.Files, " "), "plans/tracking-plan.yaml plans/sub/b.yaml plans/z.yaml"; got != want {
		t.Errorf("files: got %q, want %q", got, want)
	}
	if got, want := plan.Go.ImportPath, "example.com/app/plans/generated"; got != want {
		t.Errorf("import path: got %q, want %q", got, want)
	}
	if plan.Events[0].Properties[0].Type != plan.Types[0] || plan.Events[2].Own[0].Type != plan.Types[0] {
		t.Error("properties of one named type do not share it")
	}
}

func TestLoadOutputFolder(t *testing.T) {
	for _, test := range []struct {
		out  string
		want []string
	}{
		{"./generated", nil},
		{"../generated", nil}, // above the plan, but within the module
		{"..", []string{`plans/p.yaml:3:11: PH117: the output folder ".." is not below the module's folder; name a folder below that of go.mod, as in ./generated`}},
		{"../../x", []string{`plans/p.yaml:3:11: PH117: the output folder "../../x" is not below the module's folder; name a folder below that of go.mod, as in ./generated`}},
		{"link/x", []string{`plans/p.yaml:3:11: PH117: the output folder "link/x" is not below the module's folder; name a folder below that of go.mod, as in ./generated`}},
		{"/x", []string{`plans/p.yaml:3:11: PH117: the output folder "/x" is not relative with "/" between folders; name a folder below that of go.mod, as in ./generated`}},
	} {
		t.Run(test.out, func(t *testing.T) {
			write(t, map[string]string{
				"go.mod":       "module example.com/app\n",
				"plans/p.yaml": root + "go: {out: " + test.out + "}\n",
			})
			if err := os.Symlink(t.TempDir(), "plans/link"); err != nil {
				t.Skip(err)
			}
			_, found, err := schema.Load("plans/p.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, lines(found)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// A link may not lead an include out of the plan's folder.
func TestLoadIncludedLink(t *testing.T) {
	write(t, map[string]string{
		"plans/p.yaml": root + "include: [link.yaml]\n",
		"secret.yaml":  "phgen: 1\n",
	})
	if err := os.Symlink("../secret.yaml", "plans/link.yaml"); err != nil {
		t.Skip(err)
	}
	_, found, err := schema.Load("plans/p.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`plans/p.yaml:3:11: PH113: "link.yaml" matches "link.yaml", a link that leaves the folder of the plan; keep the parts below this file`}
	if diff := cmp.Diff(want, lines(found)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestLoadNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	plan, found, err := schema.Load("tracking-plan.yaml")
	if plan != nil || found != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load: %v, %v, error %v; want an error that is fs.ErrNotExist", plan, found, err)
	}
}

// Without a go.mod the plan's folder is the module's and its name the path.
func TestLoadNoModule(t *testing.T) {
	write(t, map[string]string{"p.yaml": root})
	plan, found, err := schema.Load("p.yaml")
	if err != nil || plan == nil {
		t.Fatalf("Load: %v, %v", found, err)
	}
	if got, want := plan.Module+" "+plan.Go.ImportPath, "p p/generated"; got != want {
		t.Errorf("module and import path: got %q, want %q", got, want)
	}
}
