package main

import (
	"context"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

const (
	// maxFlush is how long PostHog may hold up an answer.
	maxFlush = 500 * time.Millisecond

	// reserve is left of the platform's time for the answer itself.
	reserve = 50 * time.Millisecond
)

// Wrap returns handle with a fresh scope for every call, whose errors and panics are
// captured. Before a call returns, what it captured is delivered: for at most half a
// second, and never beyond the end of the call's context. What could not be delivered by
// then stays queued, and is tried again by the next call if the platform keeps the process.
func Wrap[In, Out any](client *ph.Client, handle func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, in In) (out Out, err error) {
		defer flush(ctx, client) // after a panic, too: the process is about to end
		err = ph.Run(ctx, func(ctx context.Context) error {
			out, err = handle(ctx, in)
			return err
		}, ph.Fresh(), ph.UseClient(client))
		return out, err
	}
}

// flush delivers what is queued, in the time that a call has left.
func flush(ctx context.Context, client *ph.Client) {
	left := maxFlush
	if deadline, ok := ctx.Deadline(); ok {
		left = min(left, time.Until(deadline)-reserve)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), left)
	defer cancel()
	_ = client.Flush(ctx) // what it says stays queued, and client.Stats counts it
}
