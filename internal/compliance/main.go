// Command compliance is the adapter through which the test harness of PostHog's SDKs
// drives the runtime: an HTTP service that makes a client, captures, flushes and tells
// what became of the events. It is written against the public runtime alone, as an
// application is, and shortens nothing: batching, retries and pauses are the runtime's.
//
//	PORT=8080 CAPTURE_MODE=v1 go run ./internal/compliance
//
// CAPTURE_MODE is the protocol of the process, v0 unless it says v1. Clients send only to
// hosts that are near, as the harness's mock of PostHog is: see newConfig.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

// shutdownTimeout is how long requests may go on after the signal to end.
const shutdownTimeout = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Getenv)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compliance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, getenv func(string) string) error {
	protocol, err := parseMode(getenv("CAPTURE_MODE"))
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", net.JoinHostPort("", cmp.Or(getenv("PORT"), "8080")))
	if err != nil {
		return fmt.Errorf("opening PORT: %w", err)
	}
	return serve(ctx, l, newAdapter(protocol))
}

func parseMode(mode string) (ph.Protocol, error) {
	switch mode {
	case "", "v0":
		return ph.V0, nil
	case "v1":
		return ph.V1, nil
	}
	return 0, fmt.Errorf("CAPTURE_MODE %q: use v0 or v1", mode)
}

// serve answers the harness until ctx ends. Then it cuts waiting flushes short, closes l
// and discards what the clients have queued.
func serve(ctx context.Context, l net.Listener, a *adapter) error {
	defer a.close()
	srv := &http.Server{
		Handler:           a.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }() // ends with the server
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err := srv.Shutdown(closing)
	if err != nil {
		err = errors.Join(err, srv.Close())
	}
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}
