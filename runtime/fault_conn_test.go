package runtime

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/internal/sink"
)

// A line is an endpoint on loopback, and a client that knows it by its address.
type line struct {
	*Client
	t      *testing.T
	sink   *sink.Sink
	server *httptest.Server
	ctx    context.Context
	ids    []uuid.UUID

	mu        sync.Mutex
	attempts  []int // of the requests that were delivered
	delivered chan struct{}
}

func newLine(t *testing.T, change ...func(*Config)) *line {
	t.Helper()
	l := &line{t: t, sink: sink.New(sink.Config{}), delivered: make(chan struct{}, 1000)}
	listener, err := l.sink.Listen()
	if err != nil {
		t.Fatal(err)
	}
	l.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: l.sink, ErrorLog: log.New(io.Discard, "", 0)}}
	l.server.Start()
	t.Cleanup(func() {
		l.sink.Close()
		l.server.Close()
	})
	cfg := Config{
		APIKey: "phc_k", Host: l.server.URL, FlushEvery: time.Millisecond, Logger: slog.New(slog.DiscardHandler),
		OnDelivered: func(d Delivered) {
			l.mu.Lock()
			l.attempts = append(l.attempts, d.Attempts)
			l.mu.Unlock()
			l.delivered <- struct{}{}
		},
	}
	for _, c := range change {
		c(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l.Client, l.ctx = c, With(context.Background(), UseClient(c), User("u_1"))
	return l
}

// capture captures n events of a kilobyte.
func (l *line) capture(n int) {
	l.t.Helper()
	for range n {
		id, err := TryCapture(l.ctx, "e", Props{"text": killText(1039)})
		if err != nil {
			l.t.Fatal(err)
		}
		l.ids = append(l.ids, id)
	}
	balance(l.t, l.Client)
}

// flush waits until everything arrived.
func (l *line) flush() {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.ctx, 20*time.Second)
	defer cancel()
	if err := l.Flush(ctx); err != nil {
		l.t.Errorf("Flush: %v", err)
	}
	balance(l.t, l.Client)
}

// end closes the client and looks for every event.
func (l *line) end() {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.ctx, 20*time.Second)
	defer cancel()
	if err := l.Close(ctx); err != nil {
		l.t.Errorf("Close: %v", err)
	}
	if s := balance(l.t, l.Client); s.Sent != uint64(len(l.ids)) || s.Lost > 0 {
		l.t.Errorf("%+v, want %d sent", s, len(l.ids))
	}
	arrived := map[string]bool{}
	for _, e := range l.sink.Events() {
		arrived[e.UUID] = true
	}
	for _, id := range l.ids {
		if !arrived[id.String()] {
			l.t.Errorf("event %s did not arrive", id)
		}
	}
}

// A row is one fault of connections.
type row struct {
	name string
	test func(t *testing.T, change func(*Config))
}

// onLines runs rows for both protocols, all at once: they wait for real pauses.
func onLines(t *testing.T, rows ...row) {
	t.Helper()
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, r := range rows {
		for _, p := range []Protocol{V0, V1} {
			wg.Go(func() {
				t.Run(fmt.Sprintf("%s, v%d", r.name, p), func(t *testing.T) {
					r.test(t, func(c *Config) { c.Protocol = p })
				})
			})
		}
	}
}

// A connection that breaks anywhere costs a pause.
func TestFaultConnection(t *testing.T) {
	var rows []row
	for name, f := range map[string]sink.Fault{
		"reset before the body":     {Request: sink.Reset},
		"reset at its first byte":   {Request: sink.Reset, RequestBytes: 1},
		"reset mid-body":            {Request: sink.Reset, RequestBytes: 1500},
		"reset behind the body":     {Request: sink.Reset, RequestBytes: sink.All},
		"taken and reset":           {Request: sink.Reset, RequestBytes: sink.All, Keep: true},
		"closed before the body":    {Request: sink.Closed},
		"closed behind the body":    {Request: sink.Closed, RequestBytes: sink.All},
		"reset before the answer":   {Reply: sink.Reset},
		"reset in the answer":       {Reply: sink.Reset, ReplyBytes: 7},
		"closed in the answer":      {Reply: sink.Closed, ReplyBytes: 7},
		"hangs mid-body":            {Request: sink.Hung, RequestBytes: 1500},
		"hangs behind the body":     {Request: sink.Hung, RequestBytes: sink.All},
		"hangs in the answer":       {Reply: sink.Hung, ReplyBytes: 7},
		"the answer trickles":       {Drip: 200 * time.Millisecond},
		"the answer comes too late": {Delay: 2 * time.Second},
	} {
		rows = append(rows, row{name, func(t *testing.T, change func(*Config)) {
			hangs := f.Request == sink.Hung || f.Reply == sink.Hung || f.Drip+f.Delay > 0
			l := newLine(t, change, func(c *Config) {
				if c.Compression = NoCompression; hangs {
					c.RequestTimeout = time.Second
				}
			})
			l.sink.Inject(f)
			l.capture(30)
			l.end()
			if got := slices.Max(l.attempts); got < 2 || got > 2 && !hangs {
				t.Errorf("%d attempts, want 2", got)
			}
		}})
	}
	onLines(t, rows...)
}

