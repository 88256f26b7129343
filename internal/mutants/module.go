package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// A module is a copy of the one under test.
type module struct {
	dir     string
	bin     string        // where test binaries are built; Windows runs .exe only
	timeout time.Duration // of a test binary
}

// copyFrom copies the files of root that git knows or would take, as they stand in the work
// tree; where there is no git, all files.
func (m *module) copyFrom(ctx context.Context, root string) error {
	list := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		return os.CopyFS(m.dir, os.DirFS(root))
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		if err := copyFile(filepath.Join(m.dir, name), filepath.Join(root, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err // one that is not there was removed, but not from the index
		}
	}
	return nil
}

func copyFile(to, from string) error {
	source, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.WriteFile(to, source, 0o600)
}

// try runs the tests without any mutant and then with each of them. It prints a table and
// returns how many mutants survive.
func (m *module) try(ctx context.Context, mutants []mutant, out io.Writer) (survivors int, err error) {
	start := time.Now()
	if err := m.checkSuites(ctx, mutants); err != nil {
		return 0, err
	}
	for _, mu := range mutants {
		o, err := m.tryOne(ctx, mu)
		if err != nil {
			return survivors, err
		}
		fmt.Fprintf(out, "%-58s %-9s %5.1f s  %s\n", mu.name, o.word(), o.took.Seconds(), o.by)
		if !o.killed {
			survivors++
			fmt.Fprintf(out, "\t%s: %s; %s stays green\n", mu.file, mu.breaks, mu.suite())
		}
	}
	fmt.Fprintf(out, "%d mutants, %d survived, %.0f s\n", len(mutants), survivors, time.Since(start).Seconds())
	return survivors, nil
}

// checkSuites fails unless every suite has tests and is green: a red one proves nothing.
func (m *module) checkSuites(ctx context.Context, mutants []mutant) error {
	checked := map[suite]bool{}
	for _, mu := range mutants {
		s := mu.suite()
		if checked[s] {
			continue
		}
		checked[s] = true
		o, err := m.test(ctx, s)
		if err != nil {
			return fmt.Errorf("%s without a mutant: %w", s, err)
		}
		if o.killed {
			return fmt.Errorf("%s is red without a mutant:\n%s", s, o.output)
		}
		if bytes.Contains(o.output, []byte("no tests to run")) {
			return fmt.Errorf("%s has no such tests", s)
		}
	}
	return nil
}

// tryOne runs the tests of mu with mu.
func (m *module) tryOne(ctx context.Context, mu mutant) (o outcome, err error) {
	restore, err := mu.apply(m.dir)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, restore()) }()
	if o, err = m.test(ctx, mu.suite()); err != nil {
		return o, fmt.Errorf("mutant %q: %w", mu.name, err)
	}
	return o, nil
}

// An outcome is how tests ended.
type outcome struct {
	killed bool // they were red
	hung   bool // because they did not end
	by     string
	output []byte
	took   time.Duration // compiling included
}

func (o outcome) word() string {
	if o.killed {
		return "killed"
	}
	return "SURVIVED"
}

// grace is how long a test binary may take to end after its timeout.
const grace = 10 * time.Second

// test compiles and runs a suite. An error says that it could not be found out whether it
// is red.
func (m *module) test(ctx context.Context, s suite) (o outcome, err error) {
	start := time.Now()
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-o", m.bin, "./"+s.dir)
	build.Dir = m.dir
	if text, err := build.CombinedOutput(); err != nil {
		return o, fmt.Errorf("compiling: %w\n%s", err, text)
	}
	limited, cancel := context.WithTimeout(ctx, m.timeout+grace)
	defer cancel()
	tests := exec.CommandContext(limited, m.bin, "-test.run="+s.run, "-test.timeout="+m.timeout.String(), "-test.failfast")
	tests.Dir = filepath.Join(m.dir, filepath.FromSlash(s.dir))
	tests.WaitDelay = time.Second // children of a test may hold its output open
	o.output, err = tests.CombinedOutput()
	o.took = time.Since(start)
	if ctx.Err() != nil {
		return o, context.Cause(ctx)
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return o, fmt.Errorf("running the tests: %w", err)
	}
	o.killed = err != nil
	o.hung = limited.Err() != nil || bytes.Contains(o.output, []byte("panic: test timed out after "))
	o.by = o.culprit()
	return o, nil
}

var (
	failed  = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)
	running = regexp.MustCompile(`(?m)^\t+(Test\S+) \([0-9.ms]+\)$`)
	died    = regexp.MustCompile(`(?m)^(panic|fatal error): .*`)
)

// culprit says what killed a mutant.
func (o outcome) culprit() string {
	switch match := failed.FindSubmatch(o.output); {
	case !o.killed:
		return ""
	case o.hung:
		if match = running.FindSubmatch(o.output); match != nil {
			return "hangs in " + string(match[1])
		}
		return "hangs"
	case match != nil:
		return string(match[1])
	}
	return string(died.Find(o.output))
}
