package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
)

// leave captures n events for a project that nobody takes, and returns their uuids.
func leave(t *testing.T, dir, apiKey string, n int) (ids []string) {
	t.Helper()
	c, err := ph.New(ph.Config{APIKey: apiKey, Host: "http://127.0.0.1:1", SpoolDir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx := ph.With(t.Context(), ph.UseClient(c), ph.User("u_1"))
	for i := range n {
		ids = append(ids, ph.Capture(ctx, fmt.Sprint("left ", i), nil).String())
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_ = c.Close(ended) // says that they stay on disk
	return ids
}

func TestReplay(t *testing.T) {
	dir := t.TempDir()
	want := leave(t, dir, "phc_mine", 3)
	leave(t, dir, "phc_theirs", 2)
	in := sink.New(sink.Config{})
	server := httptest.NewServer(in)
	defer server.Close()
	defer in.Close()
	t.Setenv("POSTHOG_HOST", server.URL)
	for _, c := range []struct {
		name, key      string
		down           bool
		status         int
		stdout, stderr string // beginning of the latter
	}{
		{"no key", "", false, exitUnable, "", "phgen: set POSTHOG_API_KEY"},
		{"another project", "phc_none", false, exitClean, "no event of this project waits\n", "5 events of other projects wait, too; their keys deliver them\n"},
		{"server away", "phc_mine", true, exitRemote, "delivered 0 events, lost 0, 3 still waiting\n", "2 events of other projects"},
		{"server back", "phc_mine", false, exitClean, "delivered 3 events, lost 0, 0 still waiting\n", "2 events of other projects"},
		{"nothing left", "phc_mine", false, exitClean, "no event of this project waits\n", "2 events of other projects"},
	} {
		t.Setenv("POSTHOG_API_KEY", c.key)
		if in.Up(); c.down {
			in.Down(503)
		}
		status, stdout, stderr := session(t, dir, "spool", "replay", "--timeout", map[bool]string{true: "300ms", false: "1m"}[c.down], dir)
		if status != c.status || stdout != c.stdout || !strings.HasPrefix(stderr, c.stderr) {
			t.Errorf("%s: status %d\n%s%s\nwant %d\n%s%s…", c.name, status, stdout, stderr, c.status, c.stdout, c.stderr)
		}
	}
	var got []string
	for _, e := range in.Events() {
		got = append(got, e.UUID)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("arrived (-got +want):\n%s", diff)
	}
}
