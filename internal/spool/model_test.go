package spool_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// A fate is what the model knows of an event.
type fate struct {
	writer *process
	state  state
	failed bool // Append failed: a loss of power may bring it back, in place of another
	sure   bool // it survives a loss of power
	held   bool

	settledBy *process // the last to settle it
	forgotten bool     // no process will return it, unless power is lost
}

type state int

const (
	accepted state = iota
	refused        // Append failed: nobody may ever see it
	unknown        // it may be on disk or not
)

// A process is one life of a Spool.
type process struct {
	fs    *faultfs.Process
	spool *spool.Spool
	sync  spool.Sync

	tickets  map[int]spool.Ticket // of events that it may settle
	returned map[int]bool
	last     map[*process]int // the last event returned, by writer
	spilled  uint64           // own events that Next has still to return
	adopted  uint64

	// forgets is set while an fsync that fails may take events from it that no other
	// write has saved yet.
	forgets bool
}

// A model is a disk, the processes that use it, and what must be true of their events.
type model struct {
	*rapid.T
	disk    *faultfs.Disk
	live    []*process
	fates   []*fate
	clock   time.Time
	faulty  bool
	maybe   uint64 // events that may be counted as lost
	careful bool   // all processes sync
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{T: rt, disk: faultfs.New(), clock: noon, careful: true}
		defer m.stop()
		actions := map[string]func(*rapid.T){
			"":        func(*rapid.T) { m.check() },
			"open":    m.with((*model).open),
			"append":  m.with((*model).append),
			"append2": m.with((*model).append),
			"next":    m.with((*model).next),
			"settle":  m.with((*model).settle),
			"tick":    m.with((*model).tick),
			"adopt":   m.with((*model).adopt),
			"close":   m.with((*model).close),
			"kill":    m.with((*model).kill),
			"doom":    m.with((*model).doom),
			"fail":    m.with((*model).fail),
			"mend":    m.with((*model).mend),
			"power":   m.with((*model).losePower),
		}
		m.open()
		rt.Repeat(actions)
		m.end()
	})
}

func (m *model) with(action func(*model)) func(*rapid.T) {
	return func(rt *rapid.T) {
		m.T = rt
		action(m)
	}
}

// pick returns a living process.
func (m *model) pick() *process {
	if len(m.live) == 0 {
		m.open()
	}
	if len(m.live) == 0 {
		m.Skip("nobody lives")
	}
	return m.live[rapid.IntRange(0, len(m.live)-1).Draw(m.T, "process")]
}

func (m *model) now() time.Time {
	m.clock = m.clock.Add(time.Millisecond)
	return m.clock
}

func (m *model) open() {
	if len(m.live) >= 3 {
		m.Skip("enough")
	}
	m.start(
		spool.Sync(rapid.IntRange(0, 2).Draw(m.T, "sync")),
		rapid.SampledFrom([]int{1, 400, 1500}).Draw(m.T, "segment"),
		rapid.SampledFrom([]int{0, 500, 1000, 3000}).Draw(m.T, "pad"),
	)
}

func (m *model) start(sync spool.Sync, segment, pad int) *process {
	p := &process{
		fs: m.disk.Process(), sync: sync,
		tickets: map[int]spool.Ticket{}, returned: map[int]bool{}, last: map[*process]int{},
	}
	cfg := spool.Config{Dir: "/spool", FS: p.fs, Sync: sync, SegmentBytes: segment, MaxBytes: 20_000, Now: m.now}
	if pad == 0 {
		cfg.FS = unmapped{p.fs}
	}
	s, err := spool.OpenPad(cfg, time.Hour, pad, 450)
	if err != nil {
		if !m.faulty {
			m.Fatalf("open: %v", err)
		}
		return nil
	}
	p.spool, p.forgets = s, m.forgetful()
	p.adopted, _ = s.Backlog()
	if n, err := s.Adopt(); err != nil || n < p.adopted {
		m.Fatalf("the first Adopt found %d, %v; Open had found %d", n, err, p.adopted)
	}
	p.adopted, _ = s.Backlog() // of processes that ended in between
	m.live = append(m.live, p)
	return p
}

func (m *model) append() {
	p := m.pick()
	first, k := len(m.fates), rapid.IntRange(1, 6).Draw(m.T, "events")
	held := rapid.Bool().Draw(m.T, "held")
	for range k {
		m.fates = append(m.fates, &fate{writer: p, held: held})
	}
	ticket, err := p.spool.Append(events(first, first+k), held)
	for i, f := range m.fates[first:] {
		f.failed = err != nil
		switch {
		case err == nil:
			f.sure = p.sync == spool.Each
			p.tickets[first+i] = ticket + spool.Ticket(i)
		case errors.Is(err, spool.ErrFull) || !m.faulty && !p.fs.Dead():
			f.state = refused
		default:
			f.state = unknown // what is cut back may be left if that fails, too
		}
	}
	switch {
	case err == nil && !held:
		p.spilled += uint64(k)
	case err != nil && p.sync == spool.Each:
		m.maybe += uint64(k) // that nobody waits for them is in memory, until the next tick
	}
	if err != nil && !errors.Is(err, spool.ErrFull) && !m.faulty && !p.fs.Dead() {
		m.Fatalf("append: %v", err)
	}
	m.bury(p)
}

