package runtime

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/value"
)

// Props are the properties of an untyped event. They are encoded before the call that
// takes them returns and never changed. A value that JSON can not hold (NaN, a
// cycle, a channel, a Marshaler that panics, invalid JSON) becomes null; its event
// is sent.
type Props map[string]any

// An Attr is one property of [CaptureAttrs]. It is a plain struct, so attributes cost
// no allocation.
type Attr struct {
	key  string
	kind attrKind
	text string
	bits [2]uint64
}

type attrKind uint8

const (
	attrNull attrKind = iota
	attrString
	attrInt
	attrFloat
	attrBool
	attrTime
	attrUUID
)

// String makes an Attr of text.
func String(key, v string) Attr { return Attr{key: key, kind: attrString, text: v} }

// Int makes an Attr of an integer.
func Int(key string, v int64) Attr {
	return Attr{key: key, kind: attrInt, bits: [2]uint64{uint64(v)}}
}

// Float makes an Attr of a number. NaN and the infinities are sent as null.
func Float(key string, v float64) Attr {
	return Attr{key: key, kind: attrFloat, bits: floatBits(v)}
}

// Bool makes an Attr of a boolean.
func Bool(key string, v bool) Attr {
	return Attr{key: key, kind: attrBool, bits: boolBits(v)}
}

// Time makes an Attr of a moment, sent in UTC. The zero time is sent as null.
func Time(key string, v time.Time) Attr {
	return Attr{key: key, kind: attrTime, bits: timeBits(v)}
}

// UUID makes an Attr of a UUID.
func UUID(key string, v uuid.UUID) Attr {
	return Attr{key: key, kind: attrUUID, bits: uuidBits(v)}
}

// attr writes a.
func (w *Writer) attr(a *Attr) {
	start, ok := w.openKey(a.key)
	if !ok {
		return
	}
	switch a.kind {
	case attrString:
		w.buf = value.AppendString(w.buf, a.text)
	case attrInt:
		w.buf = value.AppendInt(w.buf, int64(a.bits[0]))
	case attrFloat:
		v := bitsFloat(a.bits)
		if v-v != 0 {
			w.problem(a.key, "")
		}
		w.buf = value.AppendFloat(w.buf, v)
	case attrBool:
		w.buf = appendBool(w.buf, a.bits[0] != 0)
	case attrTime:
		w.untypedTime(a.key, bitsTime(a.bits))
	case attrUUID:
		w.buf = value.AppendUUID(w.buf, bitsUUID(a.bits))
	default:
		w.buf = append(w.buf, "null"...)
	}
	w.closeKey(a.key, start)
}

func (w *Writer) untypedTime(key string, t time.Time) {
	if t.IsZero() {
		w.buf = append(w.buf, "null"...)
		return
	}
	dst, ok := value.AppendTime(w.buf, t)
	if !ok {
		w.problem(key, "")
	}
	w.buf = dst
}

// any writes one property of any kind.
func (w *Writer) any(key string, v any) {
	start, ok := w.openKey(key)
	if !ok {
		return
	}
	w.value(key, v)
	w.closeKey(key, start)
}

// value writes the value of a property; the commonest kinds cannot go wrong.
func (w *Writer) value(key string, v any) {
	switch v := v.(type) {
	case string:
		w.buf = value.AppendString(w.buf, v)
		return
	case int:
		w.buf = value.AppendInt(w.buf, int64(v))
		return
	case int64:
		w.buf = value.AppendInt(w.buf, v)
		return
	case bool:
		w.buf = appendBool(w.buf, v)
		return
	case float64:
		if v-v == 0 { // neither NaN nor infinite
			w.buf = value.AppendFloat(w.buf, v)
			return
		}
	}
	dst, problems := value.AppendBounded(w.buf, v, min(w.limit-len(w.buf), maxAIEvent))
	w.buf = dst
	for _, path := range problems {
		w.problem(key, path)
	}
}

// manyProps is from how many properties on an event costs an allocation.
const manyProps = 32

// props writes props in the order of their keys. A map has another order every time, and
// a body of events that are alike takes half as many bytes again for it when compressed
// (TestSortedPropsCompress).
func (w *Writer) props(props Props) {
	if len(props) > manyProps {
		keys := slices.AppendSeq(make([]string, 0, len(props)), maps.Keys(props))
		slices.Sort(keys)
		for _, key := range keys {
			w.any(key, props[key])
		}
		return
	}
	if w.off {
		return
	}
	if w.keyBits != 0 || w.minimal { // other keys were there before
		w.sorted(props, nil)
		return
	}
	place := w.client.keyOrders.place(w.name, len(props))
	if !w.writeKnown(place.Load(), props) {
		w.sorted(props, place)
	}
}

// sorted writes at most manyProps props and has place learn their order, unless it is nil.
func (w *Writer) sorted(props Props, place *orderPlace) {
	var members [manyProps]struct {
		key   string
		value any
	}
	var order [manyProps]struct { // sorted by insertion
		head uint64 // of the key, which spares most looks at it
		at   int    // in members
	}
	n := 0
	for key, v := range props {
		members[n].key, members[n].value = key, v
		head := headOf(key)
		i := n
		for ; i > 0 && (head < order[i-1].head || head == order[i-1].head && key < members[order[i-1].at].key); i-- {
			order[i] = order[i-1]
		}
		order[i].head, order[i].at = head, n
		n++
	}
	var keys [manyProps]string
	for i := range n {
		m := &members[order[i].at]
		keys[i] = m.key
		w.any(m.key, m.value)
	}
	if place != nil {
		w.learn(place, keys[:n])
	}
}

// headOf returns the first eight bytes of s as a number that sorts as they do.
func headOf(s string) uint64 {
	var b [8]byte
	copy(b[:], s)
	return binary.BigEndian.Uint64(b[:])
}

// openKey begins a property whose key comes from outside the plan. It returns false
// if something above owns the key already.
func (w *Writer) openKey(key string) (start int, ok bool) {
	if len(w.buf) > w.limit {
		w.tooLarge()
	}
	if w.off {
		return 0, false
	}
	if key = keyText(key); w.claimed(key) {
		return 0, false
	}
	start = len(w.buf)
	w.key(key)
	w.note(key, start)
	return start, true
}

// closeKey ends the property that openKey began.
func (w *Writer) closeKey(key string, start int) {
	if key != keyCookieless {
		return
	}
	at := start + bytes.IndexByte(w.buf[start:], ':') + 1
	v := boolOf(w.buf[at:])
	if v == "" {
		w.problem(key, "")
		w.cutTop(start)
		return
	}
	w.buf = append(w.buf[:at], v...)
}

// keyText returns key as JSON text without quotes.
func keyText(key string) string {
	if value.Plain(key) {
		return key
	}
	var short [64]byte
	text := value.AppendString(short[:0], key)
	text = text[1 : len(text)-1]
	if string(text) == key { // not ASCII, and yet nothing to escape
		return key
	}
	return string(text)
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}
