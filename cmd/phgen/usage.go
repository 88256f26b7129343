package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/usage"
	"github.com/phgen/phgen/internal/vet"
	"github.com/phgen/phgen/schema"
)

func newUsage() *cobra.Command {
	var (
		format *oneOf
		q      usageQuery
		unused bool
	)
	cmd := &cobra.Command{
		Use:   "usage [packages]",
		Short: "List where each event and flag is used",
		Long: `Usage lists the places in Go code where each event of the plan is built and each flag
is read, by owner, and what is used nowhere. Packages default to ./... It finds calls
by types, those through wrappers and function values included: what counts is a
reference to the generated function.

Exit status: with --unused 1 if something is used nowhere. A draft is not to be used
yet, and what is deprecated no more.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			q.packages.Patterns = args
			_, r, err := q.report(cmd.Context(), newReport(cmd, "text"))
			if err != nil {
				return err
			}
			if unused {
				r.Keep(func(t *usage.Thing, _ bool) bool { return t.Unused() })
			}
			if err := printUsage(cmd.OutOrStdout(), r, format.word); err != nil {
				return err
			}
			if unused && len(r.Events)+len(r.Flags) > 0 {
				return errFindings
			}
			return nil
		},
	}
	format = &oneOf{words: []string{"text", "json", "markdown"}}
	format.addTo(cmd, "format", "how to print the list")
	q.addTo(cmd)
	f := cmd.Flags()
	f.BoolVar(&unused, "unused", false, "list only what is used nowhere, and exit 1 if there is something")
	f.StringVar(&q.owner, "owner", "", "list only what this owner has")
	f.StringVar(&q.event, "event", "", "list only this event")
	f.StringVar(&q.flag, "flag", "", "list only this flag")
	return cmd
}

// A usageQuery says which uses of which plan are wanted.
type usageQuery struct {
	plan     string
	packages vet.Options
	tests    bool

	owner, event, flag string // empty: all
}

func (q *usageQuery) addTo(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&q.plan, "plan", defaultPlan, "the tracking plan")
	f.BoolVar(&q.tests, "tests", false, "count uses in tests, too")
	f.StringVar(&q.packages.Tags, "tags", "", "build tags, separated by commas")
}

// report joins the plan with the packages. Errors of the plan are printed to r.
func (q *usageQuery) report(ctx context.Context, r *report) (*schema.Plan, *usage.Report, error) {
	printer, findings, err := loadPlan(q.plan)
	if err != nil {
		return nil, nil, err
	}
	if printer == nil {
		return nil, nil, r.refuse(findings)
	}
	if err := q.check(printer.Plan); err != nil {
		return nil, nil, err
	}
	q.packages.NoTests = !q.tests
	results, err := vetted(ctx, r.talk, q.packages)
	if err != nil {
		return nil, nil, err
	}
	used := usage.Of(printer.Plan, results.Records)
	used.Keep(func(t *usage.Thing, event bool) bool {
		switch {
		case q.owner != "" && t.Owner != q.owner:
			return false
		case q.event == "" && q.flag == "":
			return true
		case event:
			return t.Name == q.event
		}
		return t.Name == q.flag
	})
	return printer.Plan, used, nil
}

// check refuses names that the plan does not have.
func (q *usageQuery) check(p *schema.Plan) error {
	var owners, events, flags []string
	for _, o := range p.Owners {
		owners = append(owners, o.Name)
	}
	for _, e := range p.Events {
		events = append(events, e.Name)
	}
	for _, f := range p.Flags {
		flags = append(flags, f.Key)
	}
	return errors.Join(known("owner", q.owner, owners), known("event", q.event, events), known("flag", q.flag, flags))
}

// known refuses a name that is not one of names; the empty one is none.
func known(what, name string, names []string) error {
	if name == "" || slices.Contains(names, name) {
		return nil
	}
	return fmt.Errorf("the plan has no %s %q%s", what, name, didYouMean(name, names, ""))
}

func printUsage(w io.Writer, r *usage.Report, format string) error {
	text := ""
	switch format {
	case "json":
		return r.WriteJSON(w)
	case "markdown":
		text = r.Markdown()
	default:
		text = printableLines(r.Text())
	}
	_, err := io.WriteString(w, text)
	return err
}
