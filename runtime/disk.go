package runtime

import (
	"log/slog"
	"path/filepath"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/runtime/internal/queue"
	"github.com/phgen/phgen/runtime/internal/transport"
)

// A disk is the part of the spool that one lane uses.
type disk struct {
	c     *Client
	spool *spool.Spool
	chunk spool.Chunk // of Load, which the queue calls once at a time
}

// spoolFS is nil, save in tests that bring a disk of their own.
var spoolFS spool.FS

var laneNames = [...]string{transport.V0: "v0", transport.V1: "v1", transport.AI: "ai"}

// diskDir is where the events of a protocol lie: events of another project, or encoded for
// another protocol, must not get into this one's requests.
func (c *Client) diskDir(p transport.Protocol) string {
	return filepath.Join(c.cfg.SpoolDir, spool.LaneDir(c.cfg.APIKey, laneNames[p]))
}

// openDisk returns the spool of a protocol, or nil if there is none. One that can not be
// opened is reported and done without.
func (c *Client) openDisk(p transport.Protocol) *disk {
	if c.cfg.SpoolDir == "" {
		return nil
	}
	s, err := spool.Open(spool.Config{
		Dir:      c.diskDir(p),
		FS:       spoolFS,
		Sync:     syncs[c.cfg.SpoolSync],
		MaxBytes: c.cfg.SpoolBytes,
		MaxAge:   c.cfg.MaxAge,
		Warn:     c.warnDisk,
	})
	if err != nil {
		c.warnOnce("Config.SpoolDir can not be used; events are kept in memory only", "error", err)
		return nil
	}
	return &disk{c: c, spool: s}
}

var syncs = [...]spool.Sync{SyncInterval: spool.Interval, SyncEach: spool.Each, SyncNever: spool.Never}

// leftOnDisk reports whether there may be events of a protocol in the spool.
func (c *Client) leftOnDisk(p transport.Protocol) bool {
	return c.cfg.SpoolDir != "" && spool.Used(spoolFS, c.diskDir(p))
}

// warnDisk logs what the spool warns of.
func (c *Client) warnDisk(w spool.Warning) {
	c.warnSeldom(warning{event: w.Path, rule: w.Kind.String()}, warnEvery, "spool: "+w.Kind.String(),
		slog.String("path", w.Path), slog.Any("error", w.Err))
}

// close ends the spool. A nil disk has none.
func (d *disk) close() {
	if d != nil {
		_ = d.spool.Close() // what could not be synced was warned of
	}
}

// Append implements queue.Spool.
func (d *disk) Append(buf []byte, start int, es []queue.Entry, held bool) error {
	var events [2]spool.Event
	for i := range es {
		events[i] = spool.Event{UUID: es[i].UUID, Name: es[i].Name, Data: buf[start:es[i].End]}
		start = es[i].End
	}
	first, err := d.spool.Append(events[:len(es)], held)
	if err != nil {
		return err
	}
	for i := range es {
		es[i].Ticket = uint64(first) + uint64(i)
	}
	return nil
}

// Load implements queue.Spool.
func (d *disk) Load(b *queue.Batch, events, bytes int) (queue.Loaded, error) {
	_, err := d.spool.Next(&d.chunk, events, bytes)
	l := queue.Loaded{Own: d.chunk.Own, Gone: int(d.chunk.Lost.Corrupt), Expired: int(d.chunk.Lost.Expired)}
	for i := range d.chunk.Events {
		e := &d.chunk.Events[i]
		if l.At.IsZero() || e.At.Before(l.At) {
			l.At = e.At
		}
		b.Buf = append(b.Buf, e.Data...)
		b.Entries = append(b.Entries, queue.Entry{UUID: e.UUID, Name: e.Name, End: len(b.Buf), Ticket: uint64(e.Ticket)})
	}
	return l, err
}

// Settle implements queue.Spool.
func (d *disk) Settle(es []queue.Entry) {
	var some [64]spool.Ticket // one call for many: it takes a lock
	n := 0
	for i := range es {
		if t := es[i].Ticket; t != 0 {
			some[n] = spool.Ticket(t)
			n++
		}
		if n == len(some) || i == len(es)-1 {
			d.spool.Settle(some[:n]...)
			n = 0
		}
	}
}

// Adopt implements queue.Spool.
func (d *disk) Adopt() uint64 {
	n, err := d.spool.Adopt()
	if err != nil {
		d.c.warnDisk(spool.Warning{Kind: spool.LeftAlone, Path: d.c.cfg.SpoolDir, Err: err})
	}
	return n
}
