//go:build linux

// Command compare measures posthog-go and the runtime side by side: the same events,
// the same batch size, the same sink on loopback, one client after the other in a
// process of its own. It prints what each delivered and what that cost in CPU time. It
// needs Linux.
//
//	go run . -n 200000 -props 20 -rounds 3
//
// Both clients are given 10,000 events of room, and the producer waits for room instead
// of losing events. While a backlog stands phgen puts more than the batch size into a
// request; the table says how much. With -batch 500 posthog-go's requests are about as
// large as phgen's with 100, so that the figures of two runs show what the requests'
// size is worth. With -rate there is no backlog and requests hold what the batch size
// says; most of what is measured then is how the process wakes up for each of them.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"

	"github.com/phgen/phgen/internal/bench/loopback"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "sink":
		return loopback.ServeSink(0, true)
	case len(args) == 2 && args[0] == "client":
		return runClient(args[1])
	}
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	n := flags.Int("n", 200_000, "events that each client delivers in each round")
	props := flags.Int("props", 20, "properties of an event, 5 or 20")
	rounds := flags.Int("rounds", 3, "how often each client is measured")
	batch := flags.Int("batch", 100, "batch size of both")
	built := flags.Bool("built", false, "build the maps before, so that what they cost the caller is in no figure")
	rate := flags.Int("rate", 0, "events a second; 0: as many as the client takes")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	switch {
	case *props != 5 && *props != 20:
		return fmt.Errorf("-props is %d and must be 5 or 20", *props)
	case *n < 1 || *rounds < 1 || *rate < 0:
		return errors.New("-n and -rounds must be at least 1, and -rate not negative")
	case *batch < 1 || *batch > room:
		return fmt.Errorf("-batch is %d and must be from 1 to %d", *batch, room)
	}

	url, stop, err := loopback.Start("sink")
	if err != nil {
		return err
	}
	defer stop()
	t := newTable(job{Props: *props, N: *n, Batch: *batch, Rate: *rate, Built: *built, URL: url})
	for round := range *rounds {
		jobs := t.jobs()
		if round%2 == 1 {
			slices.Reverse(jobs) // so that nobody always runs on the warmer machine
		}
		for _, j := range jobs {
			r, err := measure(j)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", j.Client, j.mode(), err)
			}
			t.add(j, r)
		}
	}
	return t.print(os.Stdout)
}

// measure runs j in a process of its own and adds what the sink saw of it.
func measure(j job) (result, error) {
	before, err := loopback.Received(j.URL)
	if err != nil {
		return result{}, err
	}
	text, err := json.Marshal(j)
	if err != nil {
		return result{}, err
	}
	cmd, err := loopback.Self("client", string(text))
	if err != nil {
		return result{}, err
	}
	out, err := cmd.Output()
	if err != nil {
		return result{}, err
	}
	var r result
	if err := json.Unmarshal(out, &r); err != nil {
		return result{}, fmt.Errorf("reading the client's result: %w", err)
	}
	if r.Delivered == 0 {
		return result{}, errors.New("nothing was delivered")
	}
	after, err := loopback.Received(j.URL)
	if err != nil {
		return result{}, err
	}
	r.Wire = after.Sub(before)
	if got := uint64(r.Wire.Events); got != r.Delivered {
		return result{}, fmt.Errorf("the client says that it delivered %d events, %d arrived", r.Delivered, got)
	}
	return r, nil
}
