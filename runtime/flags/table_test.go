package flags

import (
	"fmt"
	"hash/maphash"
	"testing"
)

func TestTable(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 1000} {
		flags := make([]*flag, n)
		for i := range flags {
			flags[i] = &flag{key: fmt.Sprintf("flag-%d", i)}
		}
		table := newTable(flags)
		for _, f := range flags {
			if got := table.find(f.key); got != f {
				t.Errorf("%d flags, %s: got %v", n, f.key, got)
			}
		}
		for _, key := range []string{"", "flag-", "Flag-0", fmt.Sprintf("flag-%d", n)} {
			if got := table.find(key); got != nil {
				t.Errorf("%d flags, %q: got %s", n, key, got.key)
			}
		}
	}
}

// Keys whose hashes collide, or lie at the end of the table, are still told apart.
func TestTableOfCollisions(t *testing.T) {
	table := newTable(nil)
	a, b := &flag{key: "a"}, &flag{key: "b"}
	table.slots = make([]slot, 4)
	hash := maphash.String(table.seed, "b")
	*table.at(hash), *table.at(hash + 1) = slot{hash, a}, slot{hash, b}
	if got := table.find("b"); got != b {
		t.Errorf("got %v, want b", got)
	}
}

func TestZeroDefinitions(t *testing.T) {
	for _, d := range []*Definitions{nil, {}} {
		if f, ok := d.Lookup("f"); ok {
			t.Errorf("got %v, want none", f)
		}
		if got := d.Evaluate("f", &Query{}).Reason; got != ReasonUnknownFlag {
			t.Errorf("got %v, want %v", got, ReasonUnknownFlag)
		}
	}
}
