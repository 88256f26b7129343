package sink

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// An Exchange is a request and what came of it, as [Config.Observe] is told.
type Exchange struct {
	Request // its Raw is valid during the call only

	Method  string
	At      time.Time     // when its header had been read
	Took    time.Duration // until its reply began, or was given up
	Kind    string        // of the endpoint: "capture", "flags", "definitions", "remote config", "surveys", "recording", "start-up" or "unknown"
	Codec   string        // of the body; empty: none
	Events  []Event       // that were taken; the Raw of each is valid during the call only
	Flags   *FlagRequest  // of the kind "flags", as far as it could be decoded
	Fault   bool          // a fault was met
	Refusal string        // why the status is no success
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

// respond finds the answer to a request, waits until it is time for it and tells the
// observer. Its error is why nobody waits for the reply any more. w is nil in memory.
func (s *Sink) respond(w http.ResponseWriter, r *http.Request) (answer, error) {
	x := &Exchange{
		Request: Request{Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone()},
		Method:  r.Method,
		At:      time.Now(),
	}
	a := s.answer(w, r, x)
	var err error
	if a.ending == Whole {
		err = s.pause(r.Context(), a.delay)
	}
	if s.config.Observe == nil {
		return a, err
	}
	if err != nil {
		x.Status, x.Refusal = 0, "no reply: "+err.Error()
	}
	x.Took = time.Since(x.At)
	s.config.Observe(*x)
	return a, err
}

// answer reads the request and keeps what it holds: 404 outside the endpoints, 405
// for another method than theirs, otherwise what the server's rules or the next
// fault say. It completes x but for the time.
func (s *Sink) answer(w http.ResponseWriter, r *http.Request, x *Exchange) answer {
	e, ok := endpointOf(r.URL.Path)
	if !ok {
		x.Kind = "unknown"
		return s.plain(r, x, http.StatusNotFound, "404 page not found\n")
	}
	x.Kind = e.kind.String()
	var a answer
	switch methods := e.methods(); {
	case slices.Contains(methods, r.Method):
		f, c := s.next(r)
		x.Fault = !f.healthy()
		a = s.serve(w, r, e, f, c, x)
	case r.Method == http.MethodOptions && e.shares():
		a = s.preflight(e, r, x)
	default:
		a = s.plain(r, x, http.StatusMethodNotAllowed, "use "+strings.Join(methods, " or ")+"\n")
		a.header.Set("Allow", strings.Join(methods, ", "))
	}
	if a.ending == Whole {
		e.share(r, a.header)
	}
	return a
}

// serve answers a request to an endpoint.
func (s *Sink) serve(w http.ResponseWriter, r *http.Request, e endpoint, f Fault, c conditions, x *Exchange) answer {
	body := r.Body
	if body == nil { // nobody hands such a request to a server
		body = http.NoBody
	}
	if f.Request != Whole && !f.Keep {
		if n := min(f.RequestBytes, e.body); n > 0 {
			// A sender that goes first has nothing left to break.
			x.Raw, _ = io.ReadAll(io.LimitReader(body, n))
		}
		x.Refusal = f.refusal(0)
		s.record(e, FlagRequest{Request: x.Request})
		return answer{ending: f.Request}
	}
	var err error
	x.Raw, err = readAll(http.MaxBytesReader(w, body, e.body), r.ContentLength, e.body)
	if s.config.Observe != nil {
		p, _ := x.payload(e) // its error comes up again
		x.Codec = p.codec
	}
	says, err := s.reply(e, f, c, x, err)
	switch {
	case x.Status/100 == 2 || x.Status == http.StatusNotModified:
	case err != nil:
		x.Refusal = err.Error()
	default:
		x.Refusal = f.refusal(x.Status)
	}
	if f.Request != Whole {
		return answer{ending: f.Request}
	}
	return s.compose(r, f, says)
}

// reply is what the endpoint says to a request that was read. err is why it could not be
// read; reply returns why it was refused.
func (s *Sink) reply(e endpoint, f Fault, c conditions, x *Exchange, err error) (reply, error) {
	switch e.kind {
	case capture:
		return s.take(e, f, c, x, err)
	case recording:
		x.Status = f.settle(http.StatusOK, err)
		s.record(e, FlagRequest{Request: x.Request})
		return batch{}.reply(e, x.Status, err), err
	}
	return s.tell(e, f, c, x, err)
}

// ServeHTTP answers a request, or breaks the connection if a fault says so.
func (s *Sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, err := s.respond(w, r)
	if a.ending != Whole {
		s.breakOff(w, r, a.ending)
		return
	}
	if err != nil {
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

// plain is an answer in plain text: a refusal.
func (s *Sink) plain(r *http.Request, x *Exchange, status int, text string) answer {
	x.Status, x.Refusal = status, strings.TrimSuffix(text, "\n")
	return s.compose(r, Fault{}, reply{status: status, text: []byte(text), contentType: isText})
}
