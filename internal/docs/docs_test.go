package docs

import (
	"bytes"
	"encoding/csv"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/bigplan"
	"github.com/phgen/phgen/internal/golden"
	"github.com/phgen/phgen/schema"
)

func compare(t *testing.T, file string, got []byte) {
	t.Helper()
	golden.Compare(t, file, string(got))
}

func TestGolden(t *testing.T) {
	p := load(t, "testdata/kinds.yaml")
	compare(t, "testdata/kinds.md", markdown(p))
	compare(t, "testdata/kinds.csv", table(p))
	compare(t, "testdata/kinds-personal.md", personalPage(p))
	compare(t, "testdata/kinds-personal.csv", personalTable(p))
	compare(t, "testdata/hostile.md", markdown(load(t, hostilePlan)))
}

// Whatever order maps are walked in, the bytes are the same.
func TestFilesAreDeterministic(t *testing.T) {
	for _, file := range []string{"testdata/kinds.yaml", hostilePlan} {
		for _, kind := range Kinds() {
			first, err := Files(load(t, file), kind)
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				again, err := Files(load(t, file), kind)
				if err != nil {
					t.Fatal(err)
				}
				for i := range first {
					if first[i].Path != again[i].Path || !bytes.Equal(first[i].Data, again[i].Data) {
						t.Fatalf("%s: %s differs from run to run", file, first[i].Path)
					}
					if !Written(first[i].Path, first[i].Data) {
						t.Errorf("%s: %s has no mark", file, first[i].Path)
					}
				}
			}
		}
	}
}

func TestWritten(t *testing.T) {
	for _, tt := range []struct{ path, data string }{{"index.html", "<!doctype html>"}, {"a.md", "# Mine"}, {"a.csv", "name,type"}, {"a.md", ""}, {"b.csv", mark}} {
		if Written(tt.path, []byte(tt.data)) {
			t.Errorf("%s %q: got one of ours, want a stranger's", tt.path, tt.data)
		}
	}
}

// A spreadsheet must not take a cell for a formula, nor lose one.
func TestTableIsGuarded(t *testing.T) {
	p := load(t, hostilePlan)
	for name, data := range map[string][]byte{"table": table(p), "personal": personalTable(p)} {
		if !bytes.Contains(data, []byte("\r\n")) {
			t.Errorf("%s: got no CRLF", name)
		}
		lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		guarded := 0
		for _, line := range lines {
			for _, cell := range line {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Errorf("%s: got cell %q, want it guarded", name, cell)
				}
				if strings.HasPrefix(cell, "'=") || strings.HasPrefix(cell, "'+") || strings.HasPrefix(cell, "'-") {
					guarded++
				}
			}
		}
		if name == "table" && guarded < 4 {
			t.Errorf("%s: got %d guarded cells, want those of the plan", name, guarded)
		}
	}
}

// What a plan says is text on the page: outside code, no tag, link or image of it is left.
func TestMarkdownIsEscaped(t *testing.T) {
	page := string(markdown(load(t, hostilePlan)))
	fences := regexp.MustCompile("(?s)\n(`{3,})json\n.*?\n`{3,}\n")
	spans := regexp.MustCompile("`[^`\n]+`|<code>[^<]*</code>|<a id=\"[^\"<>]*\"></a>|<!-- Written by phgen docs. DO NOT EDIT. -->")
	rest := spans.ReplaceAllString(fences.ReplaceAllString(page, "\n"), "")
	for _, bad := range []string{"<", "http://", "https://", "www.", "@"} {
		if i := strings.Index(rest, bad); i >= 0 {
			t.Errorf("got %q in %q", bad, rest[max(0, i-40):min(len(rest), i+40)])
		}
	}
	if m := regexp.MustCompile(`[^\\]\]\([^#]`).FindString(rest); m != "" {
		t.Errorf("got %q, which links somewhere else", m)
	}
	bar := regexp.MustCompile(`\\.|\|`)
	columns := 0
	for _, line := range strings.Split(page, "\n") {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := 0
		for _, m := range bar.FindAllString(line, -1) {
			if m == "|" {
				n++
			}
		}
		if columns == 0 {
			columns = n
		}
		if n != columns {
			t.Errorf("got %d bars, want %d: %s", n, columns, line)
		}
	}
}

func TestPageIsSelfContained(t *testing.T) {
	for _, file := range []string{examplePlan, hostilePlan} {
		data, err := page(load(t, file))
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		for _, source := range []string{digest(pageJS), digest(pageCSS)} {
			if !strings.Contains(html.UnescapeString(text), "'"+source+"'") {
				t.Errorf("%s: the policy lacks %s", file, source)
			}
		}
		if !strings.Contains(text, "<script>"+pageJS+"</script>") || !strings.Contains(text, "<style>"+pageCSS+"</style>") {
			t.Errorf("%s: script or style are not what the policy allows", file)
		}
		if got := strings.Count(text, "<script"); got != 2 {
			t.Errorf("%s: got %d scripts, want the data and ours", file, got)
		}
		if regexp.MustCompile(`(?:src|href)="(?:https?:)?//`).MatchString(text) {
			t.Errorf("%s: refers to another place", file)
		}
	}
}

func TestSlug(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{
		"project_created", "project-created", "project created", "Project_created", "PROJECT_CREATED", "../../x", "x", "CON", "con", "ü", "日本", "",
		slug("project created", false), strings.Repeat("a", 200), strings.Repeat("a", 199),
	} {
		got := slug(name, false)
		if other, taken := seen[got]; taken {
			t.Errorf("%q and %q: got the one slug %q", name, other, got)
		}
		seen[got] = name
		if len(got) > maxSlug+9 || strings.Trim(got, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
			t.Errorf("%q: got %q, want something short and safe", name, got)
		}
	}
	if got := slug("project_created", false); got != "project_created" {
		t.Errorf("got %q, want a plain name as it is", got)
	}
	if got := slug("LineItem", true); got != "LineItem" {
		t.Errorf("got %q, want upper case kept", got)
	}
}

func bigPlan(b *testing.B) *schema.Plan {
	b.Helper()
	p, findings := schema.Parse("big.yaml", bigplan.Plan(2_000))
	if p == nil || findings.HasErrors() {
		b.Fatal(findings)
	}
	return p
}

func BenchmarkFiles(b *testing.B) {
	p := bigPlan(b)
	for _, kind := range Kinds() {
		b.Run(string(kind), func(b *testing.B) {
			for b.Loop() {
				if _, err := Files(p, kind); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// No text of a plan ends its cell, begins a tag, or breaks its line.
func FuzzInline(f *testing.F) {
	for _, seed := range []string{"a|b", "<img>", "`|`", "\\|", "[x](y)", "https://x.y", "line\nbreak", "a\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for form, got := range map[string]string{"inline": inline(text), "paragraph": paragraph(text)} {
			rest := strings.NewReplacer(`\\`, "", `\|`, "").Replace(got)
			if strings.ContainsAny(rest, "|<>\n\r") || strings.Contains(rest, "://") {
				t.Errorf("%s(%q): got %q", form, text, got)
			}
		}
		got := code(text)
		inner := strings.Trim(strings.TrimSuffix(strings.TrimPrefix(got, "<code>"), "</code>"), "`")
		if strings.ContainsAny(inner, "|`\n\r") || strings.HasPrefix(got, "<code>") && strings.ContainsAny(inner, "<>") {
			t.Errorf("code(%q): got %q", text, got)
		}
	})
}
