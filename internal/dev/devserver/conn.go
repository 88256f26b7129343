package devserver

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// A listener's connections can tell why nothing was served on them.
type listener struct{ net.Listener }

// Accept returns the next connection.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

// A conn remembers how what was read between two requests begins, and what net/http
// answered to it by itself.
type conn struct {
	net.Conn

	mu     sync.Mutex
	used   bool // there was a request
	served bool // it came to a handler; what passes by is its
	at     time.Time
	head   []byte
	reply  []byte
	last   error // of the last Read
}

const (
	maxHead  = 300 // bytes that are remembered
	maxReply = 300
)

// Read reads from the connection.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.served {
		return n, err
	}
	if len(c.head) == 0 && n > 0 {
		c.at = time.Now()
	}
	c.head = append(c.head, p[:min(n, maxHead-len(c.head))]...)
	c.last = err
	return n, err
}

// Write writes to the connection.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	if !c.served {
		c.reply = append(c.reply, p[:min(len(p), maxReply-len(c.reply))]...)
	}
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// CloseWrite has net/http wait until a client had time to read why it is refused.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

type connKey struct{}

// withConn gives the requests of a connection a way to it.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// markServed notes that the request came to a handler.
func markServed(r *http.Request) {
	c, ok := r.Context().Value(connKey{}).(*conn)
	if !ok {
		return // in memory
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used, c.served = true, true
}

// wait begins anew, for the next request.
func (c *conn) wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.served, c.last = false, nil
	c.head, c.reply = c.head[:0], c.reply[:0]
}

// end tells how the connection ended without a request; false: it did not, or nobody
// wanted anything.
func (c *conn) end() (end, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.served {
		return end{}, false
	}
	e := end{at: c.at}
	e.method, e.path = requestLine(c.head)
	e.status, e.why = reasonOf(c.reply)
	switch {
	case bytes.HasPrefix(c.head, []byte("\x16\x03")):
		e.why = "a handshake of TLS: phgen dev speaks http://, not https://"
	case c.last == nil:
		// It was refused for what it had sent.
	case len(c.head) == 0 && (c.used || !errors.Is(c.last, os.ErrDeadlineExceeded)):
		return end{}, false
	case len(c.head) == 0:
		e.at, e.spare = time.Now(), true
		e.why = "a connection that sent nothing within " + headerWithin.String() + " and was closed"
	case errors.Is(c.last, os.ErrDeadlineExceeded):
		e.why = "a header that was not complete within " + headerWithin.String() + "; the connection was closed"
	default:
		e.why = "a header that ends before its end"
	}
	return e, true
}
