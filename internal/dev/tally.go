package dev

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

const (
	maxNames   = 5_000 // that are counted one by one
	shownNames = 500
	maxTicks   = 120
)

// A tally counts events by verdict, dropped ones included.
type tally struct {
	counts     Counts
	deprecated uint64
	names      map[string]*NameCount
	ticks      []Tick // in the order of time
}

func newTally() tally { return tally{names: map[string]*NameCount{}} }

// of returns the counter of a verdict.
func (c *Counts) of(v Verdict) *uint64 {
	switch v {
	case OK:
		return &c.OK
	case Unplanned:
		return &c.Unplanned
	}
	return &c.Invalid
}

func (c Counts) sum() uint64 { return c.OK + c.Unplanned + c.Invalid }

func (c Counts) minus(d Counts) Counts {
	return Counts{OK: c.OK - d.OK, Unplanned: c.Unplanned - d.Unplanned, Invalid: c.Invalid - d.Invalid}
}

// add counts an event.
func (t *tally) add(row Row) {
	*t.counts.of(row.Verdict)++
	if row.Deprecated != "" {
		t.deprecated++
	}
	if name := t.name(row.Event); name != nil {
		*name.of(row.Verdict)++
		name.Last = row.Seq
	}
	*t.tick(row.At).of(row.Verdict)++
}

// name returns the counts of a name; nil if there are too many.
func (t *tally) name(event string) *NameCount {
	count := t.names[event]
	if count == nil && len(t.names) < maxNames {
		count = &NameCount{Event: event}
		t.names[event] = count
	}
	return count
}

// tick returns the counts of a second. Of one that is too long ago they are nobody's.
func (t *tally) tick(at time.Time) *Counts {
	second := at.Unix()
	i, found := slices.BinarySearchFunc(t.ticks, second, func(tick Tick, second int64) int { return cmp.Compare(tick.At, second) })
	switch {
	case found:
	case len(t.ticks) < maxTicks:
		t.ticks = slices.Insert(t.ticks, i, Tick{At: second})
	case i == 0:
		return &Counts{}
	default:
		i--
		copy(t.ticks, t.ticks[1:i+1])
		t.ticks[i] = Tick{At: second}
	}
	return &t.ticks[i].Counts
}

// change counts an event otherwise, which was counted as before.
func (t *tally) change(before, after Row) {
	if before.Deprecated != "" {
		t.deprecated--
	}
	if after.Deprecated != "" {
		t.deprecated++
	}
	if before.Verdict == after.Verdict {
		return
	}
	move := func(c *Counts) {
		*c.of(before.Verdict)--
		*c.of(after.Verdict)++
	}
	move(&t.counts)
	if name := t.names[before.Event]; name != nil {
		move(&name.Counts)
	}
	second := before.At.Unix()
	for i := range t.ticks {
		if tick := &t.ticks[i]; tick.At == second {
			move(&tick.Counts)
		}
	}
}

// summary fills in the counts: those of the most frequent names, and of all others.
func (t *tally) summary(s *Summary) {
	s.Counts, s.Deprecated, s.Ticks = t.counts, t.deprecated, append([]Tick{}, t.ticks...)
	s.Names = make([]NameCount, 0, len(t.names))
	for name := range maps.Values(t.names) {
		s.Names = append(s.Names, *name)
	}
	slices.SortFunc(s.Names, func(a, b NameCount) int {
		return cmp.Or(cmp.Compare(b.sum(), a.sum()), cmp.Compare(a.Event, b.Event))
	})
	s.Names = s.Names[:min(len(s.Names), shownNames)]
	s.Others = t.counts
	for _, name := range s.Names {
		s.Others = s.Others.minus(name.Counts)
	}
}
