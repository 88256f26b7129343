package sink

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A kind of endpoint is what it takes or gives.
type kind uint8

const (
	capture      kind = iota // events
	flagValues               // of one person
	definitions              // of all flags
	remoteConfig             // of one flag
	surveys                  // of the project
)

// An endpoint is a path that is served.
type endpoint struct {
	kind  kind
	v1    bool  // the capture protocol with a verdict on each event
	body  int64 // limit of a body, as sent and decompressed
	event int64 // limit of one event; 0: the body's
}

const (
	batchLimit   = 20 << 20
	singleLimit  = 2 << 20
	aiEventLimit = 8 << 20
	v1EventLimit = 1 << 20
)

// endpoints are the paths without their closing slash, which is optional.
var endpoints = map[string]endpoint{
	"/batch":                 {body: batchLimit},
	"/i/v0/ai/batch":         {body: batchLimit, event: aiEventLimit},
	"/i/v1/analytics/events": {body: batchLimit, event: v1EventLimit, v1: true},
	"/i/v0/e":                {body: singleLimit},
	"/e":                     {body: singleLimit},
	"/capture":               {body: singleLimit},
	"/track":                 {body: singleLimit},
	"/engage":                {body: singleLimit},

	"/flags":             {kind: flagValues, body: singleLimit},
	"/decide":            {kind: flagValues, body: singleLimit},
	"/flags/definitions": {kind: definitions, body: singleLimit},

	"/api/feature_flag/local_evaluation": {kind: definitions, body: singleLimit},

	"/api/surveys": {kind: surveys, body: singleLimit},
}

func endpointOf(path string) (endpoint, bool) {
	if _, ok := configKey(path); ok {
		return endpoint{kind: remoteConfig, body: singleLimit}, true
	}
	e, ok := endpoints[strings.TrimSuffix(path, "/")]
	return e, ok
}

// method is the only one that the endpoint takes.
func (e endpoint) method() string {
	switch e.kind {
	case definitions, remoteConfig, surveys:
		return http.MethodGet
	}
	return http.MethodPost
}

// An answer is what a request gets.
type answer struct {
	ending Ending // of the request; without a reply unless it is Whole
	delay  time.Duration
	status int
	header http.Header
	body   *stream
	length int64 // of the body as announced; -1: not
}

// answer reads the request and keeps what it holds: 404 outside the endpoints, 405
// for another method than theirs, otherwise what the server's rules or the next
// fault say. w is nil in memory.
func (s *Sink) answer(w http.ResponseWriter, r *http.Request) answer {
	e, ok := endpointOf(r.URL.Path)
	if !ok {
		return s.plain(r, http.StatusNotFound, "404 page not found\n")
	}
	if r.Method != e.method() {
		a := s.plain(r, http.StatusMethodNotAllowed, "use "+e.method()+"\n")
		a.header.Set("Allow", e.method())
		return a
	}
	f, c := s.next(r.URL.Path)
	req := Request{Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone()}
	body := r.Body
	if body == nil { // nobody hands such a request to a server
		body = http.NoBody
	}
	if f.Request != Whole && !f.Keep {
		if n := min(f.RequestBytes, e.body); n > 0 {
			// A sender that goes first has nothing left to break.
			req.Raw, _ = io.ReadAll(io.LimitReader(body, n))
		}
		s.record(e, FlagRequest{Request: req})
		return answer{ending: f.Request}
	}
	var err error
	req.Raw, err = readAll(http.MaxBytesReader(w, body, e.body), r.ContentLength, e.body)
	var says reply
	if e.kind == capture {
		says = s.take(e, f, c, req, err)
	} else {
		says = s.tell(e, f, c, req, err)
	}
	if f.Request != Whole {
		return answer{ending: f.Request}
	}
	return s.compose(r, f, says)
}

