package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func newGenerate() *cobra.Command {
	var format *oneOf
	cmd := &cobra.Command{
		Use:     "generate [plan]",
		Aliases: []string{"gen"},
		Short:   "Write the Go packages of a plan",
		Long: `Generate writes the Go packages of a plan below the folder that its go.out names:
all files or none. It leaves files alone that are up to date, removes its own
that are no longer needed, and touches no file that it did not write. The plan
defaults to tracking-plan.yaml.`,
		Args:              upTo(1),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			return generate(cmd.Context(), newReport(cmd, format.word), planPath(args))
		},
	}
	format = formatFlag(cmd)
	return cmd
}

func generate(ctx context.Context, r *report, planFile string) error {
	cache := openCache(planFile)
	if folder, files, ok := cache.upToDate(); ok {
		return r.summary(folder, nil, files)
	}
	memo := newMemo(cache)
	printer, findings, err := loadPlan(planFile)
	if err != nil {
		return err
	}
	if printer == nil {
		if err := r.print(errorsOf(findings), nil); err != nil {
			return err
		}
		return errFindings
	}
	p := printer.Plan
	out, err := openOutput(p.ModuleDir, p.Go.OutDir)
	if err != nil {
		return err
	}
	defer out.close()
	files, err := printer.Generate(memo.recall)
	if err != nil {
		return bugError{fmt.Errorf("generating %s: %w", planFile, err)}
	}
	todo, err := out.changes(files)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := out.write(ctx, todo); err != nil {
		return err
	}
	cache.store(p, files, memo.written)
	return r.summary(out.name, todo, len(files))
}

// summary says what generate did to the folder, which now holds files.
func (r *report) summary(folder string, done []change, files int) error {
	if r.format == "json" {
		return r.printJSON(nil, staleFiles(folder, done))
	}
	if len(done) == 0 {
		_, err := fmt.Fprintf(r.data, "%s: %s up to date\n", folder, plural(files, "file"))
		return err
	}
	var parts []string
	for _, verb := range []string{"add", "change", "remove"} {
		n := 0
		for _, c := range done {
			if c.kind() == verb {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.TrimSuffix(verb, "e")+"ed"))
		}
	}
	_, err := fmt.Fprintf(r.data, "%s: %s\n", folder, strings.Join(parts, ", "))
	return err
}
