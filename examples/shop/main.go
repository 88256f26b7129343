// Shop is a small web shop and its customers:
//
//	go run ./examples/shop
//
// It serves the shop on loopback, has people visit it over HTTP as their browsers would, and
// shows what PostHog got to know: what each of them did, what went wrong and where, and the
// groups. People come unknown and log in later, a handler panics, an order can not be shipped,
// and somebody claims to be somebody else. The exit status is 0 only if exactly what was
// expected has arrived.
//
// What a shop of your own may take from it: server.go has the middleware, account.go what
// happens when somebody logs in, and jobs.go the work behind the requests.
//
// It needs no account: the events go over HTTP to an endpoint inside the program. With
// POSTHOG_API_KEY and POSTHOG_HOST set they go to that project instead, and only counts are
// printed.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/phgen/phgen/examples"
	"github.com/phgen/phgen/internal/judge"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/schema"
)

const deadline = time.Minute

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	err := run(ctx, os.Stdout)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// run opens the shop, lets everybody visit it and shows what came of it.
func run(ctx context.Context, stdout io.Writer) error {
	cfg, err := ph.ConfigFromEnv()
	if err != nil {
		return err
	}
	if cfg.APIKey != "" && cfg.Host != "" {
		stats, err := operate(ctx, cfg, visitAll)
		fmt.Fprintf(stdout, "accepted %d, sent %d, lost %d, refused %d, plan violations %d\n",
			stats.Accepted, stats.Sent, stats.Lost, stats.Refused, stats.Violations)
		return errors.Join(err, complaint(stats))
	}
	return runLocal(ctx, stdout)
}

// runLocal has the events sent to an endpoint of its own, and checks what arrives.
func runLocal(ctx context.Context, stdout io.Writer) error {
	byPlan, err := planJudge()
	if err != nil {
		return err
	}
	received := sink.New(sink.Config{APIKey: "phc_shop", Judge: byPlan})
	defer received.Close()
	setFlags(received)
	posthog, err := listen(context.WithoutCancel(ctx), received)
	if err != nil {
		return err
	}
	stats, err := operate(ctx, ph.Config{APIKey: "phc_shop", Host: posthog.url}, visitAll)
	if err = errors.Join(err, posthog.close()); err != nil {
		return err
	}
	return errors.Join(show(stdout, received.Events(), stats), complaint(stats))
}

// show prints what arrived, and says whether it is what was expected.
func show(w io.Writer, events []sink.Event, stats ph.Stats) error {
	r := newReport(events)
	var b bytes.Buffer
	r.print(&b)
	fmt.Fprintf(&b, "\ndelivered %d events, lost %d, plan violations %d\n",
		len(events), stats.Lost, int(stats.Violations)+len(r.problems))
	_, err := b.WriteTo(w)
	if sent := int(stats.Sent); sent != len(events) {
		err = errors.Join(err, fmt.Errorf("%d events were sent and %d arrived", sent, len(events)))
	}
	return errors.Join(err, r.check())
}

// planJudge returns what compares events with the plan. Events that are in no plan are fine.
func planJudge() (func(sink.Event) []string, error) {
	plan, found := schema.Parse("examples/tracking-plan.yaml", examples.Plan)
	if plan == nil {
		return nil, fmt.Errorf("reading the plan: %v", found)
	}
	j := judge.New(plan)
	return func(e sink.Event) (problems []string) {
		for _, p := range j.Judge(e.Name, e.Properties).Problems {
			problems = append(problems, p.String())
		}
		return problems
	}, nil
}

// setFlags sets the flags of the plan: only Ada sees what is new.
func setFlags(s *sink.Sink) {
	const ada = "user_ada"
	s.SetFlag(sink.Flag{Key: "beta-banner", Reason: "no_condition_match", Condition: -1, ID: 1, Version: 1})
	s.SetFlag(sink.Flag{Key: "beta-banner", Enabled: true, Reason: "condition_match", ID: 1, Version: 1}, ada)
	payload := []byte(`"{\"max_items\":5}"`)
	s.SetFlag(sink.Flag{Key: "new-checkout", Enabled: true, Variant: "control", Payload: payload, Reason: "condition_match", ID: 2, Version: 1})
	s.SetFlag(sink.Flag{Key: "new-checkout", Enabled: true, Variant: "one-page", Payload: payload, Reason: "condition_match", ID: 2, Version: 1}, ada)
}

// complaint says what became of events that were not delivered, or break the plan.
func complaint(stats ph.Stats) error {
	switch {
	case stats.Refused > 0:
		return fmt.Errorf("%d events were refused: %v", stats.Refused, stats.RefusedBy)
	case stats.Lost > 0:
		return fmt.Errorf("%d events were lost: %v", stats.Lost, stats.LostBy)
	case stats.Violations > 0:
		return errors.New("the plan was violated")
	case stats.Sent == 0:
		return errors.New("nothing was sent")
	}
	return nil
}
