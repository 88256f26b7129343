// Package devserver puts a [dev.Store], a [flagset.Set] and a [sink.Sink] on one port: a
// local PostHog for applications, an API under /api/ for tests, a stream of server-sent
// events, and the page that shows all of it.
//
// The sink has every path that is not the server's own, so that a request to nowhere is
// counted there. Faults that are rehearsed meet only the sink's paths. openapi.json
// describes the server's own.
package devserver

import (
	"context"
	"errors"
	"log"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/dev/fault"
	"github.com/phgen/phgen/internal/dev/flagset"
	"github.com/phgen/phgen/internal/sink"
)

// Config configures a [Server]. Store, Flags and Token are required.
type Config struct {
	Store *dev.Store
	Flags *flagset.Set

	// Token must be carried by requests that change something.
	Token string

	// Hosts are names and addresses that a Host header may have beside those of
	// loopback, with any port.
	Hosts []string

	// Fault is what package fault calls a spec; empty is a healthy server.
	Fault string

	// Surveys is the document of surveys; nil: there are none.
	Surveys []byte

	// Arrived is called after each request to the sink, once the store has its events,
	// whose rows it is given. Requests call it concurrently and wait for it; the bytes of
	// the exchange are valid during the call only. Nil: nobody is told.
	Arrived func(sink.Exchange, []dev.Row)

	// ErrorLog is told about panics and what net/http finds wrong with connections.
	// Nil is the standard logger of package log.
	ErrorLog *log.Logger //nolint:forbidigo // the kind that net/http takes
}

// A Server is an [http.Handler] that is safe for concurrent use. Make one with [New].
type Server struct {
	config Config
	hosts  map[string]bool // in lower case, without their ports
	sink   *sink.Sink
	faults *fault.Schedule
	mux    *http.ServeMux
	hub    *hub
	ends   *ends

	ctx    context.Context // of streams and long polls; Close ends it
	cancel context.CancelFunc

	publishing sync.Mutex // of flags, so that old ones do not overtake new ones
}

// New returns a server that [Server.Close] must end. Its error says what is wrong with the
// fault spec, or that there is no token.
func New(c Config) (*Server, error) {
	if c.Token == "" {
		return nil, errors.New("a development server needs a token")
	}
	faults, err := fault.New(c.Fault, rand.Uint64())
	if err != nil {
		return nil, err
	}
	if c.ErrorLog == nil {
		c.ErrorLog = log.Default() //nolint:forbidigo // as net/http does
	}
	s := &Server{config: c, hosts: hostSet(c.Hosts), faults: faults, ends: newEnds(c.Store)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.sink = sink.New(sink.Config{Observe: s.observe, Meet: faults.Meet})
	s.sink.AnswerFlags(c.Flags.Answer)
	s.sink.SetSurveys(c.Surveys)
	s.mux = s.newMux()
	s.hub = newHub(s)
	s.hub.wg.Go(func() { s.hub.run(s.ctx) }) // until Close
	return s, nil
}

// Sink returns what stands in for PostHog.
func (s *Server) Sink() *sink.Sink { return s.sink }

// Close ends every stream, long poll and rehearsed hang, and waits for the streams. Later
// requests to the sink are broken off, and later streams refused. A second call does nothing
// more.
func (s *Server) Close() {
	s.cancel()
	s.sink.Close()
	s.hub.close()
	s.ends.close()
}

// observe keeps what arrived, then tells whoever else wants to know.
func (s *Server) observe(x sink.Exchange) {
	rows := s.config.Store.Add(x)
	for _, e := range x.Events {
		if e.Name == "$feature_flag_called" {
			s.config.Flags.Called(e)
		}
	}
	if s.config.Arrived != nil {
		s.config.Arrived(x, rows)
	}
}

// publishFlags hands the definitions and remote configs of this moment to the sink.
func (s *Server) publishFlags() {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	s.sink.SetDefinitions(s.config.Flags.Document())
	for _, row := range s.config.Flags.Rows() {
		if payload, ok := s.config.Flags.RemoteConfig(row.Key); ok {
			s.sink.SetRemoteConfig(row.Key, payload)
		}
	}
}
