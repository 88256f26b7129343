package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	tests := []struct {
		name string
		work time.Duration
		want string
	}{
		{"quick work", 999 * time.Millisecond, ""},
		{"slow work", 1500 * time.Millisecond, "\r\x1b[Kphgen: reading a\\x1b.yaml (1 s)\r\x1b[K"},
		{"slower work", 2500 * time.Millisecond, "\r\x1b[Kphgen: reading a\\x1b.yaml (1 s)\r\x1b[Kphgen: reading a\\x1b.yaml (2 s)\r\x1b[K"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var terminal bytes.Buffer
				stop := showProgress(&terminal, "reading a\x1b.yaml")
				time.Sleep(tt.work)
				stop()
				stop()
				if got := terminal.String(); got != tt.want {
					t.Errorf("got  %q\nwant %q", got, tt.want)
				}
				time.Sleep(time.Minute) // nothing follows
				if got := terminal.String(); got != tt.want {
					t.Errorf("after stop %q", got)
				}
			})
		})
	}
}

// Whoever is no terminal is told nothing.
func TestProgressInPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pipe bytes.Buffer
		stop := progress(&pipe, "working")
		time.Sleep(time.Minute)
		stop()
		if pipe.Len() > 0 {
			t.Errorf("got %q, want nothing", &pipe)
		}
	})
}

// The line is gone before a finding is printed.
func TestReportEndsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var terminal bytes.Buffer
		r := &report{data: &terminal, talk: &terminal}
		r.stop = showProgress(&terminal, "working")
		time.Sleep(1500 * time.Millisecond)
		if err := r.print(someFindings[:1], nil); err != nil {
			t.Fatal(err)
		}
		got, want := terminal.String(), "\r\x1b[Kphgen: working (1 s)\r\x1b[Kplan.yaml:3:5: PH201: "
		if !strings.HasPrefix(got, want) {
			t.Errorf("got  %q\nwant %q first", got, want)
		}
	})
}
