package lock

import "strings"

// The marks with which git separates the sides of a conflict. The second stands
// before what both sides began with, which not every setting of git shows.
const (
	oursMark   = "<<<<<<<"
	baseMark   = "|||||||"
	theirsMark = "======="
	endMark    = ">>>>>>>"
)

// isMark reports whether git wrote line to mark a conflict.
func isMark(line string) bool {
	for _, mark := range []string{oursMark, baseMark, theirsMark, endMark} {
		if isThe(mark, line) {
			return true
		}
	}
	return false
}

func isThe(mark, line string) bool {
	rest, ok := strings.CutPrefix(line, mark)
	return ok && (rest == "" || rest[0] == ' ')
}

// Sides takes a file apart in which git left conflicts: it returns the file of
// either side, twice the same without a conflict. What a side lacks is an empty
// line there, so that lines keep their numbers. Marks in the wrong order are an
// error.
func Sides(name string, data []byte) (ours, theirs []byte, err error) {
	const (
		outside = iota
		inOurs
		inBase
		inTheirs
	)
	place, n, began := outside, 0, 0
	for line := range strings.Lines(string(data)) {
		n++
		text := strings.TrimRight(line, "\r\n")
		left, right := "\n", "\n"
		switch {
		case place == outside && isThe(oursMark, text):
			place, began = inOurs, n
		case place == inOurs && isThe(baseMark, text):
			place = inBase
		case (place == inOurs || place == inBase) && isThe(theirsMark, text):
			place = inTheirs
		case place == inTheirs && isThe(endMark, text):
			place = outside
		case place == inBase:
		case isMark(text):
			return nil, nil, &Error{name, n, "this mark of a conflict has no beginning" + rebuild}
		default:
			if place != inTheirs {
				left = line
			}
			if place != inOurs {
				right = line
			}
		}
		ours, theirs = append(ours, left...), append(theirs, right...)
	}
	if place != outside {
		return nil, nil, &Error{name, began, "this conflict has no end" + rebuild}
	}
	return ours, theirs, nil
}
