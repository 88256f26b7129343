// Quickstart sends every event of examples/tracking-plan.yaml through the code that
// phgen generated from it, and shows what PostHog would have received:
//
//	go run ./examples/quickstart
//
// It needs no account: the events go over HTTP to an endpoint inside the program.
// With POSTHOG_API_KEY and POSTHOG_HOST set they go to that project instead.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/phgen/phgen/examples"
	"github.com/phgen/phgen/internal/judge"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/schema"
)

const deadline = 15 * time.Second

// piiKey is a secret in a real service, and the same in all its services.
const piiKey = "a secret of 16 bytes or more"

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := run(ctx, os.Stdout, os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run sends the events to PostHog if the environment names a project, and
// otherwise to an endpoint of its own.
func run(ctx context.Context, stdout io.Writer, getenv func(string) string) error {
	if getenv("POSTHOG_API_KEY") != "" && getenv("POSTHOG_HOST") != "" {
		return runRemote(ctx, stdout)
	}
	return runLocal(ctx, stdout)
}

func runRemote(ctx context.Context, stdout io.Writer) error {
	config, err := ph.ConfigFromEnv()
	if err != nil {
		return err
	}
	stats, err := deliver(ctx, config)
	fmt.Fprintf(stdout, "accepted %d, sent %d, lost %d, refused %d, plan violations %d\n",
		stats.Accepted, stats.Sent, stats.Lost, stats.Refused, stats.Violations)
	return errors.Join(err, complaint(stats, 0))
}

func runLocal(ctx context.Context, stdout io.Writer) error {
	plan, found := schema.Parse("examples/tracking-plan.yaml", examples.Plan)
	if plan == nil {
		return fmt.Errorf("reading the plan: %v", found)
	}
	planJudge := judge.New(plan)
	received := sink.New(sink.Config{
		APIKey: "phc_quickstart",
		Judge: func(e sink.Event) []string {
			v := planJudge.Judge(e.Name, e.Properties)
			if v.Unplanned {
				return []string{"not in the plan"}
			}
			var problems []string
			for _, p := range v.Problems {
				problems = append(problems, p.String())
			}
			return problems
		},
	})
	defer received.Close()
	host, stop, err := serve(received)
	if err != nil {
		return err
	}
	defer stop()
	stats, err := deliver(ctx, ph.Config{APIKey: "phc_quickstart", Host: host})
	events := received.Events()
	// Events of models have an address of their own. Which of the two requests comes first is a matter
	// of chance.
	slices.SortStableFunc(events, func(a, b sink.Event) int { return cmp.Compare(a.Path, b.Path) })
	findings, printErr := printTable(stdout, events)
	fmt.Fprintf(stdout, "\ndelivered %d events, lost %d, plan violations %d\n",
		len(events), stats.Lost, int(stats.Violations)+findings)
	if sent := int(stats.Sent); sent != len(events) {
		err = errors.Join(err, fmt.Errorf("%d events were sent and %d arrived", sent, len(events)))
	}
	return errors.Join(err, printErr, complaint(stats, findings))
}

// serve runs the endpoint on a free port of this machine.
func serve(h http.Handler) (host string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{Handler: h}
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

// deliver captures the events with a client of config and returns what became
// of them.
func deliver(ctx context.Context, config ph.Config) (ph.Stats, error) {
	config.PIIKey = []byte(piiKey)
	client, err := ph.New(config)
	if err != nil {
		return ph.Stats{}, err
	}
	capture(ph.With(ctx, ph.UseClient(client)))
	err = client.Close(ctx)
	return client.Stats(), err
}

// complaint says what went wrong; nil if every event arrived and fits the plan.
func complaint(stats ph.Stats, findings int) error {
	switch {
	case stats.Refused > 0:
		return fmt.Errorf("%d events were refused: %v", stats.Refused, stats.RefusedBy)
	case stats.Lost > 0:
		return fmt.Errorf("%d events were lost: %v", stats.Lost, stats.LostBy)
	case stats.Violations > 0 || findings > 0:
		return errors.New("the plan was violated")
	case stats.Sent == 0:
		return errors.New("nothing was sent")
	}
	return nil
}
