package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/watch"
	"github.com/phgen/phgen/schema"
)

func newWatch() *cobra.Command {
	var (
		opts     generation
		debounce time.Duration
	)
	cmd := &cobra.Command{
		Use:   "watch [plan]",
		Short: "Generate whenever the plan is saved",
		Long: `Watch does what generate does, now and whenever the plan or a file that it includes
has changed, until it is interrupted. Each run prints one line, and the findings of a
plan that has some. The plan defaults to tracking-plan.yaml.`,
		Args:              upTo(1),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			if debounce < 0 {
				return errors.New("--debounce must not be negative")
			}
			opts.plan = planPath(args)
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return watchPlan(ctx, newReport(cmd, "text"), opts, debounce)
		},
	}
	opts.only.addTo(cmd)
	cmd.Flags().DurationVar(&debounce, "debounce", 80*time.Millisecond, "how long nothing may change before a run")
	return cmd
}

// watchPlan generates until ctx ends, which is no error. It returns early if the
// plan cannot be read at first: then its name is wrong.
func watchPlan(ctx context.Context, r *report, opts generation, debounce time.Duration) (err error) {
	if _, err := os.Stat(opts.plan); err != nil {
		return fmt.Errorf("reading the plan: %w", err)
	}
	w, err := watch.New(opts.plan)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	var globs []string
	for {
		// What a broken plan would include is unknown; the last globs go on counting.
		if now, err := schema.Includes(opts.plan); err == nil {
			globs = now
		}
		if err := w.Include(globs); err != nil {
			return err
		}
		if err := generateOnce(ctx, r, opts); err != nil {
			return err
		}
		if err := w.Wait(ctx, debounce); ctx.Err() != nil {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// generateOnce generates and prints one line about it. It returns only errors for
// which there is no point in going on.
func generateOnce(ctx context.Context, r *report, opts generation) error {
	start := time.Now()
	var told bytes.Buffer
	once := *r
	once.data = &told
	err := generate(ctx, &once, opts)
	var bug bugError
	switch {
	case errors.As(err, &bug):
		return err
	case ctx.Err() != nil:
		return nil
	case errors.Is(err, errFindings):
		told.Reset()
		fmt.Fprintf(&told, "%s: not generated", printable(opts.plan))
	case err != nil: // such as a file that is not there for the moment
		told.Reset()
		fmt.Fprintf(&told, "not generated: %s", printable(err.Error()))
	}
	line := strings.Join(strings.Split(strings.TrimSpace(told.String()), "\n"), ", ")
	_, err = fmt.Fprintf(r.data, "%s (%s)\n", line, time.Since(start).Round(time.Millisecond))
	return err
}
