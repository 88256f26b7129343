package spool_test

import (
	"path/filepath"
	"slices"

	"github.com/phgen/phgen/internal/spool"
)

// returned checks what Next returned to p.
func (m *model) returned(p *process, c *spool.Chunk) {
	gone := uint64(len(c.Events)) + c.Lost.Corrupt
	waiting := &p.adopted
	if c.Own {
		waiting = &p.spilled
	}
	if gone > *waiting || c.Lost.Expired > 0 {
		m.Fatalf("returned %d events, lost %+v, of %d", len(c.Events), c.Lost, *waiting)
	}
	*waiting -= gone
	if m.careful && c.Lost.Corrupt > m.maybe {
		m.Fatalf("lost %d events, and %d may be", c.Lost.Corrupt, m.maybe)
	}
	if c.Own && p.adopted > 0 {
		m.Fatalf("own events before %d adopted ones", p.adopted)
	}
	var writer *process
	seen := map[*process]bool{}
	for _, e := range c.Events {
		n, err := number(e.Event)
		if err != nil {
			m.Fatal(err)
		}
		f := m.fates[n]
		switch {
		case f.state == refused:
			m.Fatalf("event %d was refused", n)
		case p.returned[n]:
			m.Fatalf("event %d was returned twice", n)
		case c.Own != (f.writer == p):
			m.Fatalf("event %d: own is %v", n, c.Own)
		case c.Own && f.held:
			m.Fatalf("event %d is held", n)
		case f.forgotten:
			m.Fatalf("event %d was settled", n)
		case f.settledBy == p:
			m.Fatalf("event %d was settled by this process", n)
		case n < p.last[f.writer] && !f.failed:
			m.Fatalf("event %d after %d", n, p.last[f.writer])
		case f.writer != writer && seen[f.writer]:
			m.Fatalf("event %d is of a log that was left behind", n)
		}
		writer, seen[f.writer] = f.writer, true
		p.returned[n], p.last[f.writer], p.tickets[n] = true, max(n, p.last[f.writer]), e.Ticket
		if f.writer != p {
			f.state = accepted
		}
	}
}

// check compares the ledger of each process with what it did.
func (m *model) check() {
	for _, p := range m.live {
		if adopted, own := p.spool.Backlog(); adopted != p.adopted || own != p.spilled {
			m.Fatalf("backlog %d and %d, want %d and %d", adopted, own, p.adopted, p.spilled)
		}
		if n := p.spool.Bytes(); n < 0 || n > 45_000 {
			m.Fatalf("%d bytes", n)
		}
	}
}

// end lets a last process find all that is left.
func (m *model) end() {
	m.mend()
	m.stop()
	p := m.start(spool.Interval, 1000, 1000)
	var c spool.Chunk
	for more := true; more; {
		var err error
		if more, err = p.spool.Next(&c, 100, 10_000); err != nil {
			m.Fatalf("next: %v", err)
		}
		m.returned(p, &c)
		m.check()
	}
	for n, f := range m.fates {
		if f.state == accepted && f.settledBy == nil && !p.returned[n] {
			m.Errorf("event %d is lost", n)
		}
	}
	for _, t := range p.tickets {
		p.spool.Settle(t)
	}
	m.closeOne(p)
	for name := range m.disk.Files("/spool") {
		if filepath.Ext(name) != ".bad" {
			m.Errorf("%s is left", name)
		}
	}
}

func (m *model) closeOne(p *process) {
	if err := p.spool.Close(); err != nil {
		m.Fatalf("close: %v", err)
	}
	m.live = nil
}

func (m *model) stop() {
	for _, p := range slices.Clone(m.live) {
		p.fs.Kill()
		m.bury(p)
	}
}
