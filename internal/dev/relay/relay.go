// Package relay hands on the events that phgen dev took: to a file, from which they can be
// sent again, and to a PostHog project.
package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/phgen/phgen/internal/eventfile"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
)

// A Target is the project that events are sent to.
type Target struct {
	Host       string // its address, as Config.Host of the runtime
	APIKey     string
	Historical bool // PostHog is told that they are an import of old data
	Wait       bool // for room in the queue; otherwise what finds none is dropped
	Logger     *slog.Logger
}

// A Sender sends events to a project in batches, with the uuid and timestamp that they
// have, and again while the project does not take them. Its queue holds 10,000 events and
// 32 MiB. It is safe for concurrent use.
type Sender struct {
	client    *ph.Client
	transport *http.Transport

	mu      sync.Mutex
	sending ph.Props // of the event that Send is sending
}

// NewSender returns a sender to t. Close ends it.
func NewSender(t Target) (*Sender, error) {
	s := &Sender{transport: http.DefaultTransport.(*http.Transport).Clone()}
	cfg := ph.Config{
		APIKey: t.APIKey, Host: t.Host, HistoricalMigration: t.Historical, Logger: t.Logger,
		Transport: marked{s.transport}, BeforeSend: s.restore,
	}
	if t.Wait {
		cfg.OnFull = ph.Block
	}
	var err error
	s.client, err = ph.New(cfg)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// restore takes away what the client says of this program: another one made the event.
func (s *Sender) restore(m *ph.Message) bool {
	m.Properties = s.sending
	return true
}

// mark is the header of requests that carry events which were handed on.
const mark = "Phgen-Relayed"

// marked sets the header.
type marked struct{ http.RoundTripper }

func (m marked) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(mark, "1")
	return m.RoundTripper.RoundTrip(r)
}

// Relayed reports whether a request carries events that were handed on: to do so once more
// could go on for ever.
func Relayed(h http.Header) bool { return h.Get(mark) != "" }

// An Event is what is sent.
type Event struct {
	Name, DistinctID string
	UUID, Timestamp  string // as they were sent; what cannot be read is made anew
	Properties       map[string]any
}

// Taken is an event that a sink has taken.
func Taken(e sink.Event) Event {
	out := Event{e.Name, e.DistinctID, e.UUID, e.Timestamp, e.Properties}
	beside := map[string]any{}
	for key, v := range e.Options {
		beside["$"+key] = v
	}
	if e.SessionID != "" {
		beside["$session_id"] = e.SessionID
	}
	if e.WindowID != "" {
		beside["$window_id"] = e.WindowID
	}
	if len(beside) == 0 {
		return out
	}
	for key, v := range e.Properties { // which win
		beside[key] = v
	}
	out.Properties = beside
	return out
}

// Recorded is an event of a file.
func Recorded(e eventfile.Event) Event {
	return Event{e.Name, e.DistinctID, e.UUID, e.Timestamp, e.Properties}
}

var errNobody = errors.New("distinct_id is missing or empty")

// Send puts an event into the queue. Its error says why that was refused: the queue is
// full, the event is too large or nobody's, or ctx ended while it waited.
func (s *Sender) Send(ctx context.Context, e Event) error {
	if e.DistinctID == "" {
		return errNobody
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sending = e.Properties
	ctx = ph.With(ctx, ph.UseClient(s.client))
	opts := []ph.Option{ph.As(e.DistinctID)}
	if id, err := uuid.Parse(e.UUID); err == nil {
		opts = append(opts, ph.ID(id))
	}
	if at, ok := parseTime(e.Timestamp); ok {
		opts = append(opts, ph.At(at))
	}
	_, err := ph.TryCapture(ctx, e.Name, e.Properties, opts...)
	if errors.Is(err, ph.ErrTooLarge) && strings.HasPrefix(e.Name, "$ai_") {
		if id := ph.CaptureAI(ctx, e.Name, e.Properties, opts...); id != uuid.Nil {
			return nil
		}
	}
	return err
}

// parseTime reads the times that PostHog reads.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// Stats says what became of the events.
func (s *Sender) Stats() ph.Stats { return s.client.Stats() }

// Close sends what waits until ctx ends. The error is nil if everything arrived.
func (s *Sender) Close(ctx context.Context) error {
	err := s.client.Close(ctx)
	s.transport.CloseIdleConnections()
	return err
}

// CheckTarget says why events that arrive at listen must not go on to host: it is the same
// address, or none at all.
func CheckTarget(host string, listen net.Addr) error {
	u, err := url.Parse(host)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is no address; write one like https://us.i.posthog.com", host)
	}
	own, ok := listen.(*net.TCPAddr)
	if !ok {
		return nil
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if port == fmt.Sprint(own.Port) && isOwn(u.Hostname(), own) {
		return fmt.Errorf("%s is this very server: its events would come back for ever", host)
	}
	return nil
}

// isOwn reports whether name means the address, as far as that can be told without asking
// anybody; [Relayed] tells the rest.
func isOwn(name string, own *net.TCPAddr) bool {
	if name = strings.TrimSuffix(strings.ToLower(name), "."); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && (ip.IsLoopback() || ip.IsUnspecified() || ip.Unmap() == own.AddrPort().Addr().Unmap())
}
