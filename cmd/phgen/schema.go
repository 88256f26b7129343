package main

import (
	"github.com/spf13/cobra"

	"github.com/phgen/phgen/schema"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of tracking plans",
		Long: `Schema prints the JSON Schema of tracking plans, which editors use for
completion and hints. After an update of phgen, refresh the file that init wrote:

	phgen schema > .phgen/plan.schema.json`,
		Args: upTo(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(schema.JSONSchema())
			return err
		},
	}
}
