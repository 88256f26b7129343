package sink

import (
	"net/http"
	"slices"
)

// take keeps the events of a request. err is why it could not be read; take returns
// why it was refused.
func (s *Sink) take(e endpoint, f Fault, c conditions, x *Exchange, err error) (reply, error) {
	var in batch
	if err == nil && f.decodes() {
		in, err = decode(x.Request, e, c)
	}
	x.Status = f.settle(http.StatusOK, err)
	in.overrule(f.Verdict)
	s.record(e, FlagRequest{Request: x.Request}) // before the events: whoever waits for them finds their request
	if f.keeps() && err == nil {
		x.Events = in.kept(f.Keep)
		s.keep(x.Events)
	}
	return in.reply(e, x.Status, err), err
}

// A batch is what one request held.
type batch struct {
	events   []Event
	verdicts []Verdict // one per event on v1; nil on v0, which has none
}

// decode applies the rules of the endpoint and the conditions to a request. An
// error is a *refusal of all of it.
func decode(req Request, e endpoint, c conditions) (batch, error) {
	var in batch
	var key, sdk string
	var err error
	if e.v1 {
		if key, sdk, err = checkHeader(req.Header); err != nil {
			return batch{}, err
		}
		if err := c.authorize(key); err != nil {
			return batch{}, err
		}
	}
	body, err := req.plain(e)
	if err != nil {
		return batch{}, err
	}
	if c.bytes > 0 && int64(len(body)) > c.bytes {
		return batch{}, tooLarge(c.bytes)
	}
	if e.v1 {
		in, err = decodeV1(body, e.event)
	} else if in.events, key, err = decodeBody(body); err == nil {
		err = c.authorize(key)
	}
	if err != nil {
		return batch{}, err
	}
	for i := range in.events {
		in.events[i].Path, in.events[i].SDK = req.Path, sdk
		if !e.v1 && e.event > 0 && int64(len(in.events[i].Raw)) > e.event {
			return batch{}, refuse(http.StatusRequestEntityTooLarge, "event %q is larger than %d bytes", in.events[i].Name, e.event)
		}
	}
	return in, c.admit(in.events)
}

// overrule lets ask say something else about the events that the server's own
// rules would take.
func (b batch) overrule(ask func(Event) Verdict) {
	if ask == nil {
		return
	}
	for i := range b.verdicts {
		if !b.verdicts[i].takes() {
			continue
		}
		if v := ask(b.events[i]); v.Result != "" {
			b.verdicts[i] = v
		}
	}
}

// kept returns the events to keep, all of them or those whose verdict says so.
func (b batch) kept(all bool) []Event {
	if all || b.verdicts == nil {
		return b.events
	}
	events := make([]Event, 0, len(b.events))
	for i, e := range b.events {
		if b.verdicts[i].takes() {
			events = append(events, e)
		}
	}
	return events
}

// admit refuses what the limits and the poison refuse.
func (c conditions) admit(events []Event) error {
	if c.events > 0 && len(events) > c.events {
		return refuse(http.StatusRequestEntityTooLarge, "the batch holds more than %d events", c.events)
	}
	for _, e := range events {
		if slices.Contains(c.poison, e.Name) {
			return bad("event %q is poison", e.Name)
		}
	}
	return nil
}

func (c conditions) authorize(key string) error {
	if c.key != "" && key != c.key {
		return refuse(http.StatusUnauthorized, "the project API key is missing or another one")
	}
	return nil
}
