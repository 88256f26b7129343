package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/runtime/flags"
)

func newFlags() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "flags",
		Short: "Evaluate, find and remove feature flags",
		Long: `Flags evaluates feature flags as the runtime does, from PostHog's definitions, and
finds and removes those of the plan that have outlived their use.`,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newFlagsEval(), newFlagsStale(), newFlagsRm())
	return cmd
}

func newFlagsEval() *cobra.Command {
	var e evaluation
	var definitions, queries, now string
	cmd := &cobra.Command{
		Use:   "eval --definitions file --queries file",
		Short: "Evaluate flags without PostHog",
		Long: `Eval answers queries about feature flags as the runtime would, from a file that holds
PostHog's document for local evaluation (GET /flags/definitions). It needs no network.

A query is one line of JSON:

  {"id": 1, "flag": "new-checkout", "distinct_id": "user-7", "device_id": "d-1",
   "person_properties": {"plan": "pro"}, "groups": {"company": "acme"},
   "group_properties": {"company": {"seats": 5}}}

Only flag is required; id is anything, and comes back with the answer. Each query
has one line for an answer, in the same order:

  {"id": 1, "flag": "new-checkout", "decided": true, "value": "one-page",
   "payload": {"steps": 1}, "reason": "condition_match", "condition": 0}

If the query does not tell enough to be sure what PostHog would say, decided is false
and missing lists what it lacks. A query or definition that is malformed has an error
in its line, and the others are answered still.

Exit status: 1 if the definitions are unusable as a whole.`,
		Args: upTo(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if definitions == "" || queries == "" {
				return fmt.Errorf(`name --definitions and --queries; see "%s --help"`, cmd.CommandPath())
			}
			var err error
			if e.now, err = evaluationTime(now); err != nil {
				return err
			}
			if e.defs, err = loadDefinitions(cmd.ErrOrStderr(), definitions); err != nil {
				return err
			}
			in, err := openQueries(cmd, queries)
			if err != nil {
				return err
			}
			defer in.Close()
			return e.run(in, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&definitions, "definitions", "", "file with PostHog's document for local evaluation")
	f.StringVar(&queries, "queries", "", "file with one query in each line; - is standard input")
	f.StringVar(&now, "now", "", "time that relative dates count from, like 2026-01-31T12:00:00Z (default: the clock)")
	f.BoolVar(&e.explain, "explain", false, "tell how each answer came about, for people")
	return cmd
}

// evaluationTime reads the flag --now.
func evaluationTime(text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	now, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("--now is %q, want a time like 2026-01-31T12:00:00Z", text)
	}
	return now, nil
}

// loadDefinitions reads flag definitions and tells what is malformed in them.
func loadDefinitions(talk io.Writer, name string) (*flags.Definitions, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading definitions: %w", err)
	}
	defer file.Close()
	doc, err := io.ReadAll(io.LimitReader(file, flags.MaxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("reading definitions: %w", err)
	}
	defs, err := flags.Parse(doc)
	if err != nil {
		fmt.Fprintf(talk, "%s: %s\n", printable(name), printable(err.Error()))
		return nil, errFindings
	}
	for _, p := range defs.Problems() {
		fmt.Fprintf(talk, "%s: %s\n", printable(name), printable(p.Error()))
	}
	return defs, nil
}

func openQueries(cmd *cobra.Command, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(cmd.InOrStdin()), nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading queries: %w", err)
	}
	return file, nil
}
