package runtime

import (
	"bytes"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/queue"
	"github.com/phgen/phgen/runtime/value"
)

// A Writer receives the values of one generated event, checks them against the
// plan's rules and appends them as JSON. Generated code gets one from Begin,
// passes it to PhgenVisit and ends it. It serves one goroutine and must not be kept:
// End recycles it.
//
// Inside Object, Map and Array the same methods write fields, entries and items.
type Writer struct {
	buf   []byte // the event, behind whatever its batch holds already
	off   bool   // writes nothing any more
	mode  mode
	marks mark // why a value needs more than encoding
	track bool // whether keys are noted: one may be another layer's too
	spec  *EventSpec
	name  string // spec.Name, save for $set and untyped events

	limit  int // length of buf that only an event too large reaches
	begin  int // where the event starts in buf
	frames []frame
	base   int // frames that are a bucket of a person or group
	lists  int // frames that are an array or map

	keys     []member            // the event's own keys so far
	keyBits  uint64              // their keyBits
	index    map[string]struct{} // of keys[:indexEnd], once there are many
	indexEnd int
	superOwn uint64 // keyBits of the super properties

	side      []byte // texts beside the event: kept properties, call tags, call groups
	kept      []span // of side, by place in the idempotency
	mapKeys   []string
	callTags  []callTag
	calls     []callGroup
	anonymous string // of Identify

	violations []violation
	problems   []problem
	unreported uint64 // violations beyond maxReported
	invalid    bool   // a violation refuses the event
	dropTop    bool   // one drops the property around it
	cutID      bool   // the distinct ID was too long

	ctx         context.Context
	client      *Client
	lane        *lane
	lifts       bool // properties that the newer protocol wants elsewhere are taken there
	lifted      lifted
	view        *view
	batch       *queue.Batch
	scratch     []byte // holds the event when no batch does
	entries     [2]queue.Entry
	id          uuid.UUID
	size        int    // of the event, or of a pair
	idAt        int    // where the uuid is in buf
	nameEnd     int    // where the event's name ends in buf
	distinctID  string // empty: random or that of the view
	random      uuid.UUID
	randomSet   bool
	micros      int64 // when the call came, since 1970
	stampSecond int64 // since 1970, of stampText
	stampText   [len(`"2026-01-02T03:04:05`)]byte
	ownOS       bool      // the event names an operating system itself
	at          time.Time // zero: now
	drawn       bool      // sampling has kept it
	idGiven     bool
	late        lateID
	personless  personless
	geoIP       choice
	flags       []attachedFlag // that the event carries
	survey      surveying
	minimal     bool   // only minimalKeys are written
	traceID     string // of Config.TraceContext
	spanID      string
	call        *syncCall // nil without Config.Sync
	err         error     // of a writer that is off
}

// A mode is what a writer is for.
type mode uint8

const (
	modeSend    mode = iota // encode an event
	modeCheck               // collect violations
	modeRaw                 // encode as given, without any rule
	modeContext             // encode context properties
)

// A mark says why a value needs more than encoding.
type mark uint8

const (
	markCut   mark = 1 << iota // the value is to be left out
	markSuper                  // super properties may own the key
	markPII                    // the array or map around it has a pii action
	markRaw                    // no rule holds
)

// A member is a key of the event's own.
type member struct {
	key   string // JSON text without quotes
	start int    // of its comma in buf
}

// personless says whether an event makes or changes a person.
type personless uint8

const (
	asSent  personless = iota // as its properties say
	assumed                   // it does not, unless its own properties say so: nobody is known
	forced                    // it does not
)

// A lateID is a distinct ID that is not known when the event begins, and therefore
// stands behind its properties.
type lateID uint8

const (
	notLate   lateID = iota
	lateUUID         // the uuid of an idempotent event
	lateGroup        // $<type>_<key> of a group update
)

// writers keeps writers for reuse.
var writers = sync.Pool{New: func() any {
	return &Writer{
		buf:    make([]byte, 0, 1<<10),
		frames: make([]frame, 0, 8),
		keys:   make([]member, 0, 32),
	}
}}

// inertWriters answer what is refused before there is anything to write. They are
// shared and never change.
var (
	inertDisabled = &Writer{off: true, err: ErrDisabled}
	inertClosed   = &Writer{off: true, err: ErrClosed}
	inertDropped  = &Writer{off: true, err: ErrDropped}
)

// start makes w ready to encode without a client's queue.
func (w *Writer) start(m mode) {
	w.mode = m
	w.view = &noScope
	w.limit = math.MaxInt
	w.buf = append(w.scratch[:0], '{')
	w.track = m == modeContext
	if m == modeRaw {
		w.marks = markRaw
	}
}

// keepCap bounds the buffers that a released writer keeps.
const keepCap = 64 << 10

// release returns w for reuse, without anything that is the caller's.
func (w *Writer) release() {
	if w.batch == nil && cap(w.buf) > cap(w.scratch) {
		w.scratch = w.buf
	}
	if cap(w.scratch) > keepCap {
		w.scratch = nil
	}
	if cap(w.side) > keepCap {
		w.side = nil
	}
	clear(w.keys)
	clear(w.violations)
	clear(w.problems)
	clear(w.callTags)
	clear(w.calls)
	clear(w.frames)
	clear(w.mapKeys)
	clear(w.flags)
	*w = Writer{
		scratch:     w.scratch[:0],
		side:        w.side[:0],
		frames:      w.frames[:0],
		keys:        w.keys[:0],
		kept:        w.kept[:0],
		mapKeys:     w.mapKeys[:0],
		callTags:    w.callTags[:0],
		calls:       w.calls[:0],
		flags:       w.flags[:0],
		survey:      surveying{answers: w.survey.answers[:0]},
		violations:  w.violations[:0],
		problems:    w.problems[:0],
		stampSecond: w.stampSecond,
		stampText:   w.stampText,
	}
	writers.Put(w)
}

