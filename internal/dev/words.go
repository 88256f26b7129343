package dev

import "strings"

// A word is a text that many events share, as a number. The word 0 is the empty text.
type word uint32

// wordCost is what a word takes besides its text: its slot, the map's and their slack.
const wordCost = 96

// words keep each text once, as long as somebody uses it.
type words struct {
	numbers map[string]word
	slots   []slot // slots[0] is the empty text's
	free    []word
	bytes   int64
}

type slot struct {
	text string
	uses int
}

func newWords() words {
	return words{numbers: map[string]word{}, slots: make([]slot, 1)}
}

// use returns the word of a text and keeps it until it was released as often as used.
func (w *words) use(text string) word {
	if text == "" {
		return 0
	}
	if n, known := w.numbers[text]; known {
		w.slots[n].uses++
		return n
	}
	text = strings.Clone(text) // it may be a part of something large
	n := word(len(w.slots))
	if last := len(w.free) - 1; last >= 0 {
		n, w.free = w.free[last], w.free[:last]
		w.slots[n] = slot{text, 1}
	} else {
		w.slots = append(w.slots, slot{text, 1})
	}
	w.numbers[text] = n
	w.bytes += wordCost + int64(len(text))
	return n
}

func (w *words) release(n word) {
	if n == 0 {
		return
	}
	s := &w.slots[n]
	if s.uses--; s.uses > 0 {
		return
	}
	delete(w.numbers, s.text)
	w.bytes -= wordCost + int64(len(s.text))
	*s = slot{}
	w.free = append(w.free, n)
}

func (w *words) text(n word) string { return w.slots[n].text }

// find returns the word of a text that somebody uses.
func (w *words) find(text string) (word, bool) {
	if text == "" {
		return 0, true
	}
	n, known := w.numbers[text]
	return n, known
}
