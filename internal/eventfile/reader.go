package eventfile

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	// MaxEvent is how long the JSON of one event may be: as PostHog takes those of
	// language models.
	MaxEvent = 8 << 20

	// MaxDepth is how deep an event may be nested, as it is for PostHog.
	MaxDepth = 128
)

// A Place is where an event, or a mistake, begins.
type Place struct {
	Line, Col int // from 1; Col counts characters
	Index     int // in the batch or array that holds the event; -1 for an event of its own
}

// An Event is one event of a file. Its place in the file is good until the next one is
// read.
type Event struct {
	Place
	Name       string
	DistinctID string         // empty if there is none; text, or the JSON of another value
	UUID       string         // as written; empty if there is none
	Timestamp  string         // as written; empty if there is none
	Properties map[string]any // numbers are json.Number; never nil
	raw        []byte
}

// An Unreadable is a part of a file that holds no event. Reading goes on behind it.
type Unreadable struct {
	Place
	Reason string
}

func (u *Unreadable) Error() string { return fmt.Sprintf("%d:%d: %s", u.Line, u.Col, u.Reason) }

// A Reader reads events. It is not safe for concurrent use.
type Reader struct {
	scanner
	index    int  // of the last element of the array that is being read
	elements bool // inside an array of events
	envelope bool // which is the batch of an object
	lost     bool // the text behind an error has to be skipped
}

