// Package phaitest is PostHog, for the tests of phai with the providers' own clients, which are
// modules of their own.
package phaitest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phai"
	"github.com/phgen/phgen/runtime/phtest"
)

// A PostHog is a server on loopback, and all that was sent to it.
type PostHog struct {
	t      *testing.T
	Client *ph.Client
	Server *phtest.Server
	conns  *http.Transport

	mu   sync.Mutex
	sent bytes.Buffer // headers and bodies, inflated
}

// New returns a PostHog that is closed when t ends.
func New(t *testing.T) *PostHog {
	t.Helper()
	p := &PostHog{t: t, Server: phtest.NewServer(t), conns: new(http.Transport)}
	client, err := ph.New(ph.Config{APIKey: "phc_test", Host: p.Server.URL, Transport: p, FlushEvery: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	p.Client = client
	t.Cleanup(func() {
		if err := client.Close(context.Background()); err != nil {
			t.Error(err)
		}
		p.conns.CloseIdleConnections()
	})
	return p
}

// RoundTrip keeps what is sent, and sends it.
func (p *PostHog) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(raw))
	p.mu.Lock()
	err = p.keep(r, raw)
	p.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return p.conns.RoundTrip(r)
}

func (p *PostHog) keep(r *http.Request, raw []byte) error {
	p.sent.WriteString(r.URL.String())
	if err := r.Header.Write(&p.sent); err != nil {
		return err
	}
	if r.Header.Get("Content-Encoding") != "gzip" {
		p.sent.Write(raw)
		return nil
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	_, err = io.Copy(&p.sent, unpacked)
	return err
}

// Context returns one whose events are Ann's and go to p.
func (p *PostHog) Context() context.Context {
	return ph.With(p.t.Context(), ph.UseClient(p.Client), ph.User("ann"))
}

// An Event is the properties of one, and its name.
type Event map[string]any

// Events returns what has arrived.
func (p *PostHog) Events() []Event {
	p.t.Helper()
	if err := p.Client.Flush(context.Background()); err != nil {
		p.t.Fatal(err)
	}
	var all []Event
	for _, r := range p.Server.Events() {
		var e struct {
			Event      string `json:"event"`
			Properties Event  `json:"properties"`
		}
		if err := json.Unmarshal([]byte(r.String()), &e); err != nil {
			p.t.Fatal(err)
		}
		e.Properties["event"] = e.Event
		all = append(all, e.Properties)
	}
	return all
}

// Has reports whether text was sent anywhere.
func (p *PostHog) Has(text string) bool {
	p.t.Helper()
	p.Events()
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Contains(p.sent.String(), text)
}

// Want fails the test unless e has properties, as JSON has them.
func (e Event) Want(t *testing.T, properties Event) {
	t.Helper()
	for key, v := range properties {
		if got, want := fmt.Sprint(e[key]), fmt.Sprint(v); got != want {
			t.Errorf("%s of %s: got %s, want %s", key, e["event"], got, want)
		}
	}
}

// Only returns the one event there is.
func Only(t *testing.T, events []Event) Event {
	t.Helper()
	if len(events) != 1 {
		t.Fatalf("got %d events, want 1: %v", len(events), events)
	}
	return events[0]
}

// InBoth runs a test with contents and without. What is redacted is nowhere in the bytes sent,
// and what is kept is there: a test that looks for it can fail. The test returns the first
// request that its provider has read.
func InBoth(t *testing.T, secret string, test func(t *testing.T, hog *PostHog, privacy phai.Option) (request string)) {
	for name, privacy := range map[string]phai.Policy{"redact": phai.Redact, "keep": phai.Keep} {
		t.Run(name, func(t *testing.T) {
			hog := New(t)
			request := test(t, hog, phai.Privacy(privacy))
			if got := hog.Has(secret); got != (privacy == phai.Keep) {
				t.Errorf("what was said is in the bytes sent: %v", got)
			}
			if hog.Has("sk-" + secret) {
				t.Error("the key is in the bytes sent")
			}
			if !strings.Contains(request, secret) {
				t.Error("the provider has not read the request")
			}
		})
	}
}
