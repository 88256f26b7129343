package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/coverage"
	"github.com/phgen/phgen/internal/eventfile"
)

func newCoverage() *cobra.Command {
	var (
		format = &oneOf{words: []string{"text", "json", "markdown"}}
		plan   string
		least  atLeast
	)
	cmd := &cobra.Command{
		Use:   "coverage FILE…",
		Short: "Tell which parts of the plan the tests used",
		Long: `Coverage tells which events, properties, enum values, surveys and questions of the plan
occur in files of events, and lists those that do not. Tests write such a file through
phtest:

  PHGEN_COVERAGE=$PWD/coverage.ndjson go test -count=1 ./...
  phgen coverage coverage.ndjson

It holds the names of events and properties, and digests of values. Whatever "phgen
verify" takes will do as well; - is standard input.

Drafts, what is deprecated, constants and what pii drops do not count. A named type's
values count once, wherever it is used. A survey counts as shown, as sent and as
dismissed, and a question when it is answered. Flags, and experiments without one, have
lines of their own and are no part of the total: only values that PostHog gave or that
an experiment put on an event are seen, not overrides.

Exit status: 1 if the total is below --min.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name a file of events, or - for standard input")
			}
			if err := least.check(); err != nil {
				return err
			}
			return runCoverage(cmd, format.word, plan, least, args)
		},
	}
	format.addTo(cmd, "format", "how to print the report")
	addPlanFlag(cmd, &plan)
	least.addTo(cmd)
	return cmd
}

// An atLeast is the percentage of the plan that has to be used.
type atLeast float64

func (a *atLeast) addTo(cmd *cobra.Command) {
	cmd.Flags().Float64Var((*float64)(a), "min", 0, "exit 1 if less than this percentage of the plan was used")
}

func (a atLeast) check() error {
	if a >= 0 && a <= 100 {
		return nil
	}
	return fmt.Errorf("--min %v is no percentage", float64(a))
}

// reached returns errFindings, and says why, if less of the plan was used.
func (a atLeast) reached(r *report, c *coverage.Coverage) error {
	if c.Total().Percent() >= float64(a) {
		return nil
	}
	fmt.Fprintf(r.talk, "phgen: %s %% of the plan was used, less than --min %v\n", percent(c.Total()), float64(a))
	return errFindings
}

func runCoverage(cmd *cobra.Command, format, plan string, least atLeast, files []string) error {
	r := newReport(cmd, format)
	p, err := soundPlan(r, plan)
	if err != nil {
		return err
	}
	c := coverage.New(p)
	quiet := progress(r.talk, "reading events")
	defer quiet()
	for _, name := range files {
		err := openEvents(cmd, name, func(label string, in io.Reader) error {
			return c.Read(in, func(u *eventfile.Unreadable) {
				quiet()
				fmt.Fprintf(r.talk, "%s:%s\n", printable(label), printable(u.Error()))
			})
		})
		if err != nil {
			return err
		}
	}
	quiet()
	if err := printCoverage(r, c); err != nil {
		return err
	}
	return least.reached(r, c)
}