// take keeps the events of a request. err is why it could not be read.
func (s *Sink) take(e endpoint, f Fault, c conditions, req Request, err error) reply {
	var in batch
	if err == nil && f.decodes() {
		in, err = decode(req, e, c)
	}
	req.Status = f.settle(http.StatusOK, err)
	in.overrule(f.Verdict)
	s.record(e, FlagRequest{Request: req}) // before the events: whoever waits for them finds their request
	if f.keeps() && err == nil {
		s.keep(in.kept(f.Keep))
	}
	return in.reply(e, req.Status, err)
}

// A batch is what one request held.
type batch struct {
	events   []Event
	verdicts []Verdict // one per event on v1; nil on v0, which has none
}

// decode applies the rules of the endpoint and the conditions to a request. An
// error is a *refusal of all of it.
func decode(req Request, e endpoint, c conditions) (batch, error) {
	var in batch
	var key, sdk string
	var err error
	if e.v1 {
		if key, sdk, err = checkHeader(req.Header); err != nil {
			return batch{}, err
		}
		if err := c.authorize(key); err != nil {
			return batch{}, err
		}
	}
	body, err := req.plain(e)
	if err != nil {
		return batch{}, err
	}
	if c.bytes > 0 && int64(len(body)) > c.bytes {
		return batch{}, tooLarge(c.bytes)
	}
	if e.v1 {
		in, err = decodeV1(body, e.event)
	} else if in.events, key, err = decodeBody(body); err == nil {
		err = c.authorize(key)
	}
	if err != nil {
		return batch{}, err
	}
	for i := range in.events {
		in.events[i].Path, in.events[i].SDK = req.Path, sdk
		if !e.v1 && e.event > 0 && int64(len(in.events[i].Raw)) > e.event {
			return batch{}, refuse(http.StatusRequestEntityTooLarge, "event %q is larger than %d bytes", in.events[i].Name, e.event)
		}
	}
	return in, c.admit(in.events)
}

// overrule lets ask say something else about the events that the server's own
// rules would take.
func (b batch) overrule(ask func(Event) Verdict) {
	if ask == nil {
		return
	}
	for i := range b.verdicts {
		if !b.verdicts[i].takes() {
			continue
		}
		if v := ask(b.events[i]); v.Result != "" {
			b.verdicts[i] = v
		}
	}
}

// kept returns the events to keep, all of them or those whose verdict says so.
func (b batch) kept(all bool) []Event {
	if all || b.verdicts == nil {
		return b.events
	}
	events := make([]Event, 0, len(b.events))
	for i, e := range b.events {
		if b.verdicts[i].takes() {
			events = append(events, e)
		}
	}
	return events
}

// admit refuses what the limits and the poison refuse.
func (c conditions) admit(events []Event) error {
	if c.events > 0 && len(events) > c.events {
		return refuse(http.StatusRequestEntityTooLarge, "the batch holds more than %d events", c.events)
	}
	for _, e := range events {
		if slices.Contains(c.poison, e.Name) {
			return bad("event %q is poison", e.Name)
		}
	}
	return nil
}

func (c conditions) authorize(key string) error {
	if c.key != "" && key != c.key {
		return refuse(http.StatusUnauthorized, "the project API key is missing or another one")
	}
	return nil
}

// ServeHTTP answers a request, or breaks the connection if a fault says so.
func (s *Sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := s.answer(w, r)
	if a.ending != Whole {
		s.breakOff(w, r, a.ending)
		return
	}
	if err := s.pause(r.Context(), a.delay); err != nil {
		abort()
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	if a.body.send(w) == nil {
		return
	}
	if a.body.left > 0 { // the sender has gone, or the sink was closed
		abort()
	}
	s.breakOff(w, r, a.body.ending)
}

// plain is an answer in plain text.
func (s *Sink) plain(r *http.Request, status int, text string) answer {
	return s.compose(r, Fault{}, reply{status: status, text: []byte(text), contentType: isText})
}
