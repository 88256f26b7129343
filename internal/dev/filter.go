package dev

import (
	"slices"
	"strings"
)

const defaultLimit = 1_000

// A query is a filter made ready for a walk through the archive.
type query struct {
	Filter
	find *finder // nil: any text
}

func newQuery(f Filter) query {
	f.Event, f.Person = cut(f.Event, maxName), cut(f.Person, maxName)
	q := query{Filter: f}
	if f.Text != "" {
		q.find = newFinder(strings.ToValidUTF8(f.Text, "\ufffd"))
	}
	return q
}

// A candidate is an event that matches all but perhaps the text.
type candidate struct {
	seq uint64
	raw []byte
}

// maxStep bounds the entries that are looked at while the archive is locked.
const maxStep = 4_096

// candidates appends those among the next entries of the span of sequence numbers from low
// to high, both included: from its newest end, or else from its oldest. It returns them
// with what is left of the span.
func (a *archive) candidates(q query, low, high uint64, newest bool, found []candidate) (rest []candidate, _, _ uint64) {
	low, high = max(low, a.first), min(high, a.last())
	if q.Before > 0 {
		high = min(high, q.Before-1)
	}
	name, named := a.words.find(q.Event)
	person, known := a.words.find(q.Person)
	if q.Since >= high || !named || !known {
		return found, 1, 0
	}
	low = max(low, q.Since+1)
	for n := 0; n < maxStep && low <= high; n++ {
		seq := low
		if newest {
			seq = high
			high--
		} else {
			low++
		}
		e := a.entry(seq)
		if (name == 0 || e.name == name) && (person == 0 || e.person == person) && (q.Verdict == "" || e.judged.verdict == q.Verdict) {
			found = append(found, candidate{seq, e.raw})
		}
	}
	return found, low, high
}

// walk calls visit with the events of a span that match, in their order or from the newest
// one on, until it returns false. The store is locked only for a step; events that go
// meanwhile are left out, and with another run the walk ends.
func (s *Store) walk(q query, run string, low, high uint64, newest bool, visit func([]candidate) bool) {
	var found []candidate
	for low <= high {
		s.mu.Lock()
		if s.run != run {
			s.mu.Unlock()
			return
		}
		found, low, high = s.kept.candidates(q, low, high, newest, found[:0])
		s.mu.Unlock()
		if q.find != nil {
			found = slices.DeleteFunc(found, func(c candidate) bool { return !q.find.in(c.raw) })
		}
		if !visit(found) {
			return
		}
	}
}

// Events returns the newest events that match a filter, in the order of arrival.
func (s *Store) Events(f Filter) Page {
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	s.mu.Lock()
	run, low, high := s.run, s.kept.first, s.kept.last()
	s.mu.Unlock()
	var found []uint64
	s.walk(newQuery(f), run, low, high, true, func(step []candidate) bool {
		for _, c := range step {
			found = append(found, c.seq)
		}
		return len(found) <= limit
	})
	more := len(found) > limit
	found = found[:min(len(found), limit)]
	slices.Reverse(found)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != run { // a reset came between
		return Page{Run: s.run, Rows: []Row{}}
	}
	return Page{Run: run, Rows: s.rows(found), More: more, Last: high, Dropped: s.kept.dropped}
}

// rows returns the rows of those that are still kept; the caller holds the lock.
func (s *Store) rows(seqs []uint64) []Row {
	rows := make([]Row, 0, len(seqs))
	for _, seq := range seqs {
		if s.kept.entry(seq) != nil {
			rows = append(rows, s.kept.row(seq))
		}
	}
	return rows
}
