package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

const (
	// patience is how long an outage may last once everything is read. Until then it
	// only holds up the reading.
	patience = 15 * time.Minute

	progressEvery = time.Second
)

// importOrders sends orders with a client of cfg and returns what became of them. The
// error is nil only if every order arrived. The first order that can not be sent ends the
// import; those before it are still delivered. When ctx ends, what was not delivered is
// lost, as the error says: nothing is missing after another run.
func importOrders(ctx context.Context, cfg ph.Config, orders iter.Seq2[order, error], stdout, stderr io.Writer) (ph.Stats, error) {
	cfg.OnFull = ph.Block // reads no faster than PostHog takes, so memory stays bounded
	cfg.HistoricalMigration = true
	client, err := ph.New(cfg)
	if err != nil {
		return ph.Stats{}, err
	}
	stop := report(client, stderr)
	read, err := capture(ph.With(ctx, ph.UseClient(client)), orders)
	closing, cancel := context.WithTimeout(ctx, patience) // without a deadline Close waits 30 s
	defer cancel()
	err = errors.Join(err, client.Close(closing))
	stop()
	stats := client.Stats()
	fmt.Fprintf(stdout, "imported %d orders, lost %d\n", stats.Sent, stats.Lost)
	if err == nil && stats.Sent != read {
		err = fmt.Errorf("%d orders were read and %d sent", read, stats.Sent)
	}
	return stats, err
}

// capture hands orders to the client of ctx, and waits whenever its queue is full.
func capture(ctx context.Context, orders iter.Seq2[order, error]) (read uint64, err error) {
	for o, err := range orders {
		if err != nil {
			return read, err
		}
		if err := o.capture(ctx); err != nil {
			return read, fmt.Errorf("order %q: %w", o.id, err)
		}
		read++
	}
	return read, nil
}

// report writes one line of progress, again and again, until stop is called.
func report(client *ph.Client, w io.Writer) (stop func()) {
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { // ends when stop is called
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		shown := false
		for {
			select {
			case <-tick.C:
				stats := client.Stats()
				fmt.Fprintf(w, "\r%d orders read, %d delivered", stats.Accepted, stats.Sent)
				shown = true
			case <-done:
				if shown {
					fmt.Fprintln(w)
				}
				return
			}
		}
	})
	return func() {
		close(done)
		running.Wait()
	}
}
