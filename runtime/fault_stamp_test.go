package runtime

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// wantStamps fails the test unless the events behind the first skip ones have timestamps
// from one moment to another, all different and in order, and UUIDs that say the same.
func (b *bench) wantStamps(skip int, from, to time.Time) {
	b.t.Helper()
	var last time.Time
	for _, id := range b.accepted[skip:] {
		var e struct {
			Timestamp time.Time
		}
		if err := json.Unmarshal([]byte(b.arrived[id.String()]), &e); err != nil {
			b.t.Fatalf("event %s: %v", id, err)
		}
		if e.Timestamp.Before(from.Truncate(time.Microsecond)) || e.Timestamp.After(to.Add(2*time.Second)) || !e.Timestamp.After(last) {
			b.t.Errorf("timestamp %v behind %v, want %v to %v", e.Timestamp, last, from, to)
		}
		last = e.Timestamp
		if id.Version() != 7 || id.Variant() != uuid.RFC4122 {
			b.t.Errorf("uuid %v is of version %d", id, id.Version())
		}
		if seconds, _ := id.Time().UnixTime(); seconds != e.Timestamp.Unix() {
			b.t.Errorf("uuid %v is of %d, its event of %d", id, seconds, e.Timestamp.Unix())
		}
	}
}
