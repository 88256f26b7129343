//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/phgen/phgen/internal/bench/loopback"
)

const (
	room      = 10_000           // events that both hold, queued and in flight
	patience  = time.Minute      // of both when they close
	roomDelay = time.Millisecond // before the producer looks for room again
	user      = "user_1234567890"
)

// The clients that are compared.
const (
	posthogGo  = "posthog-go"
	phgenMap   = "phgen, map"       // the map that posthog-go gets
	phgenTyped = "phgen, generated" // what phgen generated from plan.yaml
)

// A job is one measurement.
type job struct {
	Client                string
	Gzip, Built           bool
	Props, N, Batch, Rate int
	URL                   string
}

func (j job) mode() string {
	if j.Gzip {
		return "gzip"
	}
	return "plain"
}

// A result is what came of a job.
type result struct {
	Delivered, Lost uint64
	Refused         int // times that the client had no room and the event was given again
	CPU, Wall       time.Duration
	Peak            int64 // bytes
	Wire            loopback.Tally
}

// cpuPerMillion is the CPU time in seconds that a million delivered events take.
func (r result) cpuPerMillion() float64 {
	return r.CPU.Seconds() / float64(r.Delivered) * 1e6
}

// A client is one of those that are compared.
type client struct {
	capture func(n int) error          // the n-th event; errFull if there is no room
	close   func() error               // when everything is delivered
	counts  func() (sent, lost uint64) // by the client's own account
}

// errFull says that a client has no room for an event now.
var errFull = errors.New("no room")

// runClient does the job that text describes and prints its result.
func runClient(text string) error {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return fmt.Errorf("reading the job: %w", err)
	}
	before, err := loopback.CPUTime()
	if err != nil {
		return err
	}
	start := time.Now()
	c, err := newClient(j)
	if err != nil {
		return err
	}
	var r result
	if r.Refused, err = j.produce(c); err != nil {
		return err
	}
	if err := c.close(); err != nil {
		return err
	}
	r.Wall = time.Since(start)
	after, err := loopback.CPUTime()
	if err != nil {
		return err
	}
	r.CPU = after - before
	if _, r.Peak, err = loopback.Memory(); err != nil {
		return err
	}
	r.Delivered, r.Lost = c.counts()
	return json.NewEncoder(os.Stdout).Encode(r)
}

func newClient(j job) (client, error) {
	switch j.Client {
	case posthogGo:
		return newPosthog(j)
	case phgenMap, phgenTyped:
		return newPhgen(j)
	}
	return client{}, fmt.Errorf("no client %q", j.Client)
}

// produce captures every event of j, each until the client takes it, and returns how
// often it did not.
func (j job) produce(c client) (refused int, err error) {
	start := time.Now()
	for n := range j.N {
		if j.Rate > 0 && n%j.Batch == 0 {
			time.Sleep(time.Until(start.Add(time.Duration(n) * time.Second / time.Duration(j.Rate))))
		}
		for err = c.capture(n); errors.Is(err, errFull); err = c.capture(n) {
			refused++
			time.Sleep(roomDelay)
		}
		if err != nil {
			return refused, err
		}
	}
	return refused, nil
}
