package eventfile

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Locate returns where in the file a property lies, of which path is as the judge says
// it: "items[3].sku". Of one that is not there it is where the object or array lies
// that should hold it.
func (e Event) Locate(path string) (line, col int) {
	at := locate(e.raw, "properties."+path)
	if path == "" || at < 0 {
		return e.Line, e.Col
	}
	return e.at(at)
}

// at is the place of a byte of the event.
func (e Event) at(offset int) (line, col int) {
	before := e.raw[:min(offset, len(e.raw))]
	line = e.Line + bytes.Count(before, []byte("\n"))
	col = e.Col
	if i := bytes.LastIndexByte(before, '\n'); i >= 0 {
		before, col = before[i+1:], 1
	}
	return line, col + utf8.RuneCount(before)
}

// locate returns the offset of the key or item at path, or of the deepest one on the way
// to it that is there; -1 if none is. The text is valid JSON.
func locate(text []byte, path string) int {
	dec := json.NewDecoder(bytes.NewReader(text))
	found := -1
	for path != "" {
		open, err := dec.Token()
		if err != nil {
			return found
		}
		var at int
		var rest string
		switch open {
		case json.Delim('{'):
			at, rest = field(text, dec, path)
		case json.Delim('['):
			at, rest = item(text, dec, path)
		default:
			return found
		}
		if at < 0 {
			return found
		}
		found, path = at, rest
	}
	return found
}

// field looks for the key that path begins with, among the fields of the object that dec
// is in. It leaves dec in front of the value.
func field(text []byte, dec *json.Decoder, path string) (at int, rest string) {
	for dec.More() {
		before := int(dec.InputOffset())
		token, err := dec.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return -1, ""
		}
		if rest, ok := strings.CutPrefix(path, key); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return behindComma(text, before), strings.TrimPrefix(rest, ".")
		}
		if skip(dec) != nil {
			return -1, ""
		}
	}
	return -1, ""
}

// item looks for the item whose index path begins with.
func item(text []byte, dec *json.Decoder, path string) (at int, rest string) {
	index, rest, ok := strings.Cut(strings.TrimPrefix(path, "["), "]")
	n, err := strconv.Atoi(index)
	if !ok || err != nil {
		return -1, ""
	}
	for i := 0; dec.More(); i++ {
		if i == n {
			return behindComma(text, int(dec.InputOffset())), strings.TrimPrefix(rest, ".")
		}
		if skip(dec) != nil {
			return -1, ""
		}
	}
	return -1, ""
}

func skip(dec *json.Decoder) error {
	var value json.RawMessage
	return dec.Decode(&value)
}

func behindComma(text []byte, at int) int {
	for at < len(text) && strings.IndexByte(", \t\r\n", text[at]) >= 0 {
		at++
	}
	return at
}
