package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/internal/golden"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLocal(t *testing.T) {
	var stdout bytes.Buffer
	if err := run(t.Context(), &stdout, func(string) string { return "" }); err != nil {
		t.Error(err)
	}
	golden.Compare(t, filepath.Join("testdata", "local.txt"), stdout.String())
	if want := regexp.MustCompile(`\ndelivered [1-9][0-9]* events, lost 0, plan violations 0\n$`); !want.Match(stdout.Bytes()) {
		t.Errorf("the output does not end with a line that matches %s", want)
	}
}

// With a project in the environment the same events go there.
func TestRemote(t *testing.T) {
	srv := phtest.NewServer(t)
	t.Setenv("POSTHOG_API_KEY", "phc_test")
	t.Setenv("POSTHOG_HOST", srv.URL)
	var stdout bytes.Buffer
	if err := run(t.Context(), &stdout, os.Getenv); err != nil {
		t.Error(err)
	}
	if got, want := stdout.String(), "accepted 13, sent 13, lost 0, refused 0, plan violations 0\n"; got != want {
		t.Errorf("output: got %q, want %q", got, want)
	}
	if got := len(srv.Events()); got != 13 {
		t.Errorf("the server has %d events, want 13", got)
	}
	for _, e := range srv.Events() {
		if strings.Contains(e.String(), "printer") {
			t.Errorf("a prompt was sent, or an answer: %s", e)
		}
	}
}

func TestRefused(t *testing.T) {
	srv := phtest.NewServer(t)
	srv.Reply(400, phtest.Times(100))
	t.Setenv("POSTHOG_API_KEY", "phc_test")
	t.Setenv("POSTHOG_HOST", srv.URL)
	var stdout bytes.Buffer
	err := run(t.Context(), &stdout, os.Getenv)
	if err == nil || !strings.Contains(err.Error(), "13 events were lost") {
		t.Errorf("got %v and %q, want an error that counts 13 lost events", err, stdout.String())
	}
}

// An event that breaks the plan shows how, and fails the run.
func TestTableOfFindings(t *testing.T) {
	var out bytes.Buffer
	findings, err := printTable(&out, []sink.Event{
		{Name: "a", DistinctID: "u", Raw: []byte(`{"properties":{"n":1,"$lib":"x","$set":{"k":"` + strings.Repeat("ü", 100) + `"}}}`)},
		{Name: "b", DistinctID: "u", Raw: []byte(`{"properties":{}}`), Problems: []string{"n: required: missing", "m: min: below 1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "EVENT  DISTINCT ID  PLAN     PROPERTIES\n" +
		"a      u            ok       n=1 $set={\"k\":\"" + strings.Repeat("ü", maxColumn-len(`n=1 $set={"k":"`)-1) + "…\n" +
		"b      u            2 wrong  \n" +
		"                             n: required: missing\n" +
		"                             m: min: below 1\n"
	if diff := cmp.Diff(want, out.String()); diff != "" || findings != 2 {
		t.Errorf("%d findings, want 2; table (-want +got):\n%s", findings, diff)
	}
	if err := complaint(ph.Stats{Sent: 2}, findings); err == nil {
		t.Error("no complaint about findings")
	}
}
