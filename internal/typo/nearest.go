// Package typo finds the word that a misspelt one was meant to be.
package typo

import (
	"strings"
	"unicode/utf8"
)

// A comparison costs the product of two lengths. Words longer than this are no typing
// errors, and lists longer than that get no suggestion.
const (
	maxLength = 64
	maxList   = 3_000
)

// Nearest returns the legal word with the fewest edits from word, the first of
// equals, or "" if all are too far off to be meant. A word that was cut short
// counts as two edits.
func Nearest(word string, legal []string) string {
	if len(word) > maxLength || len(legal) > maxList {
		return ""
	}
	length := utf8.RuneCountInString(word)
	best, limit := "", []int{0, 0, 1, 1, 2, 2, 2}[min(length, 6)]
	limit = max(limit, length/3)
	for _, candidate := range legal {
		if strings.EqualFold(candidate, word) {
			return candidate
		}
		if len(candidate) > maxLength {
			continue
		}
		d := abs(utf8.RuneCountInString(candidate) - length)
		if length >= 3 && strings.HasPrefix(candidate, word) {
			d = min(d, 2)
		} else if d <= limit {
			d = distance(strings.ToLower(word), strings.ToLower(candidate))
		}
		if d < limit || d == limit && best == "" {
			best, limit = candidate, d
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// distance counts the edits from a to b: an insertion, a deletion, a
// replacement, or two neighbours swapped.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
