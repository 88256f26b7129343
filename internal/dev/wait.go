package dev

import (
	"context"
	"fmt"
)

// Wait returns as soon as n events match a filter, those that came before it was called
// included: all that match by then in the order of arrival, at most f.Limit of them. Its
// error says that ctx ended and how many there were, which it returns as well. Events that
// a reset forgets count no more, and after it f.Since and f.Before mean nothing.
func (s *Store) Wait(ctx context.Context, f Filter, n int) ([]Row, error) {
	w := waiting{query: newQuery(f), limit: f.Limit}
	if w.limit <= 0 {
		w.limit = defaultLimit
	}
	for {
		changed := w.look(s)
		if w.matched >= n {
			return w.rows, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return w.rows, fmt.Errorf("waiting for %d events, %d match: %w", n, w.matched, context.Cause(ctx))
		}
	}
}

// A waiting remembers what was found, so that only what came since is looked at.
type waiting struct {
	query
	limit    int
	run      string
	revision uint64
	seen     uint64 // the last event that was looked at
	matched  int
	rows     []Row
}

// look counts what came since the last look and returns what tells of the next change.
func (w *waiting) look(s *Store) <-chan struct{} {
	s.mu.Lock()
	changed, last := s.changed, s.kept.last()
	if w.run != "" && w.run != s.run {
		w.Since, w.Before = 0, 0
	}
	if w.run != s.run || w.revision != s.revision {
		w.run, w.revision = s.run, s.revision
		w.seen, w.matched, w.rows = 0, 0, []Row{}
	}
	s.mu.Unlock()
	s.walk(w.query, w.run, w.seen+1, last, false, func(found []candidate) bool {
		w.matched += len(found)
		var seqs []uint64
		for _, c := range found[:min(len(found), w.limit-len(w.rows))] {
			seqs = append(seqs, c.seq)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.run == w.run {
			w.rows = append(w.rows, s.rows(seqs)...)
		}
		return true
	})
	w.seen = last
	return changed
}
