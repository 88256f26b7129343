package schema_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/schema"
)

func text(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

// A plan in a file system of its own is the plan that it would be on disk.
func TestLoadFS(t *testing.T) {
	fsys := fstest.MapFS{
		"svc/go.mod":             text("module example.com/svc\n"),
		"svc/plan/plan.yaml":     text("phgen: 1\nplan: {name: a}\ngo: {out: ../internal/gen}\ninclude: [events/*.yaml, p*.yaml]\nevents: {x: {}}\n"),
		"svc/plan/events/b.yaml": text("phgen: 1\nevents: {b: {}}\n"),
		"svc/plan/events/a.yaml": text("phgen: 1\nevents: {a: {}}\n"),
	}
	p, found, err := schema.LoadFS(fsys, "svc/plan/plan.yaml")
	if err != nil || len(found) > 0 {
		t.Fatalf("LoadFS: %v, %v", found, err)
	}
	var events []string
	for _, e := range p.Events {
		events = append(events, e.Name+" "+e.Pos.String())
	}
	want := []string{"x svc/plan/plan.yaml:5:10", "a svc/plan/events/a.yaml:2:10", "b svc/plan/events/b.yaml:2:10"}
	if d := cmp.Diff(want, events); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
	if got, want := p.Go.ImportPath, "example.com/svc/internal/gen"; got != want {
		t.Errorf("import path %q, want %q", got, want)
	}
}

func TestLoadFSFindings(t *testing.T) {
	for _, tt := range []struct{ name, plan, want string }{
		{"output above the module", "go: {out: ../../out}", `svc/plan.yaml:3:11: PH117: the output folder "../../out" is not below the module's folder; name a folder below that of go.mod, as in ./generated`},
		{"output is the module", "go: {out: .}", `svc/plan.yaml:3:11: PH117: the output folder "." is not below the module's folder; name a folder below that of go.mod, as in ./generated`},
		{"nothing matched", "include: [x*.yaml]", `svc/plan.yaml:3:11: PH113: "x*.yaml" matches no file; mend the pattern, or remove it`},
		{"a link", "include: [l*.yaml]", `svc/plan.yaml:3:11: PH113: "l*.yaml" matches "link.yaml", which is no regular file; name plan files only`},
		{"outside", "include: [../x.yaml]", `svc/plan.yaml:3:11: PH113: "../x.yaml" leaves the folder of the plan; keep the parts below this file`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{
				"svc/go.mod":    text("module example.com/svc\n"),
				"svc/link.yaml": {Data: []byte("x"), Mode: fs.ModeIrregular},
				"svc/plan.yaml": text("phgen: 1\nplan: {name: a}\n" + tt.plan + "\n"),
			}
			p, found, err := schema.LoadFS(fsys, "svc/plan.yaml")
			if err != nil || p != nil || len(found) != 1 || found[0].String() != tt.want {
				t.Errorf("got %v, %v, want %s", found, err, tt.want)
			}
		})
	}
	if _, _, err := schema.LoadFS(fstest.MapFS{}, "plan.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a plan that is not there: %v, want %v", err, fs.ErrNotExist)
	}
}
