//go:build linux

// Command soak captures events for a long time while the server comes and goes, and
// checks that none is lost without a word: every second that the client's account
// adds up; at the end that every event it accepted arrived, that no goroutine stayed,
// and that its memory did not grow, which only runs of a minute or more can tell. It
// prints a line every ten seconds and what is wrong, and ends with status 1 if
// anything was. It needs Linux.
//
//	go run ./internal/bench/soak -d 10m -rate 20000
//
// The server is a process of its own. It is healthy and then, in turns of a few
// seconds, answers 503, never, with a reset, 429, or slowly; -seed decides in which
// order. Half of the requests that fail without an answer were taken nevertheless.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/phgen/phgen/internal/bench/loopback"
	ph "github.com/phgen/phgen/runtime"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	length time.Duration
	rate   int
	onFull ph.OnFull
	spool  string // the folder of Spill
	seed   uint64
}

func run(ctx context.Context, args []string) error {
	if len(args) == 3 && args[0] == "server" {
		return serve(args[1], args[2])
	}
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Printf("%v at %d events a second, %s, -seed %d\n", o.length, o.rate, onFullNames[o.onFull], o.seed)
	url, stop, err := loopback.Start("server", strconv.FormatUint(o.seed, 10), o.length.String())
	if err != nil {
		return err
	}
	defer stop()
	if o.onFull == ph.Spill {
		if o.spool, err = os.MkdirTemp("", "soak"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(o.spool) }() // in the folder for what may be removed
	}
	return soak(ctx, o, url)
}

var onFullNames = map[ph.OnFull]string{ph.Block: "block", ph.DropNewest: "drop", ph.Spill: "spill"}

func parse(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.DurationVar(&o.length, "d", 10*time.Minute, "how long events are captured")
	flags.IntVar(&o.rate, "rate", 20_000, "events a second; what an outage held up is caught up with")
	flags.Uint64Var(&o.seed, "seed", 0, "order of the server's moods; 0: a new one")
	onFull := flags.String("on-full", "block", "what a capture does when the queue is full: block, drop, or spill to a spool in a temporary folder")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch *onFull {
	case "block":
		o.onFull = ph.Block
	case "drop":
		o.onFull = ph.DropNewest
	case "spill":
		o.onFull = ph.Spill
	default:
		return o, fmt.Errorf("-on-full is %q and must be block, drop or spill", *onFull)
	}
	if o.length < time.Second || o.rate < 1 {
		return o, errors.New("-d must be at least 1s, and -rate at least 1")
	}
	for o.seed == 0 {
		o.seed = rand.Uint64()
	}
	return o, nil
}
