package main

import (
	"bytes"
	"errors"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestRun(t *testing.T) {
	tests := []struct {
		name       string
		run        func() error
		wantStatus int
		wantStderr string // its beginning
	}{
		{"success", func() error { return nil }, 0, ""},
		{"findings", func() error { return errFindings }, 1, ""},
		{"any error", func() error { return errors.New("disk full") }, 2, "phgen: disk full\n"},
		{"error with an escape sequence", func() error { return errors.New("open \x1b[2J") }, 2, `phgen: open \x1b[2J` + "\n"},
		{"out of date", func() error { return errOutOfDate }, 3, ""},
		{"bug", func() error { return bugError{errors.New("printing x.go")} }, 70, "phgen: bug: printing x.go\n\nPlease report this at https://github.com/phgen/phgen/issues"},
		{"panic", func() error { panic("no such kind") }, 70, "phgen: bug: no such kind\n\ngoroutine "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			root := newRoot()
			root.SetOut(&stdout)
			root.SetErr(&stderr)
			root.AddCommand(&cobra.Command{Use: "try", RunE: func(*cobra.Command, []string) error { return tt.run() }})
			if got := run(root, []string{"try"}); got != tt.wantStatus {
				t.Errorf("exit status %d, want %d", got, tt.wantStatus)
			}
			got := stderr.String()
			if !strings.HasPrefix(got, tt.wantStderr) || tt.wantStderr == "" && got != "" {
				t.Errorf("stderr %q, want %q", got, tt.wantStderr)
			}
			if tt.wantStatus == exitBug && !strings.Contains(got, "Please report this") {
				t.Errorf("stderr %q does not say how to report a bug", got)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout %q, want nothing", &stdout)
			}
		})
	}
}

func TestVersionLine(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	tests := []struct {
		name  string
		build *debug.BuildInfo
		want  string
	}{
		{"no build information", nil, "phgen (devel)"},
		{"no version control", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "phgen (devel)"},
		{"release", &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "phgen v1.2.3"},
		{"checkout", &debug.BuildInfo{
			Main:     debug.Module{Version: "v1.2.4-0.20260102030405-0123456789ab"},
			Settings: []debug.BuildSetting{setting("vcs.revision", "0123456789abcdef"), setting("vcs.modified", "false")},
		}, "phgen v1.2.4-0.20260102030405-0123456789ab (commit 0123456789abcdef)"},
		{"edited checkout", &debug.BuildInfo{
			Settings: []debug.BuildSetting{setting("vcs.modified", "true"), setting("vcs.revision", "0123")},
		}, "phgen (devel) (commit 0123, modified)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := versionLine(tt.build); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
