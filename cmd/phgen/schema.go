package main

import (
	"github.com/spf13/cobra"

	"github.com/phgen/phgen/schema"
)

func newSchema() *cobra.Command {
	var lint bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of tracking plans",
		Long: `Schema prints the JSON Schema of tracking plans, which editors use for
completion and hints. After an update of phgen, refresh the file that init wrote:

	phgen schema > .phgen/plan.schema.json`,
		Args: upTo(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			text := schema.JSONSchema()
			if lint {
				text = schema.LintConfigSchema()
			}
			_, err := cmd.OutOrStdout().Write(text)
			return err
		},
	}
	cmd.Flags().BoolVar(&lint, "lint", false, "the schema of "+lintConfigName+" instead")
	return cmd
}
