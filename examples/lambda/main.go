// Lambda shows how a function on a serverless platform captures events. Such a platform
// stops the process as soon as a call is answered, so each call delivers its events before
// it answers:
//
//	go run ./examples/lambda
//
// It imports no platform's library. On AWS the last line of main is
//
//	lambda.Start(Wrap(client, order))
//
// and what is shown here instead is a platform that makes three calls and looks, after
// each, at what PostHog got. Nothing of it needs an account.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "lambda:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, stdout io.Writer) error {
	received := sink.New(sink.Config{})
	defer received.Close()
	client, err := ph.New(ph.Config{APIKey: "phc_lambda", Host: "http://posthog.localhost", Transport: received})
	if err != nil {
		return err
	}
	handle := Wrap(client, order)
	for _, call := range []string{
		`{"customer":"ann","cents":1250}`,
		`{"customer":"bob","cents":-1}`,
		`{"customer":"cleo","cents":725}`,
	} {
		if err := invoke(ctx, stdout, handle, call); err != nil {
			return err
		}
		for _, e := range received.Events() {
			fmt.Fprintf(stdout, "  PostHog has %s of %s\n", e.Name, e.DistinctID)
		}
	}
	return client.Close(ctx) // on a platform nobody gets here
}

// invoke does what a platform does: it decodes the call, allows it three seconds, and
// encodes the answer.
func invoke(ctx context.Context, stdout io.Writer, handle func(context.Context, Order) (Receipt, error), call string) error {
	var in Order
	if err := json.Unmarshal([]byte(call), &in); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	out, err := handle(ctx, in)
	if err != nil {
		fmt.Fprintf(stdout, "%s: %v\n", call, err)
		return nil
	}
	answer, err := json.Marshal(out)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %s\n", call, answer)
	return nil
}

// An Order is what the function is called with.
type Order struct {
	Customer string `json:"customer"`
	Cents    int    `json:"cents"`
}

// A Receipt is what it answers.
type Receipt struct {
	Total string `json:"total"`
}

func order(ctx context.Context, in Order) (Receipt, error) {
	ph.SetUser(ctx, in.Customer)
	if in.Cents <= 0 {
		return Receipt{}, errors.New("an order has a price")
	}
	ph.Capture(ctx, "order placed", ph.Props{"cents": in.Cents})
	return Receipt{fmt.Sprintf("$%d.%02d", in.Cents/100, in.Cents%100)}, nil
}
