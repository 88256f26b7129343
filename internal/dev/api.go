// Package dev keeps what an application sent while it was being developed, and what its
// tracking plan says of it. It is the memory of phgen dev and phgen ci; package devserver
// puts it on a page.
package dev

import (
	"encoding/json"
	"time"

	"github.com/phgen/phgen/internal/coverage"
)

// A Verdict is what the plan says of an event.
type Verdict string

// The verdicts.
const (
	OK        Verdict = "ok"
	Unplanned Verdict = "unplanned" // the plan has no event of that name
	Invalid   Verdict = "invalid"
)

// A Filter chooses events. Its zero value chooses all; what is said more than one way must
// all hold.
type Filter struct {
	Event   string  // its name
	Verdict Verdict // empty: any
	Person  string  // a distinct ID
	Text    string  // somewhere in the event's JSON, in any case
	Since   uint64  // events behind that one only
	Before  uint64  // events before that one only; 0: no bound
	Limit   int     // of the newest that match; 0: 1,000
}

// A Row is an event as a list shows it.
type Row struct {
	Seq        uint64    `json:"seq"` // from 1, in the order of arrival
	At         time.Time `json:"at"`  // of arrival
	Event      string    `json:"event"`
	Person     string    `json:"person"` // its distinct ID
	Verdict    Verdict   `json:"verdict"`
	Finding    string    `json:"finding,omitempty"`    // the first one
	Findings   int       `json:"findings,omitempty"`   // how many there are
	Deprecated string    `json:"deprecated,omitempty"` // what deprecated thing it uses
	Bytes      int       `json:"bytes"`
	Request    uint64    `json:"request"` // a RequestRow's Seq
}

// A Page is some of the events that match a filter, in the order of arrival.
type Page struct {
	Run     string `json:"run"` // another one after a restart or reset: sequence numbers begin anew
	Rows    []Row  `json:"rows"`
	More    bool   `json:"more"`    // older ones match, too
	Last    uint64 `json:"last"`    // the newest event there is, whether or not it matches
	Dropped uint64 `json:"dropped"` // events that had to make room
}

// A Finding is one way in which an event differs from the plan. It never holds a value of
// the event.
type Finding struct {
	Path    string `json:"path,omitempty"` // of the property: "items[3].sku"; empty: the whole event
	Rule    string `json:"rule"`           // as internal/judge names them; "unplanned"; "protocol" for what the server only tolerates and loses something by
	Message string `json:"message"`
	Plan    string `json:"plan,omitempty"` // file:line:col of what it breaks
}

// A Planned is a property that the plan has for an event, beside what was sent.
type Planned struct {
	Key         string `json:"key"`
	Type        string `json:"type"`
	Required    bool   `json:"required,omitempty"`
	Description string `json:"description,omitempty"`
	Deprecated  string `json:"deprecated,omitempty"`
	Plan        string `json:"plan,omitempty"` // file:line:col
	Sent        bool   `json:"sent"`
	Valid       bool   `json:"valid"` // nothing was found about it
}

// A Detail is all that is known of an event.
type Detail struct {
	Row
	UUID      string          `json:"uuid,omitempty"`
	Timestamp string          `json:"timestamp,omitempty"` // as sent
	Path      string          `json:"path"`                // the endpoint
	SDK       string          `json:"sdk,omitempty"`       // name and version
	Raw       json.RawMessage `json:"raw"`                 // as sent
	All       []Finding       `json:"all,omitempty"`
	Plan      string          `json:"plan,omitempty"`    // file:line:col of the event
	Planned   []Planned       `json:"planned,omitempty"` // what the plan has for it
	Snippet   string          `json:"snippet,omitempty"` // YAML to add to the plan: the event, or the properties that it lacks
}

// Counts say how many events got which verdict.
type Counts struct {
	OK        uint64 `json:"ok"`
	Unplanned uint64 `json:"unplanned"`
	Invalid   uint64 `json:"invalid"`
}

// A NameCount is the counts of one event name.
type NameCount struct {
	Event string `json:"event"`
	Counts
	Last uint64 `json:"last"` // the sequence number of the newest one
}

// A Tick is the counts of one second.
type Tick struct {
	At int64 `json:"at"` // Unix seconds
	Counts
}

