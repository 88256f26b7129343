package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

// patience is how long the end of the shop waits for requests, and then for PostHog.
const patience = 10 * time.Second

// operate opens a shop that sends its events with a client of cfg, calls visit with its
// address and its outgoing mail, and closes it again: first the doors, then the work that is
// left, and last the client, which delivers. It returns what became of the events.
func operate(ctx context.Context, cfg ph.Config, visit func(ctx context.Context, url string, mail <-chan letter) error) (ph.Stats, error) {
	cfg.CaptureExceptions = true // panics in handlers and in ph.Go
	client, err := ph.New(cfg)
	if err != nil {
		return ph.Stats{}, err
	}
	mail := make(chan letter, maxJobs) // room for more than visits leave unread
	// Every scope of the shop sends with this client: a fresh one keeps it.
	app := ph.With(context.WithoutCancel(ctx), ph.UseClient(client))
	s := newShop(func(l letter) { mail <- l })
	var worker sync.WaitGroup
	worker.Go(func() { s.work(app) }) // until close

	var visitErr error
	open, err := listen(app, s.handler())
	if err == nil {
		visitErr = visit(ctx, open.url, mail)
		err = open.close()
	}
	s.close()
	worker.Wait()
	closing, cancel := context.WithTimeout(app, patience)
	defer cancel()
	err = errors.Join(visitErr, err, client.Close(closing))
	return client.Stats(), err
}

// A service is an HTTP server on a free port of this machine.
type service struct {
	url    string
	server *http.Server
	served chan error
}

// listen serves h. The contexts of requests are made of ctx.
func listen(ctx context.Context, h http.Handler) (*service, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &service{
		url: "http://" + l.Addr().String(),
		server: &http.Server{
			Handler:           h,
			ReadHeaderTimeout: 5 * time.Second,
			BaseContext:       func(net.Listener) context.Context { return ctx },
		},
		served: make(chan error, 1),
	}
	go func() { s.served <- s.server.Serve(l) }() // until the server is closed
	return s, nil
}

// close waits for the requests that have begun, for patience at most.
func (s *service) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
