package spool

import (
	"time"
)

// An Event is what the log keeps.
type Event struct {
	UUID [16]byte
	Name string    // at most 65,535 bytes
	At   time.Time // when it was accepted, zero for Append: now; kept to the microsecond
	Data []byte    // kept as it is; at most 32 MiB
}

// A Ticket identifies an event of one Spool. The zero Ticket identifies none.
type Ticket uint64

// A ticket is the index of a log within the Spool and the event's number in it.
const numberBits = 44

func ticketOf(index uint32, number uint64) Ticket {
	return Ticket(uint64(index)<<numberBits | number)
}

func (t Ticket) log() uint32    { return uint32(t >> numberBits) }
func (t Ticket) number() uint64 { return uint64(t) & (1<<numberBits - 1) }

// Lost counts events that were on disk and will not be returned.
type Lost struct {
	Corrupt uint64 // damaged or missing
	Expired uint64 // in a segment older than MaxAge
}

func (l Lost) sum() uint64 { return l.Corrupt + l.Expired }

// A Found is an event that Next returned. Its Data belongs to the Chunk.
type Found struct {
	Event
	Ticket Ticket
}

// A Chunk is what Next found. It may be used again; its events are valid until then.
type Chunk struct {
	Events []Found
	Own    bool // events and losses are all of this Spool's own log; else all of adopted ones
	Lost   Lost

	data  []byte
	names map[string]string // event names are few: each is allocated once
}

// maxNames bounds what a Chunk remembers of the names it has seen.
const maxNames = 1_000

func (c *Chunk) reset() {
	c.Events, c.data, c.Own, c.Lost = c.Events[:0], c.data[:0], false, Lost{}
}

// add copies r, whose bytes are valid only until the next is read.
func (c *Chunk) add(r *record, t Ticket) {
	name, known := c.names[string(r.name)]
	if !known {
		if c.names == nil || len(c.names) >= maxNames {
			c.names = map[string]string{}
		}
		name = string(r.name)
		c.names[name] = name
	}
	start := len(c.data) // the events before keep their buffer if this one grows
	c.data = append(c.data, r.data...)
	c.Events = append(c.Events, Found{
		Event:  Event{UUID: r.uuid, Name: name, At: r.at, Data: c.data[start:len(c.data):len(c.data)]},
		Ticket: t,
	})
}
