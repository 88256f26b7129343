package phsurvey

import (
	"context"
	"errors"
	"sync"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/internal/surveys"
)

const (
	fresh    = time.Minute            // how long definitions are taken for current
	again    = 10 * time.Second       // after a failure
	patience = 500 * time.Millisecond // with a load by callers who could have older definitions
)

// Surveys are the surveys of a client's project. Their definitions are loaded when
// somebody asks, kept for a minute, and kept longer while PostHog can not be reached. It
// is safe for concurrent use, and needs no closing: what it loads ends with its client.
type Surveys struct {
	client *ph.Client

	mu     sync.Mutex
	list   []*Survey // nil until they were loaded once
	flawed error     // what is wrong with definitions that are not in the list
	failed error     // of the last load; nil if it went well
	due    time.Time // of the next load
	flight *flight   // nil if no load is under way
}

// A flight is one load, for everybody who waits for it.
type flight struct{ done chan struct{} }

// New returns the surveys of the project of client. It loads nothing yet. A nil or disabled
// client has none, and asking for them is [ph.ErrDisabled].
func New(client *ph.Client) *Surveys { return &Surveys{client: client} }

// All returns all surveys, running or not, in PostHog's order. The first call waits for
// PostHog until ctx ends or Config.RequestTimeout is over; later ones wait half a second
// at most, and then return what they have. The error says that definitions could not be
// loaded, or which of them are not right; the list beside it is good. It must not be changed.
func (s *Surveys) All(ctx context.Context) ([]*Survey, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	f, stale := s.board()
	if f != nil {
		var late <-chan time.Time
		if stale {
			timer := time.NewTimer(patience)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-f.done:
		case <-late:
		case <-ctx.Done():
			if !stale {
				return nil, context.Cause(ctx)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return s.list, s.failed
	}
	return s.list, s.flawed
}

// board returns the load to wait for, which it starts if one is due, or nil. There are
// older definitions if stale.
func (s *Surveys) board() (f *flight, stale bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stale = s.list != nil
	if s.flight == nil && !time.Now().Before(s.due) {
		s.flight = &flight{done: make(chan struct{})}
		go s.load(s.flight)
	}
	return s.flight, stale
}

// load lands f. The client's timeout and end bound it, not those of one caller.
func (s *Surveys) load(f *flight) {
	doc, err := surveys.Fetch(context.Background(), s.client)
	var list []*Survey
	var flawed error
	if err == nil {
		list, flawed = Parse(doc)
		if list == nil {
			err = flawed
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed = err; err == nil {
		s.list, s.flawed, s.due = list, flawed, time.Now().Add(fresh)
	} else {
		s.due = time.Now().Add(again)
	}
	s.flight = nil
	close(f.done)
}

// ErrNotFound says that there is no such survey.
var ErrNotFound = errors.New("phsurvey: no such survey")

// Find returns the survey with the ID, whoever may see it. Like [Surveys.All] it may wait.
// The error is [ErrNotFound] if there is none, beside why that may be.
func (s *Surveys) Find(ctx context.Context, id string) (*Survey, error) {
	list, err := s.All(ctx)
	for _, survey := range list {
		if survey.ID == id {
			return survey, nil
		}
	}
	if err != nil {
		return nil, errors.Join(ErrNotFound, err)
	}
	return nil, ErrNotFound
}
