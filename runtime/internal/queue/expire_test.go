package queue

import (
	"testing"
	"time"
)

// An event does not inherit the age of the batch it joins.
func TestMaxAgeOfLateEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{MaxAge: time.Hour}, refuseAll)
		putN(t, g.Queue, "tried", 1)
		pass(10 * time.Second)
		putN(t, g.Queue, "early", 1)
		pass(50 * time.Minute)
		putN(t, g.Queue, "late", 1)
		pass(11 * time.Minute)
		if s := checkStats(t, g.Queue); s.LostBy["expired"] != 2 || s.Queued+s.InFlight != 1 {
			t.Errorf("%+v, want two expired and the late one waiting", s)
		}
		closeNow(g)
	})
}

// Events end when they are too old, those that were tried and those that were not.
func TestMaxAge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 10, MaxAge: time.Hour}, refuseAll)
		putN(t, g.Queue, "a", 15)
		pass(30 * time.Minute)
		putN(t, g.Queue, "b", 15)
		pass(30*time.Minute - time.Nanosecond)
		if s := checkStats(t, g.Queue); s.Lost != 0 {
			t.Errorf("before MaxAge: %+v", s)
		}
		pass(2 * time.Nanosecond)
		if s := checkStats(t, g.Queue); s.LostBy["expired"] != 15 {
			t.Errorf("at MaxAge: %+v, want 15 expired", s)
		}
		pass(time.Hour)
		if s := checkStats(t, g.Queue); s.LostBy["expired"] != 30 || s.Queued != 0 {
			t.Errorf("after twice MaxAge: %+v, want 30 expired", s)
		}
		closeNow(g)
	})
}
