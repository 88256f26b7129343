package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/child"
	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/dev/surveydoc"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/schema"
)

func newDev() *cobra.Command {
	var opts serving
	format := oneOf{words: []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:   "dev [-- command…]",
		Short: "Be a local PostHog that knows the plan",
		Long: `Dev is a PostHog on this machine: no account, no network, and every event that arrives is
compared with the plan. Open its address in a browser to see the events, change flags and
rehearse faults; tests ask the same at /api/, which /api/openapi.json describes.

  phgen dev -- go run ./cmd/shop

runs a command with POSTHOG_HOST, POSTHOG_API_KEY, POSTHOG_SECRET_KEY and
POSTHOG_FLAG_POLL_EVERY set so that its events come here and its flags from here, and
PHGEN_DEV_URL and PHGEN_DEV_TOKEN for the API. It gets the signals that phgen gets, and
the second Ctrl-C kills it; phgen ends when it does. Without a command dev serves until
Ctrl-C.

Each event is one line on standard error. With --format json it is one object a line on
standard output, and what the command writes there goes to standard error.

The plan is read again whenever it is saved. Without --plan it is tracking-plan.yaml, if
there is one; without a plan nothing is unplanned.

--record adds the events to a file, up to 1 GiB, in the order of arrival; "phgen replay"
sends them again. --forward also sends them to a real project, whose key is in
POSTHOG_FORWARD_KEY; of what it does not take 10,000 events wait, the rest is dropped
and counted. --fault takes STATUS, latency=, reset=, hang= and drop=, with commas
between and :DURATION behind what is to end.

Exit status: that of the command, 128 and more if a signal ended it.`,
		Args: theCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			saveMemory(int64(opts.maxBytes))
			return runDev(cmd, format.word, opts, args)
		},
	}
	opts.addTo(cmd, devAddress)
	format.addTo(cmd, "format", "how to print events")
	return cmd
}

func runDev(cmd *cobra.Command, format string, opts serving, command []string) error {
	r := newReport(cmd, "text")
	p, err := loadIfThere(r, opts.plan, cmd.Flags().Changed("plan"))
	if err != nil {
		return err
	}
	store, err := opts.newStore(p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	if len(command) == 0 {
		var stop func()
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		defer context.AfterFunc(ctx, stop)() // a second signal ends the program
	}
	printer := &eventPrinter{out: r.talk, colour: r.colour, broken: cancel}
	stdout := cmd.OutOrStdout()
	if format == "json" {
		printer.out, printer.detail = stdout, store.Event
		stdout = r.talk
	}
	printEvents(printer)
	local, err := opts.open(r.talk, store, p, func(_ sink.Exchange, rows []dev.Row) { printer.add(rows) })
	if err != nil {
		return errors.Join(err, printer.close())
	}
	stop, err := keepPlan(r, opts.plan, store, local)
	if err == nil {
		r.welcome(local, opts.plan, p, len(command) > 0)
		err = attend(ctx, cmd, local, command, stdout)
		stop()
	}
	local.close()
	if broken := printer.close(); broken != nil {
		return fmt.Errorf("printing events: %w", broken)
	}
	r.farewell(store.Summary().Counts)
	return err
}

// keepPlan has the local PostHog follow the plan until stop is called.
func keepPlan(r *report, path string, store *dev.Store, local *localPostHog) (stop func(), err error) {
	follower, err := followPlan(r, path, func(p *schema.Plan, err error) {
		store.SetPlan(p, path, err)
		if p != nil {
			local.flags.SetPlan(p)
			local.sink.SetSurveys(surveydoc.Document(p))
		}
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { follower.run(ctx) }) // until stop is called
	return func() {
		cancel()
		running.Wait()
		follower.close()
	}, nil
}

// welcome says where the page is and which plan judges.
func (r *report) welcome(local *localPostHog, path string, p *schema.Plan, command bool) {
	fmt.Fprintf(r.talk, "phgen: %s is PostHog now; open it to see what arrives\n", local.url)
	if p == nil {
		fmt.Fprintf(r.talk, "phgen: no %s here, so nothing is unplanned; --plan names a plan\n", printable(path))
	} else {
		fmt.Fprintf(r.talk, "phgen: %s\n", printable(planLine(path, p)))
	}
	if !command {
		fmt.Fprintf(r.talk, "phgen: POSTHOG_HOST=%s POSTHOG_API_KEY=%s POSTHOG_SECRET_KEY=%s\n", local.url, devKey, devSecret)
	}
	fmt.Fprintf(r.talk, "phgen: PHGEN_DEV_TOKEN=%s lets programs change flags and faults\n", local.token)
	for _, name := range []string{"POSTHOG_DISABLED", "DO_NOT_TRACK"} {
		if value := os.Getenv(name); command && value != "" {
			fmt.Fprintf(r.talk, "phgen: %s is set: the command may send nothing\n", name)
		}
	}
}

// farewell counts the events.
func (r *report) farewell(c dev.Counts) {
	fmt.Fprintf(r.talk, "phgen: %s: %d ok, %d unplanned, %d invalid\n", plural(int(c.OK+c.Unplanned+c.Invalid), "event"), c.OK, c.Unplanned, c.Invalid)
}

// attend runs the command, or without one waits until ctx ends.
func attend(ctx context.Context, cmd *cobra.Command, local *localPostHog, command []string, stdout io.Writer) error {
	if len(command) == 0 {
		<-ctx.Done()
		return nil
	}
	status, err := child.Run(ctx, child.Command{
		Args: command, Env: local.env(), Stdin: cmd.InOrStdin(), Stdout: stdout, Stderr: cmd.ErrOrStderr(),
	})
	if err != nil {
		return err
	}
	local.settle()
	if status != 0 {
		return childStatus(status)
	}
	return nil
}
