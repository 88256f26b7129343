package sink

// A ring keeps what came last: at most so many items, and at most maxKeptBytes of
// raw bytes unless a single item is larger.
type ring[T any] struct {
	items []T
	sizes []int // of the items, in raw bytes
	bytes int   // their sum
}

// add adds an item of size raw bytes and returns how many had to make room for it.
func (r *ring[T]) add(item T, size, limit int) (dropped uint64) {
	r.items, r.sizes = append(r.items, item), append(r.sizes, size)
	r.bytes += size
	for len(r.items) > limit || r.bytes > maxKeptBytes && len(r.items) > 1 {
		var none T
		r.items[0] = none // the array behind the slice must not keep it alive
		r.bytes -= r.sizes[0]
		r.items, r.sizes = r.items[1:], r.sizes[1:]
		dropped++
	}
	return dropped
}

// all returns the items, oldest first.
func (r *ring[T]) all() []T { return append([]T(nil), r.items...) }
