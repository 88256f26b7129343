package runtime

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/phgen/phgen/internal/spool/faultfs"
)

// Events of one project never reach another, although both share Config.SpoolDir.
func TestProjectsDoNotShareEvents(t *testing.T) {
	disk := faultfs.New()
	first := disk.Process()
	spoolOn(t, first)
	synctest.Test(t, func(t *testing.T) {
		down := &far{status: func() int { return http.StatusBadGateway }}
		c, ctx := farClient(t, down, Config{SpoolDir: "/spool"})
		Capture(ctx, "tick", nil)
		first.Kill()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_ = c.Close(ended)
	})
	spoolOn(t, disk.Process())
	synctest.Test(t, func(t *testing.T) {
		up := &far{}
		c, err := New(Config{APIKey: "phc_other", Transport: up, SpoolDir: "/spool", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if s := balance(t, c); s.Accepted != 0 || up.requests != 0 {
			t.Errorf("%+v after %d requests, want nothing of the other project", s, up.requests)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// What Close delivers is not on disk afterwards, of a dual write both events.
func TestCloseLeavesNothingOnDisk(t *testing.T) {
	disk := faultfs.New()
	spoolOn(t, disk.Process())
	synctest.Test(t, func(t *testing.T) {
		f := &far{}
		c, ctx := farClient(t, f, Config{SpoolDir: "/spool", FlushEvery: time.Hour})
		pair := probe{&EventSpec{Name: "old", Twin: "new", Props: []Prop{{Key: "a"}}}, func(w *Writer, p []Prop) { w.Int(&p[0], 1) }}
		if _, err := pair.TryCapture(ctx); err != nil {
			t.Fatal(err)
		}
		if len(disk.Files("/spool")) == 0 {
			t.Error("the events are not on disk")
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if s := balance(t, c); s.Sent != 2 {
			t.Errorf("%+v, want 2 sent", s)
		}
	})
	if files := disk.Files("/spool"); len(files) > 0 {
		t.Errorf("left on disk: %d files", len(files))
	}
}

// Config.SpoolSync says when an event survives a loss of power.
func TestSpoolSync(t *testing.T) {
	for _, c := range []struct {
		name         string
		sync         SpoolSync
		first, later bool // is it durable at once, and after a second
	}{
		{"SyncInterval", SyncInterval, false, true},
		{"SyncEach", SyncEach, true, true},
		{"SyncNever", SyncNever, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			disk := faultfs.New()
			spoolOn(t, disk.Process())
			durable := func() bool {
				for _, data := range disk.Durable("/spool") {
					if bytes.Contains(data, []byte("tick")) {
						return true
					}
				}
				return false
			}
			synctest.Test(t, func(t *testing.T) {
				client, ctx := farClient(t, &far{}, Config{SpoolDir: "/spool", SpoolSync: c.sync, FlushEvery: time.Hour})
				Capture(ctx, "tick", nil)
				if got := durable(); got != c.first {
					t.Errorf("durable at once: %v, want %v", got, c.first)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if got := durable(); got != c.later {
					t.Errorf("durable after a second: %v, want %v", got, c.later)
				}
				if err := client.Close(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Close gives every lane the whole of its time: one whose endpoint fails costs the others
// nothing.
func TestCloseOfOneLaneDoesNotWaitForAnother(t *testing.T) {
	for _, down := range []string{"/batch/", "/i/v0/ai/batch/"} {
		synctest.Test(t, func(t *testing.T) {
			took := map[string]int{}
			c, err := New(Config{APIKey: "phc_far", FlushEvery: time.Hour, Logger: slog.New(slog.DiscardHandler), Transport: roundTrip(func(r *http.Request) int {
				if r.URL.Path == down {
					return http.StatusServiceUnavailable
				}
				took[r.URL.Path]++
				return http.StatusOK
			})})
			if err != nil {
				t.Fatal(err)
			}
			ctx := With(t.Context(), UseClient(c), User("u_1"))
			Capture(ctx, "tick", nil)
			CaptureAI(ctx, "$ai_span", nil)
			limited, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := c.Close(limited); err == nil {
				t.Error("close: no error")
			}
			if s := balance(t, c); s.Sent != 1 || s.Lost != 1 || len(took) != 1 {
				t.Errorf("%s is down: %+v, want the other lane's event sent; %v", down, s, took)
			}
		})
	}
}

// A roundTrip answers with a status.
type roundTrip func(*http.Request) int

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: f(r), Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}
