package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRun(t *testing.T) {
	var stdout strings.Builder
	if err := run(t.Context(), &stdout); err != nil {
		t.Error(err)
	}
	const (
		broken = `phsurvey: survey 2 "broken": it has no name`
		wrong  = `dan: phsurvey: survey "0190c8a4-9999-7222-8333-444455556666": the answer to question "q1" breaks max: want a whole number from 0 to 10`
	)
	want := []string{
		"ada: " + broken, "bob: " + broken, "cleo: " + broken, "dan: " + broken, wrong,
		"ada: " + broken, "bob: " + broken, "cleo: " + broken, "dan: " + broken, wrong,
		"ada   survey shown      -",
		"ada   survey sent       7",
		"ada   survey sent       7",
		"bob   survey shown      -",
		"bob   survey dismissed  -",
		"cleo  survey shown      -",
		"cleo  survey sent       10",
		"dan   survey shown      -",
		"dan   survey shown      -",
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(stdout.String()), "\n"), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}
