//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

const (
	producers = 4
	burst     = 50              // events that a producer captures between two looks at the clock
	patience  = 2 * time.Minute // for what is left at the end
)

// config is the client that is tried. Its timeout is short, so that a server that never
// answers costs one turn and not three.
func (o options) config(url string) ph.Config {
	return ph.Config{
		APIKey:         "phc_soak",
		Host:           url,
		OnFull:         o.onFull,
		SpoolDir:       o.spool,
		SpoolBytes:     1 << 30,
		RequestTimeout: time.Second,
		Logger:         slog.New(slog.NewTextHandler(io.Discard, nil)), // the ledger says it all
	}
}

// soak captures events for o.length, or until ctx ends, and returns what was wrong.
func soak(ctx context.Context, o options, url string) error {
	goroutines := runtime.NumGoroutine()
	client, err := ph.New(o.config(url))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.length)
	defer cancel()
	l := &ledger{client: client, url: url, onFull: o.onFull, start: time.Now()}
	watched := make(chan struct{})
	produced := make(chan struct{})
	go func() {
		defer close(watched)
		l.watch(produced)
	}()
	l.produce(ctx, o.rate)
	close(produced)
	<-watched

	closing, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := client.Close(closing); err != nil {
		l.wrong("closing: %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
	if left := settle(goroutines); left > goroutines {
		l.wrong("%d goroutines before the client was made, %d after it was closed", goroutines, left)
	}
	return l.conclude()
}

// settle returns the number of goroutines once it is down to want, or after a second.
func settle(want int) int {
	end := time.Now().Add(time.Second)
	for runtime.NumGoroutine() > want && time.Now().Before(end) {
		time.Sleep(10 * time.Millisecond)
	}
	return runtime.NumGoroutine()
}

// counts is what the producers know of their events.
type counts struct{ accepted, refused atomic.Uint64 }

// produce captures rate events a second until ctx ends.
func (l *ledger) produce(ctx context.Context, rate int) {
	var wg sync.WaitGroup
	for p := range uint64(producers) {
		wg.Go(func() {
			n := p // of the next event; producers take turns
			start := time.Now()
			interval := float64(time.Second) * producers / float64(rate)
			for tried := 0; ctx.Err() == nil; tried++ {
				if tried%burst == 0 {
					pause(ctx, time.Until(start.Add(time.Duration(float64(tried)*interval))))
				}
				if l.capture(n) {
					n += producers
				}
			}
		})
	}
	wg.Wait()
}

// capture captures the n-th event and reports whether it was accepted. It does not end
// with the run: with Block an event waits until there is room.
func (l *ledger) capture(n uint64) bool {
	ctx := ph.With(context.Background(), ph.UseClient(l.client))
	_, err := ph.TryCapture(ctx, "soaked", ph.Props{
		"n":     n,
		"text":  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
		"half":  float64(n) / 2,
		"even":  n%2 == 0,
		"batch": n / 100,
	}, ph.As("user_1234567890"), ph.ID(eventID(n)))
	switch {
	case err == nil:
		l.accepted.Add(1)
	case errors.Is(err, ph.ErrQueueFull):
		l.refused.Add(1)
	default:
		l.refused.Add(1)
		l.wrong("capturing event %d: %v", n, err)
	}
	return err == nil
}

// pause waits for d or for the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// wrong notes what must not be, the first few times.
func (l *ledger) wrong(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.violations++
	if l.violations <= maxShown {
		fmt.Printf("WRONG after %v: %s\n", time.Since(l.start).Round(time.Second), fmt.Sprintf(format, args...))
	}
}
