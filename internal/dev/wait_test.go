package dev

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func seqs(rows []Row) []uint64 {
	list := []uint64{}
	for _, row := range rows {
		list = append(list, row.Seq)
	}
	return list
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		post(t, s, raw("paid", `{}`), raw("signed_up", `{"source":"web"}`))

		rows, err := s.Wait(t.Context(), Filter{Event: "paid"}, 1)
		if diff := cmp.Diff([]uint64{1}, seqs(rows)); diff != "" || err != nil {
			t.Errorf("of what is there: %v (-want +got):\n%s", err, diff)
		}

		var waited time.Duration
		done := make(chan struct{})
		start := time.Now()
		go func() { // ends when a third one came
			defer close(done)
			rows, err = s.Wait(t.Context(), Filter{Event: "paid", Text: `"U1"`}, 3)
			waited = time.Since(start)
		}()
		for range 3 {
			time.Sleep(time.Second)
			post(t, s, raw("signed_up", `{"source":"web"}`), raw("paid", `{}`))
		}
		<-done
		if diff := cmp.Diff([]uint64{1, 4, 6}, seqs(rows)); diff != "" || err != nil || waited != 2*time.Second {
			t.Errorf("of three: %v after %s (-want +got):\n%s", err, waited, diff)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		rows, err = s.Wait(ctx, Filter{Event: "paid", Since: 4}, 3)
		if diff := cmp.Diff([]uint64{6, 8}, seqs(rows)); diff != "" || !errors.Is(err, context.DeadlineExceeded) ||
			err.Error() != "waiting for 3 events, 2 match: context deadline exceeded" {
			t.Errorf("of too many: %v (-want +got):\n%s", err, diff)
		}

		rows, err = s.Wait(t.Context(), Filter{Limit: 2}, 7)
		if diff := cmp.Diff([]uint64{1, 2}, seqs(rows)); diff != "" || err != nil {
			t.Errorf("with a limit: %v (-want +got):\n%s", err, diff)
		}
	})
}

// Another plan may make events match that were there before, and a reset makes all go.
func TestWaitOverChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		post(t, s, raw("signed_up", `{"source":"web"}`))
		var rows []Row
		var err error
		wait := func(f Filter, n int) (done chan struct{}) {
			done = make(chan struct{})
			go func() { // ends with the wait, for which each case below sees
				defer close(done)
				rows, err = s.Wait(t.Context(), f, n)
			}()
			synctest.Wait()
			return done
		}
		done := wait(Filter{Verdict: Unplanned}, 1)
		s.SetPlan(parsePlan(t, "phgen: 1\nplan: {name: other}\nevents:\n  paid: {}\n"), "plan.yaml", nil)
		<-done
		if diff := cmp.Diff([]uint64{1}, seqs(rows)); diff != "" || err != nil {
			t.Errorf("after another plan: %v (-want +got):\n%s", err, diff)
		}

		done = wait(Filter{Since: 1}, 2)
		post(t, s, raw("paid", `{}`))
		s.Reset()
		post(t, s, raw("paid", `{}`), raw("paid", `{}`))
		<-done
		if diff := cmp.Diff([]uint64{1, 2}, seqs(rows)); diff != "" || err != nil {
			t.Errorf("after a reset: %v (-want +got):\n%s", err, diff)
		}
	})
}

// Who looks while events are judged anew looks again when they were.
func TestWaitWhileJudging(t *testing.T) {
	s := newStore(t)
	post(t, s, raw("paid", `{}`))
	p := newRules(parsePlan(t, otherPlan), "other.yaml").begin(s.plan.number + 1)
	s.plan = p
	w := waiting{query: newQuery(Filter{Verdict: Unplanned}), limit: 1}
	changed := w.look(s)
	before := w.matched
	s.rejudge(p)
	<-changed
	w.look(s)
	if before != 0 || w.matched != 1 {
		t.Errorf("got %d before and %d after, want 0 and 1", before, w.matched)
	}
}

func TestChanged(t *testing.T) {
	s := newStore(t)
	closed := func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	for name, change := range map[string]func(){
		"an event":       func() { post(t, s, raw("paid", `{}`)) },
		"a request":      func() { post(t, s) },
		"a plan":         func() { s.SetPlan(parsePlan(t, planText), "plan.yaml", nil) },
		"a broken plan":  func() { s.SetPlan(nil, "plan.yaml", errors.New("broken")) },
		"a reset":        func() { s.Reset() },
		"nothing at all": nil,
	} {
		c := s.Changed()
		if change != nil {
			change()
		}
		if got, want := closed(c), change != nil; got != want {
			t.Errorf("after %s: got %t, want %t", name, got, want)
		}
	}
}
