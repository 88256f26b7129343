package devserver

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/dev/flagset"
	"github.com/phgen/phgen/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token = "t0ken"
	host  = "127.0.0.1:8010"
)

const planText = `phgen: 1
plan: {name: acme, version: 1.2.0}
events:
  signed_up:
    description: A person has an account.
    properties:
      plan: {type: string, required: true, description: What they chose}
      seats: {type: int, min: 1}
  left: {}
flags:
  new-checkout: {kind: boolean, description: The checkout of this year}
  search: {kind: multivariate, variants: [old, new], default: old}
  limits: {kind: remote_config, payload: {type: object, properties: {rps: {type: int, required: true, default: 100}}}}
`

func parsePlan(t testing.TB, text string) *schema.Plan {
	t.Helper()
	p, found := schema.Parse("plan.yaml", []byte(text))
	if p == nil || found.HasErrors() {
		t.Fatal(found)
	}
	return p
}

// A rig is a server with a plan, and its log.
type rig struct {
	*Server
	t   testing.TB
	log *logged
}

func newRig(t testing.TB, change ...func(*Config)) *rig {
	t.Helper()
	p := parsePlan(t, planText)
	flags := flagset.New()
	flags.SetPlan(p)
	r := &rig{t: t, log: &logged{}}
	c := Config{
		Store:    dev.NewStore(dev.Config{Plan: p, PlanFile: "plan.yaml"}),
		Flags:    flags,
		Token:    token,
		ErrorLog: log.New(r.log, "", 0),
	}
	for _, f := range change {
		f(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	r.Server = s
	t.Cleanup(s.Close)
	return r
}

// logged is what a server logs, from several goroutines.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// do answers a request in memory. Headers are "Name: value"; Host is one of them.
func (r *rig) do(method, url, body string, headers ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	req := httptest.NewRequest(method, url, strings.NewReader(body))
	req.Host = host
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	described(r.t, req, w)
	return w
}

const bearer = "Authorization: Bearer " + token

// get returns the body of a GET, which must be 200.
func (r *rig) get(url string) string {
	r.t.Helper()
	w := r.do("GET", url, "")
	if w.Code != http.StatusOK {
		r.t.Fatalf("GET %s: got %d %s", url, w.Code, w.Body)
	}
	return w.Body.String()
}

// capture sends events as an SDK does; each is the JSON of one.
func (r *rig) capture(events ...string) {
	r.t.Helper()
	w := r.do("POST", "/batch/", `{"api_key":"phc_dev","batch":[`+strings.Join(events, ",")+`]}`)
	if w.Code != http.StatusOK {
		r.t.Fatalf("POST /batch/: got %d %s", w.Code, w.Body)
	}
}

const (
	signedUp = `{"event":"signed_up","distinct_id":"u1","timestamp":"2000-01-01T00:00:00Z","properties":{"plan":"pro"}}`
	invalid  = `{"event":"signed_up","distinct_id":"u2","properties":{"seats":0}}`
	unknown  = `{"event":"signd_up","distinct_id":"u1","properties":{"plan":"pro"}}`
)

// listen serves the rig on connections in memory until the test ends.
func (r *rig) listen() *network {
	n := &network{conns: make(chan net.Conn), closed: make(chan struct{})}
	h := r.HTTP()
	done := make(chan error, 1)
	go func() { done <- h.Serve(n) }()
	r.t.Cleanup(func() {
		r.Close()
		if err := h.Shutdown(context.Background()); err != nil {
			r.t.Error(err)
		}
		if err := <-done; err != http.ErrServerClosed {
			r.t.Error(err)
		}
	})
	return n
}

// A network is a net.Listener without sockets, so that its time may be virtual.
type network struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (n *network) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8010} }

// dial returns the client's end of a new connection.
func (n *network) dial() net.Conn {
	client, server := net.Pipe()
	n.conns <- server
	return client
}

// client returns a client whose requests all come to the network.
func (n *network) client(t testing.TB) *http.Client {
	transport := &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return n.dial(), nil },
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func readAll(t testing.TB, r io.ReadCloser) string {
	t.Helper()
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}
