//go:build linux

package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"time"

	"github.com/phgen/phgen/internal/bench/loopback"
	ph "github.com/phgen/phgen/runtime"
)

const (
	checkEvery = time.Second
	lineEvery  = 10 // checks
	maxShown   = 20 // violations

	// What the last third of a run may take beyond the first, so that a few bytes that
	// stay of every event show in ten minutes. A short run is still filling its queue.
	minMemory  = 60 // checks
	slackShare = 10 // the n-th part of the first
	slackBytes = 8 << 20
)

// A ledger compares what the client says of its events with what the producers and the
// server know of them.
type ledger struct {
	client *ph.Client
	url    string
	onFull ph.OnFull
	start  time.Time
	counts

	mu         sync.Mutex
	violations int

	// Of the watching goroutine.
	last ph.Stats
	rss  []int64 // one for each check
}

// watch checks the ledger until produced is closed.
func (l *ledger) watch(produced <-chan struct{}) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-tick.C:
		case <-produced:
			return
		}
		s, a := l.check()
		now, _, err := loopback.Memory()
		if err != nil {
			l.wrong("%v", err)
		}
		l.rss = append(l.rss, now)
		if n%lineEvery == 0 {
			l.print(s, a, now)
		}
	}
}

// check takes one view of the client, then one of the server, and compares them.
func (l *ledger) check() (ph.Stats, arrivals) {
	accepted, refused := l.accepted.Load(), l.refused.Load()
	s := l.client.Stats()
	acceptedNow, refusedNow := l.accepted.Load(), l.refused.Load()
	var a arrivals
	if err := loopback.Fetch(l.url, &a); err != nil {
		l.wrong("asking the server: %v", err)
		return s, a
	}
	if sum := s.Sent + s.Lost + s.Queued + s.InFlight + s.Spooled; sum != s.Accepted {
		l.wrong("accepted %d, but sent + lost + queued + in flight + spooled is %d: %+v", s.Accepted, sum, s)
	}
	// An event is counted by the client before its producer knows.
	if s.Accepted < accepted || s.Accepted > acceptedNow+producers {
		l.wrong("the client accepted %d, its producers know of %d to %d", s.Accepted, accepted, acceptedNow)
	}
	if s.Refused < refused || s.Refused > refusedNow+producers {
		l.wrong("the client refused %d, its producers know of %d to %d", s.Refused, refused, refusedNow)
	}
	if l.onFull != ph.DropNewest && s.Refused > 0 {
		l.wrong("%d refused: %v", s.Refused, s.RefusedBy)
	}
	if s.Lost > l.last.Lost {
		l.wrong("%d lost: %v", s.Lost, s.LostBy)
	}
	if s.Accepted < l.last.Accepted || s.Sent < l.last.Sent || s.Lost < l.last.Lost || s.Refused < l.last.Refused {
		l.wrong("a count went down: %+v after %+v", s, l.last)
	}
	if s.Sent > a.Distinct {
		l.wrong("the client says that %d are sent, %d arrived", s.Sent, a.Distinct)
	}
	if a.Foreign > 0 || a.Malformed > 0 {
		l.wrong("the server received %d events that nobody captured and %d requests that it can not read", a.Foreign, a.Malformed)
	}
	l.last = s
	return s, a
}

func (l *ledger) print(s ph.Stats, a arrivals, rss int64) {
	fmt.Printf("%6v  accepted %d  sent %d  lost %d  queued %d  in flight %d  spooled %d  refused %d  |  arrived twice %d  |  heap %.1f MB  RSS %.1f MB  goroutines %d\n",
		time.Since(l.start).Round(time.Second), s.Accepted, s.Sent, s.Lost, s.Queued, s.InFlight, s.Spooled, s.Refused,
		a.Copies, megabytes(liveHeap()), megabytes(rss), runtime.NumGoroutine())
}

// conclude checks what must hold once the client is closed, and says what was wrong
// altogether.
func (l *ledger) conclude() error {
	s, a := l.check()
	if s.Queued+s.InFlight+s.Spooled > 0 {
		l.wrong("%d queued, %d in flight and %d spooled after Close", s.Queued, s.InFlight, s.Spooled)
	}
	if accepted, refused := l.accepted.Load(), l.refused.Load(); s.Accepted != accepted || s.Refused != refused {
		l.wrong("the client accepted %d and refused %d, its producers know of %d and %d", s.Accepted, s.Refused, accepted, refused)
	}
	if a.Distinct != s.Accepted {
		l.wrong("%d accepted, %d of them arrived", s.Accepted, a.Distinct)
	}
	first, last := l.thirds()
	if len(l.rss) >= minMemory && last > first+first/slackShare+slackBytes {
		l.wrong("memory grew: %.1f MB in the first third, %.1f MB in the last", megabytes(first), megabytes(last))
	}
	fmt.Printf("closed: accepted %d  sent %d  lost %d  refused %d  |  arrived %d, %d twice  |  RSS %.1f MB in the first third, %.1f MB in the last\n",
		s.Accepted, s.Sent, s.Lost, s.Refused, a.Distinct, a.Copies, megabytes(first), megabytes(last))
	fmt.Printf("requests that met the server: %s\n", a.moods())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.violations > 0 {
		return fmt.Errorf("%d violations", l.violations)
	}
	return nil
}

// thirds returns the median resident set of the run's first and last third.
func (l *ledger) thirds() (first, last int64) {
	n := len(l.rss) / 3
	if n == 0 {
		return 0, 0
	}
	return median(l.rss[:n]), median(l.rss[len(l.rss)-n:])
}

func median(values []int64) int64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// liveHeap returns the bytes that the last garbage collection found in use.
func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }
