// Cron finds the trials that end on a day, as a job that runs once a night does:
//
//	go run ./examples/cron -day 2026-03-31
//
// Before the program ends everything is delivered, an exception of the job as well. The
// exit status is 0 only if the job succeeded and every event arrived. Each event has a UUID
// made of the day and the account, so that a night that failed, or PostHog was down for, is
// simply run again: PostHog folds what it has already.
//
// It needs no account: the events go to an endpoint inside the program. With
// POSTHOG_API_KEY set, and POSTHOG_HOST, they go to that project instead.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
)

// patience is how long the end of the job waits for PostHog.
const patience = time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "cron:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("cron", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dayText := flags.String("day", "2026-03-31", "the `day`, as 2006-01-02")
	if err := flags.Parse(args); err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, *dayText)
	if err != nil {
		return err
	}
	cfg, err := ph.ConfigFromEnv()
	if err != nil {
		return err
	}
	if cfg.APIKey == "" {
		received := sink.New(sink.Config{})
		defer received.Close()
		cfg.APIKey, cfg.Host, cfg.Transport = "phc_cron", "http://posthog.localhost", received
	}
	stats, err := night(ctx, cfg, day, accounts)
	fmt.Fprintf(stdout, "%s: sent %d events, lost %d\n", *dayText, stats.Sent, stats.Lost)
	return err
}

// night runs the job and delivers its events. The error tells of both.
func night(ctx context.Context, cfg ph.Config, day time.Time, accounts []account) (ph.Stats, error) {
	client, err := ph.New(cfg)
	if err != nil {
		return ph.Stats{}, err
	}
	// ph.Run captures the error that the job returns, and a panic, which ends the program
	// once that is delivered.
	err = ph.Run(ctx, func(ctx context.Context) error {
		return endTrials(ctx, day, accounts)
	}, ph.UseClient(client), ph.Tag("job", "end-trials"))
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err = errors.Join(err, client.Close(closing))
	return client.Stats(), err
}

// An account is one that may have a trial.
type account struct {
	id, owner string
	trialEnds string // 2006-01-02, or empty
}

// accounts stand for a database.
var accounts = []account{
	{"acme", "ann", "2026-03-31"},
	{"bolt", "bob", "2026-04-02"},
	{"cafe", "cleo", "2026-03-31"},
	{"dune", "dan", ""},
}

// trials is the namespace of the events' UUIDs.
var trials = uuid.MustParse("6f0f2a0e-3c0a-4d4e-9d0f-6f1a6f5b7c11")

// endTrials captures an event for each trial that ends on day. An account that can not be
// read does not keep the others from being looked at.
func endTrials(ctx context.Context, day time.Time, accounts []account) error {
	var errs []error
	for _, a := range accounts {
		if a.trialEnds == "" {
			continue
		}
		ends, err := time.Parse(time.DateOnly, a.trialEnds)
		if err != nil {
			errs = append(errs, fmt.Errorf("account %s: %w", a.id, err))
			continue
		}
		if !ends.Equal(day) {
			continue
		}
		ph.Capture(ctx, "trial ended", nil,
			ph.As(a.owner),
			ph.InGroup("account", a.id),
			ph.At(day),
			ph.ID(uuid.NewSHA1(trials, []byte(a.trialEnds+" "+a.id))),
		)
	}
	return errors.Join(errs...)
}
