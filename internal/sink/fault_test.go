package sink

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serve runs the sink on loopback; a client of its own, so that no connection
// outlives the test.
func serve(t *testing.T, s *Sink) (string, *http.Client) {
	t.Helper()
	srv := httptest.NewServer(s)
	transport := &http.Transport{}
	t.Cleanup(func() { s.Close(); transport.CloseIdleConnections(); srv.Close() })
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return srv.URL + "/batch/", client
}

func TestFaultStatus(t *testing.T) {
	s := New(Config{})
	url, client := serve(t, s)
	s.Inject(
		Fault{Status: 503, RetryAfter: "7"},
		Fault{Status: 429, Keep: true},
		Fault{Location: "http://127.0.0.1:1/"},
		Fault{Status: 204},
		Fault{Drip: time.Millisecond},
	)
	tests := []struct {
		status      int
		header, is  string
		eventsSoFar int
	}{
		{503, "Retry-After", "7", 0},
		{429, "Retry-After", "", 1},
		{307, "Location", "http://127.0.0.1:1/", 1},
		{204, "", "", 2},
		{200, "Content-Length", "12", 3},
		{200, "Content-Length", "12", 4}, // healthy again
	}
	for i, tt := range tests {
		resp, err := client.Post(url, "application/json", strings.NewReader(bodyOf(good)))
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Errorf("request %d: reading the reply: %v", i, err)
		}
		resp.Body.Close()
		if got := resp.Header.Get(tt.header); resp.StatusCode != tt.status || got != tt.is {
			t.Errorf("request %d: got %d and %s %q, want %d and %q", i, resp.StatusCode, tt.header, got, tt.status, tt.is)
		}
		if got := len(s.Events()); got != tt.eventsSoFar {
			t.Errorf("request %d: %d events kept, want %d", i, got, tt.eventsSoFar)
		}
	}
}

// Lanes of one client have faults of their own.
func TestFaultPath(t *testing.T) {
	s := New(Config{})
	s.Inject(Fault{Path: "/i/v0/ai/batch", Status: 501}, Fault{Path: "/i/v0/ai/batch/", Status: 502}, Fault{Status: 503}, Fault{Path: "/nowhere", Status: 504})
	for i, tt := range []struct {
		path   string
		status int
	}{{"/batch/", 503}, {"/batch/", 200}, {"/i/v0/ai/batch/", 501}, {"/i/v0/ai/batch", 502}, {"/i/v0/ai/batch/", 200}} {
		if w := post(s, tt.path, []byte(bodyOf(good))); w.Code != tt.status {
			t.Errorf("request %d to %s: got %d, want %d", i, tt.path, w.Code, tt.status)
		}
	}
}

func TestFaultReset(t *testing.T) {
	body := bodyOf(good)
	for _, after := range []int64{0, 1, int64(len(body) / 2), int64(len(body)), 1 << 30} {
		s := New(Config{})
		url, client := serve(t, s)
		s.Inject(Fault{Request: Reset, RequestBytes: after})
		// Given as a plain reader, so that the client cannot send it again by itself.
		_, err := client.Post(url, "application/json", struct{ io.Reader }{strings.NewReader(body)})
		if !slices.ContainsFunc([]error{syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed, io.EOF}, func(word error) bool { return errors.Is(err, word) }) {
			t.Errorf("after %d bytes: got %v, want a reset connection", after, err)
		}
		if got, want := len(s.Requests()[0].Raw), int(min(after, int64(len(body)))); got != want || len(s.Events()) != 0 {
			t.Errorf("after %d bytes: %d bytes recorded, want %d; %d events kept, want none", after, got, want, len(s.Events()))
		}
	}
}

func TestFaultResetKeeps(t *testing.T) {
	s := New(Config{})
	url, client := serve(t, s)
	s.Inject(Fault{Request: Reset, Keep: true})
	if resp, err := client.Post(url, "application/json", struct{ io.Reader }{strings.NewReader(bodyOf(good))}); err == nil {
		t.Errorf("got %s, want a reset connection", resp.Status)
	}
	if got := len(s.Events()); got != 1 {
		t.Errorf("%d events kept, want 1", got)
	}
}

// Close must free requests that a fault holds, or no test with one could end.
func TestCloseFreesHeldRequests(t *testing.T) {
	for name, fault := range map[string]Fault{
		"hang":    {Request: Hung, Keep: true},
		"delay":   {Delay: time.Hour},
		"drip":    {Drip: time.Hour},
		"endless": {Endless: true},

		"hang in the reply": {Reply: Hung, ReplyBytes: 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Config{})
			url, client := serve(t, s)
			s.Inject(fault)
			done := make(chan struct{})
			go func() {
				defer close(done)
				if resp, err := client.Post(url, "application/json", strings.NewReader(bodyOf(good))); err == nil {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			}()
			if err := s.Wait(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			s.Close()
			<-done
		})
	}
}

func TestFaultDelay(t *testing.T) {
	s := New(Config{})
	url, client := serve(t, s)
	s.Inject(Fault{Delay: 20 * time.Millisecond})
	start := time.Now()
	resp, err := client.Post(url, "application/json", strings.NewReader(bodyOf(good)))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := time.Since(start); got < 20*time.Millisecond {
		t.Errorf("answered after %v, want at least 20ms", got)
	}
}
