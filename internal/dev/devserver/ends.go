package devserver

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/sink"
)

// An end is how a connection ended on which something came that is no request: too slow,
// too long or malformed, so that net/http refused it before any handler.
type end struct {
	method, path string // as far as they came
	status       int    // 0: no reply
	why          string
	at           time.Time // of its first byte
	spare        bool      // browsers open a few such connections in advance
}

const (
	gatherFor = 250 * time.Millisecond
	spares    = 8 // connections without a request that are nothing to tell of
)

// ends puts the ends of connections into the log of requests. Those that are alike and
// come together are one row, so that a client with thousands of connections does not push
// everything else out of the log.
type ends struct {
	store *dev.Store

	mu     sync.Mutex
	alike  map[kind]*gathered // few: net/http has few reasons
	timer  *time.Timer        // nil: nothing is gathered
	closed bool
}

type kind struct {
	status int
	why    string
}

// gathered are ends of a kind.
type gathered struct {
	first end
	n     int
}

func newEnds(store *dev.Store) *ends { return &ends{store: store, alike: map[kind]*gathered{}} }

// follow is told by net/http what becomes of a connection.
func (e *ends) follow(nc net.Conn, state http.ConnState) {
	c, ok := nc.(*conn)
	if !ok {
		return
	}
	switch state {
	case http.StateIdle:
		c.wait()
	case http.StateClosed:
		if end, ok := c.end(); ok {
			e.add(end)
		}
	}
}

func (e *ends) add(one end) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return // the server ends, and with it the connections
	}
	k := kind{one.status, one.why}
	g := e.alike[k]
	if g == nil {
		g = &gathered{first: one}
		e.alike[k] = g
	}
	g.n++
	if e.timer == nil {
		e.timer = time.AfterFunc(gatherFor, e.tell)
	}
}

// tell puts what was gathered into the log.
func (e *ends) tell() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.timer = nil
	for k, g := range e.alike {
		delete(e.alike, k)
		if g.first.spare && g.n <= spares {
			continue
		}
		why := g.first.why
		if g.n > 1 {
			why = fmt.Sprintf("%d times: %s", g.n, why)
		}
		e.store.Add(sink.Exchange{
			Request: sink.Request{Path: g.first.path, Status: g.first.status},
			Method:  g.first.method, At: g.first.at, Kind: "unknown", Refusal: why,
		})
	}
}

// close tells the rest. A second call does nothing more.
func (e *ends) close() {
	e.mu.Lock()
	e.closed = true
	waiting := e.timer != nil && e.timer.Stop()
	e.mu.Unlock()
	if waiting {
		e.tell()
	}
}

// requestLine returns the method and path of what may be the beginning of a request.
func requestLine(head []byte) (method, path string) {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	method, rest, found := strings.Cut(string(line), " ")
	if !found || method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", ""
	}
	path, _, _ = strings.Cut(strings.TrimRight(rest, "\r"), " ")
	path, _, _ = strings.Cut(path, "?") // a query may hold a key
	return method, path
}

// reasonOf reads the status and the reason that net/http wrote.
func reasonOf(reply []byte) (status int, why string) {
	head, body, _ := strings.Cut(string(reply), "\r\n\r\n")
	if _, rest, ok := strings.Cut(head, " "); ok && len(rest) >= 3 {
		status, _ = strconv.Atoi(rest[:3]) // 0 is a reply that cannot be read
	}
	_, reason, found := strings.Cut(body, ": ")
	switch {
	case status == http.StatusRequestHeaderFieldsTooLarge:
		return status, fmt.Sprintf("a header larger than %d KiB", maxHeader>>10)
	case status == http.StatusNotImplemented:
		return status, "malformed HTTP: unsupported Transfer-Encoding"
	case status == http.StatusExpectationFailed:
		return status, "malformed HTTP: an Expect header other than 100-continue"
	case found:
		return status, "malformed HTTP: " + reason
	default:
		return status, "malformed HTTP"
	}
}
