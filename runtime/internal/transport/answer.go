package transport

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/origin"
	"github.com/phgen/phgen/runtime/internal/queue"
)

const (
	// maxAnswer bounds what is read of an answer's body, beside results for each event;
	// maxLongAnswer bounds it with them. A connection whose answer is longer is closed
	// instead of reused.
	maxAnswer     = 64 << 10
	maxLongAnswer = 4 << 20

	maxTexts = 32 // different ones that are kept of one answer (TestTextsAreBounded)
)

// A reading is what an answer says.
type reading struct {
	queue.Verdict
	warnings map[string]int
}

// read reads the answer to r, within bounds. An error says that a success broke off: that
// is no answer. A failure counts as soon as its status is known, since a server that will
// not take a body closes the connection as it likes.
func (t *Transport) read(res *http.Response, r *queue.Request) (reading, error) {
	s := newScanner(res.Body, min(maxAnswer+t.protocol.result*int64(r.Events), maxLongAnswer))
	defer s.free()
	if res.StatusCode < 200 || res.StatusCode > 299 {
		status := &StatusError{Status: res.StatusCode}
		if t.protocol.refuse != nil {
			status.Code, status.Description = t.protocol.refuse(s)
			status.Code, status.Description = t.keys.Clean(status.Code), t.keys.Clean(status.Description)
		}
		_ = s.drain()
		return reading{Verdict: verdict(status, res.Header, time.Now())}, nil
	}
	a := t.protocol.accept(t, s, r)
	if coding := res.Header.Get("Content-Encoding"); a.Outcome == queue.Garbled && coding != "" {
		a.Err = fmt.Errorf("%w: it is encoded as %q, which nobody asked for", a.Err, t.keys.Clean(coding))
	}
	if err := s.drain(); err != nil {
		return reading{}, fmt.Errorf("reading the answer: %w", err)
	}
	if slices.ContainsFunc(a.Each, func(e queue.Single) bool { return e.Outcome == queue.Retry }) {
		a.After = retryAfter(res.Header, time.Now())
	}
	return a, nil
}

const blank = " \t\r\n\f\ufeff" // white space, and the bytes of a byte order mark

// acceptAnything reads a success of V0, which says nothing that its status does not.
// But a page of the web comes from somebody else: a portal that wants a login, or an
// application that serves its page at every path.
func acceptAnything(_ *Transport, s *scanner, _ *queue.Request) reading {
	c := s.next()
	for c != 0 && strings.IndexByte(blank, c) >= 0 {
		c = s.next()
	}
	if c == '<' {
		return reading{Verdict: queue.Verdict{Outcome: queue.Garbled, Err: origin.Garbled("the body is a web page")}}
	}
	return reading{Verdict: queue.Verdict{Outcome: queue.Delivered}}
}

// refusal reads the body of a failure of V1: {"error":"…","error_description":"…"}.
func refusal(s *scanner) (code, description string) {
	s.members(s.key[:], func(key []byte) bool {
		var to *string
		switch string(key) {
		case "error":
			to = &code
		case "error_description":
			to = &description
		}
		if to == nil || s.first() != '"' {
			return s.value(0)
		}
		text, ok := s.text(s.prose[:])
		*to = string(text)
		return ok
	})
	return code, description
}

// A results is what V1 says about the events of a request:
//
//	{"results":{"0190…":{"result":"retry","details":"not_persisted"}}}
//
// An event that is not named, or with a word that is not known here, is delivered.
type results struct {
	t        *Transport
	r        *queue.Request
	index    map[uuid.UUID]int // nil until an event turns up that is not delivered
	each     []queue.Single
	errs     map[ResultError]*ResultError
	warnings map[string]int
}

// acceptResults reads a success of V1.
func acceptResults(t *Transport, s *scanner, r *queue.Request) reading {
	rs := results{t: t, r: r}
	found := false
	sound := s.members(s.key[:], func(key []byte) bool {
		if string(key) != "results" {
			return s.value(0)
		}
		found = true
		return s.members(s.name[:], func(name []byte) bool { return rs.read(s, name) })
	})
	if !sound || !found || !s.end() {
		return reading{Verdict: queue.Verdict{Outcome: queue.Garbled, Err: origin.Garbled("the body is no list of results")}}
	}
	return reading{rs.verdict(), rs.warnings}
}

// read reads the result of the event with the UUID name.
func (rs *results) read(s *scanner, name []byte) bool {
	if s.first() != '{' {
		return false
	}
	var word, details []byte
	ok := s.members(s.key[:], func(key []byte) (ok bool) {
		switch {
		case string(key) == "result":
			word, ok = s.text(s.word[:])
			return ok
		case string(key) == "details" && s.first() == '"':
			details, ok = s.text(s.prose[:])
			return ok
		}
		return s.value(0)
	})
	if ok {
		rs.take(name, word, details)
	}
	return ok
}

// take notes a result. The last word about an event counts.
func (rs *results) take(name, word, details []byte) {
	outcome := queue.Delivered
	switch string(word) {
	case "drop":
		outcome = queue.Drop
	case "retry":
		outcome = queue.Retry
	case "warning":
		rs.warn(details)
	}
	if rs.index == nil {
		if outcome == queue.Delivered {
			return
		}
		rs.index = make(map[uuid.UUID]int, rs.r.Events)
		i := 0
		for e := range rs.r.Entries() {
			rs.index[e.UUID] = i
			i++
		}
		rs.each = make([]queue.Single, rs.r.Events)
	}
	id, err := uuid.ParseBytes(name)
	if err != nil {
		return // not one of ours
	}
	i, ok := rs.index[id]
	if !ok {
		return
	}
	rs.each[i] = queue.Single{Outcome: outcome}
	if outcome != queue.Delivered {
		rs.each[i].Err = rs.err(word, details)
	}
}

// err returns the error of a result. Equal ones are one error, and what an endpoint
// makes up beyond maxTexts has no details.
func (rs *results) err(word, details []byte) error {
	e := ResultError{Result: string(word), Details: rs.t.keys.Clean(string(details))}
	if len(rs.errs) >= maxTexts && rs.errs[e] == nil {
		e.Details = ""
	}
	if rs.errs[e] == nil {
		if rs.errs == nil {
			rs.errs = make(map[ResultError]*ResultError)
		}
		rs.errs[e] = &e
	}
	return rs.errs[e]
}

// warn counts a warning, if somebody wants to know.
func (rs *results) warn(details []byte) {
	if rs.t.cfg.Attempt == nil {
		return
	}
	text := rs.t.keys.Clean(string(details))
	if _, ok := rs.warnings[text]; !ok && len(rs.warnings) >= maxTexts {
		text = "…"
	}
	if rs.warnings == nil {
		rs.warnings = make(map[string]int)
	}
	rs.warnings[text]++
}

// verdict sums up.
func (rs *results) verdict() queue.Verdict {
	dropped, again := 0, 0
	for _, e := range rs.each {
		switch e.Outcome {
		case queue.Drop:
			dropped++
		case queue.Retry:
			again++
		}
	}
	var parts []string
	if dropped > 0 {
		parts = append(parts, fmt.Sprintf("dropped %d", dropped))
	}
	if again > 0 {
		parts = append(parts, fmt.Sprintf("wants %d again", again))
	}
	if parts == nil {
		return queue.Verdict{Outcome: queue.Delivered}
	}
	err := fmt.Errorf("of %d events the endpoint %s", rs.r.Events, strings.Join(parts, " and "))
	return queue.Verdict{Outcome: queue.Mixed, Each: rs.each, Err: err}
}
