package runtime

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/phgen/phgen/internal/spool/faultfs"
)

// A far is an endpoint in memory that answers as told and remembers the uuids it took.
type far struct {
	mu       sync.Mutex
	status   func() int // of an answer; nil: 200
	requests int
	took     map[string]int // events by uuid
	times    []time.Time    // of the requests
}

func (f *far) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	f.times = append(f.times, time.Now())
	status := http.StatusOK
	if f.status != nil {
		status = f.status()
	}
	if status == http.StatusOK {
		if f.took == nil {
			f.took = map[string]int{}
		}
		for {
			_, rest, found := bytes.Cut(body, []byte(`"uuid":"`))
			if !found {
				break
			}
			f.took[string(rest[:36])]++
			body = rest[36:]
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"status":1}`)), Request: r}, nil
}

// count returns the number of requests so far.
func (f *far) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

// farClient returns a client in front of f, and a context that captures with it.
func farClient(t *testing.T, f *far, cfg Config) (*Client, context.Context) {
	t.Helper()
	cfg.APIKey, cfg.Transport, cfg.Compression = "phc_far", f, NoCompression
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c, With(t.Context(), UseClient(c), User("u_1"))
}

// spoolOn makes clients of this test keep their spool on p.
func spoolOn(t *testing.T, p *faultfs.Process) {
	t.Helper()
	spoolFS = p
	t.Cleanup(func() { spoolFS = nil })
}

// balance fails t unless every accepted event of c is counted in one place.
func balance(t *testing.T, c *Client) Stats {
	t.Helper()
	s := c.Stats()
	var lost uint64
	for _, n := range s.LostBy {
		lost += n
	}
	if s.Accepted != s.Sent+s.Lost+s.Queued+s.InFlight+s.Spooled || lost != s.Lost {
		t.Fatalf("stats do not add up: %+v", s)
	}
	return s
}

// text500 makes an event of about 500 bytes.
var text500 = strings.Repeat("x", 150)

// A day without the endpoint, at five events a second, loses none and costs one request
// a pause.
func TestOutageOfADay(t *testing.T) {
	spoolOn(t, faultfs.New().Process())
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		f := &far{status: func() int {
			if time.Since(start) < 24*time.Hour {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		}}
		c, ctx := farClient(t, f, Config{SpoolDir: "/spool", OnFull: Spill})
		for time.Since(start) < 24*time.Hour {
			if int(time.Since(start).Seconds())%patient != 0 {
				time.Sleep(time.Second)
				continue
			}
			for i := range 5 {
				if _, err := TryCapture(ctx, "tick", Props{"i": i, "text": text500}); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
			balance(t, c)
		}
		requests := f.count()
		if requests < 4_000 || requests > 7_000 {
			t.Errorf("%d requests during the outage, want 4,000 to 7,000", requests)
		}
		if err := c.Flush(ctx); err != nil {
			t.Errorf("flush: %v", err)
		}
		s := balance(t, c)
		if s.Sent != 24*3600*5/patient || s.Lost+s.Refused > 0 {
			t.Errorf("%+v, want all of %d sent", s, 24*3600*5/patient)
		}
		if len(f.took) != 24*3600*5/patient {
			t.Errorf("%d events arrived", len(f.took))
		}
		if err := c.Close(t.Context()); err != nil {
			t.Errorf("close: %v", err)
		}
		t.Logf("%d requests in the outage, %d to catch up", requests, f.count()-requests)
	})
}

// The next process sends what the last one could not, under the same uuids, although the
// first never closed its client.
func TestNextProcess(t *testing.T) {
	disk := faultfs.New()
	first := disk.Process()
	spoolOn(t, first)
	want := map[string]bool{}
	synctest.Test(t, func(t *testing.T) {
		down := &far{status: func() int { return http.StatusBadGateway }}
		c, ctx := farClient(t, down, Config{SpoolDir: "/spool", OnFull: Spill, QueueSize: 100})
		for i := range 250 {
			want[Capture(ctx, "tick", Props{"i": i}).String()] = true
		}
		want[CaptureAI(ctx, "$ai_generation", Props{"i": 1}).String()] = true
		time.Sleep(time.Minute)
		if s := balance(t, c); s.Queued+s.InFlight != 101 || s.Spooled != 150 {
			t.Errorf("%+v, want 101 in memory and 150 on disk only", s)
		}
		first.Kill()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_ = c.Close(ended)
	})
	spoolOn(t, disk.Process())
	synctest.Test(t, func(t *testing.T) {
		up := &far{}
		c, _ := farClient(t, up, Config{SpoolDir: "/spool", OnFull: Spill, QueueSize: 100, Protocol: V1})
		time.Sleep(time.Minute)
		if s := balance(t, c); s.Accepted != 251 || s.Sent != 251 {
			t.Errorf("%+v, want the 251 events of the process before sent", s)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
		for id := range want {
			if up.took[id] != 1 {
				t.Errorf("event %s arrived %d times", id, up.took[id])
			}
		}
	})
	if files := disk.Files("/spool"); len(files) > 0 {
		t.Errorf("left on disk: %d files", len(files))
	}
}

// Events of another project, and those of a disk that is full or broken, end in one
// counted place.
func TestSpoolFaults(t *testing.T) {
	for name, c := range map[string]struct {
		faults faultfs.Faults
		want   uint64 // events sent in the end
	}{
		"healthy":     {faultfs.Faults{}, 300},
		"full":        {faultfs.Faults{Size: 20_000}, 0},
		"read-only":   {faultfs.Faults{ReadOnly: true}, 100},
		"fsync fails": {faultfs.Faults{Syncs: 5}, 300},
		"write fails": {faultfs.Faults{Writes: 3}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			disk := faultfs.New()
			spoolOn(t, disk.Process())
			synctest.Test(t, func(t *testing.T) {
				var up bool
				f := &far{}
				f.status = func() int {
					if up {
						return 200
					}
					return 500
				}
				client, ctx := farClient(t, f, Config{SpoolDir: "/spool", OnFull: Spill, QueueSize: 100})
				disk.Fail(c.faults)
				accepted := 0
				for range 300 {
					if _, err := TryCapture(ctx, "tick", Props{"text": text500}); err == nil {
						accepted++
					}
				}
				time.Sleep(time.Minute)
				balance(t, client)
				if c.want > 0 && accepted != int(c.want) {
					t.Errorf("%d accepted, want %d", accepted, c.want)
				}
				f.mu.Lock()
				up = true
				f.mu.Unlock()
				if err := client.Flush(t.Context()); err != nil {
					t.Errorf("flush: %v", err)
				}
				s := balance(t, client)
				if s.Sent != uint64(accepted) || s.Lost > 0 || s.Accepted+s.Refused != 300 {
					t.Errorf("%+v, want all of %d sent", s, accepted)
				}
				disk.Fail(faultfs.Faults{})
				if err := client.Close(t.Context()); err != nil {
					t.Error(err)
				}
				t.Log(fmt.Sprint(accepted, " accepted"))
			})
		})
	}
}
