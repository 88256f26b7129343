package main

import (
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newFlagsStale() *cobra.Command {
	var q usageQuery
	cmd := &cobra.Command{
		Use:   "stale [packages]",
		Short: "List flags that have outlived their use",
		Long: `Stale lists the flags of the plan that have expired, are deprecated, or are read
nowhere in the packages, which default to ./... "phgen flags rm" removes one.

Exit status: 1 if there is such a flag.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			q.packages.Patterns = args
			plan, r, err := q.report(cmd.Context(), newReport(cmd, "text"))
			if err != nil {
				return err
			}
			stale := r.Stale(plan, time.Now())
			var text strings.Builder
			for _, s := range stale {
				text.WriteString(printable(s.String()) + "\n")
			}
			if _, err := io.WriteString(cmd.OutOrStdout(), text.String()); err != nil {
				return err
			}
			if len(stale) > 0 {
				return errFindings
			}
			return nil
		},
	}
	q.addTo(cmd)
	cmd.Flags().StringVar(&q.owner, "owner", "", "list only flags of this owner")
	return cmd
}
