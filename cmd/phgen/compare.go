package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/change"
	"github.com/phgen/phgen/internal/gitref"
	"github.com/phgen/phgen/schema"
)

// A planName names a plan on disk, or at a commit.
type planName struct {
	ref    string // empty: on disk
	file   string // empty: that of the other plan
	inRepo bool   // file is named from the root of the repository
	named  bool   // the user named both, so the file must be there
}

// namePlan reads an argument: a file that exists, ref:file, a name that ends like
// a plan's, or a ref.
func namePlan(arg string) planName {
	if _, err := os.Stat(arg); err == nil || filepath.VolumeName(arg) != "" {
		return planName{file: arg}
	}
	if ref, file, ok := strings.Cut(arg, ":"); ok && ref != "" {
		relative := strings.HasPrefix(file, "./") || strings.HasPrefix(file, "../")
		return planName{ref: ref, file: file, inRepo: !relative && file != "", named: file != ""}
	}
	switch strings.ToLower(filepath.Ext(arg)) {
	case ".yaml", ".yml":
		return planName{file: arg}
	}
	return planName{ref: arg}
}

// like fills in the file of a name that is a ref alone.
func (n planName) like(other planName) planName {
	if n.file == "" {
		n.file, n.inRepo = other.file, other.inRepo
	}
	if n.file == "" {
		n.file = defaultPlan
	}
	return n
}

// gitTime is how long git may take. It reads a few files of one commit.
const gitTime = time.Minute

// A loadedPlan is one side of a comparison.
type loadedPlan struct {
	source   change.Source
	printer  *generator.Printer // nil: the plan has errors
	findings schema.Diagnostics
	missing  bool // there is no such file at the commit
}

// load reads the plan.
func (n planName) load(ctx context.Context) (loadedPlan, error) {
	if n.ref == "" {
		printer, findings, err := loadPlan(n.file)
		return newLoadedPlan(change.Source{Name: filepath.ToSlash(n.file)}, printer, findings), err
	}
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	dir := "."
	if !n.inRepo {
		dir = existingDir(n.file)
	}
	repo, err := gitref.Open(ctx, dir)
	if err != nil {
		return loadedPlan{}, fmt.Errorf("reading the plan at %q: %w", n.ref, err)
	}
	name := path.Clean(n.file)
	if !n.inRepo {
		if name, err = repo.Path(n.file); err != nil {
			return loadedPlan{}, err
		}
	}
	commit, err := repo.At(ctx, n.ref)
	if err != nil {
		return loadedPlan{}, err
	}
	defer func() { _ = commit.Close() }() // what was read is read
	source := change.Source{Name: n.ref + ":" + name, Ref: n.ref}
	printer, findings, err := judge(schema.LoadFS(commit, name))
	if errors.Is(err, fs.ErrNotExist) {
		return loadedPlan{source: source, printer: generator.NewPrinter(&schema.Plan{}), missing: true}, nil
	}
	return newLoadedPlan(source, printer, findings), err
}

// existingDir is the nearest folder around file that is still there.
func existingDir(file string) string {
	dir := filepath.Dir(file)
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func newLoadedPlan(source change.Source, printer *generator.Printer, findings schema.Diagnostics) loadedPlan {
	if printer != nil {
		source.Version = printer.Plan.Version
	}
	for i := range findings {
		findings[i].Pos.File = source.At(schema.Pos{File: findings[i].Pos.File})
	}
	return loadedPlan{source: source, printer: printer, findings: findings}
}

// comparePlans reads two plans at the same time and compares them. Errors in them
// are printed, and are errFindings.
func comparePlans(cmd *cobra.Command, old, new planName, axes []change.Axis) (*change.Report, error) {
	type loaded struct {
		loadedPlan
		err error
	}
	stop := progress(cmd.ErrOrStderr(), "reading both plans")
	defer stop()
	first := make(chan loaded, 1)
	go func() { // ends with the plan it reads
		p, err := old.load(cmd.Context())
		first <- loaded{p, err}
	}()
	now, err := new.load(cmd.Context())
	was := <-first
	stop()
	switch {
	case was.err != nil:
		return nil, was.err
	case err != nil:
		return nil, err
	case now.missing:
		return nil, fmt.Errorf("there is no %s at %q", new.file, new.ref)
	case was.missing && old.named:
		return nil, fmt.Errorf("there is no %s at %q", old.file, old.ref)
	case was.printer == nil || now.printer == nil:
		findings := append(errorsOf(was.findings), errorsOf(now.findings)...)
		if err := newReport(cmd, "text").print(findings, nil); err != nil {
			return nil, err
		}
		return nil, errFindings
	case was.missing:
		text := fmt.Sprintf("phgen: there is no %s at %q: everything in the plan is new\n", old.file, old.ref)
		if _, err := io.WriteString(cmd.ErrOrStderr(), printableLines(text)); err != nil {
			return nil, err
		}
	}
	r := &change.Report{Axes: axes}
	r.Compare(was.source, now.source, change.Compare(was.printer, now.printer))
	return r, nil
}
