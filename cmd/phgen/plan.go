package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

// defaultPlan is the plan of a command that is given none.
const defaultPlan = "tracking-plan.yaml"

// planPath returns the path of the plan among a command's arguments.
func planPath(args []string) string {
	if len(args) == 0 {
		return defaultPlan
	}
	return args[0]
}

// completePlan makes a shell offer YAML files.
func completePlan(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

// loadPlan reads the plan at path and returns what prints it, with the plan's
// errors, those of the Go identifiers included. With errors among the findings
// there is no plan to print. An error says that a file could not be read: nothing
// was judged.
func loadPlan(path string) (*generator.Printer, schema.Diagnostics, error) {
	return judge(readPlan(path))
}

// readPlan is schema.Load, for somebody who may have no plan yet.
func readPlan(path string) (*schema.Plan, schema.Diagnostics, error) {
	p, findings, err := schema.Load(path)
	if errors.Is(err, fs.ErrNotExist) && path == defaultPlan {
		err = fmt.Errorf(`%w; "phgen init" writes a first plan`, err)
	}
	return p, findings, err
}

// judge is loadPlan for a plan that was read from somewhere: its arguments are
// what reading it returned.
func judge(p *schema.Plan, findings schema.Diagnostics, err error) (*generator.Printer, schema.Diagnostics, error) {
	if err != nil || findings.HasErrors() {
		return nil, findings, err
	}
	printer := generator.NewPrinter(p)
	findings = append(findings, printer.Check()...).Sort(p.Files)
	if findings.HasErrors() {
		return nil, findings, nil
	}
	return printer, findings, nil
}
