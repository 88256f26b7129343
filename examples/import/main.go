// Import sends the history of a shop, one event for each order, to PostHog:
//
//	go run ./examples/import examples/import/orders.csv
//	go run ./examples/import -n 100000
//
// It reads a file like that one, which is also what it reads without a name, or makes up
// n orders. Each event
// has the time of its order and a UUID made of the order's ID, so that an import which
// broke off is simply run again: PostHog folds what it has already. The exit status is 0
// only if every order arrived.
//
// It needs no account: the events go over HTTP to an endpoint inside the program. With
// POSTHOG_API_KEY set, and POSTHOG_HOST, they go to that project instead.
package main

import (
	"bytes"
	"context"
	_ "embed" // for sample
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
)

//go:embed orders.csv
var sample []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "import:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: import [-n ORDERS | FILE]")
		flags.PrintDefaults()
	}
	n := flags.Int("n", 0, "make up so many `orders` instead of reading a file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *n < 0 || flags.NArg() > 1 || *n > 0 && flags.NArg() > 0 {
		flags.Usage()
		return errors.New("give a number of orders, or one file")
	}
	orders := readOrders("orders.csv", bytes.NewReader(sample))
	switch {
	case *n > 0:
		orders = madeUp(*n)
	case flags.NArg() == 1:
		file, err := os.Open(flags.Arg(0))
		if err != nil {
			return err
		}
		defer file.Close()
		orders = readOrders(flags.Arg(0), file)
	}
	cfg, err := ph.ConfigFromEnv()
	if err != nil {
		return err
	}
	if cfg.APIKey == "" {
		return runLocal(ctx, cfg, orders, stdout, stderr)
	}
	_, err = importOrders(ctx, cfg, orders, stdout, stderr)
	return err
}

// runLocal imports to an endpoint of its own, and asks it what came.
func runLocal(ctx context.Context, cfg ph.Config, orders iter.Seq2[order, error], stdout, stderr io.Writer) error {
	received := sink.New(sink.Config{})
	defer received.Close()
	host, stop, err := serve(received)
	if err != nil {
		return err
	}
	defer stop()
	cfg.APIKey, cfg.Host = "phc_import", host
	stats, err := importOrders(ctx, cfg, orders, stdout, stderr)
	if arrived := received.Counters().Events; err == nil && arrived != stats.Sent {
		err = fmt.Errorf("%d events were sent and %d arrived", stats.Sent, arrived)
	}
	return err
}

// serve runs the endpoint on a free port of this machine.
func serve(h http.Handler) (host string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() { // ends when stop closes the server
		defer close(done)
		_ = srv.Serve(l) // its error says that stop was called
	}()
	stop = func() {
		_ = srv.Close() // of the listener, which nobody needs any more
		<-done
	}
	return "http://" + l.Addr().String(), stop, nil
}
