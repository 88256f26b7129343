// Package transport makes one attempt to deliver a request: it assembles the body
// of PostHog's capture protocol, compresses it, posts it and reads the answer as a
// verdict. What happens next is the queue's decision.
package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/phgen/phgen/runtime/internal/queue"
)

// maxAnswer bounds what is read of an answer's body. A connection whose answer is
// longer is closed instead of reused.
const maxAnswer = 64 << 10

// Config configures a Transport.
type Config struct {
	Host                string // scheme, authority and path, without a slash at the end
	APIKey              string
	Agent               string // the User-Agent
	Gzip                bool
	Timeout             time.Duration     // of one attempt, the answer's body included
	RoundTripper        http.RoundTripper // nil: one of the transport's own
	HistoricalMigration bool
	SentAt              func() time.Time // the clock to say in every attempt; nil: none is said
}

// A Transport is safe for concurrent use.
type Transport struct {
	cfg      Config
	protocol protocol
	url      *url.URL
	rt       http.RoundTripper
	own      *http.Transport // nil if rt is the caller's
}

// New returns a transport for cfg, whose Host has been checked.
func New(cfg Config) *Transport {
	t := &Transport{cfg: cfg, protocol: v0, rt: cfg.RoundTripper}
	if u, err := url.Parse(cfg.Host + t.protocol.path); err == nil {
		if cfg.Gzip {
			u.RawQuery = "compression=gzip" // the server looks here first
		}
		t.url = u
	}
	if t.rt == nil {
		t.own = newRoundTripper()
		t.rt = t.own
	}
	return t
}

// maxConns is one connection for every request that the queue has in flight.
const maxConns = 8

// newRoundTripper returns a transport that keeps its connections. A write buffer as
// large as a usual body takes a fifth off the CPU time of a request.
func newRoundTripper() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dial,
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxConnsPerHost:        maxConns,
		MaxIdleConnsPerHost:    maxConns,
		IdleConnTimeout:        90 * time.Second,
		DisableCompression:     true, // an answer must not inflate
		MaxResponseHeaderBytes: maxAnswer,
		WriteBufferSize:        128 << 10,
	}
}

// Envelope returns the bytes that a request's body has beside its events.
func (t *Transport) Envelope() int {
	return len(t.protocol.head(nil, t.cfg)) + len(t.protocol.tail)
}

// CloseIdle closes the connections that no request uses. A RoundTripper of the
// caller's is left alone.
func (t *Transport) CloseIdle() {
	if t.own != nil {
		t.own.CloseIdleConnections()
	}
}

// Send makes one attempt. It reads r only until it returns.
func (t *Transport) Send(ctx context.Context, r *queue.Request) queue.Verdict {
	ctx, cancel := context.WithTimeoutCause(ctx, t.cfg.Timeout, fmt.Errorf("no answer within %v", t.cfg.Timeout))
	defer cancel()
	b := t.body(r)
	defer b.detach()

	status, header, err := t.post(ctx, t.url, b)
	if next := redirect(t.url, status, header); err == nil && next != nil {
		status, header, err = t.post(ctx, next, b)
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return queue.Verdict{Outcome: queue.Retry, Err: err}
	}
	return verdict(status, header, time.Now())
}

// post sends b to u and reads the whole answer, within bounds.
func (t *Transport) post(ctx context.Context, u *url.URL, b *body) (status int, header http.Header, err error) {
	defer func() {
		if v := recover(); v != nil { // the RoundTripper may be the caller's
			err = fmt.Errorf("round tripper panicked: %v", v)
		}
	}()
	req := (&http.Request{
		Method:        http.MethodPost,
		URL:           u,
		Host:          u.Host,
		Header:        t.header(),
		Body:          b.reader(),
		GetBody:       func() (io.ReadCloser, error) { return b.reader(), nil },
		ContentLength: b.size,
	}).WithContext(ctx)
	res, err := t.rt.RoundTrip(req)
	if err != nil {
		return 0, nil, err
	}
	if res == nil || res.Body == nil {
		return 0, nil, errors.New("round tripper returned no answer")
	}
	defer res.Body.Close()
	// Read it all: a connection whose answer was left unread is not reused. An answer
	// that breaks off is no answer.
	if _, err := io.CopyN(io.Discard, res.Body, maxAnswer); err != nil && !errors.Is(err, io.EOF) {
		return 0, nil, fmt.Errorf("reading the answer: %w", err)
	}
	return res.StatusCode, res.Header, nil
}

func (t *Transport) header() http.Header {
	h := http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {t.cfg.Agent},
		// Present and empty: net/http then repeats the request at once if a kept
		// connection turns out to be closed, and sends no such header. Events keep
		// their uuid, so a repetition does no harm.
		"Idempotency-Key": {},
	}
	if t.cfg.Gzip {
		h["Content-Encoding"] = []string{"gzip"}
	}
	return h
}

// redirect returns where an answer sends the request, or nil. Only 307 and 308 keep
// a POST what it is, and neither key nor events ever leave the origin.
func redirect(from *url.URL, status int, header http.Header) *url.URL {
	if status != http.StatusTemporaryRedirect && status != http.StatusPermanentRedirect {
		return nil
	}
	to, err := from.Parse(header.Get("Location"))
	if err != nil || to.User != nil || origin(to) != origin(from) {
		return nil
	}
	to.Fragment = ""
	return to
}

// origin returns the scheme, host and port of u.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
