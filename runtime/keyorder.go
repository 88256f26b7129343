package runtime

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/phgen/phgen/runtime/value"
)

// A keyOrder is the keys of maps that came under one name, sorted and encoded. An
// application captures an event with the same keys again and again, so that a map whose
// keys are known needs no sorting, which would be most of the work.
type keyOrder struct {
	keys   []orderedKey  // none: they may not be remembered
	bits   uint64        // keyBits of all
	misses atomic.Uint32 // maps of other keys that came to its place
}

type orderedKey struct {
	key  string
	text string // ,"key":
}

// keyOrders remembers orders, each in the place of its event's name and its size. It is
// bounded: what comes to a place that is taken replaces it now and then
// (TestKeyOrdersAreBounded).
type keyOrders struct {
	seed   maphash.Seed
	places [128]orderPlace
}

type orderPlace = atomic.Pointer[keyOrder]

const (
	maxOrderedKey = 128 // bytes of a key that is remembered
	replaceEach   = 16  // misses
)

func newKeyOrders() *keyOrders { return &keyOrders{seed: maphash.MakeSeed()} }

func (o *keyOrders) place(name string, n int) *orderPlace {
	return &o.places[(maphash.String(o.seed, name)+uint64(n))%uint64(len(o.places))]
}

// writeKnown writes props if they have the keys of order; false: it wrote nothing. No other
// keys were written before, and order may be nil.
func (w *Writer) writeKnown(order *keyOrder, props Props) bool {
	if order == nil || len(order.keys) != len(props) {
		return false
	}
	var values [manyProps]any
	for i := range order.keys {
		v, ok := props[order.keys[i].key]
		if !ok {
			return false
		}
		values[i] = v
	}
	for i := range order.keys {
		start := len(w.buf)
		if start > w.limit {
			w.tooLarge()
			return true
		}
		m := &order.keys[i]
		text := m.text
		if w.buf[start-1] == '{' {
			text = text[1:]
		}
		w.buf = append(w.buf, text...)
		w.keys = append(w.keys, member{m.key, start})
		w.value(m.key, values[i])
	}
	w.keyBits |= order.bits
	return true
}

// learn remembers keys, which are sorted, in a place that does not know them.
func (w *Writer) learn(place *orderPlace, keys []string) {
	if order := place.Load(); order != nil && order.misses.Add(1)%replaceEach != 0 {
		return
	}
	order := &keyOrder{}
	if !slices.ContainsFunc(keys, w.unsettled) {
		order.encode(keys)
	}
	place.Store(order)
}

// encode keeps the keys in a text of their own: theirs may be a part of something large.
func (order *keyOrder) encode(keys []string) {
	var b strings.Builder
	for _, key := range keys {
		b.WriteString(`,"` + key + `":`)
	}
	text := b.String()
	order.keys = make([]orderedKey, len(keys))
	for i, key := range keys {
		n := len(key) + len(`,"":`)
		m := orderedKey{key: text[len(`,"`) : n-len(`":`)], text: text[:n]}
		order.keys[i], text = m, text[n:]
		order.bits |= keyBit(key)
	}
}

// unsettled reports whether a key needs a look each time: it is not plain, or something
// above the event may own it, or the runtime reads its value.
func (w *Writer) unsettled(key string) bool {
	if len(key) > maxOrderedKey || !value.Plain(key) || w.superOwns(key) {
		return true
	}
	switch key {
	case propLib, propLibVersion, propIsServer, propGeoIPDisable, propOS, propOSVersion, propOSDistro, propGoVersion,
		keyGroups, keyPersonless, keyCookieless:
		return true
	}
	return computedKeys[key]
}
