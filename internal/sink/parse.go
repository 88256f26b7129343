package sink

import (
	"encoding/json"
	"math"
)

// ParseEvent reads once more the Raw of an event that was taken at path. Its error says
// that no such event would have been taken.
func ParseEvent(path string, raw json.RawMessage) (Event, error) {
	if !json.Valid(raw) {
		return Event{}, bad("the event is no JSON")
	}
	var (
		e   Event
		err error
	)
	if at, _ := endpointOf(path); at.v1 {
		e, _, err = eventV1(raw, math.MaxInt64)
	} else {
		e, err = event(raw)
	}
	e.Path = path
	return e, err
}
