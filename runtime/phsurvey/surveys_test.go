package phsurvey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

// doc is a document of surveys with the IDs.
func doc(ids ...string) []byte {
	var text []byte
	for _, id := range ids {
		if len(text) > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, `{"id":%q,"name":"n","type":"api","questions":[]}`, id)
	}
	return fmt.Appendf(nil, `{"surveys":[%s]}`, text)
}

func TestDefinitionsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		s := New(r.client)
		requests := 0
		ask := func(what string, more int, want ...string) error {
			t.Helper()
			list, err := s.All(r.ctx)
			if got := ids(list); !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", what, got, want)
			}
			requests += more
			if got := len(r.server.SurveyRequests()); got != requests {
				t.Errorf("%s: got %d requests, want %d", what, got, requests)
			}
			return err
		}
		r.server.Down(503)
		if err := ask("down", 1); err == nil || err.Error() != "ph: loading surveys: endpoint answered 503 Service Unavailable: service_unavailable: Service Unavailable" {
			t.Errorf("down: got %v", err)
		}
		r.server.Up()
		r.server.SetSurveys(doc("a", "b"))
		if err := ask("too early", 0); err == nil {
			t.Error("too early: got no error")
		}
		time.Sleep(again)
		if err := ask("up", 1, "a", "b"); err != nil {
			t.Errorf("up: %v", err)
		}
		r.server.SetSurveys(doc("c"))
		time.Sleep(fresh - 1)
		_ = ask("fresh", 0, "a", "b")
		time.Sleep(time.Nanosecond)
		_ = ask("changed", 1, "c")

		time.Sleep(fresh)
		r.server.Reply(200, phtest.On("/api/surveys/"), phtest.Body("text/html", []byte("<html>")))
		if err := ask("garbled", 1, "c"); err == nil || err.Error() != "ph: loading surveys: endpoint answered with success, but the body is a web page" {
			t.Errorf("garbled: got %v", err)
		}
		if err := ask("garbled, again", 0, "c"); err == nil {
			t.Error("garbled, again: got no error")
		}
		time.Sleep(again)
		r.server.SetSurveys([]byte(`[{"id":1},{"id":"d","name":"n","type":"api","questions":[]}]`))
		err := ask("flawed", 1, "d")
		var flaw *DefinitionError
		if !errors.As(err, &flaw) || flaw.Index != 0 {
			t.Errorf("flawed: got %v", err)
		}
		time.Sleep(fresh)
		r.server.Reply(0, phtest.On("/api/surveys/"), phtest.Delay(time.Second))
		start := time.Now()
		_ = ask("slow", 1, "d")
		if got := time.Since(start); got != patience {
			t.Errorf("slow: waited %v, want %v", got, patience)
		}
		time.Sleep(time.Second)
	})
}

func TestSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		s := New(r.client)
		r.server.SetSurveys(doc("a"))
		r.server.Reply(0, phtest.On("/api/surveys/"), phtest.Delay(time.Second))
		impatient, cancel := context.WithTimeoutCause(r.ctx, time.Millisecond, errors.New("no time"))
		defer cancel()
		if list, err := s.All(impatient); list != nil || err == nil || err.Error() != "no time" {
			t.Errorf("impatient: got %v, %v", list, err)
		}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if list, err := s.All(r.ctx); len(list) != 1 || err != nil {
					t.Errorf("got %v, %v", list, err)
				}
			})
		}
		wg.Wait()
		if got := len(r.server.SurveyRequests()); got != 1 {
			t.Errorf("got %d requests, want 1", got)
		}
	})
}

// A load under way ends with its client, and a client that has ended loads nothing.
func TestEndedClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		s := New(r.client)
		r.server.Reply(0, phtest.On("/api/surveys/"), phtest.Delay(10*time.Second))
		go func() {
			time.Sleep(time.Second)
			r.client.Close(context.Background())
		}()
		start := time.Now()
		if _, err := s.All(r.ctx); !errors.Is(err, ph.ErrClosed) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v, want ErrClosed after 1s", err, time.Since(start))
		}
		time.Sleep(again)
		if _, err := s.All(r.ctx); !errors.Is(err, ph.ErrClosed) {
			t.Errorf("closed: got %v", err)
		}
	})
	disabled, err := ph.New(ph.Config{APIKey: "phc_x", Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*ph.Client{nil, disabled} {
		s := New(c)
		if list, err := s.For(t.Context()); list != nil || !errors.Is(err, ph.ErrDisabled) {
			t.Errorf("got %v, %v, want ErrDisabled", list, err)
		}
		if _, err := s.Find(nil, "a"); !errors.Is(err, ph.ErrDisabled) || !errors.Is(err, ErrNotFound) { //nolint:staticcheck // a nil context is allowed
			t.Errorf("got %v, want ErrDisabled", err)
		}
	}
}

func TestFind(t *testing.T) {
	r := newRig(t)
	r.server.SetSurveys(doc("a", "b"))
	s := New(r.client)
	if got, err := s.Find(r.ctx, "b"); err != nil || got.ID != "b" {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := s.Find(r.ctx, "c"); got != nil || err != ErrNotFound {
		t.Errorf("got %v, %v, want ErrNotFound", got, err)
	}
}
