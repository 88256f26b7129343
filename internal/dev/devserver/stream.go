package devserver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/phgen/phgen/internal/dev"
)

const (
	commentEvery  = 15 * time.Second // so that a connection that is gone is noticed
	messageWithin = 10 * time.Second // or its reader counts as gone
)

// The data of messages.
type (
	helloDoc struct {
		Run  string        `json:"run"`
		Last uint64        `json:"last"`
		Plan dev.PlanState `json:"plan"`
	}
	rowsDoc struct {
		Rows    []dev.Row   `json:"rows"`    // the newest
		Skipped uint64      `json:"skipped"` // older ones since the last message
		Summary dev.Summary `json:"summary"`
	}
	lastDoc struct {
		Last uint64 `json:"last"`
	}
	runDoc struct {
		Run string `json:"run"`
	}
)

// message is a message as it is sent. Without an id the reader keeps the one that it has.
func message(name, id string, data any) []byte {
	text, _ := json.Marshal(data) // text, numbers and times of this server always have their JSON
	var m bytes.Buffer
	fmt.Fprintf(&m, "event: %s\n", name)
	if id != "" {
		fmt.Fprintf(&m, "id: %s\n", id)
	}
	fmt.Fprintf(&m, "data: %s\n\n", text)
	return m.Bytes()
}

// rowsSince returns the message about the rows that came behind a span, and their span. It
// reports false if the run is over.
func (s *Server) rowsSince(former span) ([]byte, span, bool) {
	sum := s.config.Store.Summary()
	page := s.config.Store.Events(dev.Filter{Since: former.last, Limit: maxRows})
	if page.Run != former.run || sum.Run != former.run {
		return nil, span{}, false
	}
	next := span{run: page.Run, from: former.last, last: page.Last}
	if n := len(page.Rows); n > 0 {
		next.last = page.Rows[n-1].Seq // the page's may have come when its rows were chosen
	}
	doc := rowsDoc{Rows: page.Rows, Skipped: next.last - next.from - uint64(len(page.Rows)), Summary: sum}
	return message(rowsTopic.String(), next.id(), doc), next, true
}

// id is what a reader that comes back names as the last event that it knows.
func (s span) id() string { return s.run + ":" + strconv.FormatUint(s.last, 10) }

// An eventStream is one reader of server-sent events.
type eventStream struct {
	server *Server
	w      http.ResponseWriter
	conn   *http.ResponseController
	seen   [topics]uint64 // versions
	at     span           // what the reader has
}

// stream serves a reader until it leaves, is too slow for a message, or the server is
// closed.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, _ *query) error {
	leave, err := s.hub.enter()
	if err != nil {
		return err
	}
	defer leave()
	out := &eventStream{server: s, w: w, conn: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	// A write that hangs when the server is closed ends at once.
	defer context.AfterFunc(s.ctx, func() { _ = out.conn.SetWriteDeadline(time.Unix(0, 0)) })()
	board, changed := s.hub.read() // before hello, which is newer
	out.seen = board.version
	err = out.begin(r.Header.Get("Last-Event-ID"))
	comment := time.NewTicker(commentEvery)
	defer comment.Stop()
	for err == nil {
		select {
		case <-changed:
			board, changed = s.hub.read()
			err = out.follow(board)
		case <-comment.C:
			err = out.send([]byte(":\n\n"))
		case <-r.Context().Done():
			return nil
		case <-s.ctx.Done():
			return nil
		}
	}
	return nil // the reader has gone, and its connection with it
}

// begin greets the reader and sends what came since the event that it names, or that the
// run in which it came is over.
func (e *eventStream) begin(lastEventID string) error {
	sum := e.server.config.Store.Summary()
	e.at = span{run: sum.Run, last: sum.Last}
	knows, known := e.at.resume(lastEventID)
	if known {
		e.at.last = knows
	}
	hello := message("hello", e.at.id(), helloDoc{sum.Run, sum.Last, sum.Plan})
	if err := e.send(append([]byte("retry: 1000\n\n"), hello...)); err != nil {
		return err
	}
	if lastEventID != "" && !known {
		return e.send(message(resetTopic.String(), "", runDoc{sum.Run}))
	}
	if e.at.last < sum.Last {
		return e.catchUp()
	}
	return nil
}

// resume reads the number of an event in a span of the same run.
func (s span) resume(lastEventID string) (uint64, bool) {
	run, seq, ok := strings.Cut(lastEventID, ":")
	n, err := strconv.ParseUint(seq, 10, 64)
	return n, ok && err == nil && run == s.run && n <= s.last
}

// follow sends what is new on the board.
func (e *eventStream) follow(b board) error {
	for t := range topics {
		if b.version[t] == e.seen[t] {
			continue
		}
		e.seen[t] = b.version[t]
		var err error
		switch {
		case t == resetTopic:
			err = e.reset(b)
		case t != rowsTopic:
			err = e.send(b.text[t])
		case b.rows.run != e.at.run || b.rows.last <= e.at.last: // the reader knows better
		case b.rows.from != e.at.last:
			err = e.catchUp()
		default:
			e.at = b.rows
			err = e.send(b.text[t])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reset begins the run of the board unless hello did.
func (e *eventStream) reset(b board) error {
	if b.run == e.at.run {
		return nil
	}
	e.at = span{run: b.run}
	return e.send(b.text[resetTopic])
}

// catchUp sends the rows behind those that the reader has, which missed messages.
func (e *eventStream) catchUp() error {
	text, next, ok := e.server.rowsSince(e.at)
	if !ok { // a reset is on its way
		return nil
	}
	e.at = next
	return e.send(text)
}

// send writes a message within messageWithin.
func (e *eventStream) send(text []byte) error {
	_ = e.conn.SetWriteDeadline(time.Now().Add(messageWithin)) // not without a connection, as in tests
	if e.server.ctx.Err() != nil {                             // asked behind the deadline, which must not replace that of the end
		return errStopping
	}
	if _, err := e.w.Write(text); err != nil {
		return err
	}
	return e.conn.Flush()
}
