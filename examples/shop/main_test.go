package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/golden"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noProject keeps the environment of whoever runs the tests out of them.
func noProject(t *testing.T) {
	for _, key := range []string{"POSTHOG_API_KEY", "POSTHOG_HOST", "POSTHOG_SECRET_KEY", "POSTHOG_CAPTURE_MODE", "POSTHOG_FLAG_POLL_EVERY", "POSTHOG_DISABLED", "DO_NOT_TRACK"} {
		t.Setenv(key, "")
	}
}

// What differs from run to run, from edit to edit, and between compilers.
var volatile = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\d\d:\d\d:\d\d\.\d{3}`), "hh:mm:ss.mmm"},
	{regexp.MustCompile(`\.go:\d+`), ".go:N"},
	{regexp.MustCompile(`\.func\d+(\.\d+)* *`), ".func "},
}

func TestLocal(t *testing.T) {
	noProject(t)
	var stdout bytes.Buffer
	if err := run(t.Context(), &stdout); err != nil {
		t.Error(err)
	}
	got := stdout.String()
	for _, v := range volatile {
		got = v.pattern.ReplaceAllString(got, v.instead)
	}
	golden.Compare(t, filepath.Join("testdata", "local.txt"), got)
}

// With a project in the environment the same visits go there. It knows none of the flags, and so
// Ada has no preview.
func TestRemote(t *testing.T) {
	noProject(t)
	srv := phtest.NewServer(t)
	t.Setenv("POSTHOG_API_KEY", "phc_test")
	t.Setenv("POSTHOG_HOST", srv.URL)
	var stdout bytes.Buffer
	if err := run(t.Context(), &stdout); err != nil {
		t.Error(err)
	}
	if got, want := stdout.String(), "accepted 37, sent 37, lost 0, refused 0, plan violations 0\n"; got != want {
		t.Errorf("output: got %q, want %q", got, want)
	}
	if got := len(srv.Events()); got != 37 {
		t.Errorf("the server has %d events, want 37", got)
	}
}

func TestRefused(t *testing.T) {
	noProject(t)
	srv := phtest.NewServer(t)
	srv.Reply(400, phtest.Times(1000))
	t.Setenv("POSTHOG_API_KEY", "phc_test")
	t.Setenv("POSTHOG_HOST", srv.URL)
	err := run(t.Context(), &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "events were lost") {
		t.Errorf("got %v, want an error that counts lost events", err)
	}
}

// A program that is stopped says so, and leaves nothing behind.
func TestStopped(t *testing.T) {
	noProject(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := run(ctx, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// What arrives and was not expected fails the run.
func TestUnexpected(t *testing.T) {
	for name, test := range map[string]struct {
		events []sink.Event
		stats  ph.Stats
		want   string
	}{
		"nothing":   {want: `line 1 of the outline: got "", want "PERSON user_ada`},
		"a problem": {[]sink.Event{{Name: "e", Problems: []string{"n: missing"}}}, ph.Stats{Sent: 1}, "e: n: missing"},
		"too few":   {nil, ph.Stats{Sent: 1}, "1 events were sent and 0 arrived"},
		"bad time":  {[]sink.Event{{Name: "e", Timestamp: "now"}}, ph.Stats{Sent: 1}, `e: parsing time "now"`},
		"no list":   {[]sink.Event{{Name: "$exception", DistinctID: "u"}}, ph.Stats{Sent: 1}, "line 1 of the outline"},
	} {
		t.Run(name, func(t *testing.T) {
			err := show(&bytes.Buffer{}, test.events, test.stats)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestComplaint(t *testing.T) {
	for _, stats := range []ph.Stats{{}, {Sent: 1, Lost: 1}, {Sent: 1, Refused: 1}, {Sent: 1, Violations: 1}} {
		if complaint(stats) == nil {
			t.Errorf("no complaint about %+v", stats)
		}
	}
	if err := complaint(ph.Stats{Sent: 1}); err != nil {
		t.Errorf("got %v, want no complaint", err)
	}
}
