package main

import (
	"context"
	"fmt"
	"net/http"

	ph "github.com/phgen/phgen/runtime"
)

// A session is one client and what it did. A new one has done nothing, so resetting is
// throwing it away.
type session struct {
	client *ph.Client
	record *recorder
}

func newSession(cfg ph.Config, testID string) (*session, error) {
	// A transport of the session's own: its connections end with it, and no proxy of the
	// environment stands between the client and the mock.
	record := &recorder{transport: &http.Transport{MaxIdleConnsPerHost: 8}, testID: testID}
	cfg.Transport = record
	cfg.OnLost = func(l ph.LostEvent) { record.failed(lostError(l)) }
	client, err := ph.New(cfg)
	if err != nil {
		return nil, inputError(err.Error())
	}
	return &session{client: client, record: record}, nil
}

func lostError(l ph.LostEvent) error {
	if l.Err == nil {
		return fmt.Errorf("event %s lost: %s", l.UUID, l.Reason)
	}
	return fmt.Errorf("event %s lost: %s: %w", l.UUID, l.Reason, l.Err)
}

// flush waits until everything queued is delivered or lost, and returns how many events
// were delivered meanwhile. What was not is in the state.
func (s *session) flush(ctx context.Context) (delivered uint64) {
	before := delivery(s.client.Stats())
	if err := s.client.Flush(ctx); err != nil {
		s.record.failed(err)
	}
	return delivery(s.client.Stats()) - before
}

// close delivers what is queued until ctx ends, and discards the rest.
func (s *session) close(ctx context.Context) {
	_ = s.client.Close(ctx) // what it lost went to a state that nobody reads any more
	s.record.transport.CloseIdleConnections()
}

func (s *session) discard() {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	s.close(ended)
}

// A state is the answer of /state.
type state struct {
	PendingEvents       uint64     `json:"pending_events"`
	TotalEventsCaptured uint64     `json:"total_events_captured"`
	TotalEventsSent     uint64     `json:"total_events_sent"`
	TotalRetries        int        `json:"total_retries"`
	LastError           *string    `json:"last_error"`
	RequestsMade        []exchange `json:"requests_made"`
}

func (s *session) state() state {
	stats := s.client.Stats()
	st := state{
		PendingEvents:       stats.Queued + stats.InFlight + stats.Spooled,
		TotalEventsCaptured: stats.Accepted,
		TotalEventsSent:     delivery(stats),
	}
	st.RequestsMade, st.TotalRetries, st.LastError = s.record.seen()
	return st
}

// delivery counts the events that the mock took. The harness counts those that it then
// dropped as well.
func delivery(stats ph.Stats) uint64 { return stats.Sent + stats.LostBy["server_drop"] }
