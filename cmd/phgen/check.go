package main

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

func newCheck() *cobra.Command {
	var (
		format *oneOf
		strict bool
	)
	cmd := &cobra.Command{
		Use:   "check [plan]",
		Short: "Report findings, and generated code that is out of date",
		Long: `Check reports the errors and warnings of a plan, generates its code in memory and
shows how the files on disk differ. It writes nothing: run it in CI. The plan
defaults to tracking-plan.yaml.

Exit status: 1 for an error in the plan, or with --strict a warning; else 3 if
generated code is out of date.`,
		Args:              upTo(1),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			return check(newReport(cmd, format.word), planPath(args), strict)
		},
	}
	format = formatFlag(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "exit 1 for warnings, too")
	return cmd
}

func check(r *report, planFile string, strict bool) error {
	printer, findings, err := loadPlan(planFile)
	if err != nil {
		return err
	}
	var stale []staleFile
	var compareErr error
	if printer != nil {
		p := printer.Plan
		findings = append(findings, schema.Lint(p, time.Now())...).Sort(p.Files)
		stale, compareErr = compare(printer, planFile)
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

// compare prints the code of the plan in memory and returns what differs on disk.
func compare(printer *generator.Printer, planFile string) ([]staleFile, error) {
	files, err := printer.Generate(nil)
	if err != nil {
		return nil, bugError{fmt.Errorf("generating %s: %w", planFile, err)}
	}
	out, err := openOutput(printer.Plan.ModuleDir, printer.Plan.Go.OutDir)
	if err != nil {
		return nil, err
	}
	defer out.close()
	todo, err := out.changes(files)
	if err != nil {
		return nil, err
	}
	return staleFiles(out.name, todo), nil
}

// The diffs of a run show at most so many lines, of one file and of all.
const (
	diffLines      = 200
	diffLinesTotal = 2000
)

// staleFiles describes changes to the files of folder.
func staleFiles(folder string, todo []change) []staleFile {
	var stale []staleFile
	left := diffLinesTotal
	for _, c := range todo {
		name := path.Join(folder, c.path)
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
