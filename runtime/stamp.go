package runtime

import (
	"encoding/binary"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// lastStamp is the last moment that stamp returned.
var lastStamp atomic.Int64

// maxLead is how far, in microseconds, stamps may run ahead of the clock. Beyond it
// the clock must have been set back.
const maxLead = 1e6

// stamp turns now into microseconds since 1970 and makes it later than any stamp
// before, so that no two events of a process share a timestamp: PostHog would fold
// two whose ids are equal too.
func stamp(now time.Time) int64 {
	clock := now.UnixMicro()
	for {
		last := lastStamp.Load()
		at := clock
		if at <= last && last-at < maxLead {
			at = last + 1
		}
		if lastStamp.CompareAndSwap(last, at) {
			return at
		}
	}
}

// newUUID returns the version 7 UUID of an event stamped at micros. Stamps differ, and
// their microseconds stand behind the milliseconds of RFC 9562; so the UUIDs of one
// process are in the order of their events.
func newUUID(micros int64) uuid.UUID {
	micros = max(micros, 0) // a clock before 1970 must not spoil the version
	milli, rest := uint64(micros/1000), uint64(micros%1000)
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], milli<<16|7<<12|rest<<2) // 1,000 steps of the 12 bits
	binary.BigEndian.PutUint64(id[8:], rand.Uint64()&(1<<62-1)|1<<63)
	return id
}

// randomID returns the random distinct ID of somebody who is not known.
func randomID() uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], rand.Uint64()&^uint64(0xf000)|4<<12)
	binary.BigEndian.PutUint64(id[8:], rand.Uint64()&(1<<62-1)|1<<63)
	return id
}
