// Worker works off the jobs of a queue, each in a scope of its own:
//
//	go run ./examples/worker
//
// What a job captures, exceptions included, is its user's and says which job it was. A job
// that fails is one exception, and so is one that panics; neither ends the worker. On an
// interrupt the jobs that were begun are finished, and what they captured is delivered,
// before the program ends.
//
// It needs no account: the events go to an endpoint inside the program. With
// POSTHOG_API_KEY set, and POSTHOG_HOST, they go to that project instead.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
)

const (
	workers = 2

	// patience is how long the end of the program waits for PostHog. What stops the program
	// allows it longer.
	patience = 10 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// run works off the queue, and shows what PostHog got if that is a part of the program.
func run(ctx context.Context, stdout io.Writer) error {
	cfg, err := ph.ConfigFromEnv()
	if err != nil {
		return err
	}
	var received *sink.Sink
	if cfg.APIKey == "" {
		received = sink.New(sink.Config{})
		defer received.Close()
		cfg.APIKey, cfg.Host, cfg.Transport = "phc_worker", "http://posthog.localhost", received
	}
	client, err := ph.New(cfg)
	if err != nil {
		return err
	}
	done, failed := workOff(ph.With(ctx, ph.UseClient(client)), queue(ctx))

	// ctx may have ended, which must not keep the last events from being delivered.
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := client.Close(closing); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d jobs are done, %d failed\n", done, failed)
	if received != nil {
		show(stdout, received.Events())
	}
	return nil
}

// show prints the events by their jobs.
func show(w io.Writer, events []sink.Event) {
	slices.SortStableFunc(events, func(a, b sink.Event) int {
		return cmp.Compare(fmt.Sprint(a.Properties["job_id"]), fmt.Sprint(b.Properties["job_id"]))
	})
	for _, e := range events {
		fmt.Fprintf(w, "%v  %-4s  %s", e.Properties["job_id"], e.DistinctID, e.Name)
		list, _ := e.Properties["$exception_list"].([]any)
		for _, item := range list {
			x, _ := item.(map[string]any)
			fmt.Fprintf(w, "\n          %v: %v", x["type"], x["value"])
		}
		fmt.Fprintln(w)
	}
}
