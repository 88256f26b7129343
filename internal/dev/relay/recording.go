package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/phgen/phgen/internal/eventfile"
	"github.com/phgen/phgen/internal/sink"
)

// MaxFile is how many bytes the file of a recording may have.
const MaxFile = 1 << 30

// A Recording writes events to a file, the JSON of one a line. It is safe for concurrent use.
type Recording struct {
	mu      sync.Mutex
	file    *os.File
	size    int64
	limit   int64
	written uint64
	left    uint64
	full    bool // or broken
	line    bytes.Buffer
}

// Record opens the file, which only its owner may read, or makes it. One that holds events
// gets more behind them; one that holds anything else is left alone, and the error says so.
func Record(name string) (*Recording, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	size, err := checkRecording(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("recording to %s: %w", name, err), f.Close())
	}
	return &Recording{file: f, size: size, limit: MaxFile}, nil
}

var errForeign = errors.New("the file is there and holds no events; name another, or move it away")

// checkRecording says how long the file is, ending its last line if a crash has not.
func checkRecording(f *os.File) (size int64, err error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return 0, err
	case !info.Mode().IsRegular():
		return 0, errors.New("it is no regular file")
	case info.Size() == 0:
		return 0, nil
	}
	events, err := eventfile.NewReader(f)
	if err != nil {
		return 0, errForeign
	}
	if e, err := events.Next(); err != nil || e.Index >= 0 { // batches and arrays were not recorded
		return 0, errForeign
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		return 0, err
	}
	if last[0] == '\n' {
		return info.Size(), nil
	}
	_, err = f.WriteString("\n")
	return info.Size() + 1, err
}

// Add writes events that arrived at that moment. They are in the file when it returns,
// though maybe not on the disk. An event without a timestamp gets that of its arrival, and
// one without a uuid a new one, so that it can be sent again. What does not fit in [MaxFile]
// bytes is left out. The error, of writing, comes once: behind it everything is left out.
func (r *Recording) Add(at time.Time, events []sink.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, e := range events {
		if r.full {
			r.left += uint64(len(events) - i)
			return nil
		}
		if err := r.compose(at, e); err != nil {
			return err
		}
		if r.size+int64(r.line.Len()) > r.limit {
			r.full = true
			r.left++
			continue
		}
		n, err := r.file.Write(r.line.Bytes())
		r.size += int64(n)
		if err != nil {
			r.full = true
			r.left += uint64(len(events) - i)
			return fmt.Errorf("recording: %w", err)
		}
		r.written++
	}
	return nil
}

// compose makes the line of an event. An event may be sent on several lines.
func (r *Recording) compose(at time.Time, e sink.Event) error {
	r.line.Reset()
	if err := json.Compact(&r.line, e.Raw); err != nil {
		return fmt.Errorf("recording event %q: %w", e.Name, err)
	}
	r.line.Truncate(r.line.Len() - 1) // the brace
	if e.UUID == "" {
		fmt.Fprintf(&r.line, `,"uuid":"%s"`, uuid.New())
	}
	if e.Timestamp == "" {
		fmt.Fprintf(&r.line, `,"timestamp":"%s"`, at.Add(-age(e.Raw)).UTC().Format(time.RFC3339Nano))
	}
	r.line.WriteString("}\n")
	return nil
}

// age is how long before its request an event happened, as browsers say instead of when.
func age(raw []byte) time.Duration {
	var e struct {
		Offset int64 `json:"offset"` // milliseconds
	}
	if json.Unmarshal(raw, &e) != nil || e.Offset < 0 || e.Offset > maxAge.Milliseconds() {
		return 0
	}
	return time.Duration(e.Offset) * time.Millisecond
}

const maxAge = 100 * 365 * 24 * time.Hour

// Counts returns how many events were written, and how many were left out.
func (r *Recording) Counts() (written, left uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.written, r.left
}

// Close closes the file. What is added behind it is left out. A second call does nothing.
func (r *Recording) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.full = true
	if err := r.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
