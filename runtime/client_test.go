package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/queue"
)

// An endpoint is a PostHog in memory: it answers with the status it is told, and keeps
// the names of the events it took.
type endpoint struct {
	mu     sync.Mutex
	status func(names []string) int // nil: 200
	took   []string
	posts  int
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	var body struct {
		Batch []struct{ Event string }
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, err
	}
	var names []string
	for _, ev := range body.Batch {
		names = append(names, ev.Event)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.posts++
	status := http.StatusOK
	if e.status != nil {
		status = e.status(names)
	}
	if status == http.StatusOK {
		e.took = append(e.took, names...)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

func answering(status int) func([]string) int { return func([]string) int { return status } }

// newClient returns a client in front of e.
func newClient(t *testing.T, e *endpoint, cfg Config) *Client {
	t.Helper()
	cfg.APIKey, cfg.Transport, cfg.Compression = "phc_canary", e, NoCompression
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// enqueue puts an event into c's queue as if it had been captured.
func enqueue(c *Client, name string) error {
	data := fmt.Sprintf(`,{"event":%q,"properties":{"secret":"payload-canary"}}`, name)
	return c.main.queue.Put(context.Background(), []byte(data), &[2]queue.Entry{{UUID: uuid.UUID{15: 7}, Name: name, End: len(data)}}, 1)
}

func TestClientDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var delivered []Delivered
		e := new(endpoint)
		c := newClient(t, e, Config{OnDelivered: func(d Delivered) { delivered = append(delivered, d) }})
		if err := enqueue(c, "a"); err != nil {
			t.Fatal(err)
		}
		if err := c.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		want := Stats{Accepted: 1, Sent: 1, LostBy: map[string]uint64{}, RefusedBy: map[string]uint64{"sampled": 3}, Refused: 3, ViolationsBy: map[string]uint64{}}
		c.refuse(refusedSampled, 2)
		c.refuse(refusedSampled, 1)
		if diff := cmp.Diff(c.Stats(), want); diff != "" {
			t.Errorf("stats (-got +want):\n%s", diff)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(delivered, []Delivered{{UUIDs: []uuid.UUID{{15: 7}}, Bytes: 55, Attempts: 1}}); diff != "" {
			t.Errorf("OnDelivered (-got +want):\n%s", diff)
		}
	})
}

// A nil context counts as context.Background.
func TestNilContext(t *testing.T) {
	c := newClient(t, new(endpoint), Config{})
	_ = enqueue(c, "a")
	var none context.Context
	if err := c.Flush(none); err != nil {
		t.Error(err)
	}
	if err := c.Close(none); err != nil {
		t.Error(err)
	}
}

func TestNilClient(t *testing.T) {
	var c *Client
	if err := c.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if s := c.Stats(); s.Accepted != 0 || s.LostBy == nil || s.RefusedBy == nil || s.ViolationsBy == nil {
		t.Errorf("stats of a nil client: %+v, want zeros and empty maps", s)
	}
}

func TestDefault(t *testing.T) {
	t.Cleanup(func() { SetDefault(nil) })
	if c := Default(); c != nil {
		t.Errorf("default before SetDefault: %v, want nil", c)
	}
	c := newClient(t, new(endpoint), Config{})
	SetDefault(c)
	if Default() != c {
		t.Error("Default is not what SetDefault was given")
	}
	SetDefault(nil)
	if Default() != nil {
		t.Error("SetDefault(nil) did not take the default away")
	}
}

// Callbacks may call the client: nothing that delivers waits for them.
func TestCallbacksCallTheClient(t *testing.T) {
	for name, call := range map[string]func(*Client){
		"Flush":   func(c *Client) { _ = c.Flush(context.Background()) },
		"Close":   func(c *Client) { _ = c.Close(context.Background()) },
		"Stats":   func(c *Client) { c.Stats() },
		"capture": func(c *Client) { _ = enqueue(c, "from a callback") },
		"panic":   func(*Client) { panic("boom") },
	} {
		synctest.Test(t, func(t *testing.T) {
			e := &endpoint{status: func(names []string) int {
				if names[0] == "bad" {
					return 400
				}
				return 200
			}}
			var c *Client
			calls := 0
			c = newClient(t, e, Config{
				Logger:      slog.New(slog.DiscardHandler),
				OnLost:      func(LostEvent) { calls++; call(c) },
				OnDelivered: func(Delivered) { calls++; call(c) },
			})
			for _, event := range []string{"bad", "good"} {
				_ = enqueue(c, event)
			}
			if err := c.Flush(t.Context()); err == nil {
				t.Error("Flush that lost an event returned nil")
			}
			_ = c.Close(t.Context())
			time.Sleep(time.Second) // a Close in a callback may still wait for that callback
			synctest.Wait()
			if s := c.Stats(); s.Sent < 1 || s.LostBy["rejected"] != 1 || s.Queued+s.InFlight != 0 {
				t.Errorf("%s in a callback: %+v", name, s)
			}
			if calls < 2 {
				t.Errorf("%s in a callback: %d calls, want 2 or more", name, calls)
			}
		})
	}
}

// A callback that never returns costs observations and nothing else.
func TestBlockedCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		c := newClient(t, new(endpoint), Config{
			BatchSize:   1,
			Logger:      slog.New(slog.DiscardHandler),
			OnDelivered: func(Delivered) { <-hang },
		})
		for i := range 3 * maxObservations {
			_ = enqueue(c, fmt.Sprint(i))
			synctest.Wait()
		}
		if s := c.Stats(); s.Sent != 3*maxObservations {
			t.Errorf("%+v, want %d sent", s, 3*maxObservations)
		}
		start := time.Now()
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("Close took %v, want at most 1s", took)
		}
		close(hang)
	})
}

