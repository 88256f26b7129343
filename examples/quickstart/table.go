package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/phgen/phgen/examples/internal/listing"
	"github.com/phgen/phgen/internal/sink"
)

// maxColumn is the width of the column of properties.
const maxColumn = 88

// printTable prints one line for each event, and under it what is wrong with it.
// It returns the number of these findings.
func printTable(w io.Writer, events []sink.Event) (findings int, err error) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "EVENT\tDISTINCT ID\tPLAN\tPROPERTIES")
	for _, e := range events {
		verdict := "ok"
		if n := len(e.Problems); n > 0 {
			verdict = fmt.Sprintf("%d wrong", n)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", e.Name, e.DistinctID, verdict,
			listing.Shorten(listing.Properties(e, isShown), maxColumn))
		for _, problem := range e.Problems {
			fmt.Fprintf(table, "\t\t\t%s\n", problem)
		}
		findings += len(e.Problems)
	}
	return findings, table.Flush()
}

// isShown reports whether a property is not one of those that the library adds to every event.
func isShown(name string) bool {
	switch name {
	case "$set", "$set_once", "$groups", "$group_set", "$process_person_profile", "$feature_flag", "$feature_flag_response", "$ai_model":
		return true
	}
	return !strings.HasPrefix(name, "$") || strings.HasPrefix(name, "$feature/") || strings.HasPrefix(name, "$survey_response")
}
