package transport

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/phgen/phgen/runtime/internal/queue"
)

// verdict reads an answer. Its body says nothing that the status does not.
func verdict(status int, header http.Header, now time.Time) queue.Verdict {
	v := queue.Verdict{Err: fmt.Errorf("endpoint answered %d %s", status, http.StatusText(status))}
	switch {
	case status >= 200 && status < 300:
		return queue.Verdict{Outcome: queue.Delivered}
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= 500:
		v.Outcome = queue.Retry
		v.After = retryAfter(header.Get("Retry-After"), now)
	case status == http.StatusRequestEntityTooLarge:
		v.Outcome = queue.Split
	case status == http.StatusUnauthorized, status == http.StatusPaymentRequired, status == http.StatusForbidden:
		v.Outcome = queue.Hold
		v.After = retryAfter(header.Get("Retry-After"), now)
	default:
		v.Outcome = queue.Isolate
	}
	return v
}

const (
	maxRetryAfter = 5 * time.Minute

	// absurdRetryAfter is the number of seconds, 30 years, from which on a Retry-After
	// is a mistake rather than a wish.
	absurdRetryAfter = 1e9
)

// retryAfter reads a Retry-After header, in seconds or as a date, clamped to
// maxRetryAfter. It returns 0 for everything that is no time in the future.
func retryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if strings.Trim(text, "0123456789.") == "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || seconds > absurdRetryAfter {
			return 0
		}
		return min(time.Duration(seconds*float64(time.Second)), maxRetryAfter)
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
