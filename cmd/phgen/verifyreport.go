package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/phgen/phgen/internal/sarif"
	"github.com/phgen/phgen/internal/verify"
	"github.com/phgen/phgen/schema"
)

// maxSARIF is how many results GitHub shows of one run.
const maxSARIF = 5_000

// A verifyReport prints findings about events as they come.
type verifyReport struct {
	*report
	repeats verify.Repeats
	results []sarif.Result
	listed  int    // findings in the JSON so far
	quiet   func() // ends the progress on a terminal, before anything else is printed
}

func newVerifyReport(r *report) *verifyReport {
	return &verifyReport{report: r, quiet: progress(r.talk, "reading events")}
}

// An eventFinding is one finding in JSON. Keys are only ever added to it.
type eventFinding struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Col      int    `json:"col"`
	Index    *int   `json:"index,omitempty"` // in the batch
	Event    string `json:"event,omitempty"`
	Property string `json:"property,omitempty"`
	Rule     string `json:"rule"`
	Message  string `json:"message"`
	Plan     string `json:"plan,omitempty"`  // file:line:col
	Count    int    `json:"count,omitempty"` // of ci, whose file is the plan: how often it came
}

func (v *verifyReport) add(f verify.Finding) error {
	v.quiet()
	if v.format == "json" {
		return v.addJSON(f)
	}
	if !v.repeats.Show(f) {
		return nil
	}
	switch v.format {
	case "github":
		_, err := io.WriteString(v.data, annotation("error", eventPos(f), f.Rule, eventMessage(f)))
		return err
	case "sarif":
		if len(v.results) == maxSARIF {
			v.repeats.Hidden++
			return nil
		}
		v.results = append(v.results, sarifEvent(f))
		return nil
	}
	text := printable(fmt.Sprintf("%s: %s", eventPos(f), eventMessage(f)))
	_, err := fmt.Fprintln(v.talk, text)
	return err
}

// sarifEvent is a finding as SARIF takes it. Standard input is no file.
func sarifEvent(f verify.Finding) sarif.Result {
	r := sarif.Result{Rule: f.Rule, Message: eventMessage(f)}
	if f.File != standardInput {
		r.File, r.Line, r.Col = fromWorkspace(f.File), f.Line, f.Col
	}
	return r
}

func eventPos(f verify.Finding) schema.Pos {
	return schema.Pos{File: f.File, Line: f.Line, Col: f.Col}
}

// eventMessage is a finding without its place.
func eventMessage(f verify.Finding) string {
	var text strings.Builder
	if f.Index >= 0 {
		fmt.Fprintf(&text, "batch[%d]: ", f.Index)
	}
	if f.Event != "" {
		fmt.Fprintf(&text, "event %q: ", cut(f.Event))
	}
	if f.Path != "" {
		fmt.Fprintf(&text, "property %q: ", cut(f.Path))
	}
	text.WriteString(f.Message)
	if f.Plan.Line > 0 {
		fmt.Fprintf(&text, " (%s, %s)", f.Rule, f.Plan)
	} else if f.Rule != verify.Unplanned && f.Rule != verify.Unreadable {
		fmt.Fprintf(&text, " (%s)", f.Rule)
	}
	return text.String()
}

// cut shortens a name that no plan can have.
func cut(name string) string {
	const most = 200
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return name
}

func (v *verifyReport) addJSON(f verify.Finding) error {
	out := eventFinding{
		File: filepath.ToSlash(f.File), Line: f.Line, Col: f.Col, Event: f.Event, Property: f.Path, Rule: f.Rule, Message: f.Message,
	}
	if f.Index >= 0 {
		out.Index = &f.Index
	}
	if f.Plan.Line > 0 {
		out.Plan = filepath.ToSlash(f.Plan.String())
	}
	start := ",\n    "
	if v.listed == 0 {
		start = "{\n  \"version\": 1,\n  \"findings\": [\n    "
	}
	v.listed++
	var line strings.Builder
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(v.data, start+strings.TrimSuffix(line.String(), "\n"))
	return err
}

// end prints what is said behind the findings.
func (v *verifyReport) end(c verify.Counts) error {
	v.quiet()
	switch v.format {
	case "json":
		return v.endJSON(c)
	case "sarif":
		if err := v.printEventSARIF(v.results); err != nil {
			return err
		}
	}
	var text strings.Builder
	if n := v.repeats.Hidden; n > 0 {
		fmt.Fprintf(&text, "phgen: %s more, like those shown\n", plural(n, "finding"))
	}
	if v.format != "text" {
		_, err := io.WriteString(v.talk, text.String())
		return err
	}
	fmt.Fprintf(&text, "phgen: %s: %d valid, %d invalid, %d unplanned", plural(c.Events, "event"), c.Valid, c.Invalid, c.Unplanned)
	if c.Unreadable > 0 {
		fmt.Fprintf(&text, "; %s unreadable", plural(c.Unreadable, "part"))
	}
	_, err := fmt.Fprintln(v.talk, text.String())
	return err
}

// printEventSARIF prints results whose rules are those of findings about events, or more.
func (r *report) printEventSARIF(results []sarif.Result, more ...sarif.Rule) error {
	var rules []sarif.Rule
	for _, rule := range verify.Rules() {
		rules = append(rules, sarif.Rule{ID: rule.Name, Short: rule.Meaning, Level: "error"})
	}
	build, _ := debug.ReadBuildInfo()
	return sarif.Write(r.data, buildVersion(build), append(rules, more...), results)
}

func (v *verifyReport) endJSON(c verify.Counts) error {
	counts, err := json.Marshal(c)
	if err != nil {
		return err
	}
	start := "\n  ],\n"
	if v.listed == 0 {
		start = "{\n  \"version\": 1,\n  \"findings\": [],\n"
	}
	_, err = fmt.Fprintf(v.data, "%s  \"counts\": %s\n}\n", start, counts)
	return err
}
