package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/phgen/phgen/internal/replace"
	"github.com/phgen/phgen/schema"
)

// mend carries out --fix: it mends what it can and tells what is left.
func (l *linting) mend(r *report) error {
	j, err := l.judge(r)
	if err != nil {
		return err
	}
	if j.plan == nil {
		return l.tell(r, j)
	}
	files, mended, err := fixes(j)
	if err != nil {
		return err
	}
	if l.diff {
		return showFixes(r, files)
	}
	if err := replace.Files(files); err != nil {
		return err
	}
	if mended > 0 && r.format == "text" {
		if _, err := fmt.Fprintf(r.talk, "phgen: %s mended\n", plural(mended, "finding")); err != nil {
			return err
		}
	}
	if j, err = l.judge(r); err != nil {
		return err
	}
	return l.tell(r, j)
}

// fixes are the files of a plan in which something can be mended, and how many
// findings that mends.
func fixes(j judgement) ([]replace.File, int, error) {
	var files []replace.File
	mended := 0
	for _, name := range j.plan.Files {
		src, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return nil, 0, fmt.Errorf("reading the plan: %w", err)
		}
		out, done, err := schema.Fix(j.plan, name, src, j.found)
		if err != nil {
			return nil, 0, err
		}
		if len(done) > 0 {
			files = append(files, replace.File{Name: filepath.FromSlash(name), Old: src, New: out})
			mended += len(done)
		}
	}
	return files, mended, nil
}

// showFixes prints what --fix would change.
func showFixes(r *report, files []replace.File) error {
	for _, f := range files {
		name := filepath.ToSlash(f.Name)
		diff, _ := unifiedDiff(name, name, f.Old, f.New, diffLinesTotal)
		if _, err := io.WriteString(r.data, printableLines(diff)); err != nil {
			return err
		}
	}
	if len(files) > 0 {
		return errOutOfDate
	}
	return nil
}

// writeBaseline writes a baseline, new or in place of the one that is there.
func writeBaseline(name string, data []byte) error {
	old, err := readFileUpTo(name, maxBaselineBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return os.WriteFile(name, data, 0o666)
	}
	if err != nil {
		return err
	}
	return replace.Files([]replace.File{{Name: name, Old: old, New: data}})
}
