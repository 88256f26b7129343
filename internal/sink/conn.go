package sink

import (
	"io"
	"maps"
	"net"
	"slices"
	"sync"
)

// Listen opens a port of loopback for a server of the sink, and for [Sink.Break].
// The caller closes it.
func (s *Sink) Listen() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &listener{Listener: l, sink: s}, nil
}

// Break ends every connection that there is, and every one that comes, as e says:
// closed or reset before anything is read, or hung, as if the cable had been
// pulled. [Whole] lets connections live again; those that hung are reset.
func (s *Sink) Break(e Ending) {
	s.set(func(c *conditions) { c.ending = e })
	s.endConns(e)
}

func (s *Sink) endConns(e Ending) {
	s.mu.Lock()
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	for _, c := range conns { // without the lock, which closing takes
		c.end(e)
	}
}

// ending is what becomes of connections now.
func (s *Sink) ending() Ending {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conditions.ending
}

type listener struct {
	net.Listener
	sink *Sink
}

// Accept returns the next connection that is to be served.
func (l *listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: accepted, sink: l.sink, hung: make(chan struct{}), closed: make(chan struct{})}
		if e := l.sink.admit(c); e != Whole {
			c.end(e)
			continue
		}
		return c, nil
	}
}

// admit adds a connection and returns what is to become of it.
func (s *Sink) admit(c *conn) Ending {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		if s.conditions.ending == Hung { // nobody would free it any more
			return Reset
		}
	default:
	}
	s.conns[c] = struct{}{}
	return s.conditions.ending
}

// A conn is a connection that can hang: then nobody reads from it or writes to it
// until it is closed.
type conn struct {
	net.Conn
	sink   *Sink
	hang   sync.Once
	hung   chan struct{} // closed when it hangs
	finish sync.Once
	closed chan struct{}
}

func (c *conn) end(e Ending) {
	switch e {
	case Hung:
		c.hang.Do(func() { close(c.hung) })
	case Closed:
		_ = c.Close() // which is the fault
	case Reset:
		breakConn(c)
	case Whole:
		if c.hangs() {
			breakConn(c)
		}
	}
}

func (c *conn) hangs() bool {
	select {
	case <-c.hung:
		return true
	default:
		return false
	}
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.hangs() {
		<-c.closed
		return 0, net.ErrClosed
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	if c.hangs() {
		<-c.closed
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

func (c *conn) Close() error {
	c.finish.Do(func() {
		close(c.closed)
		c.sink.mu.Lock()
		delete(c.sink.conns, c)
		c.sink.mu.Unlock()
	})
	return c.Conn.Close()
}

// SetLinger is what breakConn needs.
func (c *conn) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

// breakConn closes a connection with an RST instead of an orderly end.
func breakConn(c io.Closer) {
	if l, ok := c.(interface{ SetLinger(int) error }); ok {
		_ = l.SetLinger(0) // fails on a connection that is closed already
	}
	_ = c.Close()
}
