//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/phgen/phgen/internal/dev"
)

// senders is how many connections carry events.
const senders = 8

// A load is what was sent.
type load struct {
	dev.Counts
	bytes int64 // of the bodies
	took  time.Duration
	waits []time.Duration // for each reply
}

// events is how many there were.
func (l load) events() uint64 { return l.OK + l.Unplanned + l.Invalid }

func (l *load) add(m load) {
	l.OK += m.OK
	l.Unplanned += m.Unplanned
	l.Invalid += m.Invalid
	l.bytes += m.bytes
	l.waits = append(l.waits, m.waits...)
}

// wait returns how long the given share of the replies took at most.
func (l load) wait(share float64) time.Duration {
	return l.waits[min(len(l.waits)-1, int(share*float64(len(l.waits))))]
}

// send sends events at the rate until its time is over. A server that falls behind makes
// it late.
func send(ctx context.Context, o options, url string) (load, error) {
	start := time.Now()
	batches := o.rate * int(o.length/time.Millisecond) / 1000 / batchSize
	every := o.length / time.Duration(batches)
	parts := make([]load, senders)
	errs := make([]error, senders)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			b, err := newBatch(start, o.pad)
			for n := i; n < batches && err == nil; n += senders {
				b.number(uint64(n * batchSize))
				if err = pause(ctx, time.Until(start.Add(time.Duration(n)*every))); err == nil {
					err = parts[i].post(ctx, url, b)
				}
			}
			errs[i] = err
		})
	}
	wg.Wait()
	var all load
	for i, part := range parts {
		if errs[i] != nil {
			return all, errs[i]
		}
		all.add(part)
	}
	all.took = time.Since(start)
	slices.Sort(all.waits)
	return all, nil
}

// pause returns after d, or with an error when ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// connections are one for each sender.
var connections = http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}}

// post sends a batch and waits for the reply.
func (l *load) post(ctx context.Context, url string, b *batch) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/batch/", bytes.NewReader(b.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	start := time.Now()
	res, err := connections.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close() // it was read to its end, or err says why not
	if err != nil {
		return fmt.Errorf("reading the reply to a batch: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("a batch was answered %s", res.Status)
	}
	l.add(load{Counts: b.counts, bytes: int64(len(b.body)), waits: []time.Duration{time.Since(start)}})
	return nil
}
