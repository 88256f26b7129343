package change

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

var update = flag.Bool("update", false, "rewrite the wanted findings in cells")

// load makes a printer of a plan that has no error. The text is what follows the
// head.
func load(t testing.TB, name, body string) *generator.Printer {
	t.Helper()
	p, found := schema.Parse(name, []byte("phgen: 1\nplan: {name: acme, version: 2.0.0}\n"+body))
	if found.HasErrors() {
		t.Fatalf("%s has errors: %v\n%s", name, found, body)
	}
	x := generator.NewPrinter(p)
	if found := x.Check(); found.HasErrors() {
		t.Fatalf("%s has errors: %v\n%s", name, found, body)
	}
	return x
}

// text is changes as the wanted findings spell them.
func text(changes []Change) string {
	var b strings.Builder
	for _, x := range changes {
		pos := x.Pos
		if x.Removed {
			pos = x.OldPos
		}
		fmt.Fprintf(&b, "%s: %s: %s\n", pos, x.Code, x)
		if x.Hint != "" {
			fmt.Fprintf(&b, "    %s\n", x.Hint)
		}
		if len(x.Affected) > 0 {
			fmt.Fprintf(&b, "    affects %s\n", strings.Join(x.Affected, ", "))
		}
		fmt.Fprintf(&b, "    at %s\n", x.Path)
	}
	return b.String()
}

// Each cell has an example, which has that finding and exactly those that its file
// lists; and what the cell says to do instead of breaking something breaks nothing.
func TestCells(t *testing.T) {
	for i, cell := range cells {
		t.Run(cell.Code, func(t *testing.T) {
			if i > 0 && cells[i-1].Code >= cell.Code {
				t.Errorf("%s stands behind %s", cell.Code, cells[i-1].Code)
			}
			file := filepath.Join("cells", cell.Code+".txt")
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := splitText(string(data))
			before := load(t, "before.yaml", parts["before"])
			found := Compare(before, load(t, "after.yaml", parts["after"]))
			got := text(found)
			if *update {
				head, _, _ := strings.Cut(string(data), "-- want --\n")
				if err := os.WriteFile(file, []byte(head+"-- want --\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if d := cmp.Diff(parts["want"], got); d != "" {
				t.Errorf("findings (-want +got):\n%s", d)
			}
			if !slices.ContainsFunc(found, func(x Change) bool { return x.Code == cell.Code }) {
				t.Errorf("the example does not have the finding %s", cell.Code)
			}
			level := cell.Level(Axes)
			for _, x := range found {
				if l := x.Cell().Level(Axes); l > level {
					t.Errorf("the example of what is %s has the finding %s, which is %s", level, x.Code, l)
				}
			}
			if level != Breaking {
				return
			}
			for _, x := range Compare(before, load(t, "instead.yaml", parts["instead"])) {
				if x.Cell().Level(Axes) == Breaking {
					t.Errorf("what to do instead breaks as well: %s: %s", x.Code, x)
				}
			}
		})
	}
	files, err := filepath.Glob("cells/*")
	if err != nil || len(files) != len(cells) {
		t.Errorf("%d files in cells, %v, for %d cells", len(files), err, len(cells))
	}
}

// The first digit of a code says how bad the change is.
func TestCodesByLevel(t *testing.T) {
	for _, c := range cells {
		want := map[Level]string{Breaking: "PHB1", Note: "PHB2", Safe: "PHB3"}[c.Level(Axes)]
		if !strings.HasPrefix(c.Code, want) {
			t.Errorf("%s is %s", c.Code, c.Level(Axes))
		}
		if c.Silent && c.Levels[Go] != Breaking {
			t.Errorf("%s is silent, but breaks no source", c.Code)
		}
	}
}
