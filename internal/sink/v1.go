package sink

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Verdict is what a v1 reply says about one event.
type Verdict struct {
	Result  string `json:"result"` // ok, warning, drop, retry, or a word of another time
	Details string `json:"details,omitempty"`
}

// Unmentioned is the Result of an event that the reply leaves out.
const Unmentioned = "unmentioned"

// takes reports whether the event is kept: a sender gives up only those that are
// dropped, and sends only those again that are to be retried.
func (v Verdict) takes() bool { return v.Result != "drop" && v.Result != "retry" }

const (
	maxName   = 200            // characters of an event name or of an SDK's
	maxFuture = 23 * time.Hour // of a timestamp; a later one becomes the time of receipt
)

// required are the headers of every v1 request besides those that have a status of
// their own.
var required = []struct {
	name  string
	valid func(string) bool
}{
	{"User-Agent", func(s string) bool { return s != "" }},
	{"PostHog-Sdk-Info", func(s string) bool {
		i := strings.LastIndexByte(s, '/')
		return i > 0 && i < len(s)-1 && utf8.RuneCountInString(s) <= maxName
	}},
	{"PostHog-Attempt", func(s string) bool {
		n, err := strconv.ParseUint(s, 10, 32)
		return err == nil && n > 0 && s[0] != '0'
	}},
	{"PostHog-Request-Id", func(s string) bool { _, ok := canonicalUUID(s); return ok }},
	{"PostHog-Request-Timestamp", func(s string) bool { _, err := time.Parse(time.RFC3339Nano, s); return err == nil }},
}

// checkHeader finds the project key and the SDK's name and version in the headers
// of a v1 request.
func checkHeader(h http.Header) (key, sdk string, err error) {
	scheme, key, _ := strings.Cut(h.Get("Authorization"), " ")
	if key = strings.TrimSpace(key); !strings.EqualFold(scheme, "bearer") || key == "" {
		return "", "", refuse(http.StatusUnauthorized, "Authorization is missing or no bearer token")
	}
	if media, _, _ := strings.Cut(h.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(media), "application/json") {
		return "", "", refuse(http.StatusUnsupportedMediaType, "Content-Type %q is not application/json", h.Get("Content-Type"))
	}
	for _, r := range required {
		switch v := h.Get(r.name); {
		case v == "":
			return "", "", coded("missing_header", "%s is missing", r.name)
		case !r.valid(v):
			return "", "", coded("invalid_header", "%s %q is malformed", r.name, v)
		}
	}
	return key, h.Get("PostHog-Sdk-Info"), nil
}

// decodeV1 splits a v1 body into its events and judges each. Its error refuses the
// whole body. An event of more than limit bytes is dropped.
func decodeV1(body []byte, limit int64) (batch, error) {
	raws, err := envelopeV1(body)
	if err != nil {
		return batch{}, err
	}
	in := batch{events: make([]Event, len(raws)), verdicts: make([]Verdict, len(raws))}
	seen := make(map[string]bool, len(raws))
	for i, raw := range raws {
		if in.events[i], in.verdicts[i], err = eventV1(raw, limit); err != nil {
			return batch{}, err
		}
		id := in.events[i].UUID
		if seen[id] {
			return batch{}, coded("duplicate_event_uuid", "uuid %q occurs twice", id)
		}
		seen[id] = true
	}
	return in, nil
}

func envelopeV1(body []byte) ([]json.RawMessage, error) {
	if !utf8.Valid(body) {
		return nil, bad("the body is no UTF-8")
	}
	if !json.Valid(body) || (&scanner{text: body}).peek() != '{' {
		return nil, bad("the body is no JSON object")
	}
	fields := fields(body)
	for _, name := range []string{"api_key", "token", "sent_at"} { // they are headers here
		if _, ok := fields[name]; ok {
			return nil, bad("%s has no place in the body", name)
		}
	}
	var created string
	if json.Unmarshal(fields["created_at"], &created) != nil {
		return nil, coded("invalid_created_at", "created_at is missing or no string")
	}
	if _, err := time.Parse(time.RFC3339Nano, created); err != nil {
		return nil, coded("invalid_created_at", "created_at %q is no RFC 3339 time with a zone", created)
	}
	if h, ok := fields["historical_migration"]; ok {
		var historical bool
		if json.Unmarshal(h, &historical) != nil {
			return nil, bad("historical_migration is no boolean")
		}
	}
	raws, ok := arrayOf(fields["batch"])
	if !ok {
		return nil, bad("batch is missing or no array")
	}
	if len(raws) == 0 {
		return nil, coded("empty_batch", "the batch is empty")
	}
	return raws, nil
}

