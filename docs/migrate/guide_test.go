package migrate

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/golden"
)

// guideBlock is a block of Go in a guide, below the comment that names it.
var guideBlock = regexp.MustCompile("(?s)(<!-- guide: ([^>]+) -->\n```go\n)(.*?)(```\n)")

// TestGuides keeps the guides and the examples equal: with -update the guides follow.
func TestGuides(t *testing.T) {
	code := blocks(t)
	used := map[string]bool{}
	for _, name := range []string{"migrating-from-posthog-go.md", "migrating-from-segment.md"} {
		file := filepath.Join("..", name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if all, known := strings.Count(string(text), "```go\n"), len(guideBlock.FindAll(text, -1)); all != known {
			t.Errorf("%s: %d of %d blocks of Go have a name", name, known, all)
		}
		golden.Compare(t, file, guideBlock.ReplaceAllStringFunc(string(text), func(block string) string {
			parts := guideBlock.FindStringSubmatch(block)
			used[parts[2]] = true
			if code[parts[2]] == "" {
				t.Errorf("%s: no example is called %q", name, parts[2])
			}
			return parts[1] + code[parts[2]] + parts[4]
		}))
	}
	for name := range code {
		if !used[name] {
			t.Errorf("no guide shows the example %q", name)
		}
	}
}

// blocks are the examples' parts between "// guide:" and "// end", without indentation.
func blocks(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, indent, body := "", "", ""
		for _, line := range strings.Split(string(text), "\n") {
			word := strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(word, "// guide: "):
				name, body = strings.TrimPrefix(word, "// guide: "), ""
				indent = line[:len(line)-len(strings.TrimLeft(line, "\t"))]
			case word == "// end" && name != "":
				found[name] = strings.TrimSpace(body) + "\n"
				name = ""
			case name != "":
				body += strings.TrimPrefix(line, indent) + "\n"
			}
		}
	}
	return found
}
