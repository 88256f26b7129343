package dev

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// Export writes the events that match a filter as they were sent, each on a line of its
// own, in the order of arrival: all of them, or the newest f.Limit. What makes room
// meanwhile is left out. Its error is that of w.
func (s *Store) Export(w io.Writer, f Filter) error {
	q := newQuery(f)
	s.mu.Lock()
	run, low, high := s.run, s.kept.first, s.kept.last()
	s.mu.Unlock()
	if f.Limit > 0 {
		left := f.Limit
		s.walk(q, run, low, high, true, func(found []candidate) bool {
			if n := min(left, len(found)); n > 0 {
				left -= n
				low = found[n-1].seq
			}
			return left > 0
		})
	}
	out := bufio.NewWriterSize(w, 64<<10)
	var err error
	s.walk(q, run, low, high, false, func(found []candidate) bool {
		for _, c := range found {
			if err = writeLine(out, c.raw); err != nil {
				return false
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// writeLine writes an event without the line feeds that its JSON may hold.
func writeLine(out *bufio.Writer, raw []byte) error {
	if bytes.ContainsAny(raw, "\r\n") {
		var line bytes.Buffer
		if err := json.Compact(&line, raw); err != nil {
			return err
		}
		raw = line.Bytes()
	}
	_, _ = out.Write(raw) // the writer remembers an error
	return out.WriteByte('\n')
}
