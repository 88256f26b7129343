package citest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The snippets of docs/ci.md name inputs and hooks that exist.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(checkout, "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	var a action
	read(t, "action.yml", &a)
	known := hooks(t)
	actions, ids := 0, 0
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1) {
		var snippet struct {
			Jobs  map[string]struct{ Steps []step }
			Repos []struct{ Hooks []hook }
		}
		if err := yaml.Unmarshal(block[1], &snippet); err != nil {
			t.Errorf("%v\n%s", err, block[1])
		}
		for _, job := range snippet.Jobs {
			for _, s := range job.Steps {
				if !strings.HasPrefix(s.Uses, "phgen/phgen@") {
					continue
				}
				actions++
				for input := range s.With {
					if _, ok := a.Inputs[input]; !ok {
						t.Errorf("the action has no input %q", input)
					}
				}
			}
		}
		for _, repo := range snippet.Repos {
			for _, h := range repo.Hooks {
				ids++
				if _, ok := known[h.ID]; !ok {
					t.Errorf("there is no hook %q", h.ID)
				}
			}
		}
	}
	if actions == 0 || ids != len(known) {
		t.Errorf("%d uses of the action and %d hooks, want at least 1 and all %d", actions, ids, len(known))
	}
}
