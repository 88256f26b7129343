package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/phai"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRun(t *testing.T) {
	var stdout bytes.Buffer
	if err := run(t.Context(), &stdout); err != nil {
		t.Fatal(err)
	}
	want := "the answer has 74 characters\n3 articles are indexed\n\n" + strings.Join(expected, "\n") + "\n"
	if diff := cmp.Diff(want, stdout.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whoever asks for it hears the articles, and the program notices. The ticket is of a feature that
// redacts, which nothing overrules.
func TestOverheard(t *testing.T) {
	var stdout bytes.Buffer
	err := run(phai.With(t.Context(), phai.Privacy(phai.Keep)), &stdout)
	if want := `PostHog was told "reserved"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A model that fails fails the run, and is captured.
func TestModelFails(t *testing.T) {
	models := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusServiceUnavailable, `{"error":{"message":"Theodora","type":"overloaded"}}`)
	}))
	defer models.Close()
	var stdout bytes.Buffer
	got, err := visit(t.Context(), &stdout, models.URL)
	if err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("got %v, want an error that names the status", err)
	}
	want := []string{
		`agent_ada $ai_generation gpt-5 in "answer ticket" of ticket_7: 0 tokens in, 0 out, <nil> failed: overloaded`,
		`agent_ada $ai_trace answer ticket of ticket_7 failed: *errors.errorString`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if complaint(got) == nil {
		t.Error("nothing is said about events that were not expected")
	}
}