// Props says which event is being visited and returns s.Props. It is the first
// call of every PhgenVisit.
func (w *Writer) Props(s *EventSpec) []Prop {
	if !w.off && w.mode != modeSend {
		w.spec, w.name = s, s.Name
	}
	return s.Props
}

// top reports whether w is at the event's own properties, or at those of a person
// or group.
func (w *Writer) top() bool { return len(w.frames) == w.base }

// key appends a comma, if one is due, and the key.
func (w *Writer) key(k string) {
	b := slices.Grow(w.buf, len(k)+len(`,"":`))
	at := len(b)
	b = b[:at+len(k)+len(`,"":`)]
	if b[at-1] != '{' {
		b[at] = ','
		at++
	}
	b[at] = '"'
	at += 1 + copy(b[at+1:], k)
	b[at], b[at+1] = '"', ':'
	w.buf = b[:at+2]
}

// note remembers that the event has the key.
func (w *Writer) note(k string, start int) {
	w.keyBits |= keyBit(k)
	w.keys = append(w.keys, member{k, start})
}

// manyKeys is from how many keys on an index is worth its memory.
const manyKeys = 64

// has reports whether the event has the key already.
func (w *Writer) has(k string) bool {
	if w.keyBits&keyBit(k) == 0 {
		return false
	}
	if len(w.keys) > manyKeys {
		return w.indexed(k)
	}
	for i := range w.keys {
		if w.keys[i].key == k {
			return true
		}
	}
	return false
}

// indexed is has for an event of many keys.
func (w *Writer) indexed(k string) bool {
	if w.index == nil {
		w.index = make(map[string]struct{}, 2*len(w.keys))
	}
	for ; w.indexEnd < len(w.keys); w.indexEnd++ {
		w.index[w.keys[w.indexEnd].key] = struct{}{}
	}
	_, ok := w.index[k]
	return ok
}

// open begins a value: it appends what stands before it and returns where that
// starts.
func (w *Writer) open(p *Prop) int {
	start := len(w.buf)
	if start > w.limit {
		w.tooLarge()
		return start
	}
	if p.Key == "" {
		return w.openItem()
	}
	w.key(p.Key)
	if w.track && len(w.frames) == 0 {
		w.note(p.Key, start)
	}
	return start
}

// openItem begins an item of an array or the value of a map's entry.
func (w *Writer) openItem() int {
	start := len(w.buf)
	if len(w.frames) == 0 {
		return start
	}
	f := &w.frames[len(w.frames)-1]
	if f.kind == frameMap {
		return f.entry
	}
	f.index++
	if w.buf[start-1] != '[' {
		w.buf = append(w.buf, ',')
	}
	return start
}

// tooLarge stops the event.
func (w *Writer) tooLarge() {
	w.off, w.err = true, ErrTooLarge // End refuses it
}

// close ends the value of p, which has its JSON at buf[at:] and began at start.
func (w *Writer) close(p *Prop, start, at int) {
	if uint8(p.PII)|p.Idempotent|uint8(w.marks) != 0 {
		w.settle(p, start, at)
	}
}

// settle does to a scalar what close leaves to it.
func (w *Writer) settle(p *Prop, start, at int) {
	if w.marks&markRaw != 0 {
		return
	}
	if p.Idempotent != 0 {
		w.keep(p, w.buf[at:])
	}
	w.conceal(p, at)
	w.cutOrKeep(p.Key, start)
}

// cutOrKeep leaves out the value that began at start if it must be left out.
func (w *Writer) cutOrKeep(key string, start int) {
	if w.marks&markCut != 0 {
		w.marks &^= markCut
		w.cut(start)
		return
	}
	if w.marks&markSuper != 0 && len(w.frames) == 0 && w.superOwns(key) {
		w.cutTop(start)
	}
}

// cut leaves out the value that began at start.
func (w *Writer) cut(start int) {
	if len(w.frames) == 0 {
		w.cutTop(start)
		return
	}
	w.buf = w.buf[:start]
}

// cutTop leaves out a property of the event.
func (w *Writer) cutTop(start int) {
	w.buf = w.buf[:start]
	n := len(w.keys)
	for n > 0 && w.keys[n-1].start >= start {
		n--
		delete(w.index, w.keys[n].key)
	}
	w.keys = w.keys[:n]
	w.indexEnd = min(w.indexEnd, n)
}

// superOwns reports whether a super property has the key.
func (w *Writer) superOwns(key string) bool {
	if w.superOwn&keyBit(key) == 0 || w.client == nil {
		return false
	}
	return slices.ContainsFunc(w.client.super, func(p superProperty) bool { return p.key == key })
}

// isNull reports whether json is null.
func isNull(json []byte) bool { return bytes.Equal(json, []byte("null")) }

// firstRunes returns the first n code points of s.
func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// validStamp reports whether t can be a timestamp.
func validStamp(t time.Time) bool {
	var text [40]byte
	_, ok := value.AppendTime(text[:0], t)
	return ok && !t.IsZero()
}
