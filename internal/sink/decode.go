package sink

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

const (
	maxDepth      = 128 // the server's parser stops there
	maxDuplicates = 20  // noted in one event
)

// A decoder decodes valid JSON like encoding/json into any, with exact numbers, and
// notes every key that an object holds twice: readers disagree about which one wins.
type decoder struct {
	scanner
	way        []step // to the value that is being decoded
	duplicates []string
}

// A step is a key, or an index of an array if index is not negative.
type step struct {
	key   string
	index int
}

// where is the way with a dot before each key and brackets around each index.
func (d *decoder) where() string {
	var b strings.Builder
	for _, s := range d.way {
		switch {
		case s.index >= 0:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case b.Len() > 0:
			b.WriteString("." + s.key)
		default:
			b.WriteString(s.key)
		}
	}
	return b.String()
}

func (d *decoder) value() (any, error) {
	switch d.peek() {
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '"':
		return unquote(d.quoted()), nil
	}
	switch literal := d.literal(); literal[0] {
	case 't':
		return true, nil
	case 'f':
		return false, nil
	case 'n':
		return nil, nil
	default:
		return json.Number(literal), nil
	}
}

// inner decodes the value that one step leads to.
func (d *decoder) inner(s step) (any, error) {
	if len(d.way) == maxDepth {
		return nil, bad("nested more than %d levels deep", maxDepth)
	}
	d.way = append(d.way, s)
	v, err := d.value()
	d.way = d.way[:len(d.way)-1]
	return v, err
}

func (d *decoder) object() (any, error) {
	fields := map[string]any{}
	for more := d.enter(); more; more = d.next() {
		key := d.key()
		v, err := d.inner(step{key: key, index: -1})
		if err != nil {
			return nil, err
		}
		if _, twice := fields[key]; twice && len(d.duplicates) < maxDuplicates {
			d.way = append(d.way, step{key: key, index: -1})
			d.duplicates = append(d.duplicates, d.where())
			d.way = d.way[:len(d.way)-1]
		}
		fields[key] = v
	}
	return fields, nil
}

func (d *decoder) array() (any, error) {
	items := []any{}
	for more := d.enter(); more; more = d.next() {
		item, err := d.inner(step{index: len(items)})
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// canonicalUUID reads the four spellings that the server reads: with and without
// hyphens, in braces, as a URN.
func canonicalUUID(s string) (string, bool) {
	s = strings.ToLower(s)
	if rest, ok := strings.CutPrefix(s, "urn:uuid:"); ok {
		s = rest
	} else if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	hex := s
	if len(s) == 36 {
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return "", false
		}
		hex = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	}
	if len(hex) != 32 || strings.Trim(hex, "0123456789abcdef") != "" || strings.Contains(hex, "-") {
		return "", false
	}
	return hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:], true
}

// readableTime reports whether the server can read the timestamp; one that it
// can not is replaced by the time of receipt.
func readableTime(s string) bool {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", time.DateTime, time.DateOnly} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}
