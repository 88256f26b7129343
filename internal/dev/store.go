package dev

import (
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/schema"
)

const (
	defaultMaxEvents = 100_000
	defaultMaxBytes  = 256 << 20
)

// Config configures a [Store]. The zero value has no plan.
type Config struct {
	Plan     *schema.Plan // nil: every event is as planned
	PlanFile string       // where it is, for people

	// MaxEvents bounds the events kept. 0 means 100,000.
	MaxEvents int

	// MaxBytes bounds the memory for events: their bytes as sent and all that is kept
	// about them. 0 means 256 MiB. The oldest make room; an event that is larger by
	// itself is judged, counted, and gone like those before it.
	MaxBytes int64
}

// A Store keeps events, what the plan says of them, and the requests that brought them.
// It is safe for concurrent use and has no goroutine of its own. Make one with [NewStore].
type Store struct {
	config Config

	mu        sync.Mutex
	run       string
	started   time.Time
	plan      *plan
	planError string
	kept      archive
	tally     tally
	requests  requestLog
	revision  uint64        // of the judgements: another one after events were judged anew
	plans     uint64        // PlanState.Revision
	changed   chan struct{} // closed, and replaced, at each change
}

// NewStore returns a store without events.
func NewStore(c Config) *Store {
	if c.MaxEvents <= 0 {
		c.MaxEvents = defaultMaxEvents
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = defaultMaxBytes
	}
	s := &Store{config: c, plan: newRules(c.Plan, c.PlanFile).begin(1), changed: make(chan struct{})}
	s.empty()
	return s
}

func (s *Store) empty() {
	s.run, s.started = rand.Text(), time.Now().UTC()
	s.kept, s.tally = newArchive(s.config.MaxEvents, s.config.MaxBytes), newTally()
	s.requests = requestLog{}
}

// Reset forgets every event, request, counter and what was covered, and begins another
// run, in which sequence numbers start anew. The plan stays.
func (s *Store) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.empty()
	s.plan = s.plan.begin(s.plan.number + 1) // it covers nothing
	s.change()
}

// Changed returns a channel that is closed as soon as anything is another than now.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// change tells everybody; the caller holds the lock.
func (s *Store) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Store) current() *plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plan
}

// Add keeps a request and its events, judged, and returns their rows in the order of the
// request. It copies what it keeps: x may be used again. Whoever saw a change, or has the
// rows, finds the events covered, too.
func (s *Store) Add(x sink.Exchange) []Row {
	if x.Method == http.MethodOptions {
		return nil // a browser asks whether it may send; what it sends comes behind
	}
	arrivals := make([]arrival, len(x.Events))
	for i, e := range x.Events {
		arrivals[i] = arrive(x, e)
	}
	for {
		p := s.current()
		for i, e := range x.Events {
			arrivals[i].judgement, arrivals[i].planning = p.assess(e), p.number
		}
		p.cover(x.Events)
		if rows, ok := s.keep(p, x, arrivals); ok {
			return rows
		}
	}
}

// keep stores what p has judged; it reports false if p is no longer the plan.
func (s *Store) keep(p *plan, x sink.Exchange, arrivals []arrival) ([]Row, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plan != p {
		return nil, false
	}
	request := newRequestRow(x)
	request.Seq = s.requests.count + 1
	rows := make([]Row, len(arrivals))
	for i, in := range arrivals {
		in.request = request.Seq
		row, again := s.kept.put(in)
		if again {
			request.Again++
		}
		s.tally.add(row)
		rows[i] = row
	}
	s.requests.add(request, x)
	s.change()
	return rows, true
}

// SetPlan has another plan judge from now on, and the kept events anew; it returns when
// all were. Events that come meanwhile are judged by the new plan at once. What is covered
// is counted anew from the events that are kept. A nil plan with an error leaves the
// former one in place, and its state tells the error; without an error there is no plan
// any more.
func (s *Store) SetPlan(p *schema.Plan, file string, err error) {
	rules := newRules(p, file)
	s.mu.Lock()
	s.planError = ""
	if err != nil {
		s.planError = err.Error()
	}
	s.change()
	if err != nil && p == nil {
		s.mu.Unlock()
		return
	}
	next := rules.begin(s.plan.number + 1)
	s.plan = next
	s.revision++
	s.plans++
	s.mu.Unlock()
	s.rejudge(next)
}
