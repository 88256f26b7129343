package spool

import "math/bits"

// A window is a set of numbers that fills up from below: every number under its low is a
// member, and it keeps a bit for each one from there on.
type window struct {
	low   uint64   // a multiple of 64
	words []uint64 // the bits of low, low+1, … begin at words[head]
	head  int
}

// newWindow returns the set of the numbers below n.
func newWindow(n uint64) window {
	w := window{low: n &^ 63}
	if n&63 != 0 {
		w.words = []uint64{1<<(n&63) - 1}
	}
	return w
}

// word returns where the bit of n is, or len(w.words) if n is beyond them.
func (w *window) word(n uint64) int {
	return int(min((n-w.low)>>6+uint64(w.head), uint64(len(w.words))))
}

func (w *window) has(n uint64) bool {
	if n < w.low {
		return true
	}
	i := w.word(n)
	return i < len(w.words) && w.words[i]>>(n&63)&1 == 1
}

// add makes n a member, and reports whether it was none.
func (w *window) add(n uint64) bool {
	if n < w.low {
		return false
	}
	i := int((n-w.low)>>6) + w.head
	for i >= len(w.words) {
		w.words = append(w.words, 0)
	}
	bit := uint64(1) << (n & 63)
	if w.words[i]&bit != 0 {
		return false
	}
	w.words[i] |= bit
	if i == w.head && w.words[i] == ^uint64(0) {
		w.slide()
	}
	return true
}

// slide drops the full words at the front.
func (w *window) slide() {
	for w.head < len(w.words) && w.words[w.head] == ^uint64(0) {
		w.head++
		w.low += 64
	}
	if w.head == len(w.words) {
		w.words, w.head = w.words[:0], 0
	} else if w.head >= 64 && w.head > len(w.words)/2 {
		w.words, w.head = w.words[:copy(w.words, w.words[w.head:])], 0
	}
}

// addRange makes the numbers from a up to b, exclusive, members. It takes no room for those
// that follow upon the numbers that are all members.
func (w *window) addRange(a, b uint64) {
	if a <= w.next(w.low) && b >= w.low+uint64(len(w.words)-w.head)*64 {
		if a < b {
			w.low, w.words, w.head = b&^63, w.words[:0], 0
			if b&63 != 0 {
				w.words = append(w.words, 1<<(b&63)-1)
			}
		}
		return
	}
	for n := max(a, w.low); n < b; {
		if n&63 == 0 && b-n >= 64 {
			w.add(n + 63) // the word exists now
			if n >= w.low {
				w.words[w.word(n)] = ^uint64(0)
				if n == w.low {
					w.slide()
				}
			}
			n += 64
			continue
		}
		w.add(n)
		n++
	}
}

// next returns the first number from n on that is no member.
func (w *window) next(n uint64) uint64 { return w.find(max(n, w.low), ^uint64(0)) }

// nextMember returns the first member from n on, or end if there is none before it.
func (w *window) nextMember(n, end uint64) uint64 {
	if n < w.low {
		return n
	}
	return min(w.find(n, 0), end)
}

// find returns the first number from n on whose bit differs from those of word, which are
// all equal. Beyond the window no number is a member.
func (w *window) find(n, word uint64) uint64 {
	for i := w.word(n); i < len(w.words); i++ {
		if x := (w.words[i] ^ word) >> (n & 63); x != 0 {
			return n + uint64(bits.TrailingZeros64(x))
		}
		n = n&^63 + 64
	}
	if word == 0 {
		return ^uint64(0)
	}
	return n
}

// missing counts the numbers from a up to b, exclusive, that are no members.
func (w *window) missing(a, b uint64) uint64 {
	a = max(a, w.low)
	if a >= b {
		return 0
	}
	n := b - a
	for i := w.word(a); i < len(w.words) && a < b; i++ {
		x := w.words[i] >> (a & 63)
		if left := b - a; left < 64 {
			x &= 1<<left - 1
		}
		n -= uint64(bits.OnesCount64(x))
		a = a&^63 + 64
	}
	return n
}

// A run is the numbers from from up to to, exclusive.
type run struct{ from, to uint64 }

// runs appends the runs of members beyond those that all are.
func (w *window) runs(dst []run, end uint64) []run {
	for n := w.next(w.low); n < end; {
		from := w.nextMember(n, end)
		if from == end {
			break
		}
		n = min(w.next(from), end)
		dst = append(dst, run{from, n})
	}
	return dst
}
