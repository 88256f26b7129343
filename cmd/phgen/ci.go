package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/sink"
)

func newCI() *cobra.Command {
	var (
		opts   serving
		least  atLeast
		format *oneOf
	)
	cmd := &cobra.Command{
		Use:   "ci -- command…",
		Short: "Run tests, and fail if their events break the plan",
		Long: `Ci runs a command as "phgen dev" does, on a free port, and then reports what its events
have to do with the plan: each finding once, with its place in the plan and how often it
came, and how much of the plan was used.

  phgen ci -- go test ./...

Tests must send for real: what they capture into memory with phtest is not seen here, but
by "phgen verify" and "phgen coverage". They may ask at PHGEN_DEV_URL what has arrived.
A reset there forgets nothing here, and a request that PostHog would refuse is a finding,
unless --fault asked for it.

With --format json or sarif the report is on standard output alone, and what the command
writes there goes to standard error.

Exit status: that of the command if it is not 0; else 1 if anything was found or less of
the plan was used than --min.`,
		Args: theCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New(`name the command to run, as in "phgen ci -- go test ./..."`)
			}
			if err := least.check(); err != nil {
				return err
			}
			saveMemory(int64(opts.maxBytes))
			return runCI(cmd, format.word, opts, least, args)
		},
	}
	opts.addTo(cmd, "127.0.0.1:0")
	format = formatFlag(cmd)
	least.addTo(cmd)
	return cmd
}

func runCI(cmd *cobra.Command, format string, opts serving, least atLeast, command []string) error {
	r := newReport(cmd, format)
	p, err := soundPlan(r, opts.plan)
	if err != nil {
		return err
	}
	store, err := opts.newStore(p)
	if err != nil {
		return err
	}
	seen := newTally(p, opts.plan, store.Event)
	stdout := cmd.OutOrStdout()
	if format == "json" || format == "sarif" {
		stdout = r.talk
	}
	local, err := opts.open(r.talk, store, p, func(x sink.Exchange, rows []dev.Row) { seen.add(x, rows) })
	if err != nil {
		return err
	}
	err = attend(cmd.Context(), cmd, local, command, stdout)
	local.close()
	var status childStatus
	if err != nil && !errors.As(err, &status) {
		return err
	}
	if err := r.printTally(seen); err != nil {
		return err
	}
	enough := least.reached(r, seen.coverage)
	switch {
	case err != nil:
		return err
	case len(seen.findings) > 0:
		return errFindings
	}
	return enough
}
