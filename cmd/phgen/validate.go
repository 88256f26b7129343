package main

import (
	"github.com/spf13/cobra"
)

func newValidate() *cobra.Command {
	var format *oneOf
	cmd := &cobra.Command{
		Use:   "validate [plan]",
		Short: "Report the errors of a plan",
		Long: `Validate reports every error of a plan at once: what generate would refuse. The
plan defaults to tracking-plan.yaml. "phgen check" reports questions of style, too.`,
		Args:              upTo(1),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			r := newReport(cmd, format.word)
			r.busy("reading " + planPath(args))
			defer r.quiet()
			_, findings, err := loadPlan(planPath(args))
			if err != nil {
				return err
			}
			findings = errorsOf(findings)
			if err := r.print(findings, nil); err != nil {
				return err
			}
			if findings.HasErrors() {
				return errFindings
			}
			return nil
		},
	}
	format = formatFlag(cmd)
	return cmd
}
