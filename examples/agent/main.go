// Agent answers a support ticket with a language model that calls tools, and makes embeddings of
// articles:
//
//	go run ./examples/agent
//
// It says nothing of PostHog where it talks to models: phai.Transport captures every call that
// passes through its HTTP client, streams included, in the trace and for the AI feature of the
// context. The plan says privacy: redact, so nothing that a customer, a tool or a model says is
// sent.
//
// It needs no account: models and PostHog are a part of the program, which fails unless PostHog got
// the expected events and none of the words.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/phgen/phgen/examples/generated/ai"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phai"
)

const (
	deadline = 15 * time.Second
	modelKey = "sk-agent" // what the models want to see
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1)
	}
}

// run does the work, and compares what PostHog got with what was to be expected.
func run(ctx context.Context, stdout io.Writer) error {
	models, stop, err := serve(newModels())
	if err != nil {
		return err
	}
	defer stop()
	got, err := visit(ctx, stdout, models)
	for _, line := range got {
		fmt.Fprintln(stdout, line)
	}
	return errors.Join(err, complaint(got))
}

// visit does the work with the models at an address, and returns what PostHog got.
func visit(ctx context.Context, stdout io.Writer, models string) ([]string, error) {
	posthog := newPostHog()
	defer posthog.Close()
	client, err := ph.New(ph.Config{
		APIKey: "phc_agent", Host: "http://posthog.localhost", Transport: posthog, Compression: ph.NoCompression,
	})
	if err != nil {
		return nil, err
	}
	err = work(ph.With(ctx, ph.UseClient(client)), stdout, models)
	err = errors.Join(err, client.Close(ctx), posthog.overheard())
	return posthog.lines(), err
}

// work answers one ticket and indexes some articles.
func work(ctx context.Context, stdout io.Writer, models string) error {
	base := new(http.Transport)
	defer base.CloseIdleConnections()
	llm := &llm{url: models, http: &http.Client{Transport: phai.Transport(base)}}

	answer, err := answerTicket(ph.With(ctx, ph.User("agent_ada")), llm, "ticket_7", question)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "the answer has %d characters\n", len(answer))
	vectors, err := index(ctx, llm, articles)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d articles are indexed\n\n", len(vectors))
	return nil
}

// answerTicket is one trace: what it calls is captured as a part of it.
func answerTicket(ctx context.Context, llm *llm, id, question string) (answer string, err error) {
	ctx, trace := phai.Trace(ctx, "answer ticket", phai.WithFeature(ai.TicketSummary(id)))
	defer func() { trace.End(err) }()
	trace.Input(question)
	answer, err = converse(ctx, llm, question)
	trace.Output(answer)
	return answer, err
}

// serve runs h on a free port of this machine.
func serve(h http.Handler) (url string, stop func(), err error) {
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
