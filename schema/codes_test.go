package schema_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/lint"
	"github.com/phgen/phgen/schema"
)

// unshown are the codes that no snippet of one file can earn: a limit takes too
// much text, a name in two files takes two, and 7xx compare a plan with its lock.
var unshown = []string{"PH112", "PH114", "PH701", "PH702"}

func TestCodes(t *testing.T) {
	docs := schema.Codes()
	wellFormed := regexp.MustCompile(`^PH[1-7][0-9]{2}$`)
	for i, d := range docs {
		if !wellFormed.MatchString(d.Code) {
			t.Errorf("code %q is not PH and three digits", d.Code)
		}
		if i > 0 && docs[i-1].Code >= d.Code {
			t.Errorf("%s stands before %s", docs[i-1].Code, d.Code)
		}
		if d.Title == "" || d.Since == "" {
			t.Errorf("%s has no title or no release", d.Code)
		}
		got, ok := schema.Explain(d.Code)
		if !ok || got != d {
			t.Errorf("Explain(%q) = %+v, %t, want the row of Codes", d.Code, got, ok)
		}
	}
	for _, code := range []string{"", "PH", "PH000", "ph105", "PHB101", "105"} {
		if got, ok := schema.Explain(code); ok {
			t.Errorf("Explain(%q) = %+v, want none", code, got)
		}
	}
}

func TestExplanations(t *testing.T) {
	files, err := filepath.Glob("explain/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(files), len(schema.Codes()); got != want {
		t.Errorf("explain has %d texts for %d codes", got, want)
	}
	for _, d := range schema.Codes() {
		t.Run(d.Code, func(t *testing.T) {
			if len(d.Explanation) < 100 {
				t.Errorf("the explanation is too short to help: %q", d.Explanation)
			}
			for line := range strings.Lines(d.Explanation) {
				if len(line) > 80 {
					t.Errorf("line of %d bytes: %q", len(line), line)
				}
			}
			if slices.Contains(unshown, d.Code) {
				return
			}
			if !slices.Contains(codesOf(t, d.Bad), d.Code) {
				t.Errorf("the bad snippet yields %v, want %s:\n%s", codesOf(t, d.Bad), d.Code, d.Bad)
			}
			for _, code := range codesOf(t, d.Good) {
				if doc, _ := schema.Explain(code); code == d.Code || doc.Severity == schema.Error {
					t.Errorf("the good snippet yields %s:\n%s", code, d.Good)
				}
			}
		})
	}
}

// codesOf judges a snippet, which is a plan without what every plan begins with, or
// a configuration of lint. Every rule counts, whatever its preset.
func codesOf(t *testing.T, snippet string) []string {
	t.Helper()
	if strings.HasPrefix(snippet, "version:") {
		return codesOfConfig(t, snippet)
	}
	if strings.Trim(snippet, "\n")[0] != '#' {
		if !strings.Contains(snippet, "plan: {name") {
			snippet = "plan: {name: acme}\n" + snippet
		}
		if !strings.Contains(snippet, "phgen:") {
			snippet = "phgen: 1\n" + snippet
		}
	}
	path := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(path, []byte(snippet), 0o644); err != nil {
		t.Fatal(err)
	}
	plan, found, err := schema.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if plan != nil {
		found = append(append(found, generator.Check(plan)...), schema.LintBy(plan, now, func(schema.CodeDoc) bool { return true })...)
	}
	return codeList(found)
}

// codesOfConfig judges a plan by a configuration.
func codesOfConfig(t *testing.T, snippet string) []string {
	t.Helper()
	cfg, found := schema.ParseLintConfig("phgen-lint.yaml", []byte(snippet))
	if cfg == nil {
		return codeList(found)
	}
	plan, found := schema.Parse("plan.yaml", []byte("phgen: 1\nplan: {name: acme}\nevents: {movie_played: {}}\n"))
	return codeList(lint.Run(plan, found, cfg, now))
}

func codeList(found schema.Diagnostics) []string {
	var codes []string
	for _, d := range found {
		codes = append(codes, d.Code)
	}
	return codes
}
