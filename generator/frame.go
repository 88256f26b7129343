package generator

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"reflect"
	"slices"

	"github.com/phgen/phgen/schema"
)

// A frame sums up what files of events are printed from. Two sums are equal only
// if the plans agree in all that a printer of events reads. What no printer reads
// may be in a sum, too: that costs time, the opposite would cost the truth.
type frame struct {
	rest   [sha256.Size]byte                   // the plan without its events, with all names in it
	events map[*schema.Event][sha256.Size]byte // each event, with all names in it
}

func (g *generator) newFrame() *frame {
	plan := *g.plan
	plan.Events = nil
	rest := digest{g: g, seen: map[any]int{}}
	rest.strings(g.orderVar)
	rest.strings(g.only...)
	rest.value(reflect.ValueOf(plan))

	sums := make([][sha256.Size]byte, len(g.plan.Events))
	parallel(len(sums), func() func(int) {
		d := digest{g: g, known: rest.seen, seen: map[any]int{}}
		return func(i int) { sums[i] = d.event(g.plan.Events[i]) }
	})
	f := &frame{rest: sha256.Sum256(rest.text), events: make(map[*schema.Event][sha256.Size]byte, len(sums))}
	for i, e := range g.plan.Events {
		f.events[e] = sums[i]
	}
	return f
}

// key is the key of a file that is printed from events and the rest of the plan.
func (f *frame) key(events []*schema.Event) string {
	text := f.rest[:]
	for _, e := range events {
		sum := f.events[e]
		text = append(text, sum[:]...)
	}
	return inputsKey + hash(text)
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// A digest writes down parts of a plan and their names: equal text, equal parts.
// Positions are left out, since no printer reads them. So are the bodies of
// events that others refer to: their names are all that a reference shows.
type digest struct {
	g     *generator
	known map[any]int // pointers that another digest has written down
	seen  map[any]int // pointers that this one has, numbered: a plan has cycles
	text  []byte
}

var posType = reflect.TypeFor[schema.Pos]()

// event is the sum of e itself, with nothing of earlier events.
func (d *digest) event(e *schema.Event) [sha256.Size]byte {
	clear(d.seen)
	d.text = d.text[:0]
	d.names(e)
	d.strings(d.g.successor(e))
	d.value(reflect.ValueOf(e).Elem())
	return sha256.Sum256(d.text)
}

func (d *digest) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		d.pointer(v)
	case reflect.Struct:
		if v.Type() == posType {
			return
		}
		for i := range v.NumField() {
			d.value(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		d.int(int64(v.Len()))
		for i := range v.Len() {
			d.value(v.Index(i))
		}
	case reflect.Map: // naming rules; by name
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
		d.int(int64(len(keys)))
		for _, key := range keys {
			d.value(key)
			d.value(v.MapIndex(key))
		}
	case reflect.String:
		d.strings(v.String())
	case reflect.Bool:
		d.bool(v.Bool())
	case reflect.Float64:
		d.text = binary.LittleEndian.AppendUint64(d.text, math.Float64bits(v.Float()))
	default:
		d.int(v.Int())
	}
}

// What a pointer is, as the first byte of its text says.
const (
	nilPointer = iota
	seenPointer
	newPointer
	eventPointer
)

func (d *digest) pointer(v reflect.Value) {
	if v.IsNil() {
		d.text = append(d.text, nilPointer)
		return
	}
	x := v.Interface()
	if e, ok := x.(*schema.Event); ok {
		d.text = append(d.text, eventPointer)
		d.strings(e.Name, d.g.of(e))
		return
	}
	n, ok := d.known[x]
	if !ok {
		n, ok = d.seen[x]
	}
	if ok {
		d.text = append(d.text, seenPointer)
		d.int(int64(n))
		return
	}
	d.seen[x] = len(d.known) + len(d.seen)
	d.text = append(d.text, newPointer)
	d.names(x)
	d.value(v.Elem())
}

// names writes down every name that x was given.
func (d *digest) names(x any) {
	switch x := x.(type) {
	case *schema.Type:
		d.strings(d.g.rules[x])
		d.bool(d.g.inFlags[x])
	case *schema.Value, *schema.PII, *schema.Deprecation, *int, *int64, *float64:
		return // have none
	}
	named := d.g.names.named[x]
	d.strings(d.g.idents[x], d.g.vars[x], d.g.decoders[x], named)
	if named != "" {
		d.strings(d.g.decoders[named])
	}
}

func (d *digest) strings(list ...string) {
	for _, s := range list {
		d.int(int64(len(s)))
		d.text = append(d.text, s...)
	}
}

func (d *digest) int(n int64) { d.text = binary.AppendVarint(d.text, n) }

func (d *digest) bool(b bool) {
	if b {
		d.int(1)
	} else {
		d.int(0)
	}
}
