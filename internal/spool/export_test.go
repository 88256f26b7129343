package spool

import "time"

var ErrUnsynced = errUnsynced

// Manual keeps the committer from doing anything by itself: Tick does it.
func (s *Spool) Manual() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.syncEvery = time.Hour
}

// Tick does what the committer would.
func (s *Spool) Tick() error {
	s.mu.Lock()
	defer s.unlock()
	if err := s.sync(); err != nil {
		return err
	}
	return s.sweep(false)
}

// Bytes is what counts for MaxBytes.
func (s *Spool) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}

// SetPrefixChecksum makes the version that a segment claims believable.
func SetPrefixChecksum(segment []byte) { le.PutUint32(segment[8:], checksum(segment[:8])) }
