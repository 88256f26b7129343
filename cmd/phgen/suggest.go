package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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
	if near := nearest(word, candidates); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return otherwise
}

// nearest returns the candidate that the fewest edits make of word, or "" if
// more than a third of word would have to change. The first of equals wins.
func nearest(word string, candidates []string) string {
	const longest = 64 // a longer word is no typing error, and costs quadratic time
	if len(word) > longest {
		return ""
	}
	best, within := "", len(word)/3+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < within {
			best, within = c, d
		}
	}
	return best
}

// distance counts the insertions, deletions and substitutions of bytes that make
// b of a, and a swap of neighbours as one (optimal string alignment).
func distance(a, b string) int {
	var older, above []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		older, above, row = above, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
