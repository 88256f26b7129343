package sink

import (
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
)

var (
	errReset   = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
)

// RoundTrip answers a request in memory: the sink is an [http.RoundTripper] that
// opens no socket and starts no goroutine. Faults that are about time wait on the
// request's context and the clock, which is virtual for a sink made within a
// testing/synctest bubble; faults of connections are errors. A body that says to
// be gzip is not inflated.
func (s *Sink) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	switch s.ending() {
	case Hung:
		return nil, s.hold(r.Context())
	case Closed, Reset:
		return nil, errRefused
	}
	a, err := s.respond(nil, r)
	switch a.ending {
	case Hung:
		return nil, s.hold(r.Context())
	case Closed:
		return nil, io.EOF // as net/http calls it
	case Reset:
		return nil, errReset
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status:        strconv.Itoa(a.status) + " " + http.StatusText(a.status),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          a.body,
		ContentLength: a.length,
		Request:       r,
	}, nil
}