// eventV1 applies the rules of v1 to one element of a batch. Its error refuses the
// whole batch; what is wrong with one event only is in the verdict.
func eventV1(raw json.RawMessage, limit int64) (Event, Verdict, error) {
	e := Event{Raw: raw}
	fields, err := e.decode(raw)
	if err != nil {
		return e, Verdict{}, err
	}
	for name, text := range map[string]*string{
		"event": &e.Name, "distinct_id": &e.DistinctID, "uuid": &e.UUID, "timestamp": &e.Timestamp,
		"session_id": &e.SessionID, "window_id": &e.WindowID,
	} {
		v, sent := fields[name]
		if s, ok := v.(string); ok {
			*text = s
		} else if sent {
			return e, Verdict{}, bad("%s is no string", name)
		}
	}
	id, ok := canonicalUUID(e.UUID)
	switch {
	case e.UUID == "":
		return e, Verdict{}, coded("missing_event_uuid", "event %q: uuid is missing", e.Name)
	case !ok:
		return e, Verdict{}, coded("invalid_event_uuid", "event %q: uuid %q is malformed", e.Name, e.UUID)
	}
	e.UUID = id
	if err := e.readOptions(fields); err != nil {
		return e, Verdict{}, err
	}
	e.Properties, _ = fields["properties"].(map[string]any)
	if int64(len(raw)) > limit {
		return e, drop("event_too_big"), nil
	}
	return e, e.judge(), nil
}

// readOptions reads the options, whose known ones have a type.
func (e *Event) readOptions(fields map[string]any) error {
	v, sent := fields["options"]
	if !sent {
		return nil // which is a matter of this event only
	}
	var ok bool
	if e.Options, ok = v.(map[string]any); !ok {
		return bad("event %q: options is no object", e.Name)
	}
	for _, name := range []string{"cookieless_mode", "disable_skew_correction", "process_person_profile"} {
		if v := e.Options[name]; v != nil {
			if _, ok := v.(bool); !ok {
				return bad("event %q: options.%s is no boolean", e.Name, name)
			}
		}
	}
	if v := e.Options["product_tour_id"]; v != nil {
		if _, ok := v.(string); !ok {
			return bad("event %q: options.product_tour_id is no string", e.Name)
		}
	}
	return nil
}

// judge is the server's verdict on an event that could be read.
func (e *Event) judge() Verdict {
	at, err := time.Parse(time.RFC3339Nano, e.Timestamp)
	switch {
	case e.Name == "":
		return drop("missing_event_name")
	case utf8.RuneCountInString(e.Name) > maxName:
		return drop("event_name_too_long")
	case e.DistinctID == "":
		return drop("missing_distinct_id")
	case utf8.RuneCountInString(e.DistinctID) > maxDistinctID:
		return drop("distinct_id_too_large")
	case err != nil:
		return drop("invalid_event_timestamp")
	case e.Options == nil:
		return drop("invalid_options")
	case e.Properties == nil:
		return drop("malformed_event_properties")
	}
	if time.Until(at) > maxFuture {
		e.Problems = append(e.Problems, fmt.Sprintf("timestamp %q is more than 23 hours ahead", e.Timestamp))
	}
	if placeholders[strings.ToLower(e.DistinctID)] {
		e.Problems = append(e.Problems, fmt.Sprintf("distinct_id %q is a placeholder: no person is processed", e.DistinctID))
		return Verdict{Result: "warning", Details: "person_processing_disabled"}
	}
	return Verdict{Result: "ok"}
}

func drop(details string) Verdict { return Verdict{Result: "drop", Details: details} }

// placeholders are distinct IDs that name nobody.
var placeholders = map[string]bool{
	"0": true, "00000000-0000-0000-0000-000000000000": true, "[object object]": true, "anonymous": true,
	"anonymous-user": true, "backend": true, "distinct_id": true, "distinctid": true, "email": true,
	"false": true, "guest": true, "id": true, "nan": true, "none": true, "not_authenticated": true,
	"null": true, "system": true, "true": true, "undefined": true, "user": true,
}
