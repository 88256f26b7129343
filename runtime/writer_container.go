package runtime

import (
	"slices"
	"strconv"

	"github.com/phgen/phgen/runtime/value"
)

// A frame is an array, map, object or bucket that is being written.
type frame struct {
	kind  frameKind
	cut   bool // it is to be left out
	prop  *Prop
	start int    // in buf, of what stands before the value too
	at    int    // of the value
	index int    // of the next item
	entry int    // where the current entry of a map starts
	key   string // of the current entry of a map
	keys  int    // len(mapKeys) before a map
}

type frameKind uint8

const (
	frameObject frameKind = iota
	frameArray
	frameMap
	frameBucket   // $set, $set_once: left out when it is empty
	frameGroupSet // $group_set
)

func (w *Writer) push(f frame) {
	if f.kind == frameArray || f.kind == frameMap {
		w.lists++
		if f.prop.PII != PIIAllow && w.marks&markRaw == 0 {
			w.marks |= markPII
		}
	}
	w.frames = append(w.frames, f)
}

// enter opens the container p. The violations found so far were its own.
func (w *Writer) enter(kind frameKind, p *Prop, start, at int, bracket byte) {
	cut := w.marks&markCut != 0 || p.PII == PIIDrop && w.marks&markRaw == 0
	w.marks &^= markCut
	w.push(frame{kind: kind, cut: cut, prop: p, start: start, at: at, entry: start})
	w.buf = append(w.buf, bracket)
}

// leave closes the innermost container.
func (w *Writer) leave(bracket byte) {
	if w.off || len(w.frames) == 0 {
		return
	}
	w.buf = append(w.buf, bracket)
	n := len(w.frames) - 1
	f := w.frames[n]
	w.frames[n] = frame{}
	w.frames = w.frames[:n]
	if f.kind == frameArray || f.kind == frameMap {
		w.lists--
		if w.marks &^= markPII; w.marks&markRaw == 0 && w.listPII() != nil {
			w.marks |= markPII
		}
	}
	if f.prop.MaxBytes > 0 && len(w.buf)-f.at > f.prop.MaxBytes {
		w.broken(f.prop, "max_bytes", f.at)
		f.cut = f.cut || w.marks&markCut != 0
		w.marks &^= markCut
	}
	switch {
	case f.cut, w.dropTop && w.top():
		w.cut(f.start)
	default:
		w.cutOrKeep(f.prop.Key, f.start)
	}
	if w.top() {
		w.dropTop = false
	}
}

// Object opens an object; its fields follow, then EndObject.
func (w *Writer) Object(p *Prop) {
	if w.off {
		return
	}
	start := w.open(p)
	w.enter(frameObject, p, start, len(w.buf), '{')
}

// EndObject closes the innermost object.
func (w *Writer) EndObject() {
	if n := len(w.frames); n > 0 && n == w.base && !w.off {
		w.endBucket()
		return
	}
	w.leave('}')
}

// Array opens an array of n items and returns how many of them to write: fewer
// than n when the plan says to truncate. The items follow, then EndArray.
func (w *Writer) Array(p *Prop, n int) int {
	if w.off {
		return 0
	}
	start := w.open(p)
	at := len(w.buf)
	n = w.count(p, n)
	w.enter(frameArray, p, start, at, '[')
	return n
}

// count checks the number of items and returns how many of them to write.
func (w *Writer) count(p *Prop, n int) int {
	r := p.Items
	if r == nil || w.marks&markRaw != 0 {
		return n
	}
	if n < r.Min {
		w.brokenCount(p, "min_items", n)
	}
	if r.Max > 0 && n > r.Max {
		if p.OnInvalid == Truncate {
			return r.Max
		}
		w.brokenCount(p, "max_items", n)
	}
	return n
}

func (w *Writer) brokenCount(p *Prop, rule string, n int) {
	text := ""
	if w.showsValues() {
		text = strconv.Itoa(n) + " items"
	}
	w.violate(p, rule, text)
}

// EndArray closes the innermost array.
func (w *Writer) EndArray() { w.leave(']') }

// Strings writes a whole array of text; item holds the items' rules.
func (w *Writer) Strings(p, item *Prop, v []string) {
	for i := range w.Array(p, len(v)) {
		w.String(item, v[i])
	}
	w.EndArray()
}

// Map opens an object whose keys are data and returns the keys of m to write,
// sorted by bytes: fewer than all when the plan says to truncate. Each entry is
// MapKey and a value with an item Prop; then EndMap.
func Map[V any](w *Writer, p *Prop, m map[string]V) []string {
	if w.off {
		return nil
	}
	start := w.open(p)
	at := len(w.buf)
	before := len(w.mapKeys)
	for k := range m {
		w.mapKeys = append(w.mapKeys, k)
	}
	keys := w.mapKeys[before:]
	slices.Sort(keys)
	keys = distinctKeys(keys)
	keys = keys[:w.count(p, len(keys))]
	w.enter(frameMap, p, start, at, '{')
	w.frames[len(w.frames)-1].keys = before
	return keys
}

