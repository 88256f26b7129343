package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/change"
)

func newDiff() *cobra.Command {
	var exitCode bool
	format := &oneOf{words: []string{"text", "json", "markdown"}}
	cmd := &cobra.Command{
		Use:   "diff [old] [new]",
		Short: "Show what changed between two plans",
		Long: `Diff compares two plans by what they mean, event by event and property by
property, and says for each change whether it breaks Go source, stored data, or
what PostHog takes from binaries that know the old plan.

A plan is a file, a git ref (main, HEAD~3, v1.2.0), which stands for the plan at
that commit, or ref:file. One argument is compared with HEAD if it is a file, and
with the file if it is a ref; none compares the plan with HEAD.

Exit status: 4 with --exit-code if the plans differ, 1 if one of them has errors.`,
		Args:              upTo(2),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			old, new := diffSides(args)
			r, err := comparePlans(cmd, old, new, change.Axes)
			if err != nil {
				return err
			}
			if err := printDiff(cmd.OutOrStdout(), format.word, r); err != nil {
				return err
			}
			if exitCode && len(r.Changes) > 0 {
				return errBreaking
			}
			return nil
		},
	}
	format.addTo(cmd, "format", "how to print the changes")
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit 4 if the plans differ")
	return cmd
}

// diffSides are the two plans that the arguments of diff name.
func diffSides(args []string) (old, new planName) {
	switch len(args) {
	case 0:
		new = planName{file: defaultPlan}
		old = planName{ref: "HEAD"}
	case 1:
		old, new = namePlan(args[0]), planName{file: defaultPlan}
		if old.ref == "" {
			old, new = planName{ref: "HEAD"}, old
		}
	default:
		old, new = namePlan(args[0]), namePlan(args[1])
	}
	return old.like(new), new.like(old)
}

func printDiff(w io.Writer, format string, r *change.Report) error {
	switch format {
	case "json":
		return r.WriteJSON(w)
	case "markdown":
		return r.WriteMarkdown(w)
	}
	var text strings.Builder
	subject := ""
	for _, x := range r.Changes {
		if x.Subject != subject {
			subject = x.Subject
			fmt.Fprintf(&text, "%s\n", printable(subject))
		}
		fmt.Fprintf(&text, "  %s: %s %s: %s\n", printable(r.Place(x)), x.Code, r.Level(x), printable(withHint(x.Message, x.Hint)))
		if len(x.Affected) > 0 {
			fmt.Fprintf(&text, "    affects %s\n", printable(shortList(x.Affected)))
		}
	}
	if len(r.Changes) > 0 {
		fmt.Fprintf(&text, "%s\n", r.Summary())
	}
	if r.Bump != nil {
		fmt.Fprintf(&text, "%s\n", r.Bump)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// withHint is a message with what to do about it.
func withHint(message, hint string) string {
	if hint == "" {
		return message
	}
	return message + "; " + hint
}

// shortList is the start of a list that may be long.
func shortList(list []string) string {
	const few = 5
	if len(list) > few {
		return strings.Join(list[:few], ", ") + fmt.Sprintf(" and %d more", len(list)-few)
	}
	return strings.Join(list, ", ")
}
