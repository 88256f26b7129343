package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/change"
	"github.com/phgen/phgen/internal/gitref"
	"github.com/phgen/phgen/internal/sarif"
	"github.com/phgen/phgen/schema"
)

func newBreaking() *cobra.Command {
	var (
		against string
		axes    []string
		allow   []string
	)
	format := &oneOf{words: []string{"text", "json", "sarif", "github", "markdown"}}
	cmd := &cobra.Command{
		Use:   "breaking [plan]",
		Short: "Report changes of the plan that break callers or data",
		Long: `Breaking compares a plan with what it was at a commit, and reports what breaks Go
source that calls generated code, stored data and the insights that read it, or
what PostHog takes from binaries that know the old plan. It says which version the
changes ask for. "phgen diff" shows all changes.

Without --against the plan is compared with the branch that the clone follows,
such as origin/main. The plan defaults to tracking-plan.yaml.

Exit status: 4 if something breaks, 1 if one of the plans has errors.`,
		Example: `  phgen breaking --against main
  phgen breaking --against origin/main --axis go,data --format github
  phgen breaking --against v2.1.0 --allow PHB101@events.signed_up`,
		Args:              upTo(1),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			return breaking(cmd, planPath(args), against, axes, allow, format.word)
		},
	}
	cmd.Flags().StringVar(&against, "against", "", "compare with the plan at this git `ref`, or with ref:file")
	cmd.Flags().StringSliceVar(&axes, "axis", nil, "what may not break: go, data, server (default all)")
	cmd.Flags().StringArrayVar(&allow, "allow", nil, "let this `CODE` pass, or CODE@path in one place; repeatable")
	format.addTo(cmd, "format", "how to print changes; github means workflow commands, markdown a comment")
	return cmd
}

func breaking(cmd *cobra.Command, plan, against string, axisWords, allow []string, format string) error {
	axes, err := axesOf(axisWords)
	if err != nil {
		return err
	}
	var allowed []change.Allowance
	for _, text := range allow {
		a, err := change.ParseAllowance(text)
		if err != nil {
			return fmt.Errorf("--allow: %w", err)
		}
		allowed = append(allowed, a)
	}
	new := planName{file: plan}
	if against == "" {
		if against, err = defaultBranch(cmd.Context(), plan); err != nil {
			return err
		}
	}
	r, err := comparePlans(cmd, namePlan(against).like(new), new, axes)
	if err != nil {
		return err
	}
	r.Allow = allowed
	if err := printBreaking(newReport(cmd, format), r); err != nil {
		return err
	}
	if len(r.Of(change.Breaking)) > 0 {
		return errBreaking
	}
	return nil
}

// axesOf reads the words of --axis; none means all.
func axesOf(words []string) ([]change.Axis, error) {
	if len(words) == 0 {
		return change.Axes, nil
	}
	var axes []change.Axis
	for _, word := range words {
		i := slices.IndexFunc(change.Axes, func(a change.Axis) bool { return a.String() == word })
		if i < 0 {
			return nil, fmt.Errorf("--axis: %q is none of go, data, server", word)
		}
		axes = append(axes, change.Axes[i])
	}
	return axes, nil
}

// defaultBranch is what a plan is compared with if nobody says.
func defaultBranch(ctx context.Context, plan string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	repo, err := gitref.Open(ctx, existingDir(plan))
	if err != nil {
		return "", err
	}
	branch, err := repo.DefaultBranch(ctx)
	if err != nil {
		return "", errors.New("git does not know which branch this clone follows; name one, as in --against main")
	}
	return branch, nil
}

func printBreaking(out *report, r *change.Report) error {
	switch out.format {
	case "json":
		return r.WriteJSON(out.data)
	case "markdown":
		return r.WriteMarkdown(out.data)
	case "github":
		return annotate(out.data, r)
	case "sarif":
		return writeSARIF(out.data, r)
	}
	var text strings.Builder
	broken := r.Of(change.Breaking)
	for _, x := range broken {
		message := withHint(x.String(), x.Hint)
		if len(x.Affected) > 0 {
			message += "; affects " + shortList(x.Affected)
		}
		fmt.Fprintf(&text, "%s: %s: %s (%s)\n", printable(r.Place(x)), x.Code, printable(message), brokenAxes(x.Cell()))
	}
	for _, a := range r.Idle() {
		fmt.Fprintf(&text, "phgen: --allow %s is not needed\n", printable(a.String()))
	}
	fmt.Fprintf(&text, "phgen: %s since %s", r.Summary(), printable(r.Old.Name))
	if len(broken) > 0 {
		fmt.Fprintf(&text, "; \"phgen explain %s\" tells more", broken[0].Code)
	}
	text.WriteByte('\n')
	if r.Bump != nil {
		fmt.Fprintf(&text, "phgen: %s\n", r.Bump)
	}
	_, err := io.WriteString(out.talk, text.String())
	return err
}

// brokenAxes says what a change breaks.
func brokenAxes(c change.Cell) string {
	words := map[change.Axis]string{change.Go: "Go source", change.Data: "stored data", change.Server: "server"}
	if c.Silent {
		words[change.Go] = "Go source, silently"
	}
	var broken []string
	for _, a := range change.Axes {
		if c.Levels[a] == change.Breaking {
			broken = append(broken, words[a])
		}
	}
	return "breaks " + strings.Join(broken, ", ")
}

// annotate prints workflow commands. What is gone is shown where it was missing
// from, in the new plan: GitHub shows no other.
func annotate(w io.Writer, r *change.Report) error {
	var text strings.Builder
	for _, level := range []change.Level{change.Breaking, change.Note} {
		word := map[change.Level]string{change.Breaking: "error", change.Note: "notice"}[level]
		for _, x := range r.Of(level) {
			text.WriteString(annotation(word, x.Pos, x.Code, withHint(x.String(), x.Hint)))
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// writeSARIF prints one run. Places are in the new plan, as in annotate.
func writeSARIF(w io.Writer, r *change.Report) error {
	docs := change.Codes()
	rules := sarifRules(docs)
	for i := range rules {
		if docs[i].Severity == schema.Warning {
			rules[i].Level = "note"
		}
	}
	var results []sarif.Result
	for _, level := range []change.Level{change.Breaking, change.Note} {
		word := map[change.Level]string{change.Breaking: "error", change.Note: "note"}[level]
		for _, x := range r.Of(level) {
			results = append(results, sarif.Result{
				Rule: x.Code, Level: word, Message: withHint(x.String(), x.Hint),
				File: fromWorkspace(x.Pos.File), Line: x.Pos.Line, Col: x.Pos.Col,
			})
		}
	}
	build, _ := debug.ReadBuildInfo()
	return sarif.Write(w, buildVersion(build), rules, results)
}
