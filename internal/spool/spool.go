package spool

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A Sync says when events become durable against power failure. They survive the end of
// the process in any case, as soon as Append has returned.
type Sync int

const (
	Interval Sync = iota // every 100 ms or 1 MiB, whichever comes first
	Each                 // before Append returns
	Never                // when the operating system sees fit
)

// Config configures a Spool. Only Dir is required.
type Config struct {
	// Dir is shared by the processes whose events go to one place. It is made with those
	// above it, and belongs to the Spools alone.
	Dir string

	FS   FS // nil: the operating system's
	Sync Sync

	SegmentBytes int           // 0: 4 MiB. A larger Append has a segment to itself
	MaxBytes     int64         // bound on own and adopted segments together. 0: 256 MiB
	MaxAge       time.Duration // of events on disk only, by whole segments. 0: 7 days

	Now func() time.Time // nil: time.Now

	// Warn is called without a lock held, by whoever calls the Spool and by its own
	// goroutine. It may be nil, and may panic.
	Warn func(Warning)
}

// The reasons why Append takes nothing, beside the disk's.
var (
	ErrClosed   = errors.New("spool closed")
	ErrFull     = errors.New("spool full")
	ErrTooLarge = errors.New("event too large for the spool")
)

const (
	syncBytes    = 1 << 20
	maxUnsynced  = 4 << 20 // Append waits for the disk rather than run further ahead of it
	maxLogs      = 128     // adopted at a time: each keeps a file open
	maxLogIndex  = 1<<(64-numberBits) - 1
	maxSyncPause = 10 * time.Second // between attempts while syncing fails
)

// A Spool appends to a log of its own and reads those it has adopted. It is safe for
// concurrent use. While anything is not synced, or settled in memory only, it has a
// goroutine; at rest it has none.
type Spool struct {
	cfg Config
	fs  FS
	tuning

	// reading is held by whoever reads logs or looks for more of them; taken before mu.
	reading   sync.Mutex
	reader    reader
	leftAlone map[string]int // attempts to adopt logs that failed

	mu       sync.Mutex
	closed   bool
	warnings []Warning
	own      *log   // nil until the disk took it
	adopted  []*log // by name, the oldest first
	retired  []*log // own ones whose directory is gone
	index    uint32 // of the last log
	found    uint64 // events adopted since the last Adopt
	bytes    int64  // of all segments
	lost     [2]Lost
	trouble  bool // the last attempt to write events failed

	// What is not synced of own is in memory, too: what the operating system holds after
	// a failed fsync may be anything.
	unsynced  []byte     // the records from number synced on
	synced    uint64     // all numbers of own below it are durable; with Never, in a segment
	landed    int        // of the bytes of unsynced, the last so many are on the pad alone
	ashore    uint64     // all numbers of own below it are in a segment
	unsure    []*segment // of own, holding what is not synced
	newNames  bool       // own has files whose names are not synced
	broken    bool       // syncing failed, and what is not synced is not yet written again
	groups    []*group   // of the Appends that wait for a sync
	busy      bool       // somebody syncs or sweeps, without the lock
	idle      sync.Cond  // busy became false
	committer committer
}

// A tuning is what differs in tests.
type tuning struct {
	syncEvery time.Duration
	padBytes  int // size of the pad; at least that of a header and of moveBytes
	moveBytes int // as much lands before it is moved; a larger Append does not land
}

var tuned = tuning{100 * time.Millisecond, 512 << 10, 256 << 10}

// Open makes the directory, starts a log in it and adopts those of processes that have
// ended. What is wrong with a log's content is never an error. A disk that is full is none
// either: the log is then started by an Append.
func Open(cfg Config) (*Spool, error) { return open(cfg, tuned) }

func open(cfg Config, t tuning) (*Spool, error) {
	s := &Spool{cfg: cfg, fs: cfg.FS, tuning: t, leftAlone: map[string]int{}}
	s.idle.L = &s.mu
	s.committer.wake = make(chan struct{}, 1)
	if s.fs == nil {
		s.fs = osFS{}
	}
	if s.cfg.Now == nil {
		s.cfg.Now = time.Now
	}
	if s.cfg.SegmentBytes <= 0 {
		s.cfg.SegmentBytes = 4 << 20
	}
	if s.cfg.MaxBytes <= 0 {
		s.cfg.MaxBytes = 256 << 20
	}
	if s.cfg.MaxAge <= 0 {
		s.cfg.MaxAge = 7 * 24 * time.Hour
	}
	if err := s.fs.MkdirPrivate(cfg.Dir); err != nil {
		return nil, fmt.Errorf("opening the spool: %w", err)
	}
	if err := s.adopt(); err != nil {
		return nil, fmt.Errorf("opening the spool: %w", err)
	}
	s.mu.Lock()
	err := s.begin()
	if err != nil && !noSpace(err) {
		s.mu.Unlock()
		return nil, errors.Join(fmt.Errorf("opening the spool: %w", err), s.Close())
	}
	s.unlock()
	return s, nil
}

// Backlog is how many events are on disk only and have neither been returned by Next nor
// lost, in adopted logs and in this Spool's own.
func (s *Spool) Backlog() (adopted, own uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return waiting(s.adopted) + s.lost[0].sum(), waiting(s.mine()) + s.lost[1].sum()
}

// mine returns the logs that this Spool has written.
func (s *Spool) mine() []*log {
	if s.own == nil {
		return s.retired
	}
	return append(slices.Clip(s.retired), s.own)
}

// all returns every log.
func (s *Spool) all() []*log {
	return slices.Concat(s.adopted, s.mine())
}

// Close syncs what is not yet, writes down what is settled and lets go of all logs: what
// is not settled is for the next process. It returns what failed. Any call
// after the first does nothing. The other methods fail with ErrClosed, or do nothing.
func (s *Spool) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.unlock()
	s.committer.stop()

	s.reading.Lock()
	defer s.reading.Unlock()
	s.reader.close()
	s.mu.Lock()
	defer s.unlock()
	err := s.sync()
	if err != nil && s.cfg.Sync == Each {
		s.giveUp(err)
	}
	err = errors.Join(err, s.sweep(true))
	if s.own != nil && s.own.lock != nil && s.landed == 0 {
		err = errors.Join(err, s.removePad(s.own))
	}
	for _, l := range s.all() {
		s.release(l)
	}
	s.own, s.adopted, s.retired = nil, nil, nil
	return err
}
