package spool

import "fmt"

// A WarningKind says what a Warning is about.
type WarningKind int

// What a Spool warns of.
const (
	// DiskTrouble: events could not be written, the first since some were.
	DiskTrouble WarningKind = iota + 1
	// DiskWorks: events were written, the first since DiskTrouble.
	DiskWorks
	// SyncFailed: what was not synced has been, or will be, written again.
	SyncFailed
	// SetAside: a segment could not be read and is now called Path.
	SetAside
	// TailCut: a log of a process that died ended in a record that was not whole.
	TailCut
	// LeftAlone: a log was written by a later version, or can not be adopted now.
	LeftAlone
	// ReadFailed: a segment's events can not be read; they are lost as corrupt.
	ReadFailed
)

var warningTexts = map[WarningKind]string{
	DiskTrouble: "events can not be written to disk",
	DiskWorks:   "events can be written to disk again",
	SyncFailed:  "syncing to disk failed; what was not synced is written again",
	SetAside:    "a segment can not be read and was set aside",
	TailCut:     "the last write of a process that died was not whole and was cut off",
	LeftAlone:   "a log was left alone",
	ReadFailed:  "a segment can not be read; its events are lost",
}

func (k WarningKind) String() string { return warningTexts[k] }

// A Warning is for the operator: nothing need be done in the program.
type Warning struct {
	Kind WarningKind
	Path string
	Err  error // may be nil
}

func (w Warning) String() string {
	if w.Err == nil {
		return fmt.Sprintf("%s: %s", w.Path, w.Kind)
	}
	return fmt.Sprintf("%s: %s: %v", w.Path, w.Kind, w.Err)
}

// warn keeps w until the lock is released.
func (s *Spool) warn(kind WarningKind, path string, err error) {
	if s.cfg.Warn != nil {
		s.warnings = append(s.warnings, Warning{kind, path, err})
	}
}

// unlock releases the lock, and then tells what was warned of.
func (s *Spool) unlock() {
	warnings := s.warnings
	s.warnings = nil
	s.mu.Unlock()
	for _, w := range warnings {
		s.tell(w)
	}
}

// tell calls the guest, whose panic is its own affair.
func (s *Spool) tell(w Warning) {
	defer func() { _ = recover() }()
	s.cfg.Warn(w)
}
