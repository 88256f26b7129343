package runtime

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// A Violation is one broken rule of the plan. It never holds the value.
type Violation struct {
	Event    string // empty for what a scope was given
	Property string // path of the value, like "items[3].sku"; the group type for rule "group"; cut at 300 characters

	// Rule is the key of the plan that the value breaks: min, max, min_length,
	// max_length, pattern, min_items, max_items, max_bytes, enum, extra_properties;
	// the type whose form it lacks: float, timestamp, date, url, email, country,
	// currency, locale, json; "unset" for a value nobody set, "group" for a required
	// group that is missing or has no key, and "pii_key" for a hash without Config.PIIKey.
	Rule string
}

// Error says what is broken.
func (v Violation) Error() string {
	return fmt.Sprintf("ph: event %q: property %q breaks %s", v.Event, v.Property, v.Rule)
}

// Unwrap returns ErrInvalid.
func (v Violation) Unwrap() error { return ErrInvalid }

// A violation is a Violation and what its report needs.
type violation struct {
	Violation
	prop  *Prop  // nil if the rule is none of a property
	value string // text of the value, for a recorder only
}

// A problem is a value that JSON can not hold.
type problem struct{ key, path string }

// maxReported bounds the violations of one event that are told about one by one; all
// are counted. It bounds its problems too.
const maxReported = 100

func (w *Writer) problem(key, path string) {
	if len(w.problems) < maxReported {
		w.problems = append(w.problems, problem{key, path})
	}
}

// broken notes that the value of p, encoded at buf[at:], breaks a rule, and what
// becomes of it.
func (w *Writer) broken(p *Prop, rule string, at int) {
	if w.marks&markRaw != 0 {
		return
	}
	text := ""
	if w.showsValues() {
		text = string(w.buf[at:])
	}
	w.violate(p, rule, text)
}

// showsValues reports whether a recorder wants to see the values.
func (w *Writer) showsValues() bool { return w.client != nil && w.client.recorder != nil }

func (w *Writer) violate(p *Prop, rule, text string) {
	w.record(violation{Violation{w.name, w.path(p), rule}, p, text})
	switch w.word(p) {
	case DropProperty:
		if w.lists > 0 {
			w.dropTop = true
		} else {
			w.marks |= markCut
		}
	case DropEvent:
		w.invalid = true
	}
}

// record keeps v for End to report, or only counts it when there are too many.
func (w *Writer) record(v violation) {
	v.Property = shorten(v.Property)
	if len(w.violations) < maxReported || w.mode == modeCheck {
		w.violations = append(w.violations, v)
	} else {
		w.unreported++
	}
}

// maxShown is how many characters of a name that may come from outside are kept and
// logged.
const maxShown = 300

func shorten(name string) string {
	if len(name) <= maxShown || utf8.RuneCountInString(name) <= maxShown {
		return name
	}
	return firstRunes(name, maxShown) + "…"
}

// word returns what a broken rule of p means: the word of p, or of what encloses it.
func (w *Writer) word(p *Prop) OnInvalid {
	word := p.OnInvalid
	for i := len(w.frames) - 1; word == Inherit && i >= 0; i-- {
		if f := &w.frames[i]; f.prop != nil {
			word = f.prop.OnInvalid
		}
	}
	switch {
	case w.mode == modeContext: // no event has a say in it, nor is one to be dropped
		if word == DropEvent {
			word = DropProperty
		}
	case word == Inherit && w.spec != nil:
		word = w.spec.OnInvalid
	}
	return word
}

// path returns where the value of p stands: "items[3].sku".
func (w *Writer) path(p *Prop) string {
	var b []byte
	for i := range w.frames {
		f := &w.frames[i]
		if f.prop == nil {
			continue // a bucket
		}
		b = w.step(b, f.prop, i-1)
	}
	return string(w.step(b, p, len(w.frames)-1))
}

// step appends to a path how p is reached from frame i.
func (w *Writer) step(b []byte, p *Prop, i int) []byte {
	if p.Key != "" || i < 0 || w.frames[i].prop == nil {
		if len(b) > 0 {
			b = append(b, '.')
		}
		return append(b, plainKey(p.Key)...)
	}
	f := &w.frames[i]
	if f.kind == frameMap {
		return append(append(b, '.'), f.key...)
	}
	b = strconv.AppendInt(append(b, '['), int64(f.index-1), 10)
	return append(b, ']')
}

// plainKey returns a key that is JSON text as plain text.
func plainKey(key string) string {
	if strings.IndexByte(key, '\\') < 0 {
		return key
	}
	var plain string
	if json.Unmarshal([]byte(`"`+key+`"`), &plain) != nil {
		return key
	}
	return plain
}

