// Package listing shows the properties of events in one line.
package listing

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/phgen/phgen/internal/sink"
)

// Properties lists the properties of e whose names keep returns true for, in the order in which
// they were sent: `source="web" members=3`. It is empty for an event without readable properties.
func Properties(e sink.Event, keep func(name string) bool) string {
	var sent struct {
		Properties json.RawMessage `json:"properties"`
	}
	if json.Unmarshal(e.Raw, &sent) != nil {
		return ""
	}
	dec := json.NewDecoder(bytes.NewReader(sent.Properties))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return ""
	}
	var parts []string
	for dec.More() {
		key, err := dec.Token()
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			break
		}
		if name, _ := key.(string); keep(name) {
			parts = append(parts, name+"="+string(value))
		}
	}
	return strings.Join(parts, " ")
}

// Shorten returns s, cut to width characters, of which the last is then an ellipsis.
func Shorten(s string, width int) string {
	if runes := []rune(s); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return s
}
