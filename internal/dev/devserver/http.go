package devserver

import (
	"net"
	"net/http"
	"time"
)

// The bounds of connections. Bodies have the sink's or, of the API, maxBody.
const (
	headerWithin = 5 * time.Second
	bodyWithin   = time.Minute
	writeWithin  = 30 * time.Second
	idleFor      = 2 * time.Minute
	maxHeader    = 64 << 10
)

// An HTTPServer is a server of HTTP with the bounds that a hostile client needs. The
// connections that it closes for them are named in the store's log of requests.
type HTTPServer struct {
	*http.Server
	ends *ends
}

// HTTP returns the server to serve s with. Its Shutdown closes s, too.
func (s *Server) HTTP() *HTTPServer {
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerWithin,
		IdleTimeout:       idleFor,
		MaxHeaderBytes:    maxHeader - 4096, // net/http reads 4 KiB more than it is told
		ErrorLog:          s.config.ErrorLog,
		ConnContext:       withConn,
		ConnState:         s.ends.follow,

		DisableGeneralOptionsHandler: true, // each request meets the guards

		// Neither ReadTimeout nor WriteTimeout: streams and long polls outlive both. Each
		// reply sets its own, and so does each body.
	}
	h.RegisterOnShutdown(s.Close)
	return &HTTPServer{h, s.ends}
}

// Serve serves the connections of l until Shutdown or Close, and returns
// [http.ErrServerClosed] then.
func (h *HTTPServer) Serve(l net.Listener) error { return h.Server.Serve(listener{l}) }
