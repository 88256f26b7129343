package dev

import "unicode/utf8"

// What an event can make as long as it likes is cut in lists.
const (
	maxName = 200 // characters of a name, as the server cuts them
	maxText = 300 // of a finding, a path, an SDK, a reason
)

// cut returns the first n characters of a text, and a mark if there are more.
func cut(text string, n int) string {
	if len(text) <= n || utf8.RuneCountInString(text) <= n {
		return text
	}
	for i := range text {
		if n == 0 {
			return text[:i] + "…"
		}
		n--
	}
	return text
}