// forgetful reports whether an fsync may fail and take with it what was written.
func (m *model) forgetful() bool {
	f := m.disk.Faults()
	return f.Forget && f.Syncs > 0
}

// bury takes note of a process that was doomed and has now ended.
func (m *model) bury(p *process) {
	if !p.fs.Dead() {
		return
	}
	m.live = slices.DeleteFunc(m.live, func(q *process) bool { return q == p })
	_ = p.spool.Close() // all it does fails
	m.forget(p)
}

// forget takes note of what p may have had in memory only when it ended.
func (m *model) forget(p *process) {
	for _, f := range m.fates {
		if p.forgets && f.writer == p && !f.sure && f.state == accepted {
			f.state = unknown
			m.maybe++
		}
		if p.forgets && f.settledBy == p {
			f.forgotten = false // the cursor is a file like others
		}
	}
}

func (m *model) next() {
	p := m.pick()
	var c spool.Chunk
	more, err := p.spool.Next(&c, rapid.IntRange(1, 8).Draw(m.T, "max"), rapid.IntRange(1, 500).Draw(m.T, "bytes"))
	if err != nil && !m.faulty && !p.fs.Dead() && !errors.Is(err, spool.ErrUnsynced) {
		m.Fatalf("next: %v", err)
	}
	m.returned(p, &c)
	if gone := uint64(len(c.Events)) + c.Lost.Corrupt; gone == 0 && more && err == nil {
		m.Fatal("next found nothing and says that there is more")
	}
	m.bury(p)
}

func (m *model) settle() {
	p := m.pick()
	var settled []spool.Ticket
	var known []int
	for n := range p.tickets {
		known = append(known, n)
	}
	slices.Sort(known)
	from := rapid.IntRange(0, len(known)).Draw(m.T, "from")
	step := rapid.IntRange(1, 3).Draw(m.T, "step")
	for i := from; i < len(known); i += step {
		n := known[i]
		settled = append(settled, p.tickets[n])
		delete(p.tickets, n)
		m.fates[n].settledBy = p
		if f := m.fates[n]; f.writer == p && !f.held && !p.returned[n] {
			p.spilled--
		}
	}
	p.spool.Settle(settled...)
}

func (m *model) tick() {
	p := m.pick()
	if err := p.spool.Tick(); err == nil {
		m.ticked(p)
	} else if !m.faulty && !p.fs.Dead() {
		m.Fatalf("tick: %v", err)
	}
	m.bury(p)
}

// ticked takes note that p has done all that it does in the background.
func (m *model) ticked(p *process) {
	for _, f := range m.fates {
		if f.writer == p && f.state == accepted && p.sync != spool.Never {
			f.sure = true
		}
		if f.settledBy == p {
			f.forgotten = true
		}
	}
	p.forgets = m.forgetful()
}

func (m *model) adopt() {
	p := m.pick()
	before, _ := p.spool.Backlog()
	found, err := p.spool.Adopt()
	after, _ := p.spool.Backlog()
	if err != nil && !p.fs.Dead() || after-before != found {
		m.Fatalf("adopted %d, %v; the backlog was %d and is %d", found, err, before, after)
	}
	p.adopted += found
	if found > 0 {
		clear(p.last)
	}
	m.bury(p)
}

func (m *model) close() {
	p := m.pick()
	err := p.spool.Close()
	m.live = slices.DeleteFunc(m.live, func(q *process) bool { return q == p })
	if err == nil {
		m.ticked(p)
	} else if !m.faulty && !p.fs.Dead() {
		m.Fatalf("close: %v", err)
	}
	m.forget(p)
}

func (m *model) kill() {
	p := m.pick()
	p.fs.Kill()
	m.bury(p)
}

// doom ends a process at some later operation, of which it does nothing.
func (m *model) doom() { m.pick().fs.KillAfter(rapid.IntRange(0, 12).Draw(m.T, "operations")) }

func (m *model) fail() {
	f := faultfs.Faults{
		Syncs:   rapid.IntRange(0, 3).Draw(m.T, "syncs"),
		Forget:  rapid.Bool().Draw(m.T, "forget"),
		Writes:  rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(m.T, "writes"),
		Removes: rapid.SampledFrom([]int{0, 0, 1}).Draw(m.T, "removes"),
	}
	switch rapid.SampledFrom([]string{"", "full", "full", "read-only"}).Draw(m.T, "disk") {
	case "full":
		f.Size = m.disk.Used() + int64(rapid.IntRange(0, 9000).Draw(m.T, "free"))
	case "read-only":
		f.ReadOnly = true
	}
	m.disk.Fail(f)
	m.faulty = true
	for _, p := range m.live {
		p.forgets = p.forgets || m.forgetful()
	}
}

func (m *model) mend() {
	m.disk.Fail(faultfs.Faults{})
	m.faulty = false
}

func (m *model) losePower() {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(m.T, "power"), 1))
	m.disk.LosePower(r)
	for _, p := range slices.Clone(m.live) {
		m.careful = m.careful && p.sync != spool.Never
		m.bury(p)
	}
	for _, f := range m.fates {
		if !f.sure {
			m.maybe++
			f.state = unknown
		}
		f.forgotten = false
	}
}
