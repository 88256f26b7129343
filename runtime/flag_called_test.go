package runtime

import (
	"testing"

	"github.com/phgen/phgen/runtime/flags"
)

// A reading counts as sent from its reservation on, until it is released.
func TestCalledFlags(t *testing.T) {
	var called calledFlags
	const other = 1 << 32 // has the same slot
	for _, hash := range []uint64{7, 7 + other} {
		if called.has(hash) || !called.reserve(hash) || !called.has(hash) || called.reserve(hash) {
			t.Errorf("%x: got known before its reservation, or new after it", hash)
		}
	}
	called.release(7)
	if called.has(7) || !called.has(7+other) {
		t.Error("release forgot another reading, or not its own")
	}
	if called.release(7 + other); called.has(7 + other) {
		t.Error("a released reading is known")
	}
	if !called.reserve(7) {
		t.Error("a released reading is not new")
	}
}

// However many readings there are, the last maxCalled are known, and not many more.
func TestCalledIsBounded(t *testing.T) {
	var called calledFlags
	const n = 3 * maxCalled
	for hash := range uint64(n) {
		called.reserve(hash + 1)
	}
	for hash := range uint64(maxCalled) {
		if called.reserve(n - hash) {
			t.Fatalf("reading %d before the last is new", hash)
		}
	}
	if got := len(called.new) + len(called.aged); got > 2*maxCalled {
		t.Errorf("got %d readings remembered, want %d at most", got, 2*maxCalled)
	}
}

func TestCalledHash(t *testing.T) {
	ask := func(user, device string, groups map[string]string) *flagAsk {
		return &flagAsk{query: flags.Query{DistinctID: user, DeviceID: device, Groups: groups}}
	}
	seen := map[uint64]int{}
	for i, c := range []struct {
		ask   *flagAsk
		key   string
		value FlagValue
	}{
		{ask("a", "", nil), "b", flags.True},
		{ask("b", "", nil), "a", flags.True},
		{ask("a", "", nil), "b", flags.False},
		{ask("a", "", nil), "b", FlagValue{}},
		{ask("a", "", nil), "b", flags.Variant("true")},
		{ask("a", "", nil), "b", flags.Variant("b")},
		{ask("a", "b", nil), "b", flags.True},
		{ask("b", "a", nil), "b", flags.True},
		{ask("a", "", map[string]string{"a": "b"}), "b", flags.True},
		{ask("a", "", map[string]string{"b": "a"}), "b", flags.True},
		{ask("a", "", map[string]string{"a": "b", "b": "a"}), "b", flags.True},
	} {
		hash := calledHash(c.ask, c.key, c.value)
		if j, ok := seen[hash]; ok {
			t.Errorf("readings %d and %d are taken for one", j, i)
		}
		seen[hash] = i
	}
	a, b := ask("a", "", map[string]string{"a": "b", "c": "d"}), ask("a", "", map[string]string{"c": "d", "a": "b"})
	if calledHash(a, "k", flags.True) != calledHash(b, "k", flags.True) {
		t.Error("the order of groups matters")
	}
}
