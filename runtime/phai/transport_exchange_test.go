package phai

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	ph "github.com/phgen/phgen/runtime"
)

// A call is captured once, whatever the caller does with its body and however often.
func TestTransportCapturesOnce(t *testing.T) {
	for _, tt := range []struct {
		name string
		read func(resp *http.Response, cancel func())
		kind any
	}{
		{"read to the end, closed twice", func(resp *http.Response, _ func()) {
			_, _ = io.ReadAll(resp.Body)
			_, _ = resp.Body.Read(make([]byte, 1))
			_, _ = resp.Body.Close(), resp.Body.Close()
		}, nil},
		{"read to its logical end", func(resp *http.Response, _ func()) {
			_, _ = io.ReadFull(resp.Body, make([]byte, len(chatStreamed)))
		}, nil},
		{"read in bytes", func(resp *http.Response, _ func()) {
			_, _ = io.Copy(io.Discard, iotest.OneByteReader(resp.Body))
		}, nil},
		{"closed behind the reason to stop", func(resp *http.Response, _ func()) {
			_, _ = io.ReadFull(resp.Body, make([]byte, 210))
			_ = resp.Body.Close()
		}, nil},
		{"closed unread", func(resp *http.Response, _ func()) { _ = resp.Body.Close() }, "closed"},
		{"closed half read", func(resp *http.Response, _ func()) {
			_, _ = io.ReadFull(resp.Body, make([]byte, 150))
			_ = resp.Body.Close()
		}, "closed"},
		{"cancelled", func(resp *http.Response, cancel func()) { cancel() }, "canceled"},
		{"cancelled and closed", func(resp *http.Response, cancel func()) {
			cancel()
			_ = resp.Body.Close()
		}, "canceled"},
		{"read and cancelled", func(resp *http.Response, cancel func()) {
			_, _ = io.ReadAll(resp.Body)
			cancel()
		}, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			ctx, cancel := context.WithCancel(r.ctx())
			rt := Transport(answers(200, streamType, chatStreamed), Send(ph.As("bob")))
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/v1/chat/completions", strings.NewReader(chatAsked))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := rt.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			tt.read(resp, cancel)
			synctest.Wait() // for what the end of the context starts
			got := r.one()
			if got.Properties["$ai_error_type"] != tt.kind || got.DistinctID != "bob" {
				t.Errorf("%s: got %v of %s, want %v", tt.name, got.Properties["$ai_error_type"], got.DistinctID, tt.kind)
			}
			cancel()
			_ = resp.Body.Close()
			synctest.Wait()
			if more := r.sent(); len(more) != 0 {
				t.Errorf("%s: %d events more", tt.name, len(more))
			}
		})
	}
}

func TestTransportLeavesAlone(t *testing.T) {
	type change func(r *http.Request)
	off := newRig(t, func(cfg *ph.Config) { cfg.Disabled = true })
	for name, change := range map[string]change{
		"a GET":         func(r *http.Request) { r.Method = http.MethodGet },
		"another path":  func(r *http.Request) { r.URL.Path = "/v1/models" },
		"another body":  func(r *http.Request) { setBody(r, `{"messages":["hello"]}`) },
		"no body":       func(r *http.Request) { r.Body, r.GetBody = nil, nil },
		"an empty body": func(r *http.Request) { r.Body, r.GetBody = http.NoBody, nil },
		"compressed":    func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") },
		"another host":  func(r *http.Request) { r.URL.Host = "other.example" },
		"a gateway":     func(r *http.Request) { r.URL.Host = "gateway.us.posthog.com" },
		"disabled":      func(r *http.Request) { *r = *r.WithContext(off.ctx()) },
		"opted out":     func(r *http.Request) { *r = *r.WithContext(ph.With(r.Context(), ph.OptOut())) },
	} {
		rig := newRig(t)
		body := io.NopCloser(strings.NewReader(chatSaid))
		var seen *http.Request
		m := func(r *http.Request) (*http.Response, error) {
			seen = r
			return &http.Response{StatusCode: 200, Body: body}, nil
		}
		rt := Transport(model(m), Hosts("localhost", "*.posthog.com"))
		r, err := http.NewRequestWithContext(rig.ctx(), http.MethodPost, "http://localhost/v1/chat/completions", strings.NewReader(chatAsked))
		if err != nil {
			t.Fatal(err)
		}
		change(r)
		resp, err := rt.RoundTrip(r)
		if err != nil || resp.Body != body || seen != r {
			t.Errorf("%s: the response is another, or %v", name, err)
		}
		if got := rig.sent(); len(got) != 0 {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func setBody(r *http.Request, text string) {
	r.ContentLength = int64(len(text))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	r.Body, _ = r.GetBody()
}

// A redirect is no answer; where it leads there is one.
func TestTransportRedirect(t *testing.T) {
	r := newRig(t)
	m := func(r *http.Request) (*http.Response, error) {
		if r.URL.Host == "old.example" {
			resp := response(http.StatusTemporaryRedirect, "", strings.NewReader(""))
			resp.Header.Set("Location", "http://new.example/v1/chat/completions")
			return resp, nil
		}
		return answers(200, jsonType, chatSaid)(r)
	}
	client := &http.Client{Transport: Transport(model(m))}
	req, err := http.NewRequestWithContext(r.ctx(), http.MethodPost, "http://old.example/v1/chat/completions", strings.NewReader(chatAsked))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := r.one().Properties["$ai_base_url"]; got != "http://new.example/v1" {
		t.Errorf("got %v", got)
	}
}

// A request whose body can be read once only is read as it is sent.
func TestTransportWithoutGetBody(t *testing.T) {
	r := newRig(t)
	var sent string
	m := func(r *http.Request) (*http.Response, error) {
		b, err := io.ReadAll(iotest.OneByteReader(r.Body))
		sent = string(b)
		return response(200, jsonType, strings.NewReader(chatSaid)), errors.Join(err, r.Body.Close())
	}
	req, err := http.NewRequestWithContext(r.ctx(), http.MethodPost, "http://localhost/v1/chat/completions", io.NopCloser(strings.NewReader(chatAsked)))
	if err != nil {
		t.Fatal(err)
	}
	body := req.Body
	resp, err := Transport(model(m), Privacy(Keep)).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	if sent != chatAsked || req.Body != body {
		t.Errorf("sent %q; the caller's request was changed: %v", sent, req.Body != body)
	}
	if got := r.one().Properties; got["$ai_model"] != "gpt-5-2025" || got["$ai_input"] == nil {
		t.Errorf("got %v", got)
	}
}
