package phslog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phslog"
	"github.com/phgen/phgen/runtime/phtest"
)

// An output is what was forwarded.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *output) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// count returns how many lines hold text.
func (l *output) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

// newClient returns a client that logs, as cfg's callbacks may, through the logger that
// captures with it. It is the default client: callbacks have no context.
func newClient(t *testing.T, l *output, configure func(cfg *ph.Config, logger *slog.Logger)) (context.Context, *ph.Client, *slog.Logger) {
	logger := slog.New(phslog.New(slog.NewTextHandler(l, nil), phslog.Level(slog.LevelWarn)))
	cfg := ph.Config{APIKey: "phc_test", Host: "http://posthog.localhost", CaptureExceptions: true, Logger: logger}
	configure(&cfg, logger)
	client, err := ph.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ph.SetDefault(client)
	t.Cleanup(func() { ph.SetDefault(nil) })
	return ph.With(context.Background(), ph.User("ann")), client, logger
}

// settle lets the client deliver, and everybody log who wants to, and returns how many
// events the client has taken. It is called in a bubble.
func settle(ctx context.Context, client *ph.Client) uint64 {
	_ = client.Flush(ctx) // some of the tests lose events
	synctest.Wait()
	return client.Stats().Accepted
}

// What the client itself logs, and code that it calls, is forwarded and not captured:
// neither while a record is being captured, which would never end, nor from the client's
// own goroutines, where each event would cause the next.
func TestClientLogsThroughItself(t *testing.T) {
	refuse := func(server *phtest.Server) { server.Down(http.StatusBadRequest) }
	for _, test := range []struct {
		name      string
		configure func(cfg *ph.Config, logger *slog.Logger)
		fail      func(*phtest.Server)
		forwarded string // besides the record
	}{
		{
			name:      "its own warnings",
			configure: func(*ph.Config, *slog.Logger) {},
			fail:      refuse,
			forwarded: "events lost",
		},
		{
			name: "its own warnings, on another goroutine",
			configure: func(cfg *ph.Config, logger *slog.Logger) {
				cfg.Logger = slog.New(elsewhere{logger.Handler()})
			},
			fail:      refuse,
			forwarded: "events lost",
		},
		{
			name: "BeforeSend",
			configure: func(cfg *ph.Config, logger *slog.Logger) {
				cfg.BeforeSend = func(*ph.Message) bool {
					logger.Error("from BeforeSend", "err", errors.New("hook"))
					return true
				}
			},
			forwarded: "from BeforeSend",
		},
		{
			name: "TraceContext",
			configure: func(cfg *ph.Config, logger *slog.Logger) {
				cfg.TraceContext = func(ctx context.Context) (string, string) {
					logger.ErrorContext(ctx, "from TraceContext")
					return "", ""
				}
			},
			forwarded: "from TraceContext",
		},
		{
			name: "OnLost",
			configure: func(cfg *ph.Config, logger *slog.Logger) {
				cfg.OnLost = func(e ph.LostEvent) { logger.Error("from OnLost", "err", e.Err) }
			},
			fail:      refuse,
			forwarded: "from OnLost",
		},
		{
			name: "OnDelivered",
			configure: func(cfg *ph.Config, logger *slog.Logger) {
				cfg.OnDelivered = func(ph.Delivered) { logger.Error("from OnDelivered") }
			},
			forwarded: "from OnDelivered",
		},
		{
			name: "Transport",
			configure: func(cfg *ph.Config, logger *slog.Logger) {
				next := cfg.Transport
				cfg.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
					logger.Error("from Transport")
					return next.RoundTrip(r)
				})
			},
			forwarded: "from Transport",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := phtest.NewMemoryServer(t)
				if test.fail != nil {
					test.fail(server)
				}
				var l output
				ctx, client, logger := newClient(t, &l, func(cfg *ph.Config, logger *slog.Logger) {
					cfg.Transport, cfg.Host = server, server.URL
					test.configure(cfg, logger)
				})
				logger.ErrorContext(ctx, "from the application")
				if got := settle(ctx, client); got != 1 {
					t.Errorf("%d events were accepted, want 1", got)
				}
				if l.count("from the application") != 1 || l.count(test.forwarded) == 0 {
					t.Errorf("%q is missing in the log:\n%s", test.forwarded, l.text.String())
				}
				if err := client.Close(ctx); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// elsewhere handles each record on another goroutine.
type elsewhere struct{ slog.Handler }

func (e elsewhere) Handle(ctx context.Context, r slog.Record) error {
	done := make(chan error)
	go func() { done <- e.Handler.Handle(ctx, r) }()
	return <-done
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// logging is an error that logs when it is asked for its text.
type logging struct{ logger *slog.Logger }

func (e *logging) Error() string {
	e.logger.Error("from Error", "err", e)
	return "logging"
}

// So it is with the methods of the values that are logged.
func TestErrorLogsItself(t *testing.T) {
	rec, ctx := capturing(t)
	logger := slog.New(phslog.New(nil))
	ph.SetDefault(rec.Client())
	defer ph.SetDefault(nil)
	logger.ErrorContext(ctx, "m", "err", &logging{logger})
	one(t, rec)
}

// Logging waits for nothing, whatever the client does elsewhere.
func TestNeverBlocks(t *testing.T) {
	for _, test := range []struct {
		name      string
		configure func(*ph.Config)
	}{
		{"a full queue that blocks", func(cfg *ph.Config) { cfg.OnFull, cfg.QueueSize = ph.Block, 2 }},
		{"delivery that is waited for", func(cfg *ph.Config) { cfg.Sync = true }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := phtest.NewMemoryServer(t)
				server.Down(http.StatusServiceUnavailable)
				var l output
				ctx, client, logger := newClient(t, &l, func(cfg *ph.Config, _ *slog.Logger) {
					cfg.Transport, cfg.Host = server, server.URL
					test.configure(cfg)
				})
				start := time.Now()
				for i := range 10 {
					logger.ErrorContext(ctx, "m", "i", i)
				}
				if took := time.Since(start); took > 0 {
					t.Errorf("ten records took %v, want no time", took)
				}
				if stats := client.Stats(); stats.Accepted == 0 {
					t.Errorf("no record was captured: %+v", stats)
				}
				server.Up()
				if err := client.Close(ctx); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A storm of records costs a bounded number of events.
func TestStorm(t *testing.T) {
	rec, ctx := capturing(t)
	logger := slog.New(phslog.New(nil))
	for i := range 1000 {
		logger.ErrorContext(ctx, "m", "err", fmt.Errorf("%d: %w", i, &outOfStock{"x"}))
	}
	if got := len(rec.Events()); got < 40 || got > 60 {
		t.Errorf("1000 errors at once are %d events, want about 50", got)
	}
}

func TestConcurrent(t *testing.T) {
	rec, ctx := capturing(t)
	logger := slog.New(phslog.New(nil)).With("a", 1).WithGroup("g")
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			l := logger.With("i", i)
			l.WithGroup("h").ErrorContext(ctx, "m", "err", &outOfStock{"x"})
		})
	}
	wg.Wait()
	if got := len(rec.Events()); got != 20 {
		t.Errorf("got %d events, want 20", got)
	}
}
