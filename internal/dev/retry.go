package dev

import (
	"hash/maphash"
	"net/http"

	"github.com/phgen/phgen/internal/sink"
)

// maxFailed is how many bodies are remembered for being sent again.
const maxFailed = 1_000

// A retryLog finds the attempts of senders that do not say which one theirs is: the same
// body again, after it got no success.
type retryLog struct {
	seed   maphash.Seed
	failed map[uint64]int // attempts by the hash of their body
}

// attempt returns which attempt the request is, from 2 on; 0: it is the first, or nobody
// knows.
func (l *retryLog) attempt(x sink.Exchange) int {
	again := x.Status == 0 || x.Status >= 500 || x.Status == http.StatusRequestTimeout || x.Status == http.StatusTooManyRequests
	if len(x.Raw) == 0 || len(l.failed) == 0 && !again {
		return 0
	}
	if l.failed == nil || len(l.failed) >= maxFailed {
		l.seed, l.failed = maphash.MakeSeed(), map[uint64]int{}
	}
	body := maphash.Bytes(l.seed, x.Raw)
	n := l.failed[body] + 1
	if again {
		l.failed[body] = n
	} else {
		delete(l.failed, body)
	}
	if n == 1 {
		return 0
	}
	return n
}
