// Command mutants proves that the tests of delivery bite. It seeds one bug at a time in a
// copy of the module and runs the tests that must notice it.
//
//	go run ./internal/mutants
//	go run ./internal/mutants -run 'fsync|internal/queue'
//
// It ends with status 1 if a bug survives, and with 2 if it could not find out: the tests
// are red without a bug, a bug does not compile, or the code that it changes is gone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// timeout is how long the tests of one mutant may take, beside compiling them. Those of an
// unchanged package take a tenth of it.
const timeout = time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// command runs the program and returns its exit status.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("run", "", "only the mutants whose name or file matches this `regexp`")
	if flags.Parse(args) != nil {
		return 2
	}
	survivors, err := check(ctx, *only, stdout)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "mutants:", err)
		return 2
	case survivors > 0:
		return 1
	}
	return 0
}

// check tries the mutants that only matches, and returns how many survive.
func check(ctx context.Context, only string, out io.Writer) (survivors int, err error) {
	chosen, err := choose(mutants(), only)
	if err != nil {
		return 0, err
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return 0, err
	}
	temp, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return 0, err
	}
	defer func() {
		if e := os.RemoveAll(temp); err == nil {
			err = e
		}
	}()
	m := &module{dir: filepath.Join(temp, "module"), bin: filepath.Join(temp, "mutant.exe"), timeout: timeout}
	if err := m.copyFrom(ctx, root); err != nil {
		return 0, fmt.Errorf("copying the module: %w", err)
	}
	return m.try(ctx, chosen, out)
}

// choose returns the mutants whose name or file matches only.
func choose(all []mutant, only string) ([]mutant, error) {
	re, err := regexp.Compile(only)
	if err != nil {
		return nil, err
	}
	chosen := slices.DeleteFunc(all, func(m mutant) bool { return !re.MatchString(m.name) && !re.MatchString(m.file) })
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no mutant's name or file matches %q", only)
	}
	return chosen, nil
}

// moduleRoot returns the directory of the go.mod that holds the working directory.
func moduleRoot(ctx context.Context) (string, error) {
	file, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("looking for go.mod: %w", err)
	}
	path := strings.TrimSpace(string(file))
	if path == "" || path == os.DevNull {
		return "", errors.New("no go.mod here or above: run it inside the module")
	}
	return filepath.Dir(path), nil
}
