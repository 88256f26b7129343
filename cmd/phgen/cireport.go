package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/phgen/phgen/internal/sarif"
	"github.com/phgen/phgen/internal/verify"
)

// printTally prints what ci has seen.
func (r *report) printTally(t *tally) error {
	switch r.format {
	case "json":
		return r.tallyJSON(t)
	case "sarif":
		if err := r.tallySARIF(t); err != nil {
			return err
		}
		return r.tallyCounts(t, r.talk)
	case "github":
		for _, f := range t.sorted() {
			if _, err := io.WriteString(r.data, annotation("error", eventPos(f.Finding), f.Rule, f.String())); err != nil {
				return err
			}
		}
		return r.tallyCounts(t, r.data)
	}
	for _, f := range t.sorted() {
		if _, err := fmt.Fprintln(r.talk, printable(fmt.Sprintf("%s: %s", eventPos(f.Finding), f))); err != nil {
			return err
		}
	}
	return r.tallyCounts(t, r.data)
}

// String is the finding without its place.
func (f *tallied) String() string {
	return eventMessage(f.Finding) + times(f.count)
}

// times says how often something came.
func times(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(", %d times", n)
}

// tallyCounts prints the figures: those of coverage to w.
func (r *report) tallyCounts(t *tally, w io.Writer) error {
	var text strings.Builder
	if t.untold > 0 {
		fmt.Fprintf(&text, "phgen: %s more of other kinds\n", plural(t.untold, "finding"))
	}
	fmt.Fprintf(&text, "phgen: %s: %d valid, %d invalid, %d unplanned", plural(t.counts.Events, "event"), t.counts.Valid, t.counts.Invalid, t.counts.Unplanned)
	if n := t.counts.Unreadable; n > 0 {
		fmt.Fprintf(&text, "; %s refused", plural(n, "request"))
	}
	if t.counts.Events == 0 {
		text.WriteString("; does the command read POSTHOG_HOST and POSTHOG_API_KEY, and send before it ends?")
	}
	if _, err := fmt.Fprintln(r.talk, text.String()); err != nil {
		return err
	}
	return coverageText(w, t.coverage)
}

func (r *report) tallySARIF(t *tally) error {
	var results []sarif.Result
	for _, f := range t.sorted() {
		if len(results) == maxSARIF {
			break
		}
		results = append(results, sarif.Result{Rule: f.Rule, Message: f.String(), File: fromWorkspace(f.File), Line: f.Line, Col: f.Col})
	}
	return r.printEventSARIF(results,
		sarif.Rule{ID: ruleProtocol, Short: "PostHog loses a part of the event", Level: "error"},
		sarif.Rule{ID: ruleRefused, Short: "PostHog refuses the request", Level: "error"},
		sarif.Rule{ID: "invalid", Short: "the event breaks the plan", Level: "error"})
}

func (r *report) tallyJSON(t *tally) error {
	out := struct {
		Version  int            `json:"version"`
		Findings []eventFinding `json:"findings"`
		Untold   int            `json:"more_findings,omitempty"`
		Counts   verify.Counts  `json:"counts"`
		Coverage coverageDoc    `json:"coverage"`
	}{Version: 1, Findings: []eventFinding{}, Untold: t.untold, Counts: t.counts, Coverage: newCoverageDoc(t.coverage)}
	for _, f := range t.sorted() {
		out.Findings = append(out.Findings, eventFinding{
			File: filepath.ToSlash(f.File), Line: f.Line, Col: f.Col, Event: f.Event, Property: f.Path, Rule: f.Rule, Message: f.Message, Count: f.count,
		})
	}
	enc := json.NewEncoder(r.data)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
