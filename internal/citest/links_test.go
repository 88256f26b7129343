package citest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	linkTarget = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading    = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	fence      = regexp.MustCompile("(?s)```.*?```")
	// What a page tells people to run.
	goRun  = regexp.MustCompile(`go run (\./[\w/.-]+)`)
	goTest = regexp.MustCompile(`(?:cd ([\w/]+) && )?go test (\./[\w/.-]*) -run '?([\w^$|]+)'? -v`)

	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Example)\w*)\(`)
)

func pages(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(checkout, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"} {
		pages = append(pages, filepath.Join(checkout, page))
	}
	return pages
}

// anchors are what a link to a heading of text can end in, by the rules of GitHub.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		slug := strings.ToLower(strings.NewReplacer("`", "", "*", "").Replace(strings.TrimSpace(m[1])))
		slug = regexp.MustCompile(`[^\pL\pN _-]`).ReplaceAllString(slug, "")
		found[strings.ReplaceAll(slug, " ", "-")] = true
	}
	return found
}

// Every link from a page to this repository leads somewhere.
func TestLinks(t *testing.T) {
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range linkTarget.FindAllStringSubmatch(fence.ReplaceAllString(string(text), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			there := text
			if target != "" {
				path := filepath.Join(filepath.Dir(page), filepath.FromSlash(target))
				if _, err := os.Stat(path); err != nil {
					t.Errorf("%s: the link to %s: %v", filepath.Base(page), m[1], err)
					continue
				}
				if anchor == "" {
					continue
				}
				if there, err = os.ReadFile(path); err != nil {
					t.Fatal(err)
				}
			}
			if !anchors(string(there))[anchor] {
				t.Errorf("%s: the link to %s: there is no such heading", filepath.Base(page), m[1])
			}
		}
	}
}

// Every program and every test that a page tells people to run exists.
func TestRunnable(t *testing.T) {
	tests := 0
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range goRun.FindAllStringSubmatch(string(text), -1) {
			if m[1] == "./cmd/hello" { // which the reader writes
				continue
			}
			if sources, _ := filepath.Glob(filepath.Join(checkout, m[1], "*.go")); len(sources) == 0 {
				t.Errorf("%s: %s: no program there", filepath.Base(page), m[0])
			}
		}
		for _, m := range goTest.FindAllStringSubmatch(string(text), -1) {
			tests++
			if !hasTest(t, filepath.Join(checkout, m[1], strings.TrimSuffix(m[2], "...")), m[3]) {
				t.Errorf("%s: %s: no such test", filepath.Base(page), m[0])
			}
		}
	}
	if tests == 0 {
		t.Error("no page names a test: is the expression out of date?")
	}
}

// hasTest reports whether a test or example of the package in dir matches an expression.
func hasTest(t *testing.T, dir, expression string) bool {
	t.Helper()
	name, err := regexp.Compile(expression)
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*_test.go")) // the pattern is sound
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range testFunc.FindAllSubmatch(text, -1) {
			if name.Match(m[1]) {
				return true
			}
		}
	}
	return false
}
