package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/verify"
	"github.com/phgen/phgen/schema"
)

func newVerify() *cobra.Command {
	var (
		format *oneOf
		plan   string
	)
	cmd := &cobra.Command{
		Use:   "verify FILE…",
		Short: "Compare captured events with the plan",
		Long: `Verify compares the events in files with the plan: unplanned events, missing and
unplanned properties, values of the wrong form, broken constraints, personal values
that were not hashed. It takes one JSON object a line, bodies of requests to PostHog
and arrays, compressed by gzip or not; - is standard input. What it cannot read it
reports, and goes on behind it. Files may be of any length.

Of findings that differ in nothing but their place the first ` + fmt.Sprint(verify.MaxAlike) + ` are shown; JSON has all.

Exit status: 1 if anything was found.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name a file of events, or - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runVerify(cmd, format.word, plan, args)
		},
	}
	format = formatFlag(cmd)
	addPlanFlag(cmd, &plan)
	return cmd
}

// addPlanFlag gives cmd the flag --plan of commands whose arguments are something else.
func addPlanFlag(cmd *cobra.Command, plan *string) {
	cmd.Flags().StringVar(plan, "plan", defaultPlan, "the plan")
	if err := cmd.MarkFlagFilename("plan", "yaml", "yml"); err != nil {
		panic(err) // the flag was added above
	}
}

func runVerify(cmd *cobra.Command, format, plan string, files []string) error {
	r := newReport(cmd, format)
	p, err := soundPlan(r, plan)
	if err != nil {
		return err
	}
	v := verify.New(p)
	out := newVerifyReport(r)
	defer out.quiet()
	for _, name := range files {
		if err := openEvents(cmd, name, func(label string, in io.Reader) error {
			return v.File(label, in, out.add)
		}); err != nil {
			return err
		}
	}
	if err := out.end(v.Counts); err != nil {
		return err
	}
	if !v.Counts.Clean() {
		return errFindings
	}
	return nil
}

// soundPlan reads a plan that a command needs without errors. It prints those it finds.
func soundPlan(r *report, path string) (*schema.Plan, error) {
	printer, findings, err := loadPlan(path)
	switch {
	case err != nil:
		return nil, err
	case printer == nil:
		if err := r.print(findings, nil); err != nil {
			return nil, err
		}
		return nil, errFindings
	}
	return printer.Plan, nil
}

// standardInput is what messages call it.
const standardInput = "standard input"

// openEvents opens a file of events, or standard input, and says which in errors.
func openEvents(cmd *cobra.Command, name string, read func(label string, in io.Reader) error) error {
	label, in := standardInput, cmd.InOrStdin()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		label, in = name, f
	}
	if err := read(label, in); err != nil {
		return fmt.Errorf("reading %s: %w", label, err)
	}
	return nil
}
