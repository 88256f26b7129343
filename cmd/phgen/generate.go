package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/lock"
	"github.com/phgen/phgen/schema"
)

func newGenerate() *cobra.Command {
	var (
		format *oneOf
		opts   generation
	)
	cmd := &cobra.Command{
		Use:     "generate [plan]",
		Aliases: []string{"gen"},
		Short:   "Write the Go packages of a plan",
		Long: `Generate writes the Go packages of a plan below the folder that its go.out names:
all files or none. It leaves files alone that are up to date, removes its own
that are no longer needed, and touches no file that it did not write. The plan
defaults to tracking-plan.yaml.

With --only the packages hold a part of the plan, for one of several services that
share it; give the flag to check as well:

  //go:generate go tool phgen generate --only owner:checkout --only tag:web

Beside the plan it keeps phgen.lock, which records Go names and parameters. It
refuses a plan that would silently swap arguments of calls that exist (PH701) or
give something another Go name (PH702), unless --accept says that it is meant.`,
		Args:              upTo(1),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.plan = planPath(args)
			return generate(cmd.Context(), newReport(cmd, format.word), opts)
		},
	}
	format = formatFlag(cmd)
	opts.only.addTo(cmd)
	cmd.Flags().BoolVar(&opts.accept, "accept", false, "take new Go names and a new order of parameters into phgen.lock")
	return cmd
}

// A generation is what the user asks of generate.
type generation struct {
	plan   string
	only   selectors
	accept bool // what the lock forbids
}

func generate(ctx context.Context, r *report, opts generation) error {
	cache := openCache(opts.plan, opts.only)
	if folder, files, ok := cache.upToDate(); ok {
		return r.summary(folder, nil, files)
	}
	r.busy("generating from " + opts.plan)
	defer r.quiet()
	memo := newMemo(cache)
	printer, findings, err := loadPlan(opts.plan)
	if err != nil {
		return err
	}
	if printer == nil {
		return r.refuse(findings)
	}
	locked, err := openLock(opts.plan)
	if err != nil {
		return err
	}
	defer locked.close()
	now := lock.Of(printer)
	if findings, err = locked.findings(now, printer.Plan.Files); err != nil {
		return err
	}
	if len(findings) > 0 && !opts.accept {
		return r.refuse(findings)
	}
	out, files, err := opts.print(printer, memo.recall)
	if err != nil {
		return err
	}
	defer out.close()
	todo, err := out.changes(files)
	if err != nil {
		return err
	}
	todo = append(todo, locked.changes(now)...)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := out.write(ctx, todo); err != nil {
		return err
	}
	cache.store(printer.Plan, files, memo.written, locked.base, now.Text())
	return r.summary(out.name, todo, len(files))
}

// refuse prints the errors for which a command does nothing.
func (r *report) refuse(findings schema.Diagnostics) error {
	if err := r.print(errorsOf(findings), nil); err != nil {
		return err
	}
	return errFindings
}

// print prints the code that is asked for, in memory, and opens the folder where
// it belongs.
func (o generation) print(printer *generator.Printer, recall generator.Recall) (*output, []generator.File, error) {
	p := printer.Plan
	if len(o.only) > 0 {
		var err error
		if printer, err = printer.Only(o.only); err != nil {
			return nil, nil, fmt.Errorf("--only %w", err)
		}
	}
	files, err := printer.Generate(recall)
	if err != nil {
		return nil, nil, bugError{fmt.Errorf("generating %s: %w", o.plan, err)}
	}
	out, err := openOutput(p.ModuleDir, p.Go.OutDir)
	return out, files, err
}

// summary says what generate did to the folder, which now holds files, and to the
// lock.
func (r *report) summary(folder string, done []fileChange, files int) error {
	counts := map[string]int{}
	locked := ""
	for _, c := range done {
		if c.lock != nil {
			locked = fmt.Sprintf("%s: %s\n", c.name(folder), past(c.kind()))
		} else {
			counts[c.kind()]++
		}
	}
	var parts []string
	for _, verb := range []string{"add", "change", "remove"} {
		if n := counts[verb]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, past(verb)))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, plural(files, "file")+" up to date")
	}
	return r.done(folder, done, fmt.Sprintf("%s: %s\n%s", folder, strings.Join(parts, ", "), locked))
}

// done says what was written, the output folder being that one: in text, or as
// files for programs to read.
func (r *report) done(folder string, changes []fileChange, text string) error {
	r.quiet()
	switch r.format {
	case "json":
		return r.printJSON(nil, staleFiles(folder, changes))
	case "sarif":
		return r.printSARIF(nil, nil)
	}
	_, err := io.WriteString(r.data, text)
	return err
}

func past(verb string) string { return strings.TrimSuffix(verb, "e") + "ed" }
