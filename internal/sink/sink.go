// Package sink is the receiving end of PostHog's capture protocols, v0, v1 and the
// AI lane, of its feature flags and of its surveys, for servers and browsers: an
// [net/http.Handler], and an [net/http.RoundTripper] in memory, that takes and refuses
// events by the server's own rules, keeps what it took or passes it on, answers with the
// flags and surveys that it was given, and misbehaves when told to. It knows no tracking
// plan: whoever has one passes a judge.
package sink

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
)

const (
	defaultMaxEvents = 10_000
	maxRequests      = 1_000     // with events
	maxFlagRequests  = 10_000    // of each kind: a day of polling, which has no body, is 2,880
	maxKeptBytes     = 256 << 20 // of raw bytes, in each ring
)

// Config configures a [Sink]. The zero value takes any project key, judges
// nothing and keeps the last 10,000 events.
type Config struct {
	// APIKey is the project key that requests must carry until [Sink.APIKey] names
	// another; others get 401. Empty means that any key, or none, will do.
	APIKey string

	// Judge is called with every event that is about to be kept; what it returns
	// is added to the event's Problems. Nil finds nothing. Requests call it
	// concurrently.
	Judge func(Event) []string

	// MaxEvents bounds the events kept; the oldest go first. 0 means 10,000.
	MaxEvents int

	// Observe is told of every request once its reply is settled and due, and before
	// any of it is sent: whoever has a reply finds that it was observed. A slow one
	// holds up that reply. Requests to unknown paths and those that a fault leaves
	// without a reply count, too. Requests call it concurrently. With it the sink
	// keeps no events and no requests itself, and only counts.
	Observe func(Exchange)

	// Meet is asked what a request to an endpoint meets if nothing else does: neither
	// [Sink.Down] nor a fault that was injected. It must not read the body. Requests
	// call it concurrently. Nil is a healthy server.
	Meet func(*http.Request) Fault
}

// A Sink is safe for concurrent use. Make one with [New].
type Sink struct {
	config Config
	closed chan struct{}

	mu         sync.Mutex
	events     ring[Event]
	requests   ring[Request]
	asked      ring[FlagRequest]
	polled     ring[Request] // for definitions
	configured ring[ConfigRequest]
	surveyed   ring[Request] // for surveys
	faults     []Fault
	conditions conditions
	flags      flagSet
	surveys    []byte             // their document; nil: none
	conns      map[*conn]struct{} // that Listen's listeners accepted
	counters   Counters
	changed    chan struct{} // closed, and replaced, whenever events were kept
	once       sync.Once
}

// Counters say what a sink has seen since it was made or reset.
type Counters struct {
	Requests        uint64 // every request to a capture endpoint, faulty ones included
	Refused         uint64 // those that got no success: another status than 2xx, or no reply
	Events          uint64 // events kept, those dropped since included
	Dropped         uint64 // events that had to make room for newer ones
	DroppedRequests uint64 // requests that had to make room for newer ones
	Problems        uint64 // findings of the sink and its judge about kept events
	Bytes           uint64 // of bodies of requests to capture endpoints, as sent

	FlagRequests       uint64 // for values of flags, faulty ones included
	DefinitionRequests uint64 // for definitions of flags
	ConfigRequests     uint64 // for remote config
	SurveyRequests     uint64 // for surveys
	Recordings         uint64 // requests with a part of a session's recording
}

// New returns a sink without events.
func New(c Config) *Sink {
	if c.MaxEvents <= 0 {
		c.MaxEvents = defaultMaxEvents
	}
	return &Sink{
		config:     c,
		closed:     make(chan struct{}),
		conditions: conditions{key: c.APIKey},
		conns:      map[*conn]struct{}{},
		changed:    make(chan struct{}),
	}
}

// keep judges events and stores them, unless somebody observes them, in the order of
// arrival, the oldest making room.
func (s *Sink) keep(events []Event) {
	if s.config.Judge != nil {
		for i, e := range events {
			events[i].Problems = append(e.Problems, s.config.Judge(e)...)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		s.counters.Events++
		s.counters.Problems += uint64(len(e.Problems))
		if s.config.Observe == nil {
			s.counters.Dropped += s.events.add(e, len(e.Raw), s.config.MaxEvents)
		}
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// record counts a request and keeps it unless somebody observes. All but its Request
// is of interest only if the endpoint is that for values of flags.
func (s *Sink) record(e endpoint, r FlagRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters.count(e, r.Request)
	if s.config.Observe != nil {
		return
	}
	switch e.kind {
	case flagValues:
		s.asked.add(r, len(r.Raw), maxFlagRequests)
	case definitions:
		s.polled.add(r.Request, len(r.Raw), maxFlagRequests)
	case remoteConfig:
		key, _ := configKey(r.Path) // there is one, or this were another endpoint
		s.configured.add(ConfigRequest{r.Request, key}, len(r.Raw), maxFlagRequests)
	case surveys:
		s.surveyed.add(r.Request, len(r.Raw), maxFlagRequests)
	case capture:
		s.counters.DroppedRequests += s.requests.add(r.Request, len(r.Raw), maxRequests)
	}
}

func (c *Counters) count(e endpoint, r Request) {
	switch e.kind {
	case flagValues:
		c.FlagRequests++
	case definitions:
		c.DefinitionRequests++
	case remoteConfig:
		c.ConfigRequests++
	case surveys:
		c.SurveyRequests++
	case recording:
		c.Recordings++
	case capture:
		c.Requests++
		c.Bytes += uint64(len(r.Raw))
		if r.Status/100 != 2 {
			c.Refused++
		}
	}
}

// Events returns the kept events, oldest first. Counters tell how many older
// ones were dropped.
func (s *Sink) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.events.all()
}

// Requests returns the last 1,000 requests to capture endpoints, oldest first,
// refused ones included.
func (s *Sink) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests.all()
}

// Counters returns the counters of this moment.
func (s *Sink) Counters() Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counters
}

// Wait returns when n events have been kept in all, dropped ones counted, since
// the sink was made or last reset. Its error says that ctx ended or the sink was
// closed, and how many events there were by then.
func (s *Sink) Wait(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		have, changed := s.counters.Events, s.changed
		s.mu.Unlock()
		if have >= uint64(max(n, 0)) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %d events, %d arrived: %w", n, have, context.Cause(ctx))
		case <-s.closed:
			return fmt.Errorf("waiting for %d events, %d arrived: %w", n, have, ErrClosed)
		}
	}
}

// ErrClosed is why a wait ended: Close was called.
var ErrClosed = errors.New("sink closed")

// Reset forgets every event, request, counter, flag and survey, and ends every fault and
// condition.
func (s *Sink) Reset() {
	s.mu.Lock()
	s.events, s.requests = ring[Event]{}, ring[Request]{}
	s.asked, s.polled, s.configured = ring[FlagRequest]{}, ring[Request]{}, ring[ConfigRequest]{}
	s.surveyed, s.surveys = ring[Request]{}, nil
	s.faults, s.counters, s.flags = nil, Counters{}, flagSet{}
	s.conditions = conditions{key: s.config.APIKey}
	s.mu.Unlock()
	s.endConns(Whole)
}

// Close ends every reply that a fault holds up, every connection that hangs, and
// every Wait. What was kept stays readable. A second call does nothing.
func (s *Sink) Close() {
	s.once.Do(func() {
		close(s.closed)
		s.endConns(Whole)
	})
}
