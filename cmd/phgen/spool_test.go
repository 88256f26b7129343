package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/spool"
)

const laneDir = "0123456789abcdef-v1"

// fill appends n events to a lane of dir and returns its open Spool.
func fill(t *testing.T, dir string, n int) *spool.Spool {
	t.Helper()
	s, err := spool.Open(spool.Config{Dir: filepath.Join(dir, laneDir)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for i := range n {
		e := spool.Event{UUID: [16]byte{byte(i)}, Name: "signed up", At: time.Date(2026, 3, 1, 12, i, 0, 0, time.UTC), Data: []byte(`{"event":"signed up"}`)}
		if _, err := s.Append([]spool.Event{e}, true); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// session runs phgen and returns its exit status and what it printed, with what differs
// from run to run replaced.
func session(t *testing.T, dir string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, talk strings.Builder
	root := newRoot()
	root.SetOut(&out)
	root.SetErr(&talk)
	status = run(root, args)
	clean := func(s string) string {
		s = strings.ReplaceAll(s, filepath.ToSlash(dir), "DIR")
		s = strings.ReplaceAll(s, dir, "DIR")
		s = regexp.MustCompile(`[0-9a-f]{16}-\d+-[0-9a-f]{16}`).ReplaceAllString(s, "LOG")
		s = regexp.MustCompile(`("pid": |; process |abandoned +)`+fmt.Sprint(os.Getpid())+`\b`).ReplaceAllString(s, "${1}PID")
		return regexp.MustCompile(`\d+(-\d+)*T[0-9:.]+Z`).ReplaceAllStringFunc(s, func(at string) string {
			if strings.HasPrefix(at, "2026-03-01") {
				return at
			}
			return "NOW"
		})
	}
	return status, clean(out.String()), clean(talk.String())
}

func TestSpoolCommand(t *testing.T) {
	dir := t.TempDir()
	if err := fill(t, dir, 3).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, laneDir, "x.bad"), []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		args   []string
		status int
		stdout string
		stderr string
	}{
		{"inspect", []string{"inspect", dir}, 0, `project 0123456789abcdef, lane v1
  log  state  written by  segments  bytes  events  damaged  oldest
  LOG  abandoned  PID  1  262  3  0  2026-03-01T12:00:00Z
  set aside: x.bad
`, ""},
		{"inspect as JSON", []string{"inspect", dir, "--format", "json"}, 0, `{
  "version": 1,
  "lanes": [
    {
      "project": "0123456789abcdef",
      "lane": "v1",
      "logs": [
        {
          "name": "LOG",
          "state": "abandoned",
          "pid": PID,
          "created": "NOW",
          "segments": 1,
          "bytes": 262,
          "events": 3,
          "damaged": 0,
          "oldest": "2026-03-01T12:00:00Z"
        }
      ],
      "setAside": [
        "x.bad"
      ]
    }
  ]
}
`, ""},
		{"purge", []string{"purge", dir}, 2, "", "phgen: 3 events of 1 abandoned log and 1 segment set aside would be lost; add --yes to remove them\n"},
		{"purge --yes", []string{"purge", "--yes", dir}, 0, "", "DIR: removed 3 events of 1 log and 1 segment set aside\n"},
		{"purge --yes again", []string{"purge", "--yes", dir}, 0, "", "DIR: removed 0 events of 0 logs and 0 segments set aside\n"},
	} {
		status, stdout, stderr := session(t, dir, append([]string{"spool"}, test.args...)...)
		if !strings.Contains(stdout, "{") {
			stdout = regexp.MustCompile(`(\S)  +`).ReplaceAllString(stdout, "$1  ") // widths follow names
		}
		if status != test.status {
			t.Errorf("%s: exit status %d, want %d", test.name, status, test.status)
		}
		if diff := cmp.Diff([]string{stdout, stderr}, []string{test.stdout, test.stderr}); diff != "" {
			t.Errorf("%s: output (-got +want):\n%s", test.name, diff)
		}
	}
}

// A log that a process uses is shown and never removed.
func TestSpoolCommandLive(t *testing.T) {
	dir := t.TempDir()
	s := fill(t, dir, 2)
	_, stdout, _ := session(t, dir, "spool", "inspect", dir, "--format=json")
	var got struct{ Lanes []lane }
	if err := json.Unmarshal([]byte(strings.ReplaceAll(strings.ReplaceAll(stdout, "PID", "1"), "NOW", "2026-03-01T12:00:00Z")), &got); err != nil {
		t.Fatal(err)
	}
	if log := got.Lanes[0].Logs[0]; log.State != "live" || log.Events != 2 {
		t.Errorf("%+v, want a live log of 2 events", log)
	}
	status, _, stderr := session(t, dir, "spool", "purge", dir, "--yes")
	want := "DIR: removed 0 events of 0 logs and 0 segments set aside\n" +
		"phgen: " + filepath.Join("DIR", laneDir, "LOG") + ": in use by a running process; process PID wrote it\n"
	if status != 2 || stderr != want {
		t.Errorf("exit status %d, %q; want 2, %q", status, stderr, want)
	}
	var c spool.Chunk
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = fill(t, dir, 0)
	if _, err := s.Next(&c, 10, 1000); err != nil || len(c.Events) != 2 {
		t.Errorf("%d events are left, %v; want 2", len(c.Events), err)
	}
}
