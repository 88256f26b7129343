package runtime

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"
)

// What is written does not depend on which keys came before.
func TestKeyOrderChangesNothing(t *testing.T) {
	key := rapid.SampledFrom([]string{
		"a", "b", "c", "name", "größe", `q"`, "nul\x00", "nul", "\xff", "", "$ip", "$current_url", "$set", "$groups", "$lib", "$os",
		"$process_person_profile", "$cookieless_mode", "$session_id", "$feature/x", "owned", "$exception_types", "tag", strings.Repeat("k", maxOrderedKey+1),
	})
	values := rapid.SampledFrom([]any{
		"text", `"`, "", 1, int64(-1), 1.5, math.NaN(), true, false, nil, "true", time.Unix(1e9, 0), []int{1}, map[string]any{"b": 1, "a": 2}, make(chan int), uint8(3),
	})
	names := rapid.SampledFrom([]string{"e", "f", "$pageview"})
	client := func() *rig {
		return newRig(t, func(c *Config) { c.SuperProperties = Props{"owned": "by the client", "$geo": 1} })
	}
	written := func(r *rig, name string, props Props) string {
		Capture(r.ctx(Tag("tag", "of the scope")), name, props)
		return r.props()
	}
	rapid.Check(t, func(rt *rapid.T) {
		old := client()
		defer func() { _ = old.c.Close(t.Context()) }() // nothing waits in it
		for range rapid.IntRange(1, 12).Draw(rt, "events") {
			name := names.Draw(rt, "name")
			props := Props(rapid.MapOfN(key, values, 0, 5).Draw(rt, "props"))
			fresh := client()
			want := written(fresh, name, props)
			_ = fresh.c.Close(t.Context()) // nothing waits in it
			for range 3 {
				if got := written(old, name, props); got != want {
					rt.Fatalf("%q %v\ngot  %s\nwant %s", name, props, got, want)
				}
			}
		}
	})
}

// What an event is like that was there before does not matter to those of another kind:
// the keys of each are learnt, sooner or later.
func TestKeyOrderIsLearnt(t *testing.T) {
	r := newRig(t)
	knows := func(props Props) bool {
		place := r.c.keyOrders.place("e", len(props))
		w := begin(r.ctx(), &untypedEvent, "e", nil, true)
		ok := w.writeKnown(place.Load(), props)
		_, _ = w.End()
		return ok
	}
	some, others := Props{"b": 1, "a": 2}, Props{"a": 1, "c": 2}
	if knows(some) {
		t.Error("it knows what it never saw")
	}
	Capture(r.ctx(), "e", some)
	if !knows(some) || knows(others) {
		t.Errorf("after the first: it knows %t, %t", knows(some), knows(others))
	}
	for range replaceEach - 1 {
		Capture(r.ctx(), "e", others)
	}
	if !knows(some) {
		t.Error("it forgets at the first change")
	}
	Capture(r.ctx(), "e", others)
	if knows(some) || !knows(others) {
		t.Errorf("after %d others: it knows %t, %t", replaceEach, knows(some), knows(others))
	}
	for _, key := range []string{"$lib", "$os", "$groups", "$process_person_profile", "$cookieless_mode", "$exception_types", `"`, "ä", strings.Repeat("k", maxOrderedKey+1)} {
		for range 2 * replaceEach {
			Capture(r.ctx(), "e", Props{key: true})
		}
		if knows(Props{key: true}) {
			t.Errorf("it knows %q, which needs a look each time", key)
		}
	}
	r.sent()
}

// However many names and keys come by, and however long, what is remembered has a bound.
func TestKeyOrdersAreBounded(t *testing.T) {
	r := newRig(t)
	ctx := r.ctx()
	for i := range 5_000 {
		props := Props{}
		for n := range i % (manyProps + 8) {
			props[fmt.Sprint("key ", n, strings.Repeat("x", i%(2*maxOrderedKey)))] = n
		}
		Capture(ctx, fmt.Sprint("event ", i), props)
	}
	r.sent()
	bytes := 0
	for i := range r.c.keyOrders.places {
		if order := r.c.keyOrders.places[i].Load(); order != nil {
			for _, k := range order.keys {
				bytes += len(k.text)
			}
		}
	}
	if most := len(r.c.keyOrders.places) * manyProps * (maxOrderedKey + len(`,"":`)); bytes == 0 || bytes > most {
		t.Errorf("%d bytes of keys are remembered, want some and at most %d", bytes, most)
	}
}

// A key that is a part of something large does not keep that in memory.
func TestKeyOrderKeepsItsOwnMemory(t *testing.T) {
	r := newRig(t)
	large := strings.Repeat("x", 1<<20)
	Capture(r.ctx(), "e", Props{large[:3]: 1})
	keys := r.c.keyOrders.place("e", 1).Load().keys
	if len(keys) != 1 || keys[0].key != "xxx" || unsafe.StringData(keys[0].key) == unsafe.StringData(large) {
		t.Errorf("got %q, or the caller's memory", keys)
	}
}

// Many goroutines learn and use orders at once.
func TestKeyOrdersTogether(t *testing.T) {
	r := newRig(t)
	ctx := r.ctx()
	var wg sync.WaitGroup
	for p := range 8 {
		wg.Go(func() {
			for i := range 500 {
				Capture(ctx, "e", Props{fmt.Sprint("k", (i+p)%3): 1, "z": 2, "a": 3})
			}
		})
	}
	wg.Wait()
	for _, e := range r.sent() {
		if got := headText.ReplaceAllString(e, ""); !strings.HasPrefix(got, `"a":3,"k`) || !strings.Contains(got, `":1,"z":2,`) {
			t.Fatalf("got %s", e)
		}
	}
}
