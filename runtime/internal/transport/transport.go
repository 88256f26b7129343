// Package transport makes one attempt to deliver a request: it assembles the body that
// one of PostHog's capture protocols wants, compresses it, posts it and reads the answer
// as a verdict. What happens next is the queue's decision.
package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/origin"
	"github.com/phgen/phgen/runtime/internal/queue"
)

// Config configures a Transport.
type Config struct {
	Protocol            Protocol
	Host                string // scheme, authority and path, without a slash at the end
	APIKey              string
	Agent               string            // the User-Agent: a name, a slash and a version
	Compression         Compression       // one that Protocol does not know becomes Gzip
	Timeout             time.Duration     // of one attempt, the answer's body included
	RoundTripper        http.RoundTripper // nil: one of the transport's own
	HistoricalMigration bool
	SentAt              func() time.Time // the clock to say in every attempt; nil: V0 and AI say none, V1 says the system's
	Attempt             func(Attempt)    // called after every attempt, by Send; nil: nobody wants to know
}

// An Attempt describes one attempt for a log.
type Attempt struct {
	Number   uint64 // of the request
	Attempts int    // made with it, this one included
	Events   int
	Bytes    int   // of the events
	Sent     int64 // bytes of the body, compressed
	Status   int   // 0 if there was no answer
	Took     time.Duration
	Verdict  queue.Verdict
	Warnings map[string]int // about events that V1 took, and how many events each is about
}

// A Transport is safe for concurrent use.
type Transport struct {
	cfg      Config
	protocol *protocol
	codec    *codec // nil: none
	url      *url.URL
	rt       http.RoundTripper
	own      *http.Transport // nil if rt is the caller's
	random   uuid.UUID       // its first half is half of what makes request IDs unique
	keys     *origin.Keys
}

// New returns a transport for cfg, whose Host and Protocol have been checked.
func New(cfg Config) *Transport {
	t := &Transport{cfg: cfg, protocol: &protocols[cfg.Protocol], rt: cfg.RoundTripper, random: uuid.New(), keys: origin.NewKeys("[API key]", cfg.APIKey)}
	if !slices.Contains(t.protocol.codecs, cfg.Compression) {
		cfg.Compression = Gzip
	}
	if cfg.Compression != None {
		t.codec = &codecs[cfg.Compression]
	}
	if u, err := url.Parse(cfg.Host + t.protocol.path); err == nil {
		if t.codec != nil && t.protocol.query {
			u.RawQuery = "compression=" + t.codec.name
		}
		t.url = u
	}
	if t.rt == nil {
		t.own = newRoundTripper(cfg.Timeout)
		t.rt = t.own
	}
	return t
}

// maxConns is one connection for every request that the queue has in flight.
const maxConns = 8

// minPatience keeps a short Timeout from asking for signs of life all the time.
const minPatience = 200 * time.Millisecond

// newRoundTripper returns a transport that keeps its connections. A write buffer as
// large as a usual body takes a fifth off the CPU time of a request.
//
// A connection of HTTP/2 outlives requests that time out on it. So that a dead one does
// not make the next request wait as well, one that is silent is asked for a sign of life,
// early enough to know the answer before the attempt ends.
func newRoundTripper(timeout time.Duration) *http.Transport {
	patience := max(timeout/3, minPatience)
	rt := origin.NewTransport(maxConns)
	rt.DialContext = dial
	rt.WriteBufferSize = 128 << 10
	rt.HTTP2 = &http.HTTP2Config{SendPingTimeout: patience, PingTimeout: patience}
	return rt
}

// Envelope returns the bytes that a request's body has beside its events.
func (t *Transport) Envelope() int {
	return len(t.protocol.head(nil, &t.cfg, new(queue.Request))) + len(t.protocol.tail)
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
	start := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, t.cfg.Timeout, fmt.Errorf("no answer within %v", t.cfg.Timeout))
	defer cancel()
	b := t.body(r)
	defer b.detach()

	var kept atomic.Bool // the connection was used before
	a, err := t.post(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(c httptrace.GotConnInfo) { kept.Store(c.Reused) },
	}), t.url, b, r)
	if err != nil && a.status == 0 && kept.Load() && ctx.Err() == nil {
		// The server closed the connection some time ago, while this process slept maybe.
		// net/http repeats by itself only what it did not begin to write (TestKeptConnection).
		t.CloseIdle()
		a, err = t.post(ctx, t.url, b, r)
	}
	if next := origin.Redirect(http.MethodPost, t.url, a.status, a.header); err == nil && next != nil {
		a, err = t.post(ctx, next, b, r)
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		a.Verdict = queue.Verdict{Outcome: queue.Retry, Err: t.keys.Conceal(err)}
	}
	if t.cfg.Attempt != nil {
		t.cfg.Attempt(Attempt{
			Number: r.Number, Attempts: r.Attempts, Events: r.Events, Bytes: r.Bytes, Sent: b.size,
			Status: a.status, Took: time.Since(start), Verdict: a.Verdict, Warnings: a.warnings,
		})
	}
	return a.Verdict
}

// An answer is what an endpoint sent, and what it means.
type answer struct {
	status int
	header http.Header
	reading
}

// post sends b, the body of r, to u and reads the answer. An error says that there is
// none; the status is known if it broke off.
func (t *Transport) post(ctx context.Context, u *url.URL, b *body, r *queue.Request) (a answer, err error) {
	defer func() {
		if v := recover(); v != nil { // the RoundTripper may be the caller's
			err = fmt.Errorf("round tripper panicked: %s", t.keys.Clean(fmt.Sprint(v)))
		}
	}()
	req := (&http.Request{
		Method:        http.MethodPost,
		URL:           u,
		Host:          u.Host,
		Header:        t.header(r),
		Body:          b.reader(),
		GetBody:       func() (io.ReadCloser, error) { return b.reader(), nil },
		ContentLength: b.size,
	}).WithContext(ctx)
	res, err := t.rt.RoundTrip(req)
	if err != nil {
		return a, err
	}
	if res == nil || res.Body == nil {
		return a, errors.New("round tripper returned no answer")
	}
	defer res.Body.Close()
	a.status, a.header = res.StatusCode, res.Header
	a.reading, err = t.read(res, r)
	return a, err
}

func (t *Transport) header(r *queue.Request) http.Header {
	h := http.Header{
		"Content-Type": {"application/json"},
		"User-Agent":   {t.cfg.Agent},
		// Present and empty: net/http then repeats the request at once if a kept
		// connection turns out to be closed, and sends no such header. Events keep
		// their uuid, so a repetition does no harm.
		"Idempotency-Key": {},
	}
	if t.codec != nil {
		h["Content-Encoding"] = []string{t.codec.name}
	}
	if t.protocol.header != nil {
		t.protocol.header(h, t, r)
	}
	return h
}