// A port that nobody listens on, and then somebody does.
func TestFaultRefusedConnection(t *testing.T) {
	onLines(t, row{"closed", func(t *testing.T, change func(*Config)) {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := free.Addr().String()
		free.Close()
		l := newLine(t, change, func(c *Config) { c.Host = "http://" + addr })
		l.capture(30)
		ctx, cancel := context.WithTimeout(l.ctx, 50*time.Millisecond)
		defer cancel()
		if err := l.Flush(ctx); err == nil {
			t.Error("a flush to a port that nobody listens on succeeded")
		}
		again, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		s := &http.Server{Handler: l.sink}
		go func() { _ = s.Serve(again) }()
		defer s.Close()
		l.end()
	}})
}

// Connections whose other end fell silent cost an attempt, and the next ones are new.
func TestFaultHalfOpen(t *testing.T) {
	onLines(t, row{"unplugged", func(t *testing.T, change func(*Config)) {
		l := newLine(t, change, func(c *Config) { c.RequestTimeout = 300 * time.Millisecond })
		l.capture(5)
		l.flush()
		l.sink.Break(sink.Hung)
		l.capture(5)
		ctx, cancel := context.WithTimeout(l.ctx, 400*time.Millisecond)
		defer cancel()
		if err := l.Flush(ctx); err == nil {
			t.Error("a flush over a dead connection succeeded")
		}
		l.sink.Up()
		l.flush()
		l.end()
	}})
}

// Connections that the endpoint closed while the process was frozen cost nothing, not even
// a pause.
func TestFaultStaleConnections(t *testing.T) {
	onLines(t, row{"closed meanwhile", func(t *testing.T, change func(*Config)) {
		l := newLine(t, change)
		for range 10 {
			l.capture(3)
			l.flush()
			<-l.delivered
			l.server.CloseClientConnections()
		}
		l.end()
		if got := slices.Max(l.attempts); got != 1 {
			t.Errorf("%d attempts, want 1", got)
		}
	}})
}

// A name that can not be found, and an endpoint whose TLS is none, are outages like any
// other. Nothing is sent in the clear meanwhile.
func TestFaultDNSAndTLS(t *testing.T) {
	var rows []row
	for _, fault := range []string{"DNS", "DNS timeout", "no TLS", "unknown authority"} {
		rows = append(rows, row{fault, func(t *testing.T, change func(*Config)) {
			var faulty atomic.Bool
			faulty.Store(true)
			in := sink.New(sink.Config{})
			defer in.Close()
			secure := httptest.NewTLSServer(in)
			defer secure.Close()
			secure.Config.ErrorLog = log.New(io.Discard, "", 0)
			requests := 0
			plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ }))
			defer plain.Close()
			foreign := httptest.NewUnstartedServer(plain.Config.Handler)
			foreign.TLS = &tls.Config{Certificates: []tls.Certificate{secure.TLS.Certificates[0]}}
			foreign.Config.ErrorLog = log.New(io.Discard, "", 0)
			foreign.StartTLS()
			defer foreign.Close()
			attempts := make(chan struct{}, 1000)
			trusting := secure.Client().Transport.(*http.Transport).TLSClientConfig
			rt := &http.Transport{DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				attempts <- struct{}{}
				to, cfg := secure.Listener.Addr().String(), trusting.Clone()
				cfg.ServerName = "example.com" // which the certificate is for
				if faulty.Load() {
					switch fault {
					case "DNS":
						return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: "ph.test", IsNotFound: true}}
					case "DNS timeout":
						return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "i/o timeout", Name: "ph.test", IsTimeout: true}}
					case "no TLS":
						to = plain.Listener.Addr().String()
					case "unknown authority":
						to, cfg.RootCAs = foreign.Listener.Addr().String(), nil
					}
				}
				return (&tls.Dialer{Config: cfg}).DialContext(ctx, network, to)
			}}
			defer rt.CloseIdleConnections()
			l := newLine(t, change, func(c *Config) { c.Host, c.Transport = "https://ph.test", rt })
			l.sink = in
			l.capture(10)
			<-attempts
			<-attempts // so that the first failed
			balance(t, l.Client)
			faulty.Store(false)
			l.end()
			if requests > 0 {
				t.Errorf("%d requests went to somebody else", requests)
			}
		}})
	}
	onLines(t, rows...)
}

// Answers that never end, or inflate, cost neither memory nor events.
func TestFaultAnswerBombs(t *testing.T) {
	for name, f := range map[string]sink.Fault{
		"endless success":      {Endless: true},
		"endless page":         {Endless: true, Body: []byte("<html>"), ContentType: "text/html", Keep: true},
		"endless failure":      {Status: 500, Endless: true},
		"endless refusal":      {Status: 429, RetryAfter: "0.1", Endless: true},
		"endless 413":          {Status: 413, Endless: true},
		"endless redirect":     {Status: 307, Location: "https://elsewhere.test", Endless: true},
		"gzip bomb of success": {Bomb: 1 << 30},
		"gzip bomb of failure": {Status: 503, Bomb: 1 << 30},
	} {
		for _, p := range []Protocol{V0, V1} {
			t.Run(fmt.Sprintf("%s, v%d", name, p), func(t *testing.T) {
				l := newLine(t, func(c *Config) { c.Protocol = p })
				var before, after goruntime.MemStats
				goruntime.ReadMemStats(&before)
				l.sink.Inject(f)
				l.capture(30)
				ctx, cancel := context.WithTimeout(l.ctx, 100*time.Millisecond)
				_ = l.Flush(ctx) // so that Close need not wait for the pause of a failure
				cancel()
				l.end()
				goruntime.ReadMemStats(&after)
				if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
					t.Errorf("%d MiB were allocated, want at most 64", got>>20)
				}
			})
		}
	}
}
