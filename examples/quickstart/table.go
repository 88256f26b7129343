package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

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
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", e.Name, e.DistinctID, verdict, shorten(properties(e)))
		for _, problem := range e.Problems {
			fmt.Fprintf(table, "\t\t\t%s\n", problem)
		}
		findings += len(e.Problems)
	}
	return findings, table.Flush()
}

// properties lists the event's properties in the order in which they were sent,
// without those that the library adds to every event.
func properties(e sink.Event) string {
	var sent struct {
		Properties json.RawMessage `json:"properties"`
	}
	var parts []string
	if json.Unmarshal(e.Raw, &sent) != nil {
		return ""
	}
	dec := json.NewDecoder(bytes.NewReader(sent.Properties))
	if _, err := dec.Token(); err != nil {
		return ""
	}
	for dec.More() {
		key, err := dec.Token()
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			break
		}
		name := fmt.Sprint(key)
		if !strings.HasPrefix(name, "$") || shown[name] {
			parts = append(parts, name+"="+string(value))
		}
	}
	return strings.Join(parts, " ")
}

var shown = map[string]bool{"$set": true, "$set_once": true, "$groups": true, "$group_set": true, "$process_person_profile": true}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxColumn {
		return s
	}
	return string([]rune(s)[:maxColumn-1]) + "…"
}
