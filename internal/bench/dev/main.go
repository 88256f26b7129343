//go:build linux

// Command dev measures phgen dev under load: it starts one with the plan of the examples,
// sends it events that are valid, invalid and unplanned at a steady rate while a reader
// holds the page's stream open, and checks that each was taken and judged, that the stream
// told of each, stayed open and brought at most ten messages a second, and that memory
// stayed in its bounds. It prints what it measured and ends with status 1 if anything was
// wrong. It needs Linux.
//
//	go run ./internal/bench/dev -rate 20000 -d 60s
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/phgen/phgen/examples"
	"github.com/phgen/phgen/internal/dev/devprocess"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "dev:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	length time.Duration
	rate   int
	pad    int
}

func parse(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("dev", flag.ContinueOnError)
	flags.DurationVar(&o.length, "d", time.Minute, "how long events are sent")
	flags.IntVar(&o.rate, "rate", 20_000, "events a second")
	flags.IntVar(&o.pad, "pad", 0, "bytes to make each event longer by: with 3000 it is their size that bounds what is kept, not their number")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.length < time.Second || o.rate < senders*batchSize || o.pad < 0 {
		return o, fmt.Errorf("-d must be at least 1s, -rate at least %d, and -pad at least 0", senders*batchSize)
	}
	return o, nil
}

func run(ctx context.Context, args []string) (err error) {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-dev")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program, err := devprocess.Build(dir)
	if err != nil {
		return err
	}
	plan := filepath.Join(dir, "tracking-plan.yaml")
	if err := os.WriteFile(plan, examples.Plan, 0o600); err != nil {
		return err
	}
	server, err := devprocess.Start(program, dir, "--plan", plan, "--listen", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	m, err := measure(ctx, o, server)
	if err != nil {
		return err
	}
	m.print(os.Stdout)
	return m.check()
}
