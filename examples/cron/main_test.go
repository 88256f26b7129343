package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var day = time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)

// noProject keeps the environment of whoever runs the tests out of them.
func noProject(t *testing.T) {
	for _, key := range []string{"POSTHOG_API_KEY", "POSTHOG_HOST", "POSTHOG_CAPTURE_MODE", "POSTHOG_DISABLED", "DO_NOT_TRACK"} {
		t.Setenv(key, "")
	}
}

func TestLocal(t *testing.T) {
	noProject(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "2026-03-31: sent 2 events, lost 0\n"},
		{[]string{"-day", "2026-04-02"}, "2026-04-02: sent 1 events, lost 0\n"},
	} {
		var stdout, stderr bytes.Buffer
		if err := run(t.Context(), test.args, &stdout, &stderr); err != nil {
			t.Errorf("%q: %v", test.args, err)
		}
		if got := stdout.String(); got != test.want {
			t.Errorf("%q: got %q, want %q", test.args, got, test.want)
		}
	}
}

func TestWrongDay(t *testing.T) {
	noProject(t)
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), []string{"-day", "31.3.2026"}, &stdout, &stderr); err == nil {
		t.Error("got no error, want one about the day")
	}
}

// config returns that of a client whose events go to received.
func config(received *sink.Sink) ph.Config {
	return ph.Config{APIKey: "phc_test", Host: "http://posthog.localhost", Transport: received, Logger: slog.New(slog.DiscardHandler)}
}

// A night that is run twice sends the same events, which PostHog folds.
func TestTwice(t *testing.T) {
	received := sink.New(sink.Config{})
	defer received.Close()
	for range 2 {
		if _, err := night(t.Context(), config(received), day, accounts); err != nil {
			t.Fatal(err)
		}
	}
	events := received.Events()
	if len(events) != 4 {
		t.Fatalf("got %d events, want 4", len(events))
	}
	for i := range 2 {
		first, again := events[i], events[i+2]
		if first.UUID != again.UUID || first.Timestamp != again.Timestamp || first.DistinctID != again.DistinctID {
			t.Errorf("event %d: got %s, then %s", i, first.Raw, again.Raw)
		}
	}
}

// A failing job is captured, delivered, and told.
func TestFailure(t *testing.T) {
	received := sink.New(sink.Config{})
	defer received.Close()
	broken := []account{{"acme", "ann", "2026-03-31"}, {"bolt", "bob", "tomorrow"}}
	stats, err := night(t.Context(), config(received), day, broken)
	if parse := (*time.ParseError)(nil); !errors.As(err, &parse) {
		t.Errorf("got error %v, want one of package time", err)
	}
	if stats.Sent != 2 {
		t.Errorf("sent %d events, want 2", stats.Sent)
	}
	var names []string
	for _, e := range received.Events() {
		names = append(names, e.Name)
		if e.Name == "$exception" && !strings.Contains(string(e.Raw), `"job":"end-trials"`) {
			t.Errorf("the exception does not say which job it was: %s", e.Raw)
		}
	}
	if diff := cmp.Diff([]string{"trial ended", "$exception"}, names); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// A night on which PostHog is down fails, and can be run again.
func TestOutage(t *testing.T) {
	received := sink.New(sink.Config{})
	defer received.Close()
	cfg := config(received)
	cfg.MaxRetries = -1
	received.Down(503)
	stats, err := night(t.Context(), cfg, day, accounts)
	if lost := (*ph.UndeliveredError)(nil); !errors.As(err, &lost) || lost.Events != 2 {
		t.Errorf("got error %v, want one about 2 events", err)
	}
	if stats.Lost != 2 {
		t.Errorf("lost %d events, want 2", stats.Lost)
	}
	received.Up()
	if _, err := night(t.Context(), cfg, day, accounts); err != nil {
		t.Error(err)
	}
	if got := len(received.Events()); got != 2 {
		t.Errorf("got %d events after the second attempt, want 2", got)
	}
}