// distinctKeys leaves out keys that PostHog would read as one before them.
func distinctKeys(keys []string) []string {
	if !slices.ContainsFunc(keys, func(k string) bool { return value.Clean(k) != k }) {
		return keys
	}
	seen := make(map[string]bool, len(keys))
	return slices.DeleteFunc(keys, func(k string) bool {
		k = value.Clean(k)
		again := seen[k]
		seen[k] = true
		return again
	})
}

// MapKey names the entry that the next value belongs to.
func (w *Writer) MapKey(k string) {
	if w.off || len(w.frames) == 0 {
		return
	}
	f := &w.frames[len(w.frames)-1]
	f.key, f.entry = k, len(w.buf)
	if w.buf[len(w.buf)-1] != '{' {
		w.buf = append(w.buf, ',')
	}
	w.buf = value.AppendString(w.buf, k)
	w.buf = append(w.buf, ':')
}

// EndMap closes the innermost map.
func (w *Writer) EndMap() {
	if w.off || len(w.frames) == 0 {
		return
	}
	before := w.frames[len(w.frames)-1].keys
	clear(w.mapKeys[before:])
	w.mapKeys = w.mapKeys[:before]
	w.leave('}')
}

// Set opens the person's $set bucket, closed by EndObject.
func (w *Writer) Set() { w.bucket("$set", frameBucket) }

// SetOnce opens the person's $set_once bucket, closed by EndObject.
func (w *Writer) SetOnce() { w.bucket("$set_once", frameBucket) }

func (w *Writer) bucket(key string, kind frameKind) {
	if w.off {
		return
	}
	start := len(w.buf)
	w.key(key)
	if w.track {
		w.note(key, start)
	}
	w.frames = append(w.frames, frame{kind: kind, start: start})
	w.base = len(w.frames)
	w.buf = append(w.buf, '{')
}

func (w *Writer) endBucket() {
	f := w.frames[len(w.frames)-1]
	w.frames = w.frames[:len(w.frames)-1]
	w.base = 0
	if f.kind == frameBucket && w.buf[len(w.buf)-1] == '{' {
		w.cutTop(f.start)
		return
	}
	w.buf = append(w.buf, '}')
}

// Unsets writes the person's $unset list: wire keys as JSON text without quotes.
// The generated code passes only keys that are to be removed.
func (w *Writer) Unsets(keys ...string) {
	if w.off || len(keys) == 0 {
		return
	}
	start := len(w.buf)
	w.key("$unset")
	if w.track {
		w.note("$unset", start)
	}
	w.buf = append(w.buf, '[')
	for i, k := range keys {
		w.buf = appendTagName(w.buf, k, i == 0)
	}
	w.buf = append(w.buf, ']')
}

// Group writes the group type and key of a group update and opens its
// properties, closed by EndObject. Without a key there is nothing to update: the
// event is refused.
func (w *Writer) Group(groupType, key string) {
	if w.off {
		return
	}
	w.key("$group_type")
	w.buf = value.AppendString(w.buf, groupType)
	w.key("$group_key")
	at := len(w.buf)
	w.buf = value.AppendString(w.buf, key)
	if len(w.buf) == at+len(`""`) {
		w.record(violation{Violation: Violation{w.name, groupType, "group"}})
		w.invalid = true
	} else if rule := w.spec.Key.brokenBy(key); rule != "" {
		w.breakGroup(groupType, rule)
	}
	if w.late == lateGroup {
		w.distinctID, _ = cleanID("$" + groupType + "_" + key)
	}
	w.bucket("$group_set", frameGroupSet)
}

// Extra writes the unplanned properties of an event that allows them.
func (w *Writer) Extra(x Extra) {
	for _, a := range x.attrs {
		if w.off {
			return
		}
		if w.planned(keyText(a.key)) {
			w.record(violation{Violation: Violation{w.name, a.key, "extra_properties"}})
			continue
		}
		w.any(a.key, a.value)
	}
}

// planned reports whether the event has a property of that key in the plan.
func (w *Writer) planned(key string) bool {
	for i := range w.spec.Props {
		if p := &w.spec.Props[i]; !p.Nested && p.Key != "" && (p.Key == key || p.Currency == key) {
			return true
		}
	}
	return false
}

// Extra holds the unplanned properties of one event. It is immutable: With
// returns a longer copy, so that chains never alias. The zero value is empty.
type Extra struct{ attrs []extra }

type extra struct {
	key   string
	value any
}

// With returns x with one more property. A key set twice keeps the last value.
func (x Extra) With(key string, v any) Extra {
	attrs := make([]extra, 0, len(x.attrs)+1)
	for _, a := range x.attrs {
		if a.key != key {
			attrs = append(attrs, a)
		}
	}
	return Extra{append(attrs, extra{key, v})}
}
