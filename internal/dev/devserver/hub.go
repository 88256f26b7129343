package devserver

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/phgen/phgen/internal/dev"
)

const (
	maxStreams = 32
	maxRows    = 200 // of one message

	// beat is the time from one message to the next. There may be ten in a second, even if
	// one is late and the others are not.
	beat = 105 * time.Millisecond
)

// A topic is a kind of message that tells of a change.
type topic int

// The topics, in the order in which a stream that missed several gets them: nothing of a
// run goes before the reset that began it.
const (
	resetTopic topic = iota
	planTopic
	flagsTopic
	faultTopic
	rowsTopic
	requestsTopic
	topics
)

// String returns what messages of the topic are called.
func (t topic) String() string {
	return [topics]string{"reset", "plan", "flags", "fault", "rows", "requests"}[t]
}

// A board has the newest message of each topic. Streams read it when they can, so that a
// slow one misses messages and keeps nobody waiting.
type board struct {
	version [topics]uint64 // grows with each message
	text    [topics][]byte
	run     string // of the last reset
	rows    span   // of the rows' message
}

// A span is the events behind from and up to last, of one run.
type span struct {
	run        string
	from, last uint64
}

// A hub writes the board whenever something has changed, one topic at a time, and so all
// streams get at most one message per beat.
type hub struct {
	server *Server
	poke   chan struct{} // the fault was set anew; never blocks

	// These belong to run's goroutine.
	flagged  <-chan struct{}
	dirty    [topics]bool
	sum      dev.Summary // as it was looked at
	plan     dev.PlanState
	requests uint64
	faults   []string // that were active
	sent     topic    // the last one that was

	mu      sync.Mutex
	board   board
	changed chan struct{} // closed, and replaced, with each message
	streams int
	closed  bool
	wg      sync.WaitGroup // of run and the streams
}

// newHub returns a hub to which the state of this moment is no news. The server's flags
// are published.
func newHub(s *Server) *hub {
	h := &hub{server: s, poke: make(chan struct{}, 1), changed: make(chan struct{})}
	h.flagged = s.config.Flags.Changed()
	s.publishFlags()
	h.sum = s.config.Store.Summary()
	h.plan, h.requests = h.sum.Plan, h.sum.Requests
	for _, a := range s.faults.Active() {
		h.faults = append(h.faults, a.Text)
	}
	h.board.run, h.board.rows = h.sum.Run, span{h.sum.Run, h.sum.Last, h.sum.Last}
	return h
}

// run tells of changes until ctx ends.
func (h *hub) run(ctx context.Context) {
	for {
		stored := h.server.config.Store.Changed() // before the look, or what comes meanwhile were missed
		ends := h.look()
		if t, ok := h.next(); ok {
			h.publish(t)
			select {
			case <-time.After(beat):
			case <-ctx.Done():
				return
			}
			continue
		}
		var end <-chan time.Time
		if ends > 0 {
			end = time.After(ends)
		}
		select {
		case <-stored:
		case <-h.flagged:
		case <-h.poke:
			h.dirty[faultTopic] = true
		case <-end:
		case <-ctx.Done():
			return
		}
	}
}

// look finds out what has changed, and how long it takes until the next fault ends by
// itself; 0 if none will.
func (h *hub) look() (ends time.Duration) {
	h.sum = h.server.config.Store.Summary()
	h.dirty[resetTopic] = h.sum.Run != h.board.run
	h.dirty[rowsTopic] = h.sum.Last != h.board.rows.last
	h.dirty[requestsTopic] = h.sum.Requests != h.requests
	h.dirty[planTopic] = !reflect.DeepEqual(h.sum.Plan, h.plan)
	select {
	case <-h.flagged:
		h.flagged = h.server.config.Flags.Changed() // before they are published
		h.server.publishFlags()
		h.dirty[flagsTopic] = true
	default:
	}
	select {
	case <-h.poke:
		h.dirty[faultTopic] = true
	default:
	}
	var texts []string
	for _, a := range h.server.faults.Active() {
		texts = append(texts, a.Text)
		if a.Left > 0 && (ends == 0 || a.Left < ends) {
			ends = a.Left
		}
	}
	if !slices.Equal(texts, h.faults) {
		h.faults, h.dirty[faultTopic] = texts, true
	}
	return ends
}

// next returns the topic whose turn it is: a reset goes before all, the others take turns.
func (h *hub) next() (topic, bool) {
	if h.dirty[resetTopic] {
		return resetTopic, true
	}
	for i := range topics {
		if t := (h.sent + 1 + i) % topics; h.dirty[t] {
			return t, true
		}
	}
	return 0, false
}

// publish writes what there is to say of a topic on the board.
func (h *hub) publish(t topic) {
	var text []byte
	var rows span
	switch t {
	case resetTopic:
		text = message(t.String(), "", runDoc{h.sum.Run})
		h.requests = 0
	case planTopic:
		text = message(t.String(), "", h.sum.Plan)
		h.plan = h.sum.Plan
	case flagsTopic:
		text = message(t.String(), "", struct{}{})
	case faultTopic:
		text = message(t.String(), "", h.server.faultState())
	case rowsTopic:
		var ok bool
		if text, rows, ok = h.server.rowsSince(h.board.rows); !ok {
			return // there was a reset since the look, and the next one sees it
		}
	case requestsTopic:
		text = message(t.String(), "", lastDoc{h.sum.Requests})
		h.requests = h.sum.Requests
	}
	h.dirty[t], h.sent = false, t
	h.mu.Lock()
	defer h.mu.Unlock()
	b := &h.board
	b.version[t]++
	b.text[t] = text
	switch t {
	case resetTopic:
		b.run, b.rows = h.sum.Run, span{run: h.sum.Run}
	case rowsTopic:
		b.rows = rows
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

// read returns the board, and a channel that is closed when another message is on it.
func (h *hub) read() (board, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.board, h.changed
}

// enter admits a stream, which ends by calling leave.
func (h *hub) enter() (leave func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return nil, errStopping
	case h.streams == maxStreams:
		return nil, refuse(http.StatusServiceUnavailable, "%d streams are open, which is all there may be; close a page or another reader of /api/stream", maxStreams)
	}
	h.streams++
	h.wg.Add(1)
	return func() {
		h.mu.Lock()
		h.streams--
		h.mu.Unlock()
		h.wg.Done()
	}, nil
}

// close admits no more streams and waits for those that there are, and for run.
func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.wg.Wait()
}
