//go:build linux

// Command deliver measures the runtime from the call site to the wire: it captures
// events of 20 properties as fast as the client takes them, delivers them to a sink in
// a process of its own on loopback, and prints events a second, the client's own CPU
// time and its peak memory. It needs Linux.
//
//	go run ./internal/bench/deliver -n 500000 -compress gzip -delay 200ms
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/phgen/phgen/internal/bench/loopback"
	ph "github.com/phgen/phgen/runtime"
)

var codecs = map[string]ph.Compression{"none": ph.NoCompression, "gzip": ph.Gzip, "zstd": ph.Zstd, "deflate": ph.Deflate}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "deliver:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) == 3 && os.Args[1] == "sink" {
		delay, err := time.ParseDuration(os.Args[2])
		if err != nil {
			return err
		}
		return loopback.ServeSink(delay, false)
	}
	n := flag.Int("n", 500_000, "events to capture")
	codec := flag.String("compress", "none", "none, gzip, zstd or deflate; the last two need -v1")
	v1 := flag.Bool("v1", false, "speak the protocol with an answer for each event")
	spool := flag.String("spool", "", "keep events in this folder until they are delivered")
	delay := flag.Duration("delay", 0, "time the sink takes to answer")
	batch := flag.Int("batch", 100, "Config.BatchSize")
	producers := flag.Int("producers", 1, "goroutines that capture")
	callback := flag.String("callback", "none", "what Config.OnDelivered does: none, returns or blocks")
	rate := flag.Int("rate", 0, "events a second to capture, so few that no backlog makes requests larger than -batch; 0: as many as the client takes")
	flag.Parse()

	url, stop, err := loopback.Start("sink", delay.String())
	if err != nil {
		return err
	}
	defer stop()
	cfg := ph.Config{APIKey: "phc_bench", Host: url, BatchSize: *batch, OnFull: ph.Block, SpoolDir: *spool}
	var known bool
	if cfg.Compression, known = codecs[*codec]; !known {
		return fmt.Errorf("-compress %q: %w", *codec, errors.ErrUnsupported)
	}
	if *v1 {
		cfg.Protocol = ph.V1
	}
	release := make(chan struct{})
	switch *callback {
	case "none":
	case "returns":
		cfg.OnDelivered = func(ph.Delivered) {}
	case "blocks":
		cfg.OnDelivered = func(ph.Delivered) { <-release }
	default:
		return fmt.Errorf("-callback %q: %w", *callback, errors.ErrUnsupported)
	}
	client, err := ph.New(cfg)
	if err != nil {
		return err
	}
	start := time.Now()
	capture(client, *n, *producers, *rate)
	if err := client.Flush(context.Background()); err != nil {
		return err
	}
	close(release) // so that what follows is the delivery's time, not Close's patience with a callback
	if err := client.Close(context.Background()); err != nil {
		return err
	}
	took := time.Since(start)
	cpu, err := loopback.CPUTime()
	if err != nil {
		return err
	}
	_, peak, err := loopback.Memory()
	if err != nil {
		return err
	}
	got, err := loopback.Received(url)
	if err != nil {
		return err
	}
	stats := client.Stats()
	fmt.Printf("%9.0f events/s  %5.2f CPU s/M  %d kB peak  %d lost  %d requests  %d connections  %d B/event\n",
		float64(*n)/took.Seconds(), cpu.Seconds()/float64(*n)*1e6, peak/1024,
		uint64(*n)-stats.Sent, got.Requests, got.Conns, got.Bytes/int64(*n))
	return nil
}

// burst is how many events a producer captures between two looks at the clock.
const burst = 100

// capture makes producers capture n events altogether, and not more than rate a second
// if rate is not 0.
func capture(client *ph.Client, n, producers, rate int) {
	ctx := ph.With(context.Background(), ph.UseClient(client), ph.User("user_1234567890"))
	start := time.Now()
	var wg sync.WaitGroup
	for p := range producers {
		wg.Go(func() {
			for i := p; i < n; i += producers {
				if rate > 0 && i/producers%burst == 0 {
					time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(rate))))
				}
				sample(i).Capture(ctx)
			}
		})
	}
	wg.Wait()
}
