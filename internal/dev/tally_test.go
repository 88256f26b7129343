package dev

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Of many names the most frequent ones have counts of their own, and nothing is uncounted.
func TestSummaryOfManyNames(t *testing.T) {
	s := NewStore(Config{})
	for i := range maxNames + 100 {
		post(t, s, raw(fmt.Sprintf("event %d", i), `{}`))
	}
	post(t, s, raw("event 7", `{}`), raw("event 8", `{}`), raw("event 8", `{}`))
	sum := s.Summary()
	if len(sum.Names) != shownNames || sum.Names[0].Event != "event 8" || sum.Names[0].OK != 3 || sum.Names[1].Event != "event 7" || sum.Names[0].Last != maxNames+103 {
		t.Errorf("got %d names, the first %+v", len(sum.Names), sum.Names[:2])
	}
	if want := uint64(maxNames + 103 - shownNames - 3); sum.Others != (Counts{OK: want}) {
		t.Errorf("got %+v others, want %d", sum.Others, want)
	}
	if len(s.tally.names) != maxNames {
		t.Errorf("counts %d names, want %d", len(s.tally.names), maxNames)
	}
}

// Of the seconds that had events the last 120 are told, whatever the order of arrival.
func TestTicks(t *testing.T) {
	s := NewStore(Config{})
	add := func(second int) {
		s.Add(exchange(t, moment.Add(time.Duration(second)*time.Second), raw("x", `{}`)))
	}
	for second := range maxTicks {
		add(2 * second)
	}
	add(1)   // between two: the oldest makes room
	add(-10) // too long ago
	add(2)
	got := s.Summary().Ticks
	if len(got) != maxTicks || got[0] != (Tick{At: moment.Unix() + 1, Counts: Counts{OK: 1}}) || got[1] != (Tick{At: moment.Unix() + 2, Counts: Counts{OK: 2}}) {
		t.Errorf("got %d ticks, the first %+v", len(got), got[:2])
	}
	for i := range got[1:] {
		if got[i].At >= got[i+1].At {
			t.Fatalf("got %+v, which are in no order", got)
		}
	}
}

// What a sender makes long is cut in lists, and found by the cut text or the whole one.
func TestLongTexts(t *testing.T) {
	s := newStore(t)
	name := strings.Repeat("ä", 300)
	row := post(t, s, raw(name, `{}`), raw("signed_up", fmt.Sprintf(`{"source":"web",%q:1}`, name)))[0]
	if want := strings.Repeat("ä", maxName) + "…"; row.Event != want {
		t.Errorf("got %q, want %q", row.Event, want)
	}
	for _, f := range []Filter{{Event: name}, {Event: row.Event}} {
		if got := seqs(s.Events(f).Rows); !cmp.Equal(got, []uint64{1}) {
			t.Errorf("got %v of %q, want the first", got, f.Event)
		}
	}
	if got := s.Events(Filter{Event: "signed_up"}).Rows[0].Finding; len([]rune(got)) != maxText+1 {
		t.Errorf("got a finding of %d characters", len([]rune(got)))
	}
}
