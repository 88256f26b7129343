// Package flagapi makes the requests about feature flags: definitions, values for
// somebody, and remote configuration; and that for the definitions of surveys. It keeps
// nothing but connections; what an answer changes is its caller's decision.
package flagapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/phgen/phgen/runtime/internal/origin"
)

// Config configures a Client.
type Config struct {
	Host      string            // scheme, authority and path, without a slash at the end
	Token     string            // the project key
	Secret    string            // the personal or secret key; "": only Flags works
	UserAgent string            // a name, a slash and a version
	Transport http.RoundTripper // nil: one of the client's own
}

// A Client is safe for concurrent use. Its methods end with their context, which is the
// only limit of their time, and neither key stands in any error of theirs.
type Client struct {
	cfg  Config
	rt   http.RoundTripper
	own  *http.Transport // nil if rt is the caller's
	keys *origin.Keys
}

// New returns a client for cfg, whose Host has been checked.
func New(cfg Config) *Client {
	c := &Client{cfg: cfg, rt: cfg.Transport, keys: origin.NewKeys("[key]", cfg.Token, cfg.Secret)}
	if c.rt == nil {
		c.own = newRoundTripper()
		c.rt = c.own
	}
	return c
}

const (
	maxConns = 64 // requests beyond wait for those under way, as long as their context lets them

	// A connection of HTTP/2 that is silent is asked for a sign of life. So one that died
	// between two requests is most often gone before the next.
	silence  = 5 * time.Second
	patience = 1 * time.Second
)

// newRoundTripper returns a transport that keeps its connections.
func newRoundTripper() *http.Transport {
	rt := origin.NewTransport(maxConns)
	rt.HTTP2 = &http.HTTP2Config{SendPingTimeout: silence, PingTimeout: patience}
	return rt
}

// CloseIdle closes the connections that no request uses. A RoundTripper of the
// caller's is left alone.
func (c *Client) CloseIdle() {
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}

// ErrNoSecret says that a request needs a secret and the client has none.
var ErrNoSecret = errors.New("there is no secret key")

// A call is a request, and how much of its answer's body is read.
type call struct {
	method string
	url    string // after the host
	header http.Header
	body   []byte // nil: none
	limit  int64
}

// A reply is an answer, read to its end.
type reply struct {
	status int // 2xx or 304
	header http.Header
	body   []byte // inflated
}

// do makes one request and follows one redirect. An answer that is neither a success nor
// a 304 is a *StatusError, and none at all is a *ConnectionError, or the cause for which
// the caller gave up.
func (c *Client) do(ctx context.Context, k *call) (reply, error) {
	u, err := url.Parse(c.cfg.Host + k.url)
	if err != nil {
		return reply{}, errors.New("the host is no URL") // err repeats what hides a key
	}
	r, err := c.send(ctx, u, k)
	var status *StatusError
	if errors.As(err, &status) {
		if next := origin.Redirect(k.method, u, status.Status, r.header); next != nil {
			r, err = c.send(ctx, next, k)
		}
	}
	return r, err
}

// send is do without redirects.
func (c *Client) send(ctx context.Context, u *url.URL, k *call) (r reply, err error) {
	defer func() {
		if v := recover(); v != nil { // the RoundTripper may be the caller's
			err = &ConnectionError{Err: fmt.Errorf("round tripper panicked: %s", c.keys.Clean(fmt.Sprint(v)))}
		}
	}()
	res, err := c.rt.RoundTrip(c.request(ctx, u, k))
	if err != nil {
		return r, c.broken(ctx, err)
	}
	if res == nil || res.Body == nil {
		return r, &ConnectionError{Err: errors.New("round tripper returned no answer")}
	}
	defer res.Body.Close()
	r.status, r.header = res.StatusCode, res.Header
	if !r.success() && r.status != http.StatusNotModified {
		return r, c.refusal(res)
	}
	r.body, err = c.read(ctx, res, k.limit)
	return r, err
}

func (r *reply) success() bool { return r.status >= 200 && r.status <= 299 }

func (c *Client) request(ctx context.Context, u *url.URL, k *call) *http.Request {
	h := k.header.Clone()
	h.Set("User-Agent", c.cfg.UserAgent)
	h.Set("Accept-Encoding", "gzip")
	req := (&http.Request{Method: k.method, URL: u, Host: u.Host, Header: h}).WithContext(ctx)
	if k.body != nil {
		h.Set("Content-Type", "application/json")
		// Present and empty: net/http then repeats the request at once if a kept
		// connection turns out to be closed, and sends no such header.
		h["Idempotency-Key"] = []string{}
		req.ContentLength = int64(len(k.body))
		req.GetBody = bodyOf(k.body)
		req.Body, _ = req.GetBody()
	}
	return req
}

// bearer returns the header of a request that needs the secret.
func (c *Client) bearer() (http.Header, error) {
	if c.cfg.Secret == "" {
		return nil, ErrNoSecret
	}
	return http.Header{"Authorization": {"Bearer " + c.cfg.Secret}}, nil
}
