package change

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/bigplan"
	"github.com/phgen/phgen/schema"
)

func TestBump(t *testing.T) {
	breaks, notes, safe := []Change{{Code: "PHB301"}, {Code: "PHB101"}}, []Change{{Code: "PHB301"}, {Code: "PHB201"}}, []Change{{Code: "PHB301"}}
	for _, tt := range []struct {
		old, new string
		changes  []Change
		want     string // empty: no advice
	}{
		{"2.4.0", "2.4.0", breaks, "suggested version: 3.0.0 (major); plan.version is still 2.4.0"},
		{"2.4.0", "2.5.0", breaks, "suggested version: 3.0.0 (major); plan.version went only from 2.4.0 to 2.5.0"},
		{"2.4.0", "3.0.0", breaks, "suggested version: 3.0.0 (major); plan.version went from 2.4.0 to 3.0.0"},
		{"2.4.0", "3.0.0-rc.1", breaks, "suggested version: 3.0.0 (major); plan.version went from 2.4.0 to 3.0.0-rc.1"},
		{"2.4.0", "4.1.2", breaks, "suggested version: 3.0.0 (major); plan.version went from 2.4.0 to 4.1.2"},
		{"3.0.0-rc.1", "3.0.0-rc.2", breaks, "suggested version: 3.0.0 (major); plan.version went from 3.0.0-rc.1 to 3.0.0-rc.2"},
		{"2.4.1", "2.4.2", notes, "suggested version: 2.5.0 (minor); plan.version went only from 2.4.1 to 2.4.2"},
		{"2.4.1", "2.4.1", safe, "suggested version: 2.4.2 (patch); plan.version is still 2.4.1"},
		{"0.4.1", "0.4.1", breaks, "suggested version: 0.5.0 (minor); plan.version is still 0.4.1"},
		{"0.4.1", "0.4.2", notes, "suggested version: 0.4.2 (patch); plan.version went from 0.4.1 to 0.4.2"},
		{"0.0.0", "0.0.0", breaks, ""}, // nobody counts versions
		{"0.0.0", "0.1.0", breaks, "suggested version: 0.1.0 (minor); plan.version went from 0.0.0 to 0.1.0"},
		{"", "1.0.0", notes, ""}, // the plan is new
		{"2.4.0", "2.5.0", nil, ""},
	} {
		got := ""
		if b, ok := BumpOf(tt.old, tt.new, tt.changes, Axes); ok {
			got = b.String()
		}
		if got != tt.want {
			t.Errorf("from %q to %q:\n got %q\nwant %q", tt.old, tt.new, got, tt.want)
		}
	}
	if b, _ := BumpOf("2.4.0", "2.4.0", []Change{{Code: "PHB113"}}, []Axis{Go}); b.Word() != "patch" {
		t.Errorf("what breaks only stored data asks for a %s version on the axis go", b.Word())
	}
}

func TestAllowance(t *testing.T) {
	x := Change{Code: "PHB101", Path: "events.signed up.x"}
	for text, want := range map[string]bool{
		"PHB101": true, "phb101": true, "PHB101@events.signed up.x": true, "PHB101@events.signed up": true, "PHB101@events": true,
		"PHB101@events.signed": false, "PHB101@x": false, "PHB102": false,
	} {
		a, err := ParseAllowance(text)
		if err != nil {
			t.Error(err)
			continue
		}
		r := Report{Axes: Axes, Changes: []Change{x}, Allow: []Allowance{a}}
		if got := r.Allowed(x); got != want {
			t.Errorf("--allow %s lets %s pass: %t, want %t", text, x.Path, got, want)
		}
		if idle := r.Idle(); (len(idle) == 0) != want {
			t.Errorf("--allow %s: idle %v", text, idle)
		}
	}
	if _, err := ParseAllowance("PHB999"); err == nil {
		t.Error("PHB999 is allowed")
	}
}

// Whatever a plan calls its events, a comment shows their names and nothing else.
func TestMarkdownHostile(t *testing.T) {
	names := []string{"a|b", "`code`", "<img src=x>", "@team", "#1", "[l](http://x)", "www.x.com", "x$y$", `"quoted"`, `back\slash`, "a*b*_c_", "</code>@you", "GH-1", "größe"}
	old := "events:\n  keep: {}\n"
	for i, name := range names {
		old += "  '" + name + "': {go: {name: " + "E" + strings.Repeat("x", i) + "}}\n"
	}
	x, y := load(t, "old.yaml", old), load(t, "new.yaml", "events: {keep: {}}")
	r := Report{Axes: Axes}
	r.Compare(Source{Name: "<b>@x</b>:plan.yaml", Ref: "<b>@x</b>", Version: "1.0.0"}, Source{Name: "plan.yaml", Version: "1.0.0"}, Compare(x, y))
	var b strings.Builder
	if err := r.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, tag := range []string{"<code>", "</code>", "<br>", "<sub>", "</sub>", "<details>", "</details>", "<summary>", "</summary>"} {
		got = strings.ReplaceAll(got, tag, "")
	}
	for line := range strings.Lines(got) {
		if strings.HasPrefix(line, "| PHB") && strings.Count(line, "|") != 6 {
			t.Errorf("a row of %d cells: %s", strings.Count(line, "|")-1, line)
		}
	}
	if i := strings.IndexAny(got, "<>@`$[]\\\""); i >= 0 {
		t.Errorf("%q got into the comment: %q", got[i], got[max(0, i-40):min(len(got), i+40)])
	}
	for _, name := range names {
		if !strings.Contains(b.String(), "<code>"+escape(name)+"</code>") {
			t.Errorf("%q is not shown", name)
		}
	}
}