// Close waits for a callback that gets on, however many events it is told of.
func TestCloseWaitsForOnLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		c := newClient(t, &endpoint{status: answering(503)}, Config{
			MaxRetries: -1,
			Logger:     slog.New(slog.DiscardHandler),
			OnLost:     func(LostEvent) { time.Sleep(observerGrace / 2); told++ },
		})
		for range 50 {
			_ = enqueue(c, "a")
		}
		_ = c.Close(t.Context())
		if told != 50 {
			t.Errorf("Close returned when OnLost knew %d losses, want 50", told)
		}
	})
}

func TestCloseContext(t *testing.T) {
	for name, c := range map[string]struct {
		timeout time.Duration // negative: none
		want    time.Duration
	}{
		"no deadline": {-1, closeTimeout},
		"ten seconds": {10 * time.Second, 10 * time.Second},
		"ended":       {0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			client := newClient(t, &endpoint{status: answering(503)}, Config{Logger: slog.New(slog.DiscardHandler)})
			_ = enqueue(client, "a")
			ctx := context.Background()
			if c.timeout >= 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.timeout)
				defer cancel()
			}
			start := time.Now()
			err := client.Close(ctx)
			u, ok := err.(*UndeliveredError)
			if !ok || u.Events != 1 || u.ByReason["shutdown_deadline"] != 1 || u.Unwrap() != context.DeadlineExceeded {
				t.Errorf("%s: %v, want one event lost at the deadline", name, err)
			}
			if took := time.Since(start); took < c.want || took > c.want+100*time.Millisecond {
				t.Errorf("%s: Close took %v, want %v", name, took, c.want)
			}
			if err := client.Close(ctx); err != nil {
				t.Errorf("%s: second Close: %v, want nil", name, err)
			}
		})
	}
}

// A day of trouble fills no log, and no log tells keys or payloads.
func TestLog(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		lines  []string // of the first minute
		most   int      // lines in 24 hours
	}{
		"outage":  {503, []string{`level=WARN msg="delivery paused" lane=v0 error="endpoint answered 503 Service Unavailable"`}, 24 * 12},
		"bad key": {401, []string{`level=ERROR msg="endpoint refuses the API key; delivery is tried once a minute" lane=v0 error="endpoint answered 401 Unauthorized"`, `level=WARN msg="events lost" events=1 reason=rejected error="endpoint answered 401 Unauthorized"`}, 24*12 + 24*60},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			client := newClient(t, &endpoint{status: answering(c.status)}, Config{
				Debug:  true,
				MaxAge: 48 * time.Hour,
				Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})),
			})
			for i := range 24 * 60 {
				_ = enqueue(client, "a")
				time.Sleep(time.Minute)
				if i == 0 {
					synctest.Wait()
					for _, line := range c.lines {
						if !strings.Contains(out.String(), line) {
							t.Errorf("%s: log\n%s\nwant %s", name, &out, line)
						}
					}
				}
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			_ = client.Close(ended)
			if n := strings.Count(out.String(), "\n") - strings.Count(out.String(), "msg=request"); n > c.most+5 { // Debug tells of each attempt
				t.Errorf("%s: %d lines in 24 hours, want at most %d", name, n, c.most+5)
			}
			if strings.Contains(out.String(), "canary") {
				t.Errorf("%s: the log tells key or payload", name)
			}
		})
	}
}

func TestLogResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		up := time.Now().Add(time.Hour)
		e := &endpoint{status: func([]string) int {
			if time.Now().Before(up) {
				return 500
			}
			return 200
		}}
		c := newClient(t, e, Config{Logger: slog.New(slog.NewTextHandler(&out, nil)), Debug: true})
		_ = enqueue(c, "a")
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		for _, want := range []string{`msg="delivery resumed"`, `msg=request events=1 bytes=55 sent=89 status=200 took=0s attempt=`} {
			if strings.Count(out.String(), want) != 1 {
				t.Errorf("log\n%s\nwant once %s", &out, want)
			}
		}
		_ = c.Close(t.Context())
	})
}

func TestNewWarns(t *testing.T) {
	for want, cfg := range map[string]Config{
		"Config.Host is plain http":                   {APIKey: "phc_canary", Host: "http://ph.test"},
		"Config.APIKey is a personal or secret key":   {APIKey: "phx_canary"},
		"super property can not be encoded\" key=odd": {APIKey: "phc_canary", SuperProperties: Props{"odd": math.NaN()}},
	} {
		var out bytes.Buffer
		cfg.Logger = slog.New(slog.NewTextHandler(&out, nil))
		c, err := New(cfg)
		if err != nil {
			t.Errorf("%s: %v", want, err)
		}
		c.observe.drain(t.Context())
		if !strings.Contains(out.String(), want) || strings.Count(out.String(), "\n") != 1 || strings.Contains(out.String(), "canary") {
			t.Errorf("log %q, want one line with %q", &out, want)
		}
	}
}

func TestEncodeSuper(t *testing.T) {
	c, _ := quietClient()
	got := c.encodeSuper(Props{"b": []int{1}, "a": "x", "c": math.Inf(1), "ä\"": 1, "d\uFFFD": 2, "d\xff": 2, "$cookieless_mode": "x"})
	want := []superProperty{{"a", `"x"`}, {"b", `[1]`}, {"c", `null`}, {"d\uFFFD", `2`}, {`ä\"`, `1`}}
	if diff := cmp.Diff(got, want, cmp.AllowUnexported(superProperty{})); diff != "" {
		t.Errorf("super properties (-got +want):\n%s", diff)
	}
}

func TestLibraryTail(t *testing.T) {
	for _, geoIP := range []bool{false, true} {
		var tail map[string]any
		if err := json.Unmarshal([]byte("{"+string(libraryTail(false, geoIP))+"}"), &tail); err != nil {
			t.Fatal(err)
		}
		if tail["$lib"] != "phgen-go" || tail["$lib_version"] != Version || tail["$is_server"] != true || tail["$os"] == nil || tail["$go_version"] == nil {
			t.Errorf("GeoIP %v: %v", geoIP, tail)
		}
		if _, disabled := tail["$geoip_disable"]; disabled == geoIP {
			t.Errorf("GeoIP %v: $geoip_disable present: %v", geoIP, disabled)
		}
	}
}

func TestLinuxSystem(t *testing.T) {
	for release, want := range map[string]system{
		"": {name: "Linux"},
		"PRETTY_NAME=\"Debian\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n": {"Linux", "12", "Debian GNU/Linux"},
		"NAME=Alpine\nVERSION_ID='3.20'\nNAMELESS\n":                             {"Linux", "3.20", "Alpine"},
	} {
		if got := linuxSystem(release); got != want {
			t.Errorf("%q: %v, want %v", release, got, want)
		}
	}
}
