package phai

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/internal/hosts"
	"github.com/phgen/phgen/runtime/phai/internal/traffic"
)

// A TransportOption changes what [Transport] captures, and how. Every [Option] is one: it holds
// for all calls of the transport, and wins over what the context says.
type TransportOption interface {
	applyTransport(t *transport)
}

// applyTransport makes o hold for every call.
func (o Option) applyTransport(t *transport) { t.opts = append(t.opts, o) }

type hostsOption []string

func (o hostsOption) applyTransport(t *transport) {
	t.only, t.hosts = true, hosts.NewSet(o...)
}

// Hosts captures only the calls to some hosts: "api.example.com" for any port,
// "api.example.com:8443", or "*.example.com" for all below example.com but not itself. Without it
// every request is captured whose path and body are those of a model call.
func Hosts(patterns ...string) TransportOption { return hostsOption(patterns) }

// Transport returns a transport that captures the model calls passing through it, each once as
// $ai_generation or $ai_embedding, in the trace and scope of the request's context. It knows a call
// by its path and the members of its body: those of OpenAI's Chat Completions, Responses and
// Embeddings and of Anthropic's Messages, which most providers have, streams included. A nil base
// means http.DefaultTransport.
//
//	client := openai.NewClient(option.WithHTTPClient(&http.Client{Transport: phai.Transport(nil)}))
//
// Requests and responses are not changed and not delayed: a response is read as the caller reads
// it. The event is captured when the answer is complete, or when the caller comes to its end or to an
// error, closes it, or the request's context ends. It then says what came until then, and why no more
// did: $ai_error_type is "truncated" for an answer that broke off, "closed" for one that was closed
// before its end, "malformed_response" for one that is none, "canceled", or what the provider says.
// A caller that does none of that has a connection of its own open, and no event.
//
// Every attempt of a client that retries is a call. Contents of more than 8 MiB are left out, and
// counted as ai_input_bytes_omitted and ai_output_bytes_omitted; with [Redact] contents are not even
// read into memory. A request that is compressed is not recognised, and of a response in another
// encoding than gzip only the length is known. Headers, keys and queries are never sent. Calls to
// PostHog's own gateways are not captured, because those capture them; the first is logged.
func Transport(base http.RoundTripper, opts ...TransportOption) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	t := &transport{base: base}
	for _, o := range opts {
		if o != nil {
			o.applyTransport(t)
		}
	}
	return t
}

type transport struct {
	base  http.RoundTripper
	opts  []Option
	only  bool // the calls to hosts
	hosts hosts.Set
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	api, path := t.observes(r)
	if api == traffic.None {
		return t.base.RoundTrip(r)
	}
	x := &exchange{
		api:   api,
		ctx:   r.Context(),
		node:  newNode(r.Context(), t.opts),
		host:  r.URL.Hostname(),
		url:   baseURL(r.URL, path),
		keys:  keysOf(r.Header),
		start: time.Now(),
	}
	x.keep = x.node.policy() == Keep
	x.request = api.NewRequest(maxContent, x.keep)
	resp, err := t.base.RoundTrip(x.send(r))
	x.copyRequest(r)
	if err != nil {
		x.end(err)
		return resp, err
	}
	x.receive(resp)
	return resp, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the base.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// observes returns the API that r may be a call of, and the path before it.
func (t *transport) observes(r *http.Request) (api traffic.API, path string) {
	if r.Method != http.MethodPost || r.URL == nil || r.Body == nil || r.Body == http.NoBody || r.Header.Get("Content-Encoding") != "" {
		return traffic.None, ""
	}
	if api, path = traffic.Of(r.URL.Path); api == traffic.None || !ph.Capturing(r.Context()) {
		return traffic.None, ""
	}
	if host := r.URL.Hostname(); traffic.IsGateway(host) {
		ph.WarnAIGateway(r.Context(), strings.ToLower(host))
		return traffic.None, ""
	}
	if t.only && !t.hosts.Has(r.URL.Host) {
		return traffic.None, ""
	}
	return api, path
}

// baseURL returns u as far as path, without user and query.
func baseURL(u *url.URL, path string) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}).String()
}

// keysOf returns the keys that a request shows, so that an error which repeats one can be sent
// without it.
func keysOf(h http.Header) (keys []string) {
	for _, name := range [...]string{"Authorization", "X-Api-Key", "Api-Key"} {
		for _, v := range h[name] {
			if i := strings.LastIndexByte(v, ' '); i >= 0 {
				v = v[i+1:]
			}
			if len(v) >= minKey {
				keys = append(keys, v)
			}
		}
	}
	return keys
}

const minKey = 8

// send returns the request that base is to send: r itself if its body can be read a second time.
func (x *exchange) send(r *http.Request) *http.Request {
	if r.GetBody != nil {
		return r
	}
	sent := r.WithContext(r.Context()) // a copy: a transport may not change the request itself
	sent.Body = &requestBody{r.Body, x}
	return sent
}

// copyRequest reads the request's body a second time. It is still the caller's promise not to
// change it, which many forget as soon as there is a response.
func (x *exchange) copyRequest(r *http.Request) {
	if r.GetBody == nil {
		return
	}
	body, err := r.GetBody()
	if err != nil {
		return // then there was nothing to send again either
	}
	defer body.Close()
	_, _ = io.Copy(x.request, body) // what is read until an error is read
}

// A requestBody shows an exchange what is read of a body.
type requestBody struct {
	io.ReadCloser
	exchange *exchange
}

func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.exchange.sent(p[:max(n, 0)])
	return n, err
}

// A responseBody shows an exchange what is read of a body.
type responseBody struct {
	io.ReadCloser
	exchange *exchange
}

func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.exchange.received(p[:max(n, 0)], err)
	return n, err
}

func (b *responseBody) Close() error {
	b.exchange.end(errClosed)
	return b.ReadCloser.Close()
}
