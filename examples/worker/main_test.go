package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noProject keeps the environment of whoever runs the tests out of them.
func noProject(t *testing.T) {
	for _, key := range []string{"POSTHOG_API_KEY", "POSTHOG_HOST", "POSTHOG_CAPTURE_MODE", "POSTHOG_DISABLED", "DO_NOT_TRACK"} {
		t.Setenv(key, "")
	}
}

func TestLocal(t *testing.T) {
	noProject(t)
	var stdout bytes.Buffer
	if err := run(t.Context(), &stdout); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
4 jobs are done, 2 failed
j1  ann   order charged
j2  bob   $exception
          *main.declinedError: charging order j2: the card was declined: over the limit
          *main.declinedError: the card was declined: over the limit
j3  cleo  $exception
          runtime.errorString: runtime error: invalid memory address or nil pointer dereference
j4  ann   order charged
`, "\n")
	if diff := cmp.Diff(want, stdout.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// With a project in the environment the same events go there.
func TestRemote(t *testing.T) {
	noProject(t)
	srv := phtest.NewServer(t)
	t.Setenv("POSTHOG_API_KEY", "phc_test")
	t.Setenv("POSTHOG_HOST", srv.URL)
	var stdout bytes.Buffer
	if err := run(t.Context(), &stdout); err != nil {
		t.Fatal(err)
	}
	if got, want := stdout.String(), "4 jobs are done, 2 failed\n"; got != want {
		t.Errorf("output: got %q, want %q", got, want)
	}
	if got := len(srv.Events()); got != 4 {
		t.Errorf("the server has %d events, want 4", got)
	}
}

// An interrupt ends the queue, not what was begun.
func TestInterrupt(t *testing.T) {
	noProject(t)
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	jobs := make(chan job, 1)
	jobs <- job{id: "j9", user: "ann", refund: &refund{}}
	close(jobs)
	rec := phtest.New(t)
	done, failed := workOff(inClient(ctx, rec), jobs)
	if done != 1 || failed != 0 {
		t.Errorf("got %d jobs done and %d failed, want 1 and 0", done, failed)
	}
	if got := len(rec.Events()); got != 1 {
		t.Errorf("got %d events, want 1", got)
	}
}

func inClient(ctx context.Context, rec *phtest.Recorder) context.Context {
	return ph.With(ctx, ph.UseClient(rec.Client()))
}
