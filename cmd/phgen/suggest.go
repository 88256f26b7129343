package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/phgen/phgen/internal/typo"
)

// noCommand refuses what stands where a command should.
func noCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return fmt.Errorf("unknown command %q%s", args[0], didYouMean(args[0], names, `; "phgen help" lists the commands`))
}

// upTo accepts at most n arguments.
func upTo(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return fmt.Errorf(`unexpected argument %q; see "%s --help"`, args[n], cmd.CommandPath())
		}
		return nil
	}
}

// unknownFlag adds the nearest flag to pflag's complaint about an unknown one.
func unknownFlag(cmd *cobra.Command, err error) error {
	_, given, ok := strings.Cut(err.Error(), "unknown flag: --")
	if !ok {
		return fmt.Errorf(`%w; see "%s --help"`, err, cmd.CommandPath())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return fmt.Errorf("unknown flag %q%s", "--"+given, didYouMean("--"+given, names, fmt.Sprintf(`; see "%s --help"`, cmd.CommandPath())))
}

// didYouMean names the candidate nearest to word, or else says otherwise.
func didYouMean(word string, candidates []string, otherwise string) string {
	if near := typo.Nearest(word, candidates); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return otherwise
}
