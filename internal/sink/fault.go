package sink

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// A Fault is what one request meets instead of a healthy server. The zero Fault
// is a healthy server. Its parts combine: a request can be delayed, then refused.
type Fault struct {
	// Status answers the request whatever it holds. 0 means the status that its
	// body deserves.
	Status int

	// RetryAfter is the reply's Retry-After header; empty sends none.
	RetryAfter string

	// Location makes the reply a redirect to there, with Status or 307.
	Location string

	// Delay passes between the end of the request and the reply.
	Delay time.Duration

	// Drip sends the reply's body one byte at a time, with this pause before each.
	Drip time.Duration

	// Endless sends a reply body that never ends.
	Endless bool

	// Hang sends no reply at all and holds the connection.
	Hang bool

	// Reset breaks the connection with an RST once ResetAfter bytes of the
	// request's body were read, or all of it if it is shorter.
	Reset      bool
	ResetAfter int64

	// Keep takes the events although the request looks failed to its sender.
	Keep bool
}

// Inject makes the next len(faults) requests meet one fault each, behind those
// that were injected before.
func (s *Sink) Inject(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

func (s *Sink) nextFault() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 {
		return Fault{}
	}
	f := s.faults[0]
	s.faults = s.faults[1:]
	return f
}

// status is what a good request gets.
func (f Fault) status() int {
	switch {
	case f.Status != 0:
		return f.Status
	case f.Location != "":
		return http.StatusTemporaryRedirect
	}
	return http.StatusOK
}

// keeps reports whether the events of a good request are taken.
func (f Fault) keeps() bool {
	return f.Keep || f.status()/100 == 2 && !f.Hang
}

// reply answers with the status; cause, if there is one, is the text of a refusal.
func (s *Sink) reply(w http.ResponseWriter, r *http.Request, f Fault, status int, cause error) {
	if f.Hang {
		s.pause(r, 0)
		panic(http.ErrAbortHandler) // closes the connection without a reply
	}
	if f.Delay > 0 && !s.pause(r, f.Delay) {
		panic(http.ErrAbortHandler)
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	if f.Location != "" {
		w.Header().Set("Location", f.Location)
	}
	body, contentType := `{"status":1}`, "application/json"
	if status/100 != 2 {
		body, contentType = http.StatusText(status)+"\n", "text/plain; charset=utf-8"
		if cause != nil {
			body = cause.Error() + "\n"
		}
	}
	w.Header().Set("Content-Type", contentType)
	if !f.Endless {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	if f.Drip == 0 && !f.Endless {
		_, _ = io.WriteString(w, body) // a sender that has gone needs no answer
		return
	}
	s.trickle(w, r, f, body)
}

// trickle writes body slowly, or again and again without an end.
func (s *Sink) trickle(w http.ResponseWriter, r *http.Request, f Fault, body string) {
	out := http.NewResponseController(w)
	for {
		for i := range len(body) {
			if f.Drip > 0 && !s.pause(r, f.Drip) {
				return
			}
			if _, err := w.Write([]byte{body[i]}); err != nil {
				return
			}
			if f.Drip == 0 {
				continue
			}
			if err := out.Flush(); err != nil {
				return
			}
		}
		if !f.Endless {
			return
		}
		select {
		case <-s.closed:
			return
		default:
		}
	}
}

// pause waits for d, without an end if d is 0. It reports false if the sender
// went away or the sink was closed meanwhile.
func (s *Sink) pause(r *http.Request, d time.Duration) bool {
	var end <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		end = t.C
	}
	select {
	case <-end:
		return true
	case <-r.Context().Done():
	case <-s.closed:
	}
	return false
}

// reset reads ResetAfter bytes of the body and breaks the connection.
func (s *Sink) reset(w http.ResponseWriter, r *http.Request, f Fault, limit int64) {
	req := Request{Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone()}
	var events []Event
	if f.Keep {
		// A body that deserves a refusal leaves events empty; nobody could be told.
		req, events, _ = s.receive(w, r, limit)
	} else if n := min(f.ResetAfter, limit); n > 0 {
		// A sender that goes first has nothing left to reset.
		req.Raw, _ = io.ReadAll(io.LimitReader(r.Body, n))
	}
	s.record(req)
	s.keep(events)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // no connection to reset: HTTP/2 resets the stream
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // Close then sends an RST instead of an orderly end
	}
	_ = conn.Close() // which is the fault
}
