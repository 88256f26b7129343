package devserver

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/phgen/phgen/internal/dev"
)

// A query reads the parameters of a request. The first bad one is its err; an empty one
// is as good as none.
type query struct {
	values url.Values
	err    error
}

// parseQuery refuses parameters that are unknown or given twice.
func parseQuery(raw string, known []string) (*query, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the query cannot be read (%v); escape its values as URLs do", err)
	}
	for name, all := range values {
		if !slices.Contains(known, name) {
			return nil, refuse(http.StatusBadRequest, "query parameter %.50q is unknown; %s", name, listed(known))
		}
		if len(all) > 1 {
			return nil, refuse(http.StatusBadRequest, "query parameter %q is given twice; give it once", name)
		}
	}
	return &query{values: values}, nil
}

func listed(known []string) string {
	if len(known) == 0 {
		return "there are none here"
	}
	return "known here: " + strings.Join(known, ", ")
}

// bad notes that a parameter is not what it must be.
func (q *query) bad(name, must string) {
	if q.err == nil {
		q.err = refuse(http.StatusBadRequest, "query parameter %q is %.50q; it must be %s", name, q.values.Get(name), must)
	}
}

// number returns a parameter between least and most, or otherwise if there is none.
func (q *query) number(name string, least, most, otherwise uint64) uint64 {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < least || n > most {
		q.bad(name, "a whole number from "+strconv.FormatUint(least, 10)+" to "+strconv.FormatUint(most, 10))
		return otherwise
	}
	return n
}

// duration returns a parameter of up to most, or otherwise if there is none.
func (q *query) duration(name string, most, otherwise time.Duration) time.Duration {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > most {
		q.bad(name, "a duration such as 2s, of at most "+most.String())
		return otherwise
	}
	return d
}

// filterParams are the parameters that filter reads.
var filterParams = []string{"event", "verdict", "person", "text", "since", "before", "limit"}

// maxLimit bounds the rows of one answer.
const maxLimit = 5_000

// maxSeq is the largest sequence number that JSON readers have exactly.
const maxSeq = 1<<53 - 1

// filter returns which events are asked for.
func (q *query) filter() dev.Filter {
	f := dev.Filter{
		Event:   q.values.Get("event"),
		Verdict: dev.Verdict(q.values.Get("verdict")),
		Person:  q.values.Get("person"),
		Text:    q.values.Get("text"),
		Since:   q.number("since", 0, maxSeq, 0),
		Before:  q.number("before", 0, maxSeq, 0),
		Limit:   int(q.number("limit", 1, maxLimit, 0)),
	}
	switch f.Verdict {
	case "", dev.OK, dev.Unplanned, dev.Invalid:
	default:
		q.bad("verdict", "ok, unplanned or invalid")
	}
	return f
}
