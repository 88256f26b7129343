package flags

import "hash/maphash"

// A table finds flags by their keys, in half the time that a map takes. It never changes; the
// zero table is empty.
type table struct {
	seed  maphash.Seed
	slots []slot // a power of two, half of them empty at least
}

// A slot holds a flag, or none.
type slot struct {
	hash uint64 // of its key
	flag *flag
}

// newTable returns a table of flags, no two of which have the same key.
func newTable(flags []*flag) table {
	n := 2
	for n < 2*len(flags) {
		n *= 2
	}
	t := table{maphash.MakeSeed(), make([]slot, n)}
	for _, f := range flags {
		hash := maphash.String(t.seed, f.key)
		i := hash
		for t.at(i).flag != nil {
			i++
		}
		*t.at(i) = slot{hash, f}
	}
	return t
}

// find returns the flag with a key, or nil.
func (t *table) find(key string) *flag {
	if len(t.slots) == 0 {
		return nil
	}
	hash := maphash.String(t.seed, key)
	for i := hash; ; i++ {
		s := t.at(i)
		if s.flag == nil || s.hash == hash && s.flag.key == key {
			return s.flag
		}
	}
}

// at returns slot i, counted around.
func (t *table) at(i uint64) *slot { return &t.slots[i&uint64(len(t.slots)-1)] }
