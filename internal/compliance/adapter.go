package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

const (
	adapterVersion = "1.0.0"

	maxBody     = 32 << 20 // of a request from the harness: the largest event, escaped
	maxSessions = 1000     // parallel tests
	maxTestID   = 200      // bytes

	flushTimeout   = 2 * time.Minute // longer than a scenario's retries take
	replaceTimeout = 5 * time.Second // for what a replaced client has queued
)

// An adapter answers the harness. It keeps one session for each parallel test, and one
// for requests that name no test.
type adapter struct {
	protocol ph.Protocol

	mu       sync.Mutex
	sessions map[string]*session // by test ID; "" without one
}

func newAdapter(p ph.Protocol) *adapter {
	return &adapter{protocol: p, sessions: map[string]*session{}}
}

// handler routes the harness's requests. Every answer is JSON, those to unknown routes
// and other methods too.
func (a *adapter) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]func(*http.Request) (any, error){
		"GET /health":            a.health,
		"POST /init":             a.initClient,
		"POST /capture":          a.capture,
		"POST /capture_ai":       a.captureAI,
		"POST /flush":            a.flush,
		"GET /state":             a.state,
		"POST /get_feature_flag": a.featureFlag,
		"POST /reset":            a.reset,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			v, err := answer(r)
			if err != nil {
				refuse(w, statusOf(err), err)
				return
			}
			write(w, http.StatusOK, v)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, fmt.Errorf("no route %s %s", r.Method, r.URL.Path))
	})
	return mux
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // fails only if the harness has gone
}

func refuse(w http.ResponseWriter, status int, err error) {
	write(w, status, struct {
		Error string `json:"error"`
	}{err.Error()})
}

// success is the answer of what has nothing to tell.
type success struct {
	Success bool `json:"success"`
}

func (a *adapter) health(*http.Request) (any, error) {
	capture := "capture_v0"
	if a.protocol == ph.V1 {
		capture = "capture_v1"
	}
	return struct {
		SDKName          string   `json:"sdk_name"`
		SDKVersion       string   `json:"sdk_version"`
		AdapterVersion   string   `json:"adapter_version"`
		SupportsParallel bool     `json:"supports_parallel"`
		Capabilities     []string `json:"capabilities"`
	}{"phgen-go", ph.Version, adapterVersion, true, []string{capture, "capture_ai_v0", "encoding_gzip"}}, nil
}

// initClient makes the test's client. The one that was there delivers what it has, if it
// can at once; its requests and counters are forgotten.
func (a *adapter) initClient(r *http.Request) (any, error) {
	id, err := testID(r)
	if err != nil {
		return nil, err
	}
	var req initRequest
	if err := decode(r, &req); err != nil {
		return nil, err
	}
	cfg, err := req.newConfig(a.protocol)
	if err != nil {
		return nil, err
	}
	s, err := newSession(cfg, id)
	if err != nil {
		return nil, err
	}
	old, err := a.replace(id, s)
	if err != nil {
		s.discard()
		return nil, err
	}
	if old != nil {
		ctx, cancel := context.WithTimeout(r.Context(), replaceTimeout)
		defer cancel()
		old.close(ctx)
	}
	return success{true}, nil
}

// replace makes s the session of a test and returns the one before, or nil.
func (a *adapter) replace(id string, s *session) (*session, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	old := a.sessions[id]
	if old == nil && len(a.sessions) >= maxSessions {
		return nil, badInput("%d tests run already: /reset one", maxSessions)
	}
	a.sessions[id] = s
	return old, nil
}

// session returns the session of the request's test.
func (a *adapter) session(r *http.Request) (*session, error) {
	id, err := testID(r)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.sessions[id]; s != nil {
		return s, nil
	}
	return nil, errNoClient
}

// errNoClient says that a request came before /init, or after /reset.
var errNoClient = badInput("no client: call /init first")

func (a *adapter) capture(r *http.Request) (any, error) { return a.captureBy(r, ph.TryCapture) }

func (a *adapter) captureAI(r *http.Request) (any, error) { return a.captureBy(r, tryCaptureAI) }

// A captureFunc is one of the runtime's; ctx carries the client.
type captureFunc func(ctx context.Context, event string, props ph.Props, opts ...ph.Option) (uuid.UUID, error)

func tryCaptureAI(ctx context.Context, event string, props ph.Props, opts ...ph.Option) (uuid.UUID, error) {
	id := ph.CaptureAI(ctx, event, props, opts...)
	if id == uuid.Nil {
		return id, errors.New("the runtime refused the event")
	}
	return id, nil
}

func (a *adapter) captureBy(r *http.Request, capture captureFunc) (any, error) {
	s, err := a.session(r)
	if err != nil {
		return nil, err
	}
	var req captureRequest
	if err := decode(r, &req); err != nil {
		return nil, err
	}
	if err := req.check(); err != nil {
		return nil, err
	}
	ctx := ph.With(r.Context(), ph.UseClient(s.client))
	id, err := capture(ctx, req.Event, req.props(), req.options()...)
	if err != nil {
		return nil, err
	}
	return struct {
		Success bool   `json:"success"`
		UUID    string `json:"uuid"`
	}{true, id.String()}, nil
}

func (a *adapter) flush(r *http.Request) (any, error) {
	s, err := a.session(r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), flushTimeout)
	defer cancel()
	return struct {
		Success       bool   `json:"success"`
		EventsFlushed uint64 `json:"events_flushed"`
	}{true, s.flush(ctx)}, nil
}

// state answers before /init as well: then there is nothing of anything.
func (a *adapter) state(r *http.Request) (any, error) {
	s, err := a.session(r)
	if errors.Is(err, errNoClient) {
		return state{RequestsMade: []exchange{}}, nil
	}
	if err != nil {
		return nil, err
	}
	return s.state(), nil
}

// featureFlag reads a flag: the value null says that it is unknown. The event about that is
// delivered before the answer, so that it is in no later step's way.
func (a *adapter) featureFlag(r *http.Request) (any, error) {
	s, err := a.session(r)
	if err != nil {
		return nil, err
	}
	var req flagRequest
	if err := decode(r, &req); err != nil {
		return nil, err
	}
	if err := req.check(); err != nil {
		return nil, err
	}
	ctx := ph.With(ph.With(r.Context(), ph.UseClient(s.client)), req.scope()...)
	v, _ := s.client.Flag(ctx, req.Key, req.options()...)
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	s.flush(ctx)
	return struct {
		Success bool         `json:"success"`
		Value   ph.FlagValue `json:"value"`
	}{true, v}, nil
}

// reset ends the test's client, if there is one, and throws away what it has queued.
func (a *adapter) reset(r *http.Request) (any, error) {
	id, err := testID(r)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	s := a.sessions[id]
	delete(a.sessions, id)
	a.mu.Unlock()
	if s != nil {
		s.discard()
	}
	return success{true}, nil
}

// close discards every session. The adapter can be used again.
func (a *adapter) close() {
	a.mu.Lock()
	sessions := a.sessions
	a.sessions = map[string]*session{}
	a.mu.Unlock()
	for _, s := range sessions {
		s.discard()
	}
}
