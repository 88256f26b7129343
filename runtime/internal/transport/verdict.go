package transport

import (
	"net/http"
	"time"

	"github.com/phgen/phgen/runtime/internal/origin"
	"github.com/phgen/phgen/runtime/internal/queue"
)

// verdict says what an answer that is no success means. Every protocol has the same
// statuses. V1 calls 429 final, but it is about the sender, not about the events.
func verdict(err *StatusError, header http.Header, now time.Time) queue.Verdict {
	v := queue.Verdict{Outcome: queue.Isolate, Err: err}
	switch s := err.Status; {
	case s == http.StatusRequestTimeout, s == http.StatusTooManyRequests, s >= 500, s >= 300 && s < 400:
		v.Outcome = queue.Retry // a redirect that is not followed is somebody in between
	case s == http.StatusRequestEntityTooLarge:
		v.Outcome = queue.Split
	case s == http.StatusUnauthorized, s == http.StatusPaymentRequired, s == http.StatusForbidden:
		v.Outcome = queue.Hold
	case s == http.StatusNotFound, s == http.StatusMethodNotAllowed, s == http.StatusGone, s == http.StatusUnsupportedMediaType:
		// About the address or the form of every request, so no bisection finds an event
		// that is to blame, and the next requests fare no better: an ingress while its
		// service is away, a wrong path in Host, or a server too old for this protocol.
		v.Outcome, v.Pace = queue.Retry, addressDelay
	}
	if v.Outcome == queue.Retry || v.Outcome == queue.Hold {
		v.After = retryAfter(header, now)
	}
	return v
}

const (
	addressDelay  = time.Minute // between attempts at an address that is not there
	maxRetryAfter = 5 * time.Minute
)

// retryAfter returns how long the endpoint wants a pause, as far as that counts.
func retryAfter(header http.Header, now time.Time) time.Duration {
	return min(origin.RetryAfter(header, now), maxRetryAfter)
}
