//go:build linux

package main

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/posthog/posthog-go"
)

// outcomes counts what posthog-go says of its events.
type outcomes struct{ sent, lost atomic.Uint64 }

// Success counts a delivered event.
func (o *outcomes) Success(posthog.APIMessage) { o.sent.Add(1) }

// Failure counts an event that was given up.
func (o *outcomes) Failure(posthog.APIMessage, error) { o.lost.Add(1) }

// newPosthog returns posthog-go, so configured that it drops nothing it could keep: it
// waits for a free upload as long as it takes. It has no bound on events in flight, and
// no call that waits for room, so the producer keeps within room itself.
func newPosthog(j job) (client, error) {
	done := new(outcomes)
	config := posthog.Config{
		Endpoint:            j.URL,
		BatchSize:           j.Batch,
		MaxQueueSize:        room,
		MaxEnqueuedRequests: room, // batches; never the limit
		BatchSubmitTimeout:  patience,
		ShutdownTimeout:     patience,
		Callback:            done,
	}
	if j.Gzip {
		config.Compression = posthog.CompressionGzip
	}
	c, err := posthog.NewWithConfig("phc_bench", config)
	if err != nil {
		return client{}, err
	}
	var accepted uint64
	event := j.untyped()
	capture := func(n int) error {
		for accepted-done.sent.Load()-done.lost.Load() >= room {
			time.Sleep(roomDelay)
		}
		name, props := event(n)
		err := c.Enqueue(posthog.Capture{DistinctId: user, Event: name, Properties: props})
		switch {
		case errors.Is(err, posthog.ErrQueueFull):
			return errFull
		case err != nil:
			return err
		}
		accepted++
		return nil
	}
	counts := func() (sent, lost uint64) { return done.sent.Load(), done.lost.Load() }
	return client{capture: capture, close: c.Close, counts: counts}, nil
}
