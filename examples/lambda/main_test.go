package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Every call has delivered its events when it answers.
func TestRun(t *testing.T) {
	var stdout bytes.Buffer
	if err := run(t.Context(), &stdout); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
{"customer":"ann","cents":1250}: {"total":"$12.50"}
  PostHog has order placed of ann
{"customer":"bob","cents":-1}: an order has a price
  PostHog has order placed of ann
  PostHog has $exception of bob
{"customer":"cleo","cents":725}: {"total":"$7.25"}
  PostHog has order placed of ann
  PostHog has $exception of bob
  PostHog has order placed of cleo
`, "\n")
	if diff := cmp.Diff(want, stdout.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// newClient returns a client whose events go to received. In a test's bubble both live in
// virtual time.
func newClient(t *testing.T, received *sink.Sink) *ph.Client {
	client, err := ph.New(ph.Config{APIKey: "phc_test", Host: "http://posthog.localhost", Transport: received, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// While PostHog is down a call takes half a second more, and no more of the platform's time
// than it has; the next call delivers both.
func TestOutage(t *testing.T) {
	for _, test := range []struct {
		name    string
		timeout time.Duration
		want    time.Duration
	}{
		{"time enough", 3 * time.Second, maxFlush},
		{"200 ms left", 200 * time.Millisecond, 150 * time.Millisecond},
		{"no time left", 20 * time.Millisecond, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				received := sink.New(sink.Config{})
				defer received.Close()
				client := newClient(t, received)
				handle := Wrap(client, order)
				call := func() time.Duration {
					ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
					defer cancel()
					start := time.Now()
					if _, err := handle(ctx, Order{"ann", 100}); err != nil {
						t.Error(err)
					}
					return time.Since(start)
				}
				received.Down(503)
				if got := call(); got != test.want {
					t.Errorf("the call took %v, want %v", got, test.want)
				}
				received.Up()
				time.Sleep(time.Minute) // virtual: the pause after a failure is over
				call()
				if err := client.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if got := len(received.Events()); got != 2 {
					t.Errorf("PostHog has %d events, want 2", got)
				}
			})
		})
	}
}

// A panic goes on to the platform, which ends the process: by then it is delivered.
func TestPanic(t *testing.T) {
	received := sink.New(sink.Config{})
	defer received.Close()
	client := newClient(t, received)
	defer client.Close(t.Context())
	boom := errors.New("boom")
	handle := Wrap(client, func(context.Context, Order) (Receipt, error) { panic(boom) })
	func() {
		defer func() {
			if got := recover(); got != any(boom) {
				t.Errorf("recovered %v, want %v", got, boom)
			}
		}()
		_, _ = handle(t.Context(), Order{})
	}()
	if got := len(received.Events()); got != 1 {
		t.Errorf("PostHog has %d events, want the exception", got)
	}
}
