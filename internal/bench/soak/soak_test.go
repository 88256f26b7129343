//go:build linux

package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestEventNumber(t *testing.T) {
	for _, want := range []uint64{0, 1, 63, 64, 1 << 20, maxEvents - 1} {
		got, ok := eventNumber(eventID(want))
		if got != want || !ok {
			t.Errorf("eventNumber(eventID(%d)) = %d, %v, want %[1]d, true", want, got, ok)
		}
		if got := eventID(want).Variant(); got != uuid.RFC4122 {
			t.Errorf("eventID(%d) is a uuid of variant %v, want %v", want, got, uuid.RFC4122)
		}
	}
	if n, ok := eventNumber(uuid.MustParse("0190c8a4-1111-7222-8333-444455556666")); ok {
		t.Errorf("a strange uuid is event %d, want none", n)
	}
	if n, ok := eventNumber(eventID(maxEvents)); ok {
		t.Errorf("a number beyond all is event %d, want none", n)
	}
}

func TestBitmap(t *testing.T) {
	var b bitmap
	var got []bool
	for _, n := range []uint64{0, 63, 64, 1000, 64, 0, 1} {
		got = append(got, b.set(n))
	}
	if diff := cmp.Diff(got, []bool{true, true, true, true, false, false, true}); diff != "" {
		t.Errorf("what set said (-got +want):\n%s", diff)
	}
}

func TestSchedule(t *testing.T) {
	turns := schedule(7, time.Minute)
	if diff := cmp.Diff(turns, schedule(7, time.Minute), cmp.AllowUnexported(turn{})); diff != "" {
		t.Errorf("one seed, two schedules:\n%s", diff)
	}
	met := map[mood]bool{}
	var at time.Duration
	for i, turn := range turns {
		met[turn.mood] = true
		if got, want := turn.mood == healthy, i%2 == 0; got != want {
			t.Errorf("turn %d is healthy: %v, want %v", i, got, want)
		}
		if got := turn.end - at; got > maxTurn || got < minTurn && i < len(turns)-1 {
			t.Errorf("turn %d takes %v", i, got)
		}
		if got := moodAt(turns, at); got != turn.mood {
			t.Errorf("mood at %v is %v, want %v", at, got, turn.mood)
		}
		at = turn.end
	}
	if got, want := len(met), len(names); got != want {
		t.Errorf("got %d moods within a minute, want %d", got, want)
	}
	if got := moodAt(turns, time.Minute); got != healthy {
		t.Errorf("mood at the end is %v, want %v", got, healthy)
	}
}
