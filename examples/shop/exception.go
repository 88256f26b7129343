package main

import (
	"fmt"
	"path"
	"strings"

	"github.com/phgen/phgen/internal/sink"
)

// An exception is one $exception, the error that was caught first and its causes behind it.
type exception struct {
	person string
	where  string
	level  string
	status string // of the answer, if the event tells it
	items  []item
}

// An item is one error of a chain.
type item struct {
	kind, value string
	handled     bool
	mechanism   string
	calls       []string // of the shop's own, the innermost first
}

func (i item) title() string { return i.kind + ": " + oneLine(i.value) }

func newException(person, where string, e sink.Event) *exception {
	x := &exception{person: person, where: where, level: text(e.Properties["$exception_level"])}
	if status, ok := e.Properties["$response_status_code"]; ok {
		x.status = fmt.Sprintf(", status %v", status)
	}
	list, _ := e.Properties["$exception_list"].([]any)
	for _, v := range list {
		fields, _ := v.(map[string]any)
		mechanism, _ := fields["mechanism"].(map[string]any)
		stack, _ := fields["stacktrace"].(map[string]any)
		x.items = append(x.items, item{
			kind:      text(fields["type"]),
			value:     text(fields["value"]),
			handled:   mechanism["handled"] == true,
			mechanism: text(mechanism["type"]),
			calls:     calls(stack["frames"]),
		})
	}
	if len(x.items) == 0 {
		x.items = []item{{kind: "$exception", value: "has no list"}}
	}
	return x
}

// calls turns a stack round, so that it begins where the error arose, and leaves out what is Go's
// and the library's.
func calls(frames any) []string {
	list, _ := frames.([]any)
	var lines []string
	for i := len(list) - 1; i >= 0; i-- {
		f, _ := list[i].(map[string]any)
		if f["in_app"] != true {
			if n := len(lines); n > 0 && lines[n-1] != "…" {
				lines = append(lines, "…")
			}
			continue
		}
		// A package is called main in a program and by its path in a test: the file says enough.
		_, name, _ := strings.Cut(path.Base(text(f["function"])), ".")
		file := path.Base(strings.ReplaceAll(text(f["filename"]), `\`, "/"))
		lines = append(lines, fmt.Sprintf("%-28s %s:%v", name, file, f["lineno"]))
	}
	if n := len(lines); n > 0 && lines[n-1] == "…" {
		lines = lines[:n-1]
	}
	return lines
}

// String tells an exception without its stacks.
func (x *exception) String() string {
	parts := []string{x.person, x.where, x.level}
	for _, i := range x.items {
		parts = append(parts, i.kind)
	}
	return strings.Join(parts, ", ")
}

// oneLine joins the lines of a message, which errors.Join makes.
func oneLine(s string) string { return strings.ReplaceAll(s, "\n", "; ") }
