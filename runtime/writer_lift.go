package runtime

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// The newer protocol wants six properties elsewhere: two beside the event's name, four
// among its options, of a type that it insists on. A value that can not be had in that type
// is left out, because PostHog would refuse the whole batch for it.
const (
	keySkew    = "$ignore_sent_at"
	keyProduct = "$product_tour_id"
)

// The places of those properties, in the order they are written.
const (
	liftSession = iota
	liftWindow
	liftCookieless
	liftSkew
	liftPersonless
	liftProduct
	liftedPlaces
)

// A lifted is what the places hold: JSON in Writer.side, or nothing.
type lifted [liftedPlaces]span

// liftedKeys are the properties by place; the first two stand in the event itself, the
// others in its options.
var (
	liftedKeys  = [liftedPlaces]string{keySession, keyWindow, keyCookieless, keySkew, keyPersonless, keyProduct}
	liftedNames = [liftedPlaces]string{"session_id", "window_id", "cookieless_mode", "disable_skew_correction", "process_person_profile", "product_tour_id"}
	liftedBits  = func() (bits uint64) {
		for _, key := range liftedKeys {
			bits |= keyBit(key)
		}
		return bits
	}()
)

// placeOf returns the place of a property, or -1 if it stays where it is.
func placeOf(key string) int {
	if key == "" || key[0] != '$' {
		return -1
	}
	return slices.Index(liftedKeys[:], key)
}

// lift takes the value of the property that has the place.
func (w *Writer) lift(place int, json []byte) {
	start := len(w.side)
	switch place {
	case liftSession, liftWindow, liftProduct:
		if json[0] == '"' && len(json) > len(`""`) {
			w.side = append(w.side, json...)
		}
	default:
		w.side = append(w.side, boolOf(json)...)
	}
	if len(w.side) == start && !isNull(json) && string(json) != `""` {
		w.problem(liftedKeys[place], "")
	}
	w.lifted[place] = span{start, len(w.side)}
}

// boolOf returns the boolean that a JSON value means, or "". It is strict about text and
// takes every number.
func boolOf(data []byte) string {
	switch data[0] {
	case 't':
		return "true"
	case 'f':
		return "false"
	case '"':
		var text string
		if json.Unmarshal(bytes.Clone(data), &text) != nil { // a clone, for else data would escape
			return ""
		}
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "true", "1":
			return "true"
		case "false", "0":
			return "false"
		}
		return ""
	}
	n, err := strconv.ParseFloat(string(data), 64)
	switch {
	case err != nil: // null, an array or an object
		return ""
	case n == 0:
		return "false"
	}
	return "true"
}

// liftOwn lifts from the properties that the event wrote itself, which stand at the end
// of buf and are noted. Their keys stay taken.
func (w *Writer) liftOwn() {
	if w.keyBits&liftedBits == 0 {
		return
	}
	for i := len(w.keys) - 1; i >= 0; i-- {
		k := w.keys[i]
		place := placeOf(k.key)
		if place < 0 {
			continue
		}
		w.lift(place, w.written(i)[len(k.key)+len(`"":`):])
		end := len(w.buf)
		if i+1 < len(w.keys) {
			end = w.keys[i+1].start
		}
		if w.buf[k.start-1] == '{' && end < len(w.buf) {
			end++ // the comma of the next one
		}
		w.buf = slices.Delete(w.buf, k.start, end)
		for j := i + 1; j < len(w.keys); j++ {
			w.keys[j].start = max(k.start, w.keys[j].start-(end-k.start))
		}
	}
}

// appendLifted appends, behind the properties, what was lifted.
func (w *Writer) appendLifted(dst []byte) []byte {
	for i, at := range w.lifted {
		if i == liftCookieless {
			dst = append(dst, `,"options":{`...)
		}
		if at.start == at.end {
			continue
		}
		if !bytes.HasSuffix(dst, brace) {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), liftedNames[i]...), `":`...)
		dst = append(dst, w.side[at.start:at.end]...)
	}
	return append(dst, '}')
}

var brace = []byte{'{'}
