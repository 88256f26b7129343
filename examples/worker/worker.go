package main

import (
	"context"
	"fmt"
	"sync"

	ph "github.com/phgen/phgen/runtime"
)

// A job is one order that is to be charged.
type job struct {
	id     string
	user   string
	cents  int
	refund *refund // of an earlier order; nil if there is none
}

type refund struct{ cents int }

// queue hands out jobs until there are none, or ctx ends. A real one asks a broker, and
// tells it which jobs are done.
func queue(ctx context.Context) <-chan job {
	jobs := make(chan job)
	go func() { // until the last job is taken, or ctx ends
		defer close(jobs)
		for _, j := range []job{
			{id: "j1", user: "ann", cents: 1250, refund: &refund{}},
			{id: "j2", user: "bob", cents: 990_000, refund: &refund{}}, // more than bob's card has
			{id: "j3", user: "cleo", cents: 725},                       // charge does not expect that
			{id: "j4", user: "ann", cents: 2000, refund: &refund{500}},
		} {
			select {
			case jobs <- j:
			case <-ctx.Done():
				return
			}
		}
	}()
	return jobs
}

// workOff does the jobs and counts them. A job that was begun is finished even if ctx ends.
func workOff(ctx context.Context, jobs <-chan job) (done, failed int) {
	ctx = context.WithoutCancel(ctx)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for j := range jobs {
				err := do(ctx, j)
				mu.Lock()
				if done++; err != nil {
					failed++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return done, failed
}

// do does one job in a scope of its own. The scope is fresh, so that nothing of the
// worker's own gets into the events.
func do(ctx context.Context, j job) (err error) {
	defer func() {
		if v := recover(); v != nil { // ph.Run has captured it
			err = fmt.Errorf("job %s panicked: %v", j.id, v)
		}
	}()
	return ph.Run(ctx, func(ctx context.Context) error {
		if err := charge(j); err != nil {
			return fmt.Errorf("charging order %s: %w", j.id, err)
		}
		ph.Capture(ctx, "order charged", ph.Props{"cents": j.cents})
		return nil
	}, ph.Fresh(), ph.User(j.user), ph.Tag("job_id", j.id))
}

// A declinedError is what the bank says.
type declinedError struct{ reason string }

func (e *declinedError) Error() string { return "the card was declined: " + e.reason }

func charge(j job) error {
	if j.cents-j.refund.cents > 500_000 {
		return &declinedError{"over the limit"}
	}
	return nil
}
