package runtime

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/value"
)

// A Message is a complete event as Config.BeforeSend sees it: after pii, with
// everything its scope adds. The hook may change any field. A name or distinct ID that
// can not be sent refuses the event; a zero UUID and a timestamp that can not be
// written are put back.
type Message struct {
	Event      string
	DistinctID string
	UUID       uuid.UUID
	Timestamp  time.Time
	Properties map[string]any // numbers are int64, uint64 or float64
}

// beforeSend shows the n encoded events to the hook and encodes them anew. If it
// drops one of a pair it drops both.
func (w *Writer) beforeSend(n int) error {
	var out []byte
	start := 0
	for i := range w.entries[:n] {
		e := &w.entries[i]
		m, err := decodeMessage(w.buf[start+1 : e.End])
		if err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		start = e.End
		before := m
		if !w.client.hook(&m) {
			return ErrDropped
		}
		if err := m.restore(before); err != nil {
			return err
		}
		from := len(out)
		out = w.appendMessage(out, m)
		if len(out)-from > w.lane.maxEvent {
			return ErrTooLarge
		}
		e.UUID, e.Name, e.End = m.UUID, m.Event, len(out)
		if i == 0 {
			w.id, w.distinctID = m.UUID, m.DistinctID
		}
	}
	w.buf = out
	return nil
}

// hook asks Config.BeforeSend. Hooks commonly redact, so one that panics drops.
func (c *Client) hook(m *Message) (keep bool) {
	name := m.Event
	defer func() {
		if recover() != nil {
			keep = false
			c.warnSeldom(warning{rule: refusals[refusedHook]}, warnEvery, "Config.BeforeSend panicked: its event is dropped",
				slog.String("event", name))
		}
	}()
	return c.cfg.BeforeSend(m)
}

// restore mends what the hook must not change to something that can not be sent.
func (m *Message) restore(before Message) error {
	m.Event = value.Clean(m.Event)
	if m.Event == "" || utf8.RuneCountInString(m.Event) > maxName {
		return fmt.Errorf("%w: BeforeSend left a name of 0 or more than %d characters", ErrInvalid, maxName)
	}
	if m.DistinctID, _ = cleanID(m.DistinctID); m.DistinctID == "" {
		return fmt.Errorf("%w: BeforeSend left no distinct ID", ErrInvalid)
	}
	if m.UUID == uuid.Nil {
		m.UUID = before.UUID
	}
	if !validStamp(m.Timestamp) {
		m.Timestamp = before.Timestamp
	}
	return nil
}

// appendMessage encodes m as an event of a batch.
func (w *Writer) appendMessage(dst []byte, m Message) []byte {
	w.lifted = lifted{}
	limit := len(dst) + w.lane.maxEvent
	dst = append(dst, `,{"event":`...)
	dst = value.AppendString(dst, m.Event)
	dst = append(dst, `,"distinct_id":`...)
	dst = value.AppendString(dst, m.DistinctID)
	dst = append(dst, `,"uuid":`...)
	dst = value.AppendUUID(dst, m.UUID)
	dst = append(dst, `,"timestamp":`...)
	dst, _ = value.AppendTime(dst, m.Timestamp)
	dst = append(dst, `,"properties":{`...)
	last := ""
	byText := func(a, b string) int { return cmp.Or(strings.Compare(keyText(a), keyText(b)), strings.Compare(a, b)) }
	for i, key := range slices.SortedFunc(maps.Keys(m.Properties), byText) {
		text := keyText(key)
		if i > 0 && text == last {
			w.problem(text, "")
			continue
		}
		last = text
		dst = w.appendProperty(dst, text, m.Properties[key], limit-len(dst))
	}
	dst = append(dst, '}')
	if w.lane.v1 {
		dst = w.appendLifted(dst)
	}
	return append(dst, '}')
}

// appendProperty encodes a property of a Message, in about most bytes.
func (w *Writer) appendProperty(dst []byte, key string, v any, most int) []byte {
	start := len(dst)
	if dst[start-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(append(append(dst, '"'), key...), `":`...)
	at := len(dst)
	dst, problems := value.AppendBounded(dst, v, most)
	for _, path := range problems {
		w.problem(key, path)
	}
	if w.lane.v1 {
		if key == propLib || key == propLibVersion { // the protocol says it in a header
			return dst[:start]
		}
		if place := placeOf(key); place >= 0 {
			w.lift(place, dst[at:])
			return dst[:start]
		}
	}
	if key != keyCookieless {
		return dst
	}
	b := boolOf(dst[at:])
	if b == "" {
		w.problem(key, "")
		return dst[:start]
	}
	return append(dst[:at], b...)
}

// decodeMessage reads an event that was just encoded.
func decodeMessage(data []byte) (Message, error) {
	var m struct {
		Event      string         `json:"event"`
		DistinctID string         `json:"distinct_id"`
		UUID       uuid.UUID      `json:"uuid"`
		Timestamp  time.Time      `json:"timestamp"`
		Properties map[string]any `json:"properties"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		return Message{}, fmt.Errorf("reading the event for BeforeSend: %w", err)
	}
	for k, v := range m.Properties {
		m.Properties[k] = exactNumbers(v)
	}
	return Message(m), nil
}

// exactNumbers turns every json.Number in v into the Go number that holds it best.
func exactNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		text := string(v)
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return n
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return v
		}
		return f
	case map[string]any:
		for k, item := range v {
			v[k] = exactNumbers(item)
		}
	case []any:
		for i, item := range v {
			v[i] = exactNumbers(item)
		}
	}
	return v
}
