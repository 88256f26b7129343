package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/phgen/phgen/internal/coverage"
)

func printCoverage(r *report, c *coverage.Coverage) error {
	switch r.format {
	case "json":
		return coverageJSON(r.data, c)
	case "markdown":
		return coverageMarkdown(r.data, c)
	}
	return coverageText(r.data, c)
}

// percent is rounded down, so that 100.0 means all.
func percent(s coverage.Share) string {
	return fmt.Sprintf("%.1f", math.Floor(s.Percent()*10)/10)
}

// A coverageRow is one line of a report's table.
type coverageRow struct {
	name string
	coverage.Share
}

// coverageRows are the rows of what the plan has.
func coverageRows(c *coverage.Coverage) []coverageRow {
	rows := []coverageRow{
		{"events", c.Share(coverage.Event)},
		{"properties", c.Share(coverage.Property)},
		{"values", c.Share(coverage.Value)},
		{"surveys", c.Share(coverage.Survey)},
		{"questions", c.Share(coverage.Question)},
		{"total", c.Total()},
		{"flag variants", c.Share(coverage.FlagVariant)},
		{"experiment variants", c.Share(coverage.ExperimentVariant)},
	}
	return slices.DeleteFunc(rows, func(row coverageRow) bool { return row.Of == 0 })
}

func coverageText(w io.Writer, c *coverage.Coverage) error {
	var text strings.Builder
	rows := coverageRows(c)
	width := 14
	for _, row := range rows {
		width = max(width, len(row.name))
	}
	for _, row := range rows {
		fmt.Fprintf(&text, "%-*s %5d of %5d  %5s %%\n", width, row.name, row.Covered, row.Of, percent(row.Share))
	}
	fmt.Fprintf(&text, "in %s", plural(c.Seen, "event"))
	if c.Unplanned > 0 {
		fmt.Fprintf(&text, ", %d of them unplanned", c.Unplanned)
	}
	text.WriteString("\n")
	uncovered := c.Uncovered()
	if len(uncovered) > 0 {
		text.WriteString("\nnever seen:\n")
	}
	for _, item := range uncovered {
		text.WriteString(printable(fmt.Sprintf("%s: %s %s%s", item.Pos, item.Kind, item.Name, ownedBy(item))) + "\n")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func ownedBy(item *coverage.Item) string {
	if item.Owner == "" {
		return ""
	}
	return " (" + item.Owner + ")"
}

// coverageMarkdown prints what fits into the comment of a pull request.
func coverageMarkdown(w io.Writer, c *coverage.Coverage) error {
	const most = 200 // lines; GitHub takes 65,536 characters
	var text strings.Builder
	text.WriteString("### Coverage of the tracking plan\n\n| | used | of | |\n|---|---:|---:|---:|\n")
	for _, row := range coverageRows(c) {
		fmt.Fprintf(&text, "| %s | %d | %d | %s %% |\n", row.name, row.Covered, row.Of, percent(row.Share))
	}
	uncovered := c.Uncovered()
	if len(uncovered) > 0 {
		fmt.Fprintf(&text, "\n<details><summary>%d never seen</summary>\n\n", len(uncovered))
		for _, item := range uncovered[:min(len(uncovered), most)] {
			fmt.Fprintf(&text, "- %s %s%s, %s\n", item.Kind, codeSpan(item.Name), ownedBy(item), codeSpan(filepath.ToSlash(item.Pos.String())))
		}
		if more := len(uncovered) - most; more > 0 {
			fmt.Fprintf(&text, "- and %d more\n", more)
		}
		text.WriteString("\n</details>\n")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// codeSpan quotes text that may hold anything as code in Markdown.
func codeSpan(text string) string {
	text = printable(text)
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + text + " " + fence
	}
	return fence + text + fence
}

// Keys are only ever added to these.
type (
	coverageShare struct {
		Covered int     `json:"covered"`
		Of      int     `json:"of"`
		Percent float64 `json:"percent"`
	}

	coverageDoc struct {
		Version            int            `json:"version"`
		Seen               int            `json:"events_seen"`
		Unplanned          int            `json:"events_unplanned"`
		Total              coverageShare  `json:"total"`
		Events             coverageShare  `json:"events"`
		Properties         coverageShare  `json:"properties"`
		Values             coverageShare  `json:"values"`
		Surveys            coverageShare  `json:"surveys"`
		Questions          coverageShare  `json:"questions"`
		FlagVariants       coverageShare  `json:"flag_variants"`
		ExperimentVariants coverageShare  `json:"experiment_variants"`
		Items              []coverageItem `json:"items"`
	}

	coverageItem struct {
		Kind  string `json:"kind"`
		Name  string `json:"name"`
		Owner string `json:"owner,omitempty"`
		File  string `json:"file"`
		Line  int    `json:"line"`
		Col   int    `json:"col"`
		Count int    `json:"count"`
	}
)

func coverageJSON(w io.Writer, c *coverage.Coverage) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(newCoverageDoc(c))
}

func newCoverageDoc(c *coverage.Coverage) coverageDoc {
	out := coverageDoc{
		Version: 1, Seen: c.Seen, Unplanned: c.Unplanned, Total: jsonShare(c.Total()),
		Events: jsonShare(c.Share(coverage.Event)), Properties: jsonShare(c.Share(coverage.Property)),
		Values:  jsonShare(c.Share(coverage.Value)),
		Surveys: jsonShare(c.Share(coverage.Survey)), Questions: jsonShare(c.Share(coverage.Question)),
		FlagVariants: jsonShare(c.Share(coverage.FlagVariant)), ExperimentVariants: jsonShare(c.Share(coverage.ExperimentVariant)),
		Items: []coverageItem{},
	}
	for _, item := range c.Items() {
		out.Items = append(out.Items, coverageItem{
			Kind: string(item.Kind), Name: item.Name, Owner: item.Owner,
			File: filepath.ToSlash(item.Pos.File), Line: item.Pos.Line, Col: item.Pos.Col, Count: item.Count,
		})
	}
	return out
}

func jsonShare(s coverage.Share) coverageShare {
	return coverageShare{s.Covered, s.Of, math.Floor(s.Percent()*10) / 10}
}
