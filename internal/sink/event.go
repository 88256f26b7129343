package sink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// An Event is one event that was taken.
type Event struct {
	Name       string
	DistinctID string         // text; a value of another kind is its JSON text; cut to 200 characters
	UUID       string         // in canonical form; empty when the event had none
	Timestamp  string         // as sent
	Properties map[string]any // numbers are json.Number; on v0, $set and $set_once of the event itself are merged in
	Options    map[string]any // of v1; nil on v0
	SessionID  string         // of v1
	WindowID   string         // of v1
	SDK        string         // of v1: name and version, from the request's header
	Raw        json.RawMessage
	Path       string   // the endpoint
	Problems   []string // duplicate keys, an unreadable timestamp, and what the judge says
}

const maxDistinctID = 200

// event applies the server's rules to one element of a body.
func event(raw json.RawMessage) (Event, error) {
	e := Event{Raw: raw}
	fields, err := e.decode(raw)
	if err != nil {
		return e, err
	}
	var ok bool
	if e.Name, ok = fields["event"].(string); !ok || e.Name == "" {
		return e, bad("event: missing, empty or no string")
	}
	e.Properties, ok = fields["properties"].(map[string]any)
	if _, sent := fields["properties"]; sent && !ok {
		return e, bad("event %q: properties is no object", e.Name)
	}
	if e.Properties == nil {
		e.Properties = map[string]any{}
	}
	if c, sent := e.Properties["$cookieless_mode"]; sent {
		if _, ok := c.(bool); !ok {
			return e, bad("event %q: properties.$cookieless_mode is no boolean", e.Name)
		}
	}
	for _, rule := range []func(map[string]any) error{e.readDistinctID, e.readUUID, e.readTimes, e.mergePerson} {
		if err := rule(fields); err != nil {
			return e, err
		}
	}
	return e, nil
}

// decode reads the event's object and notes keys that are written twice.
func (e *Event) decode(raw json.RawMessage) (map[string]any, error) {
	d := decoder{scanner: scanner{text: raw}}
	v, err := d.value()
	if err != nil {
		return nil, err
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, bad("an event is no JSON object")
	}
	for _, key := range d.duplicates {
		e.Problems = append(e.Problems, fmt.Sprintf("key %q is written twice", key))
	}
	return fields, nil
}

func (e *Event) readDistinctID(fields map[string]any) error {
	_, long := fields["$distinct_id"]
	if _, short := fields["distinct_id"]; short && long {
		return bad("event %q: distinct_id and $distinct_id are one field", e.Name)
	}
	for _, v := range []any{fields["distinct_id"], fields["$distinct_id"], e.Properties["distinct_id"]} {
		if v == nil {
			continue
		}
		text, ok := v.(string)
		if !ok {
			b, err := json.Marshal(v)
			if err != nil {
				return bad("event %q: distinct_id: %v", e.Name, err)
			}
			text = string(b)
		}
		if runes := []rune(text); len(runes) > maxDistinctID {
			text = string(runes[:maxDistinctID])
			e.Problems = append(e.Problems, fmt.Sprintf("distinct_id is longer than %d characters", maxDistinctID))
		}
		if e.DistinctID = text; text != "" {
			return nil
		}
		break
	}
	return bad("event %q: distinct_id is missing or empty", e.Name)
}

func (e *Event) readUUID(fields map[string]any) error {
	switch v := fields["uuid"].(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return nil
		}
		id, ok := canonicalUUID(v)
		if !ok {
			return bad("event %q: uuid %q is malformed", e.Name, v)
		}
		e.UUID = id
		return nil
	}
	return bad("event %q: uuid is no string", e.Name)
}

func (e *Event) readTimes(fields map[string]any) error {
	switch v := fields["timestamp"].(type) {
	case nil:
	case string:
		e.Timestamp = v
		if !readableTime(v) {
			e.Problems = append(e.Problems, fmt.Sprintf("timestamp %q is unreadable", v))
		}
	default:
		return bad("event %q: timestamp is no string", e.Name)
	}
	if v := fields["offset"]; v != nil {
		n, ok := v.(json.Number)
		if _, err := n.Int64(); !ok || err != nil {
			return bad("event %q: offset is no integer", e.Name)
		}
	}
	return nil
}

// mergePerson adds the event's own $set and $set_once to its properties, whose
// keys win.
func (e *Event) mergePerson(fields map[string]any) error {
	for _, key := range []string{"$set", "$set_once"} {
		v := fields[key]
		if v == nil {
			continue
		}
		outer, ok := v.(map[string]any)
		if !ok {
			return bad("event %q: %s is no object", e.Name, key)
		}
		inner, ok := e.Properties[key].(map[string]any)
		if !ok {
			e.Properties[key] = outer
			continue
		}
		for k, v := range outer {
			if _, there := inner[k]; !there {
				inner[k] = v
			}
		}
	}
	return nil
}

// decodeBody splits a body of any of the three shapes, an envelope, an array or
// one event, into its events, and finds the project key. Its error refuses the
// whole body: the server stops at the first bad event.
func decodeBody(body []byte) (events []Event, key string, err error) {
	if !utf8.Valid(body) {
		return nil, "", bad("the body is no UTF-8")
	}
	if !json.Valid(body) {
		return nil, "", bad("the body is no JSON")
	}
	var raws []json.RawMessage
	switch start := (&scanner{text: body}).peek(); start {
	case '[':
		raws = elements(body)
	case '{':
		raws, key, err = envelope(body)
	default:
		err = bad("the body is neither an object nor an array")
	}
	if err != nil {
		return nil, "", err
	}
	if len(raws) == 0 {
		return nil, "", bad("the batch is empty")
	}
	events = make([]Event, len(raws))
	for i, raw := range raws {
		if events[i], err = event(raw); err != nil {
			return nil, "", err
		}
	}
	if key == "" {
		key, err = eventKey(raws[0], events[0])
	}
	return events, key, err
}

// envelope returns the elements of batch, or the object itself if it has none.
func envelope(body []byte) (raws []json.RawMessage, key string, err error) {
	fields := fields(body)
	batch, ok := fields["batch"]
	if !ok {
		return []json.RawMessage{bytes.TrimSpace(body)}, "", nil
	}
	if raws, ok = arrayOf(batch); !ok {
		return nil, "", bad("batch is no array")
	}
	if h, ok := fields["historical_migration"]; ok {
		var historical bool
		if json.Unmarshal(h, &historical) != nil {
			return nil, "", bad("historical_migration is no boolean")
		}
	}
	key, err = projectKey(fields)
	return raws, key, err
}

// projectKey finds the key under any of its three names. Two names at once are
// one field given twice, which the server's parser refuses.
func projectKey(fields map[string]json.RawMessage) (string, error) {
	var key string
	found := ""
	for _, name := range []string{"api_key", "token", "$token"} {
		raw, ok := fields[name]
		if !ok {
			continue
		}
		if found != "" {
			return "", bad("%s and %s are one field", found, name)
		}
		found = name
		if err := json.Unmarshal(raw, &key); err != nil {
			return "", bad("%s is no string", name)
		}
	}
	return key, nil
}

// eventKey finds the key of a body that has no envelope: on its first event.
func eventKey(raw json.RawMessage, e Event) (string, error) {
	key, err := projectKey(fields(raw))
	if key == "" && err == nil {
		key, _ = e.Properties["token"].(string)
	}
	return key, err
}
