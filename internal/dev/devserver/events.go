package devserver

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/phgen/phgen/internal/dev"
)

func (s *Server) events(w http.ResponseWriter, _ *http.Request, q *query) error {
	filter := q.filter()
	if q.err != nil {
		return q.err
	}
	return reply(w, http.StatusOK, s.config.Store.Events(filter))
}

func (s *Server) event(w http.ResponseWriter, r *http.Request, _ *query) error {
	text := r.PathValue("seq")
	seq, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return refuse(http.StatusBadRequest, "event %.50q is no number; use the seq of a row of /api/events", text)
	}
	detail, ok := s.config.Store.Event(seq)
	if !ok {
		return refuse(http.StatusNotFound, "event %d is not kept: it made room for newer ones, was forgotten by a reset, or never came; /api/events has those that are", seq)
	}
	return reply(w, http.StatusOK, detail)
}

// export answers with events as they were sent, one a line.
func (s *Server) export(w http.ResponseWriter, r *http.Request, q *query) error {
	filter := q.filter()
	if q.err != nil {
		return q.err
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Content-Disposition", `attachment; filename="events.ndjson"`)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	out := &timedWriter{ResponseWriter: w}
	if err := s.config.Store.Export(out, filter); err != nil {
		abort() // the file must not look whole
	}
	out.done()
	return nil
}

func (s *Server) summary(w http.ResponseWriter, _ *http.Request, _ *query) error {
	return reply(w, http.StatusOK, s.config.Store.Summary())
}

// maxRequests is how many requests the store keeps.
const maxRequests = 1_000

type requestsDoc struct {
	Requests []dev.RequestRow `json:"requests"`
}

func (s *Server) requests(w http.ResponseWriter, _ *http.Request, q *query) error {
	since := q.number("since", 0, maxSeq, 0)
	limit := q.number("limit", 1, maxRequests, maxRequests)
	if q.err != nil {
		return q.err
	}
	return reply(w, http.StatusOK, requestsDoc{s.config.Store.Requests(since, int(limit))})
}

type tracesDoc struct {
	Traces []dev.TraceRow `json:"traces"`
}

func (s *Server) traces(w http.ResponseWriter, _ *http.Request, _ *query) error {
	return reply(w, http.StatusOK, tracesDoc{s.config.Store.Traces()})
}

type traceDoc struct {
	ID    string          `json:"id"`
	Nodes []dev.TraceNode `json:"nodes"`
}

func (s *Server) trace(w http.ResponseWriter, r *http.Request, _ *query) error {
	id := r.PathValue("id")
	nodes, ok := s.config.Store.Trace(id)
	if !ok {
		return refuse(http.StatusNotFound, "no event that is kept belongs to trace %.100q; /api/traces has those that there are", id)
	}
	return reply(w, http.StatusOK, traceDoc{id, nodes})
}

func (s *Server) coverage(w http.ResponseWriter, _ *http.Request, _ *query) error {
	return reply(w, http.StatusOK, s.config.Store.Coverage())
}

var waitParams = []string{"event", "verdict", "person", "text", "since", "n", "timeout"}

const (
	maxWait     = time.Minute
	defaultWait = 2 * time.Second
)

// errStopping is what requests get that would have had to wait.
var errStopping = refuse(http.StatusServiceUnavailable, "phgen dev is stopping; start it again")

type waitDoc struct {
	Error string    `json:"error,omitempty"`
	Rows  []dev.Row `json:"rows"`
}

// wait answers as soon as there are n events, or at the timeout.
func (s *Server) wait(w http.ResponseWriter, r *http.Request, q *query) error {
	filter := q.filter()
	filter.Limit = maxLimit
	n := int(q.number("n", 1, maxLimit, 1))
	timeout := q.duration("timeout", maxWait, defaultWait)
	if q.err != nil {
		return q.err
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	rows, err := s.config.Store.Wait(ctx, filter, n)
	switch {
	case err == nil:
		return reply(w, http.StatusOK, waitDoc{Rows: rows})
	case r.Context().Err() != nil:
		return nil // nobody is there any more
	case s.ctx.Err() != nil:
		return errStopping
	default:
		late := refuse(http.StatusRequestTimeout, "%d of %d events came within %s; ask /api/events what came instead, or give a longer timeout (at most %s)", len(rows), n, timeout, maxWait)
		return reply(w, http.StatusRequestTimeout, waitDoc{late.Error(), rows})
	}
}

// reset forgets what came and what was set, but for the fault.
func (s *Server) reset(w http.ResponseWriter, _ *http.Request, _ *query) error {
	s.config.Store.Reset()
	s.config.Flags.Reset()
	s.publishFlags()
	return reply(w, http.StatusOK, runDoc{s.config.Store.Summary().Run})
}