// NewReader returns a reader of events in r, which it decompresses if its first bytes
// say gzip.
func NewReader(r io.Reader) (*Reader, error) {
	start := make([]byte, 3)
	n, err := io.ReadFull(r, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	start = start[:n]
	all := io.MultiReader(bytes.NewReader(start), r)
	if bytes.HasPrefix(start, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(all)
		if err != nil {
			return nil, fmt.Errorf("reading gzip: %w", err)
		}
		all, start = z, nil
	}
	rd := &Reader{scanner: scanner{in: all, line: 1, col: 1}}
	rd.skipMark()
	return rd, nil
}

// Next returns the next event. An error that is an *Unreadable tells of a part that
// holds none, and Next may be called again; io.EOF is the end, and any other error is
// one of reading.
func (r *Reader) Next() (Event, error) {
	e, err := r.next()
	var bad *Unreadable
	switch {
	case r.err != nil && !errors.Is(r.err, io.EOF):
		return Event{}, fmt.Errorf("line %d: %w", r.line, r.err)
	case errors.As(err, &bad):
		return Event{}, bad
	case errors.Is(err, errSyntax):
		u := &Unreadable{Place{r.line, r.col, -1}, r.reason}
		if r.elements {
			u.Index = max(0, r.index)
		}
		if r.line != r.began {
			u.Reason += fmt.Sprintf(", in what began in line %d", r.began)
		}
		r.elements, r.envelope, r.lost = false, false, true
		return Event{}, u
	}
	return e, err
}

func (r *Reader) next() (Event, error) {
	if r.lost {
		r.resume()
		r.lost = false
	}
	for {
		if r.elements {
			found, e, err := r.element()
			if found || err != nil {
				return e, err
			}
			continue
		}
		r.space()
		r.began = r.line
		switch c, ok := r.peek(); {
		case !ok:
			return Event{}, io.EOF
		case c == '[':
			r.step()
			r.elements, r.index = true, -1
		case c == '{':
			place := Place{r.line, r.col, -1}
			r.keep(true)
			batch, err := r.object()
			if err != nil {
				return Event{}, err
			}
			if !batch {
				return r.event(place)
			}
		default:
			return Event{}, r.unexpected("an object or an array")
		}
	}
}

// object reads an object, or up to the first element of its batch if it has one.
func (r *Reader) object() (batch bool, err error) {
	r.step()
	r.space()
	if r.is('}') {
		r.step()
		return false, nil
	}
	return r.fields()
}

// fields reads the fields of an object, with the brace that closes it.
func (r *Reader) fields() (batch bool, err error) {
	for {
		key, err := r.key()
		if err != nil {
			return false, err
		}
		if key == "batch" && r.is('[') {
			r.keep(false)
			r.step()
			r.elements, r.envelope, r.index = true, true, -1
			return true, nil
		}
		if err := r.value(); err != nil {
			return false, err
		}
		r.space()
		switch {
		case r.is('}'):
			r.step()
			return false, nil
		case !r.is(','):
			return false, r.unexpected(`"," or "}"`)
		}
		r.step()
		r.space()
	}
}

// element reads the next element of an array of events, or finds its end.
func (r *Reader) element() (found bool, e Event, err error) {
	r.space()
	if r.is(']') {
		r.step()
		return false, Event{}, r.leave()
	}
	if r.index >= 0 {
		if !r.is(',') {
			return false, Event{}, r.unexpected(`"," or "]"`)
		}
		r.step()
		r.space()
	}
	r.index++
	place := Place{r.line, r.col, r.index}
	r.keep(true)
	if err := r.value(); err != nil {
		return false, Event{}, err
	}
	e, err = r.event(place)
	return true, e, err
}

// leave goes on behind the end of an array: with the rest of the object whose batch it
// was, if it was one.
func (r *Reader) leave() error {
	r.elements = false
	if !r.envelope {
		return nil
	}
	r.envelope = false
	r.keep(false)
	r.space()
	if r.is('}') {
		r.step()
		return nil
	}
	if !r.is(',') {
		return r.unexpected(`"," or "}"`)
	}
	r.step()
	r.space()
	_, err := r.fields()
	return err
}

// event reads the text that was kept.
func (r *Reader) event(place Place) (Event, error) {
	bad := func(format string, args ...any) (Event, error) {
		return Event{}, &Unreadable{place, fmt.Sprintf(format, args...)}
	}
	switch {
	case r.deepest > MaxDepth:
		return bad("nested more than %d levels deep", MaxDepth)
	case r.over:
		return bad("longer than %d bytes", MaxEvent)
	case !utf8.Valid(r.kept):
		return bad("no UTF-8")
	}
	e := Event{Place: place, raw: r.kept}
	reason, at := e.read()
	if reason == "" {
		return e, nil
	}
	line, col := e.at(at)
	return Event{}, &Unreadable{Place{line, col, place.Index}, reason}
}

// read fills e from its text, or says why that cannot be done, and where.
func (e *Event) read() (reason string, offset int) {
	dec := json.NewDecoder(bytes.NewReader(e.raw))
	dec.UseNumber()
	var fields map[string]any
	if err := dec.Decode(&fields); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return syntax.Error(), max(0, int(syntax.Offset)-1)
		}
		return "an event is no JSON object", 0
	}
	var ok bool
	if e.Name, ok = fields["event"].(string); !ok || e.Name == "" {
		return `"event" is missing, empty or no string`, 0
	}
	e.Properties, ok = fields["properties"].(map[string]any)
	if !ok && fields["properties"] != nil {
		return `"properties" is no object`, max(0, locate(e.raw, "properties"))
	}
	if e.Properties == nil {
		e.Properties = map[string]any{}
	}
	e.UUID, _ = fields["uuid"].(string)
	e.Timestamp, _ = fields["timestamp"].(string)
	e.DistinctID = text(fields["distinct_id"], fields["$distinct_id"], e.Properties["distinct_id"])
	e.gather(fields)
	return "", 0
}

// text returns the first value that is not null: text itself, the JSON of anything else.
func text(values ...any) string {
	for _, v := range values {
		switch v := v.(type) {
		case nil:
		case string:
			return v
		default:
			b, err := json.Marshal(v)
			if err != nil {
				return ""
			}
			return string(b)
		}
	}
	return ""
}

// gather moves to the properties what protocols put beside them: $set and $set_once of
// v0, and the session, window and options of v1, which have a dollar among the properties.
func (e *Event) gather(fields map[string]any) {
	for _, key := range []string{"$set", "$set_once"} {
		outer, _ := fields[key].(map[string]any)
		inner, ok := e.Properties[key].(map[string]any)
		if !ok && outer != nil {
			e.Properties[key] = outer
			continue
		}
		for k, v := range outer {
			if _, there := inner[k]; !there {
				inner[k] = v
			}
		}
	}
	for _, key := range []string{"session_id", "window_id"} {
		v, there := fields[key]
		if _, own := e.Properties["$"+key]; there && !own {
			e.Properties["$"+key] = v
		}
	}
	options, _ := fields["options"].(map[string]any)
	for key, v := range options {
		if _, there := e.Properties["$"+key]; !there {
			e.Properties["$"+key] = v
		}
	}
}