// A comment is never too long for GitHub.
func TestMarkdownBounded(t *testing.T) {
	changes := make([]Change, 5000)
	for i := range changes {
		changes[i] = Change{Code: []string{"PHB101", "PHB201", "PHB301"}[i%3], Subject: `event "` + strings.Repeat("@", 200) + `"`, Message: "removed", Removed: true}
	}
	r := Report{Axes: Axes, Changes: changes}
	var b strings.Builder
	if err := r.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 65_536 || !strings.Contains(b.String(), " more | | | |\n") || strings.Count(b.String(), "<details>") != strings.Count(b.String(), "</details>") {
		t.Errorf("%d bytes, of 65,536", b.Len())
	}
}

func TestJSON(t *testing.T) {
	r := Report{Axes: Axes}
	x, y := load(t, "old.yaml", "events: {a: {}, b: {}}"), load(t, "new.yaml", "events: {b: {}, c: {}}")
	r.Compare(Source{Name: "main:old.yaml", Ref: "main", Version: "2.0.0"}, Source{Name: "new.yaml", Version: "2.0.0"}, Compare(x, y))
	r.Allow = []Allowance{{Code: "PHB101"}}
	var b strings.Builder
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	const want = `{"version":1,"old":{"name":"main:old.yaml","version":"2.0.0"},"new":{"name":"new.yaml","version":"2.0.0"},` +
		`"bump":{"word":"major","least":"3.0.0","too_small":true},"changes":[` +
		`{"code":"PHB201","level":"note","go":"note","data":"safe","server":"safe","subject":"event \"c\"","path":"events.c","message":"added",` +
		`"new":{"file":"new.yaml","line":3,"col":17}},` +
		`{"code":"PHB101","level":"breaking","go":"breaking","data":"breaking","server":"safe","allowed":true,"subject":"event \"a\"","path":"events.a",` +
		`"message":"removed","hint":"if it is now \"c\", keep it for a while with deprecated: {use: \"c\", dual_write: true}",` +
		`"old":{"ref":"main","file":"old.yaml","line":3,"col":10}}]}`
	if got := compact(t, b.String()); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var v json.RawMessage
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if key, value, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(line, `"`) {
			line = key + ":" + value
		}
		b.WriteString(line)
	}
	return b.String()
}

// Each code is explained: what it does on each axis, why, and an example that is a
// plan.
func TestCodes(t *testing.T) {
	docs := Codes()
	if len(docs) != len(cells) {
		t.Fatalf("%d codes of %d cells", len(docs), len(cells))
	}
	for _, doc := range docs {
		if doc.Title == "" || doc.Good == "" || strings.Count(doc.Explanation, "\n\n") < 1 {
			t.Errorf("%s is not explained: %+v", doc.Code, doc)
		}
		if breaks := strings.HasPrefix(doc.Code, "PHB1"); breaks != (doc.Bad != "") || breaks != (doc.Severity == schema.Error) {
			t.Errorf("%s: severity %s, bad example %q", doc.Code, doc.Severity, doc.Bad)
		}
		for line := range strings.Lines(doc.Explanation) {
			if len(line) > 120 {
				t.Errorf("%s: a line of %d bytes", doc.Code, len(line))
			}
		}
	}
}

// BenchmarkCompare2000 compares two plans of 2,000 events that differ in each.
func BenchmarkCompare2000(b *testing.B) {
	src := string(bigplan.Plan(2000))
	x, y := parseBench(b, src), parseBench(b, strings.ReplaceAll(src, "    properties:\n", "    properties:\n      benchmarked: int!\n"))
	r := Report{Axes: Axes}
	for b.Loop() {
		r.Compare(Source{}, Source{}, Compare(x, y))
		if err := r.WriteJSON(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(r.Changes)), "changes")
}

func parseBench(b *testing.B, src string) *generator.Printer {
	b.Helper()
	p, found := schema.Parse("plan.yaml", []byte(src))
	if found.HasErrors() {
		b.Fatal(found[0])
	}
	return generator.NewPrinter(p)
}
