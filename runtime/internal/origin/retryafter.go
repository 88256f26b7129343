package origin

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// absurdRetryAfter is the number of seconds, 30 years, from which on a Retry-After
// is a mistake rather than a wish.
const absurdRetryAfter = 1e9

// RetryAfter reads the Retry-After of an answer, in seconds or as a date. It returns 0 for
// everything that is no time in the future; how much of a long one counts is the caller's
// decision.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if strings.Trim(text, "0123456789.") == "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || seconds > absurdRetryAfter {
			return 0
		}
		return time.Duration(seconds * float64(time.Second))
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}