// report tells everybody about the violations and problems of an event.
func (w *Writer) report() {
	for _, v := range w.violations {
		w.client.report(v)
	}
	if w.unreported > 0 {
		w.client.counters.violated(w.name, w.unreported)
	}
	for _, p := range w.problems {
		w.client.warnValue(w.name, p.key, p.path)
	}
	if w.cutID {
		w.client.warnDistinctID()
	}
}

// report counts v and tells the recorder, the hook and the log. A nil client tells
// nobody.
func (c *Client) report(v violation) {
	if c == nil {
		return
	}
	c.counters.violated(v.Event, 1)
	if r := c.recorder; r != nil && r.Violation != nil {
		r.Violation(v.Event, v.Property, v.Rule, v.value)
	}
	c.observe.violation(v.Violation)
	if v.Rule == rulePIIKey {
		c.warnSeldom(warning{rule: rulePIIKey}, forever,
			"properties that the plan hashes are left out: Config.PIIKey is not set")
		return
	}
	about := warning{event: v.Event, prop: v.prop, rule: v.Rule}
	if v.prop == nil {
		about.rule += " " + v.Property
	}
	c.warnSeldom(about, warnEvery, "event breaks the tracking plan",
		slog.String("event", v.Event), slog.String("property", v.Property), slog.String("rule", v.Rule))
}

// warnValue logs that a property became null, or lost a part of it.
func (c *Client) warnValue(event, key, path string) {
	key, path = shorten(key), shorten(path)
	c.warnSeldom(warning{event: event, rule: "value " + key}, warnEvery,
		"a value that JSON can not hold is sent as null",
		slog.String("event", event), slog.String("property", plainKey(key)+path))
}

// warnRefused logs that an event was refused, where nobody asked for that: Capture
// alone can not say why.
func (c *Client) warnRefused(why refusal, event string, err error) {
	about := warning{event: shorten(event), rule: "refused " + refusals[why]}
	message := "event is refused"
	switch why {
	case refusedInvalid, refusedTooLarge, refusedLimited:
	case refusedFull:
		about.event, message = "", "events are refused while the queue is full"
	default:
		return
	}
	if !c.warnings.due(about, time.Now(), warnEvery) {
		return // before there is anything to allocate: a full queue refuses fast
	}
	refused := c.counters.refused[why].Load()
	c.observe.later(func() {
		c.log().LogAttrs(context.Background(), slog.LevelWarn, message, slog.String("event", about.event),
			slog.String("reason", refusals[why]), slog.Any("error", err), slog.Uint64("refused", refused))
	})
}

// warnDistinctID logs that a distinct ID was cut.
func (c *Client) warnDistinctID() {
	c.warnSeldom(warning{rule: "distinct_id"}, warnEvery, "a distinct ID of more than 200 characters is cut")
}

// warnSession logs, once, that a session ID is none that PostHog knows sessions by.
func (c *Client) warnSession() {
	c.warnSeldom(warning{rule: "session"}, forever, "a session ID is no version 7 UUID: PostHog shows no session for its events")
}

// A warning is what a line of the log is about, save for its details.
type warning struct {
	event string
	prop  *Prop
	rule  string
}

const (
	rulePIIKey  = "pii_key"
	warnEvery   = time.Minute
	forever     = math.MaxInt64
	maxWarnings = 1024 // remembered at once, and logged in a minute (TestWarningsAreBounded)
)

// A warningLog remembers which warnings were logged lately.
type warningLog struct {
	mu    sync.Mutex
	until map[warning]time.Time // when each may be logged again
	swept time.Time
}

// warnSeldom logs at level Warn unless the same was logged less than every ago. It does
// so off the caller's goroutine. A nil client logs nothing.
func (c *Client) warnSeldom(about warning, every time.Duration, message string, attrs ...slog.Attr) {
	if c == nil || !c.warnings.due(about, time.Now(), every) {
		return
	}
	c.observe.later(func() {
		c.log().LogAttrs(context.Background(), slog.LevelWarn, message, attrs...)
	})
}

// due reports whether about was not logged for every, and notes that it is now. When
// there is too much to remember, what is new is not logged.
func (l *warningLog) due(about warning, now time.Time, every time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.until[about]) {
		return false
	}
	if len(l.until) >= maxWarnings {
		if now.Sub(l.swept) < time.Second {
			return false
		}
		l.swept = now
		maps.DeleteFunc(l.until, func(_ warning, until time.Time) bool { return !now.Before(until) })
		if len(l.until) >= maxWarnings {
			return false
		}
	}
	if l.until == nil {
		l.until = make(map[warning]time.Time)
	}
	l.until[about] = now.Add(every)
	return true
}