// A Summary is the state of things.
type Summary struct {
	Run        string      `json:"run"`
	Started    time.Time   `json:"started"`
	Last       uint64      `json:"last"`
	Kept       int         `json:"kept"`
	KeptBytes  int64       `json:"kept_bytes"`
	Dropped    uint64      `json:"dropped"`
	Counts     Counts      `json:"counts"`     // dropped ones included
	Deprecated uint64      `json:"deprecated"` // events that use something deprecated
	Requests   uint64      `json:"requests"`
	Refused    uint64      `json:"refused"` // requests that got neither 2xx nor 304
	Replays    uint64      `json:"replays"` // session recordings that /s/ counted
	Names      []NameCount `json:"names"`   // the 500 most frequent; the rest is in Others
	Others     Counts      `json:"others"`
	Ticks      []Tick      `json:"ticks"` // of the last 120 seconds that had any, the oldest first
	Plan       PlanState   `json:"plan"`
}

// A PlanState tells which plan judges.
type PlanState struct {
	File    string   `json:"file,omitempty"` // empty: there is none, and every event is as planned
	Name    string   `json:"name,omitempty"`
	Version string   `json:"version,omitempty"`
	Events  []string `json:"events,omitempty"` // names
	// Revision is another number whenever a plan was set, and when all that is kept has been
	// judged by it.
	Revision uint64 `json:"revision"`
	Error    string `json:"error,omitempty"` // why the file could not be read the last time; the plan before it goes on judging
}

// A RequestRow is one request to an endpoint of PostHog.
type RequestRow struct {
	Seq     uint64    `json:"seq"`
	At      time.Time `json:"at"`
	Method  string    `json:"method"`
	Path    string    `json:"path"`   // without its query
	Kind    string    `json:"kind"`   // as a sink.Exchange has it
	Status  int       `json:"status"` // 0: none was sent
	Millis  float64   `json:"ms"`
	Bytes   int       `json:"bytes"` // of the body, as sent
	Codec   string    `json:"codec,omitempty"`
	Events  int       `json:"events"`            // that were kept
	Again   int       `json:"again,omitempty"`   // of them, those that had arrived before by uuid
	Attempt int       `json:"attempt,omitempty"` // as the sender counts, from 1; else from 2 on if the same body failed before
	Fault   bool      `json:"fault,omitempty"`   // it met one that was asked for
	SDK     string    `json:"sdk,omitempty"`
	Refusal string    `json:"refusal,omitempty"` // why it was refused
}

// A TraceRow is one trace of a language model's work.
type TraceRow struct {
	ID     string    `json:"id"`
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
	Events int       `json:"events"`
	Errors int       `json:"errors,omitempty"`
}

// A TraceNode is one event of a trace.
type TraceNode struct {
	Row
	ID      string      `json:"id,omitempty"` // $ai_span_id, or that of a generation
	Parent  string      `json:"parent,omitempty"`
	Name    string      `json:"name,omitempty"`    // of the span, else the model
	Latency float64     `json:"latency,omitempty"` // seconds
	Tokens  [2]int64    `json:"tokens"`            // in, out
	Cost    float64     `json:"cost,omitempty"`    // US dollars
	Failed  bool        `json:"failed,omitempty"`
	Nodes   []TraceNode `json:"nodes,omitempty"`
}

// A CoverageDoc is how much of the plan the events have used, dropped ones included.
type CoverageDoc struct {
	Total  coverage.Share            `json:"total"`
	Kinds  map[string]coverage.Share `json:"kinds"`
	Unused []Unused                  `json:"unused"`
}

// An Unused is a part of the plan that no event has used.
type Unused struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Owner string `json:"owner,omitempty"`
	Plan  string `json:"plan"` // file:line:col
}

// A FlagRow is a flag and how it is set.
type FlagRow struct {
	Key         string         `json:"key"`
	Description string         `json:"description,omitempty"`
	Values      []any          `json:"values"`             // false, true, or false and the variants
	Default     any            `json:"default"`            // what is served when nothing is set
	Source      string         `json:"source"`             // "plan" or "file"
	Everyone    any            `json:"everyone,omitempty"` // as set for everyone; nil: it is not
	People      map[string]any `json:"people,omitempty"`   // as set for one person
	Plan        string         `json:"plan,omitempty"`     // file:line:col
	Called      uint64         `json:"called"`             // $feature_flag_called events
	Answers     map[string]int `json:"answers,omitempty"`  // their $feature_flag_response, as JSON text
}
