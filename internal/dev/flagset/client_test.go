package flagset

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
)

// An app is a program that reads flags, before a sink that serves them.
type app struct {
	*ph.Client
	set *Set
}

// newApp starts a program that evaluates flags itself if it has the secret.
func newApp(t *testing.T, secret string) *app {
	s := planned(t)
	k := sink.New(sink.Config{Observe: func(x sink.Exchange) {
		for _, e := range x.Events {
			s.Called(e)
		}
	}})
	k.AnswerFlags(s.Answer)
	k.SetDefinitions(s.Document())
	c, err := ph.New(ph.Config{
		APIKey:        "phc_dev",
		SecretKey:     secret,
		Host:          "http://127.0.0.1:8010",
		FlagPollEvery: time.Second, // POSTHOG_FLAG_POLL_EVERY
		Transport:     k,
		Logger:        slog.New(slog.DiscardHandler),
		Compression:   ph.NoCompression,
	})
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	go func() { // ends with the program, as phgen dev does
		for {
			changed := s.Changed()
			k.SetDefinitions(s.Document())
			select {
			case <-changed:
			case <-stop:
				return
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
		k.Close()
	})
	return &app{c, s}
}

// read is what a flag is for a person, in a request of its own.
func (a *app) read(t *testing.T, key, person string) string {
	ctx := ph.With(t.Context(), ph.UseClient(a.Client), ph.User(person))
	v, _ := a.Flag(ctx, key)
	return v.String()
}

// What is set is in a program within two seconds if it evaluates flags itself, and at once
// if it asks for them.
func TestClient(t *testing.T) {
	for _, tt := range []struct {
		name, secret string
		within       time.Duration
	}{{"local", "phs_dev", 2 * time.Second}, {"remote", "", 0}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp(t, tt.secret)
				if got := a.FlagsReady(t.Context()); got != (tt.secret != "") {
					t.Fatalf("ready: got %v", got)
				}
				time.Sleep(300 * time.Millisecond) // no change comes in step with the polls
				for _, step := range []struct {
					key    string
					value  any
					person string
					u1, u2 string
				}{
					{"search", nil, "", "new", "new"},
					{"search", "old", "u1", "old", "new"},
					{"search", false, "", "old", "false"},
					{"search", nil, "u1", "false", "false"},
					{"banner", true, "", "true", "true"},
					{"banner", false, "u2", "true", "false"},
				} {
					set(t, a.set, step.key, step.value, step.person)
					time.Sleep(tt.within)
					synctest.Wait()
					for person, want := range map[string]string{"u1": step.u1, "u2": step.u2} {
						if got := a.read(t, step.key, person); got != want {
							t.Errorf("%s set to %v for %q: %s has %s, want %s", step.key, step.value, step.person, person, got, want)
						}
					}
				}
				if err := a.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				row := a.set.Rows()[3]
				check(t, "answers", row.Answers, map[string]int{`"new"`: 2, `"old"`: 1, "false": 2})
			})
		})
	}
}
