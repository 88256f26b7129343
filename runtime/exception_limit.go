package runtime

import (
	"errors"
	"maps"
	"sync"
	"time"
)

// The buckets of PostHog's own libraries.
const (
	limitSize     = 50
	limitRefill   = 10
	limitInterval = 10 * time.Second

	maxLimited = 1000 // types with a bucket of their own
)

// errLimited refuses an exception that is one too many of its type.
var errLimited = errors.New("ph: too many exceptions of one type")

// An exceptionLimit keeps one fault that repeats itself from being all there is. It has
// a bucket for each type of exception.
type exceptionLimit struct {
	mu      sync.Mutex
	buckets map[string]tokenBucket
}

type tokenBucket struct {
	tokens int
	at     time.Time // up to which it was refilled
}

// take reports whether an exception of the type may be captured at now.
func (l *exceptionLimit) take(kind string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[kind]
	if !ok {
		kind = l.room(kind, now)
		if b, ok = l.buckets[kind]; !ok {
			b = tokenBucket{limitSize, now}
		}
	}
	b.refill(now)
	if b.tokens > 0 {
		b.tokens--
	}
	l.buckets[kind] = b
	return b.tokens > 0 // who takes the last token is limited, too
}

// room makes room for one more type and returns it; if there is none, the one that stands
// for all others.
func (l *exceptionLimit) room(kind string, now time.Time) string {
	if l.buckets == nil {
		l.buckets = make(map[string]tokenBucket)
	}
	if len(l.buckets) < maxLimited {
		return kind
	}
	maps.DeleteFunc(l.buckets, func(_ string, b tokenBucket) bool {
		b.refill(now)
		return b.tokens == limitSize // as good as new
	})
	if len(l.buckets) < maxLimited {
		return kind
	}
	return ""
}

// refill adds the tokens of the whole intervals since the last time.
func (b *tokenBucket) refill(now time.Time) {
	n := now.Sub(b.at) / limitInterval
	if n <= 0 {
		return
	}
	b.at = b.at.Add(n * limitInterval)
	b.tokens = int(min(limitSize, time.Duration(b.tokens)+min(n, limitSize)*limitRefill))
}
