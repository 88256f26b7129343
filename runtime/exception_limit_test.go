package runtime

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestExceptionLimit(t *testing.T) {
	var l exceptionLimit
	now := time.Unix(1e9, 0)
	passed := func(kind string, n int) (passed int) {
		for range n {
			if l.take(kind, now) {
				passed++
			}
		}
		return passed
	}
	for _, tt := range []struct {
		after time.Duration
		kind  string
		want  int // of 100
	}{
		{0, "a", 49},
		{0, "b", 49},
		{9 * time.Second, "a", 0},
		{time.Second, "a", 9},
		{19 * time.Second, "a", 9},
		{time.Second, "a", 9}, // the 9 s before count
		{-time.Hour, "a", 0},  // a clock that was set back
		{2 * time.Hour, "a", 49},
		{time.Duration(1<<62) * 1, "a", 49},
	} {
		now = now.Add(tt.after)
		if got := passed(tt.kind, 100); got != tt.want {
			t.Errorf("%v later, %q: %d of 100 passed, want %d", tt.after, tt.kind, got, tt.want)
		}
	}
}

// Types without end share a bucket, until others are idle.
func TestExceptionLimitIsBounded(t *testing.T) {
	var l exceptionLimit
	now := time.Unix(1e9, 0)
	passed := 0
	for i := range 3 * maxLimited {
		if l.take(strconv.Itoa(i), now) {
			passed++
		}
	}
	if want := maxLimited + limitSize - 1; passed != want {
		t.Errorf("%d passed, want %d", passed, want)
	}
	if got := len(l.buckets); got != maxLimited+1 {
		t.Errorf("%d buckets, want %d", got, maxLimited+1)
	}
	now = now.Add(limitInterval)
	if !l.take("new", now) || len(l.buckets) > maxLimited {
		t.Errorf("later: %d buckets", len(l.buckets))
	}
}

func TestAutomatic(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config bool
		scope  []ScopeOption
		want   int
	}{
		{"nobody wants it", false, nil, 0},
		{"the client does", true, nil, 1},
		{"the scope does", false, []ScopeOption{CaptureExceptions(true)}, 1},
		{"the scope does not", true, []ScopeOption{CaptureExceptions(false)}, 0},
	} {
		r := newRig(t, func(c *Config) { c.CaptureExceptions = tt.config })
		ctx := With(r.ctx(tt.scope...), Tag("a", 1))
		CaptureException(ctx, errors.New("x"), Automatic())
		if got := len(r.sent()); got != tt.want {
			t.Errorf("%s: captured %d, want %d", tt.name, got, tt.want)
		}
	}
}

// Only automatic exceptions are limited, and what is left out is counted.
func TestAutomaticIsLimited(t *testing.T) {
	r := newRig(t, func(c *Config) { c.CaptureExceptions = true })
	for i := range 60 {
		CaptureException(r.ctx(), fmt.Errorf("%d: %w", i, &failure{}), Automatic())
		CaptureException(r.ctx(), errors.New("x"))
		CapturePanic(r.ctx(), i, Automatic())
	}
	if got, want := len(r.sent()), 49+60+49; got != want {
		t.Errorf("captured %d, want %d", got, want)
	}
	want := map[string]uint64{"rate_limited": 11 + 11}
	if diff := cmp.Diff(want, r.c.Stats().RefusedBy); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}
