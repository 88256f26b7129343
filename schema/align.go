package schema

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// alignComments moves comments that stand below one beside something, as its
// further lines, to where an edit has moved that one. Both texts hold the same
// comments in the same order.
func alignComments(before, after []byte) ([]byte, error) {
	var edits []Edit
	from, to := commentsIn(before), commentsIn(after)
	beside := -1 // the comment that others may be further lines of
	for i, c := range from {
		switch {
		case c.beside:
			beside = i
		case beside < 0 || !c.below || c.col != from[beside].col:
			beside = -1
		case to[i].col != to[beside].col:
			start := to[i].token.start
			edits = append(edits, Edit{lineStart(after, start), start, strings.Repeat(" ", to[beside].col)})
		}
	}
	return Apply(after, edits)
}

// A placedComment is a comment and where it stands.
type placedComment struct {
	token  token
	col    int  // in characters
	beside bool // something is before it in its line
	below  bool // the line before it ends with a comment
}

func commentsIn(src []byte) []placedComment {
	var list []placedComment
	tokens, _ := tokenize(src)
	for i, t := range tokens {
		if t.kind != commentToken {
			continue
		}
		start := lineStart(src, t.start)
		c := placedComment{token: t, col: utf8.RuneCount(src[start:t.start])}
		if i > 0 {
			last := tokens[i-1]
			c.beside = start < last.end
			c.below = last.kind == commentToken && bytes.Count(unixLines(src[last.end:t.start]), []byte("\n")) == 1
		}
		list = append(list, c)
	}
	return list
}

// lineStart is the offset of the line that holds an offset.
func lineStart(src []byte, at int) int { return bytes.LastIndexAny(src[:at], "\r\n") + 1 }
