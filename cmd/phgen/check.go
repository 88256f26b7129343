package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/lock"
	"github.com/phgen/phgen/schema"
)

func newCheck() *cobra.Command {
	var (
		format *oneOf
		opts   generation
		strict bool
	)
	cmd := &cobra.Command{
		Use:   "check [plan]",
		Short: "Report findings, and generated code that is out of date",
		Long: `Check reports the errors and warnings of a plan, generates its code in memory and
shows how the files on disk differ, phgen.lock among them. It writes nothing: run it
in CI. The plan defaults to tracking-plan.yaml, and phgen-lint.yaml beside it says
which warnings count, as for lint. Code of a part of the plan is
checked with the same --only that it was generated with.

Exit status: 1 for an error in the plan, or with --strict a warning; else 3 if
generated code or phgen.lock is out of date.`,
		Args:              upTo(1),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.plan = planPath(args)
			return check(newReport(cmd, format.word), opts, strict)
		},
	}
	format = formatFlag(cmd)
	opts.only.addTo(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "exit 1 for warnings, too")
	return cmd
}

func check(r *report, opts generation, strict bool) error {
	r.busy("checking " + opts.plan)
	defer r.quiet()
	printer, findings, err := loadPlan(opts.plan)
	if err != nil {
		return err
	}
	var stale []staleFile
	var compareErr error
	if printer != nil {
		p := printer.Plan
		if findings, err = lintPlan(p, opts.plan, findings); err != nil {
			return err
		}
		var refused schema.Diagnostics
		refused, stale, compareErr = opts.compare(printer)
		findings = append(findings, refused...).Sort(p.Files)
	}
	if err := r.print(findings, stale); err != nil {
		return err
	}
	switch {
	case compareErr != nil:
		return compareErr
	case findings.HasErrors() || strict && len(findings) > 0:
		return errFindings
	case len(stale) > 0:
		return errOutOfDate
	}
	return nil
}

// compare prints the code of the plan in memory and returns what differs on disk,
// with the errors of a plan that does not keep to its lock.
func (o generation) compare(printer *generator.Printer) (schema.Diagnostics, []staleFile, error) {
	out, files, err := o.print(printer, nil)
	if err != nil {
		return nil, nil, err
	}
	defer out.close()
	todo, err := out.changes(files)
	if err != nil {
		return nil, nil, err
	}
	locked, err := openLock(o.plan)
	if err != nil {
		return nil, staleFiles(out.name, todo), err
	}
	defer locked.close()
	now := lock.Of(printer)
	findings, err := locked.findings(now, printer.Plan.Files)
	if err == nil {
		todo = append(todo, locked.changes(now)...)
	}
	return findings, staleFiles(out.name, todo), err
}

// The diffs of a run show at most so many lines, of one file and of all.
const (
	diffLines      = 200
	diffLinesTotal = 2000
)

// staleFiles describes changes to the files of folder.
func staleFiles(folder string, todo []fileChange) []staleFile {
	var stale []staleFile
	left := diffLinesTotal
	for _, c := range todo {
		name := c.name(folder)
		oldName, newName := name, name
		switch c.kind() {
		case "add":
			oldName = "/dev/null"
		case "remove":
			newName = "/dev/null"
		}
		diff, line := unifiedDiff(oldName, newName, c.old, c.new, min(diffLines, left))
		left = max(0, left-strings.Count(diff, "\n"))
		stale = append(stale, staleFile{Path: name, Change: c.kind(), Line: line, Diff: diff})
	}
	return stale
}
