//go:build linux

package main

import (
	"context"

	ph "github.com/phgen/phgen/runtime"
)

// newPhgen returns the runtime, with events as j.Client says.
func newPhgen(j job) (client, error) {
	config := ph.Config{
		APIKey:      "phc_bench",
		Host:        j.URL,
		BatchSize:   j.Batch,
		QueueSize:   room,
		OnFull:      ph.Block,
		Compression: ph.NoCompression,
	}
	if j.Gzip {
		config.Compression = ph.Gzip
	}
	c, err := ph.New(config)
	if err != nil {
		return client{}, err
	}
	ctx := ph.With(context.Background(), ph.UseClient(c))
	capture := func(n int) error { return typed(ctx, j.Props, n) }
	if j.Client == phgenMap {
		event := j.untyped()
		capture = func(n int) error {
			name, props := event(n)
			_, err := ph.TryCapture(ctx, name, props, ph.As(user))
			return err
		}
	}
	closing := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return c.Close(ctx)
	}
	counts := func() (sent, lost uint64) {
		s := c.Stats()
		return s.Sent, s.Lost
	}
	return client{capture: capture, close: closing, counts: counts}, nil
}
