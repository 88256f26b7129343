package testanthropic_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

// A posthog is a server on loopback, and all that was sent to it.
type posthog struct {
	t      *testing.T
	client *ph.Client
	server *phtest.Server
	conns  *http.Transport

	mu   sync.Mutex
	sent bytes.Buffer // headers and bodies, inflated
}

func newPostHog(t *testing.T) *posthog {
	t.Helper()
	p := &posthog{t: t, server: phtest.NewServer(t), conns: new(http.Transport)}
	client, err := ph.New(ph.Config{APIKey: "phc_test", Host: p.server.URL, Transport: p, FlushEvery: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	p.client = client
	t.Cleanup(func() {
		if err := client.Close(context.Background()); err != nil {
			t.Error(err)
		}
		p.conns.CloseIdleConnections()
	})
	return p
}

// RoundTrip keeps what is sent, and sends it.
func (p *posthog) RoundTrip(r *http.Request) (*http.Response, error) {
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

func (p *posthog) keep(r *http.Request, raw []byte) error {
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

func (p *posthog) ctx() context.Context {
	return ph.With(p.t.Context(), ph.UseClient(p.client), ph.User("ann"))
}

// An event is the properties of one, and its name.
type event map[string]any

// events returns what has arrived.
func (p *posthog) events() []event {
	p.t.Helper()
	if err := p.client.Flush(context.Background()); err != nil {
		p.t.Fatal(err)
	}
	var all []event
	for _, r := range p.server.Events() {
		var e struct {
			Event      string `json:"event"`
			Properties event  `json:"properties"`
		}
		if err := json.Unmarshal([]byte(r.String()), &e); err != nil {
			p.t.Fatal(err)
		}
		e.Properties["event"] = e.Event
		all = append(all, e.Properties)
	}
	return all
}

// has reports whether text was sent anywhere.
func (p *posthog) has(text string) bool {
	p.t.Helper()
	p.events()
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Contains(p.sent.String(), text)
}
