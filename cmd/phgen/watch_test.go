package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestWatch saves a plan as people and editors do, and waits for the line that
// each save must yield.
func TestWatch(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	save := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		// As editors do: a new file takes the place of the old one.
		if err := os.WriteFile(name+".tmp", []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".tmp", name); err != nil {
			t.Fatal(err)
		}
	}
	const plan = "phgen: 1\nplan: {name: shop}\n"
	save("go.mod", "module example.com/shop\n")
	save("plan.yaml", plan+"events: {project created: {}}\n")

	lines, stdout := readLines()
	findings, stderr := readLines()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { // until ctx ends
		r := &report{format: "text", data: stdout, talk: stderr}
		ended <- watchPlan(ctx, r, generation{plan: "plan.yaml"}, 20*time.Millisecond)
		stdout.Close()
		stderr.Close()
	}()
	steps := []struct {
		name string
		save func()
		want string // of standard output
		talk string // of standard error; empty for nothing
	}{
		{"at first", func() {}, `^generated: \d+ added.* \(\d+m?s\)$`, ""},
		{"saved", func() { save("plan.yaml", plan+"events: {project made: {}}\n") }, `^generated: \d+ changed`, ""},
		{"saved as it was", func() { save("plan.yaml", plan+"events: {project made: {}}\n# Done.\n") }, `^generated: \d+ files up to date`, ""},
		{"broken", func() { save("plan.yaml", plan+"events: {project made: {owner: web}}\n") }, `^plan.yaml: not generated \(`, `^plan.yaml:3:32: PH203: `},
		{"no YAML", func() { save("plan.yaml", plan+"events: {\n") }, `^plan.yaml: not generated \(`, `PH102: `},
		{"deleted", func() { removeFile(t, "plan.yaml") }, `^not generated: reading the plan: open plan.yaml: `, ""},
		{"back again", func() { save("plan.yaml", plan+"include: [parts/*.yaml, more/*/*.yaml]\n") }, `^plan.yaml: not generated \(`, `PH113: "parts/\*.yaml" matches no file`},
		{"a part in a new folder", func() { save("parts/a.yaml", "phgen: 1\nevents: {order paid: {}}\n") }, `not generated`, `PH113: "more/\*/\*.yaml" matches no file`},
		{"one below folders that were not there", func() { save("more/x/b.yaml", "phgen: 1\nevents: {order sent: {}}\n") }, `^generated: `, ""},
		{"that one again", func() { save("more/x/b.yaml", "phgen: 1\nevents: {order seen: {}}\n") }, `^generated: \d+ changed`, ""},
	}
	for _, step := range steps {
		step.save()
		// A save may be seen in two halves. What must come is a line like this.
		waitFor(t, step.name, lines, step.want)
		if step.talk != "" {
			waitFor(t, step.name, findings, step.talk)
		}
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v, want nil", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("still running 10 s after its context ended")
	}
	skipRest(lines)
	skipRest(findings)
}

func TestWatchWithoutPlan(t *testing.T) {
	t.Chdir(t.TempDir())
	err := watchPlan(t.Context(), &report{data: io.Discard, talk: io.Discard}, generation{plan: "plan.yaml"}, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that the plan does not exist", err)
	}
}

func removeFile(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

// readLines returns what is written to w, line by line.
func readLines() (<-chan string, *io.PipeWriter) {
	r, w := io.Pipe()
	lines := make(chan string, 100)
	go func() { // until w is closed
		defer close(lines)
		for s := bufio.NewScanner(r); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines, w
}

func skipRest(lines <-chan string) {
	for range lines {
	}
}

func waitFor(t *testing.T, step string, lines <-chan string, want string) {
	t.Helper()
	pattern := regexp.MustCompile(want)
	late := time.After(20 * time.Second)
	var seen []string
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatalf("%s: ended without a line like %s, after %q", step, want, seen)
			}
			if pattern.MatchString(line) {
				return
			}
			seen = append(seen, line)
		case <-late:
			t.Fatalf("%s: no line like %s, but %q", step, want, seen)
		}
	}
}
