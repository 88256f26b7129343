package transport

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/internal/queue"
)

// forbidden returns the address of a listener that counts who comes.
func forbidden(t *testing.T, conns *atomic.Int32) string {
	t.Helper()
	l := listen(t, func(net.Conn) { conns.Add(1) })
	return l.Addr().String()
}

// Key and events stay with the origin that was configured, and follow one redirect there.
func TestRedirects(t *testing.T) {
	var conns atomic.Int32
	foreign := forbidden(t, &conns)

	var arrived []string
	var status int
	var location string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		arrived = append(arrived, r.Method+" "+r.URL.RequestURI()+" "+string(body))
		if !strings.HasPrefix(r.URL.Path, "/there/") {
			w.Header().Set("Location", location)
			w.WriteHeader(status)
		}
	})
	const (
		body  = `{"api_key":"phc_k","batch":[{}]}`
		first = "POST /batch/ " + body
	)
	moved := []string{first, "POST /there/ " + body}
	for _, c := range []struct {
		location string
		followed []string // by 307 and 308; nil: not at all
	}{
		{"/there/", moved},
		{"../there/", moved},
		{s.URL + "/there/", moved},
		{strings.Replace(s.URL, "http:", "HTTP:", 1) + "/there/#fragment", moved},
		{"/there/?a=b", []string{first, "POST /there/?a=b " + body}},
		{"/batch/", []string{first, first}}, // one redirect and no more
		{"", []string{first, first}},        // an empty one means this place
		{"http://[::bad", nil},
		{"http://" + foreign + "/there/", nil}, // other port
		{"//" + foreign + "/there/", nil},
		{"https://" + foreign + "/there/", nil}, // other scheme and port
		{strings.Replace(s.URL, "http:", "https:", 1) + "/there/", nil},
		{strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/there/", nil}, // other host
		{strings.Replace("http://"+foreign, "127.0.0.1", "localhost", 1) + "/there/", nil},
		{strings.Replace(s.URL, "http://", "http://user:pass@", 1) + "/there/", nil},
		{"file:///etc/passwd", nil},
		{"mailto:a@b", nil},
	} {
		for _, status = range []int{301, 302, 303, 307, 308} { // the first three turn into a GET
			arrived, location = nil, c.location
			want, outcome := []string{first}, queue.Retry
			if status >= 307 && c.followed != nil {
				want = c.followed
				if c.followed[1] != first {
					outcome = queue.Delivered
				}
			}
			v := send(t, newTransport(t, s, Config{}), "{}")
			if v.Outcome != outcome {
				t.Errorf("%d to %q: verdict %+v, want outcome %d", status, location, v, outcome)
			}
			if diff := cmp.Diff(arrived, want); diff != "" {
				t.Errorf("%d to %q: requests (-got +want):\n%s", status, location, diff)
			}
		}
	}
	if n := conns.Load(); n != 0 {
		t.Errorf("%d connections left the origin", n)
	}
}

// From https there is no way back to http, whoever asks.
func TestRedirectKeepsTLS(t *testing.T) {
	var conns atomic.Int32
	foreign := forbidden(t, &conns)
	var location string
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusPermanentRedirect)
	}))
	t.Cleanup(s.Close)
	for _, location = range []string{"http://" + foreign, fmt.Sprintf("http://%s/", s.Listener.Addr())} {
		v := send(t, newTransport(t, s, Config{Protocol: V1, RoundTripper: s.Client().Transport}), "{}")
		if want := "retry: endpoint answered 308 Permanent Redirect"; summary(v) != want {
			t.Errorf("to %s: %s, want %s", location, summary(v), want)
		}
	}
	if n := conns.Load(); n != 0 {
		t.Errorf("%d connections left the origin", n)
	}
}
