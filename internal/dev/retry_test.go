package dev

import (
	"strconv"
	"testing"

	"github.com/phgen/phgen/internal/sink"
)

func TestRetries(t *testing.T) {
	var l retryLog
	for i, step := range []struct {
		body   string
		status int
		want   int
	}{
		{"a", 200, 0},
		{"a", 200, 0}, // the same again, but nothing had failed
		{"a", 503, 0},
		{"b", 429, 0},
		{"a", 0, 2},
		{"", 503, 0},
		{"", 503, 0}, // a body of nothing is nobody's
		{"a", 200, 3},
		{"a", 200, 0},
		{"b", 400, 2}, // it was refused for good
		{"b", 400, 0},
	} {
		x := sink.Exchange{Request: sink.Request{Raw: []byte(step.body), Status: step.status}}
		if got := l.attempt(x); got != step.want {
			t.Errorf("step %d, %q with %d: got %d, want %d", i, step.body, step.status, got, step.want)
		}
	}
	for i := range 3 * maxFailed {
		l.attempt(sink.Exchange{Request: sink.Request{Raw: strconv.AppendInt(nil, int64(i), 10), Status: 503}})
		if len(l.failed) > maxFailed {
			t.Fatalf("%d bodies are remembered, want at most %d", len(l.failed), maxFailed)
		}
	}
}
