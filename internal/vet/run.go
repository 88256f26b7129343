package vet

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Options say what Run looks at.
type Options struct {
	Tool     string   // this program, which must answer as [Tool]
	Dir      string   // where to run the go command; empty: here
	Patterns []string // of packages; none: ./...
	Tags     string   // build tags
	NoTests  bool     // leave out what is found in tests
}

// A Finding is one defect.
type Finding struct {
	Code    string
	File    string // relative to the folder that the go command ran in, or absolute
	Line    int
	Col     int
	Message string // without its code
}

// Results are what Run found, sorted by place.
type Results struct {
	Findings []Finding
	Records  []Record
}

// A BuildError says that the go command could not load or build the packages.
type BuildError struct{ Output string }

func (e *BuildError) Error() string { return "go vet: " + strings.TrimSpace(e.Output) }

// Run has "go vet" run the checks over packages. The go command keeps the results, so that
// packages that have not changed cost nothing.
func Run(ctx context.Context, o Options) (*Results, error) {
	args := []string{"vet", "-json", "-vettool=" + o.Tool}
	if o.Tags != "" {
		args = append(args, "-tags="+o.Tags)
	}
	args = append(args, "-"+recording.Name+".on")
	for _, a := range Analyzers() {
		args = append(args, "-"+a.Name)
	}
	args = append(args, "-"+recording.Name, "--")
	if len(o.Patterns) == 0 {
		args = append(args, "./...")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, o.Patterns...)...)
	cmd.Dir = o.Dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()
	// A go command before 1.26 prints the results as it does errors.
	trees, rest := split(stdout.Bytes())
	more, talk := split(stderr.Bytes())
	if runErr != nil {
		if talk = append(rest, talk...); len(talk) == 0 {
			return nil, fmt.Errorf("running go vet: %w", runErr)
		}
		return nil, &BuildError{string(talk)}
	}
	results := &Results{}
	base, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the working directory: %w", err)
	}
	for _, tree := range append(trees, more...) {
		if err := results.add(tree, base); err != nil {
			return nil, err
		}
	}
	if o.NoTests {
		results.Findings = slices.DeleteFunc(results.Findings, func(f Finding) bool { return strings.HasSuffix(f.File, "_test.go") })
		results.Records = slices.DeleteFunc(results.Records, func(r Record) bool { return r.Test() })
	}
	results.sort()
	return results, nil
}

// split takes the JSON objects out of what the go command printed. Each begins with a line
// that is an opening brace and ends with one that is a closing brace, or is a line itself.
func split(out []byte) (objects []json.RawMessage, rest []byte) {
	var object []byte
	for line := range bytes.Lines(out) {
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case object != nil:
			object = append(object, line...)
			if string(text) == "}" {
				objects, object = append(objects, object), nil
			}
		case string(text) == "{":
			object = slices.Clone(line)
		case string(text) == "{}", bytes.HasPrefix(text, []byte("# ")):
		default:
			rest = append(rest, line...)
		}
	}
	return objects, append(rest, object...)
}

// add reads what the tool says of one package.
func (r *Results) add(tree json.RawMessage, base string) error {
	var units map[string]map[string]json.RawMessage
	if err := json.Unmarshal(tree, &units); err != nil {
		return fmt.Errorf("reading what go vet says: %w", err)
	}
	for id, analyzers := range units {
		for name, said := range analyzers {
			var found []struct{ Posn, Message string }
			if err := json.Unmarshal(said, &found); err != nil {
				var failure struct{ Err string }
				_ = json.Unmarshal(said, &failure) // what is no failure either has no text
				return fmt.Errorf("checking %s: %s: %s", id, name, failure.Err)
			}
			for _, d := range found {
				if err := r.diagnostic(name, d.Posn, d.Message, base); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *Results) diagnostic(analyzer, posn, message, base string) error {
	file, line, col := position(posn)
	file = relative(base, file)
	if analyzer == recording.Name {
		rec := Record{File: file, Line: line, Col: col}
		if err := json.Unmarshal([]byte(message), &rec); err != nil {
			return fmt.Errorf("reading a record: %w", err)
		}
		r.Records = append(r.Records, rec)
		return nil
	}
	code, text, _ := strings.Cut(message, ": ")
	r.Findings = append(r.Findings, Finding{code, file, line, col, text})
	return nil
}

// position reads "file:line:col", of which file may hold colons.
func position(posn string) (file string, line, col int) {
	parts := strings.Split(posn, ":")
	n := len(parts)
	if n < 3 {
		return posn, 0, 0
	}
	line, errLine := strconv.Atoi(parts[n-2])
	col, errCol := strconv.Atoi(parts[n-1])
	if errLine != nil || errCol != nil {
		return posn, 0, 0
	}
	return strings.Join(parts[:n-2], ":"), line, col
}

func (r *Results) sort() {
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	slices.SortFunc(r.Records, func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	r.Findings, r.Records = slices.Compact(r.Findings), slices.Compact(r.Records)
}
