package phtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// A Record is one event as it left the client: after checks, cuts and pii. It comes
// from a Recorder; the zero Record is of no use.
type Record struct {
	*recorded // one word, because generated code passes records on by value
}

type recorded struct {
	event      string
	distinctID string
	id         uuid.UUID
	timestamp  time.Time
	properties map[string]json.RawMessage
	raw        string
}

// decodeRecord reads one event of a request.
func decodeRecord(raw []byte) (Record, error) {
	var e struct {
		Event      string                     `json:"event"`
		DistinctID string                     `json:"distinct_id"`
		UUID       uuid.UUID                  `json:"uuid"`
		Timestamp  time.Time                  `json:"timestamp"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return Record{}, err
	}
	return Record{&recorded{e.Event, e.DistinctID, e.UUID, e.Timestamp, e.Properties, string(raw)}}, nil
}

// Event returns the event's name.
func (r Record) Event() string { return r.event }

// DistinctID returns who the event is about.
func (r Record) DistinctID() string { return r.distinctID }

// UUID returns what Capture returned for the event.
func (r Record) UUID() uuid.UUID { return r.id }

// Timestamp returns when the event happened.
func (r Record) Timestamp() time.Time { return r.timestamp }

// Value returns the property at key. It reports false if the property was not
// sent, or sent as null.
func (r Record) Value(key string) (Value, bool) { return field(r.properties, key) }

// Money returns the amount that two properties hold together. It reports false if
// one of them was not sent, was null, or is no part of an amount.
func (r Record) Money(amountKey, currencyKey string) (ph.Money, bool) {
	return money(r.properties, amountKey, currencyKey)
}

// String returns the event's JSON.
func (r Record) String() string { return r.raw }

// Records are the recorded events of one name, each as the type that generated
// code has for it.
type Records[T any] struct {
	t     testing.TB
	event string
	all   []T
	rest  []Record // of other names, for the message of One
}

// Find returns the recorded events named event. Generated packages call it.
func Find[T any](rec *Recorder, event string, wrap func(Record) T) Records[T] {
	found := Records[T]{t: rec.t, event: event}
	for _, r := range rec.Events() {
		if r.event == event {
			found.all = append(found.all, wrap(r))
		} else {
			found.rest = append(found.rest, r)
		}
	}
	return found
}

// One returns the only event. It fails the test at once if there is none, or more
// than one, and so must run on the test's goroutine.
func (rs Records[T]) One() T {
	rs.t.Helper()
	if len(rs.all) != 1 {
		rs.t.Fatalf("phtest: got %d events %q, want one; besides them: %s", len(rs.all), rs.event, summary(rs.rest))
	}
	return rs.all[0]
}

// All returns the events in the order in which they were accepted.
func (rs Records[T]) All() []T { return slices.Clone(rs.all) }

// Len returns the number of events.
func (rs Records[T]) Len() int { return len(rs.all) }

// summary lists names of events and how often each occurs.
func summary(records []Record) string {
	counts := map[string]int{}
	for _, r := range records {
		counts[r.event]++
	}
	if len(counts) == 0 {
		return "no events"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		part := fmt.Sprintf("%q", name)
		if counts[name] > 1 {
			part += fmt.Sprintf(" (%d times)", counts[name])
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// Required reads the property at key. Generated packages call it.
//
//go:noinline
func Required[T any](r Record, key string, read func(Value) T) T {
	v, _ := r.Value(key)
	return read(v)
}

// Optional reads the property at key, and reports false if it was not sent, or
// sent as null. Generated packages call it.
//
//go:noinline
func Optional[T any](r Record, key string, read func(Value) T) (T, bool) {
	v, ok := r.Value(key)
	return read(v), ok
}
