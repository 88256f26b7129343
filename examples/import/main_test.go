package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/phgen/phgen/runtime/phtest"
)

// noProject keeps the environment of whoever runs the tests out of them.
func noProject(t *testing.T) {
	for _, key := range []string{"POSTHOG_API_KEY", "POSTHOG_HOST", "POSTHOG_CAPTURE_MODE", "POSTHOG_DISABLED", "DO_NOT_TRACK"} {
		t.Setenv(key, "")
	}
}

func TestLocal(t *testing.T) {
	noProject(t)
	file := filepath.Join(t.TempDir(), "one.csv")
	if err := os.WriteFile(file, []byte(header+"o1,u1,2025-03-01T09:12:44Z,ABC-12,2,4999,USD,14,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "imported 5 orders, lost 0\n"},
		{[]string{file}, "imported 1 orders, lost 0\n"},
		{[]string{"-n", "2000"}, "imported 2000 orders, lost 0\n"},
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

// On the newer protocol too.
func TestRemote(t *testing.T) {
	for _, mode := range []string{"v0", "v1"} {
		noProject(t)
		srv := phtest.NewServer(t)
		t.Setenv("POSTHOG_API_KEY", "phc_test")
		t.Setenv("POSTHOG_HOST", srv.URL)
		t.Setenv("POSTHOG_CAPTURE_MODE", mode)
		var stdout, stderr bytes.Buffer
		if err := run(t.Context(), []string{"-n", "1000"}, &stdout, &stderr); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		if got := len(srv.Events()); got != 1000 {
			t.Errorf("%s: the server has %d events, want 1000", mode, got)
		}
	}
}

func TestArguments(t *testing.T) {
	noProject(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-n", "-1"}, "give a number of orders, or one file"},
		{[]string{"a.csv", "b.csv"}, "give a number of orders, or one file"},
		{[]string{"-n", "1", "a.csv"}, "give a number of orders, or one file"},
		{[]string{"-x"}, "flag provided but not defined: -x"},
	} {
		var stdout, stderr bytes.Buffer
		err := run(t.Context(), test.args, &stdout, &stderr)
		if err == nil || err.Error() != test.want || stdout.Len() > 0 {
			t.Errorf("%q: got %v and %q, want %s", test.args, err, stdout.String(), test.want)
		}
	}
	var stderr bytes.Buffer
	if err := run(t.Context(), []string{"no/such.csv"}, &bytes.Buffer{}, &stderr); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that does not exist: got %v, want %v", err, os.ErrNotExist)
	}
	if err := run(t.Context(), []string{"-h"}, &bytes.Buffer{}, &stderr); !errors.Is(err, flag.ErrHelp) || !strings.HasPrefix(stderr.String(), "usage: import ") {
		t.Errorf("-h: got %v and %q", err, stderr.String())
	}
	t.Setenv("POSTHOG_DISABLED", "true")
	err := run(t.Context(), nil, &bytes.Buffer{}, &stderr)
	if want := `order "order_1001": ph: no client, or it is disabled`; err == nil || err.Error() != want {
		t.Errorf("disabled: got %v, want %s", err, want)
	}
}
