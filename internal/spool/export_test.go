package spool

import (
	"errors"
	"time"
)

var ErrUnsynced = errUnsynced

// OpenManual opens a Spool whose committer does nothing by itself: Tick does it.
func OpenManual(cfg Config) (*Spool, error) {
	return open(cfg, tuning{time.Hour, tuned.padBytes, tuned.moveBytes})
}

// OpenPad opens a Spool with a pad for padBytes, from which moveBytes are moved at once.
func OpenPad(cfg Config, syncEvery time.Duration, padBytes, moveBytes int) (*Spool, error) {
	return open(cfg, tuning{syncEvery, headerSize + padBytes, moveBytes})
}

// Landed is how many bytes are on the pad alone.
func (s *Spool) Landed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.landed
}

// Tick does what the committer would.
func (s *Spool) Tick() error {
	s.mu.Lock()
	defer s.unlock()
	return errors.Join(s.sync(), s.sweep(false))
}

// Bytes is what counts for MaxBytes.
func (s *Spool) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}

// SetPrefixChecksum makes the version that a segment claims believable.
func SetPrefixChecksum(segment []byte) { le.PutUint32(segment[8:], checksum(segment[:8])) }

// Running reports whether the committer runs.
func (s *Spool) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.committer.running
}

// Unsynced is how many bytes are in memory because they are not synced.
func (s *Spool) Unsynced() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.unsynced)
}

// EncodeRecord returns e as a record of no particular log.
func EncodeRecord(e Event) []byte { return appendRecord(nil, 0, 0, &e) }
