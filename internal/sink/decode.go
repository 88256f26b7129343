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

// A decoder decodes like encoding/json into any, with exact numbers, and notes
// every key that an object holds twice: readers disagree about which one wins.
type decoder struct {
	dec        *json.Decoder
	duplicates []string
}

func (d *decoder) value(path string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, bad("nested more than %d levels deep", maxDepth)
	}
	token, err := d.dec.Token()
	if err != nil {
		return nil, bad("the event: %v", err)
	}
	switch token {
	case json.Delim('{'):
		return d.object(path, depth)
	case json.Delim('['):
		return d.array(path, depth)
	}
	return token, nil
}

func (d *decoder) object(path string, depth int) (any, error) {
	fields := map[string]any{}
	for d.dec.More() {
		token, err := d.dec.Token()
		if err != nil {
			return nil, bad("the event: %v", err)
		}
		key := token.(string) // the decoder yields nothing else in key position
		at := strings.TrimPrefix(path+"."+key, ".")
		if _, twice := fields[key]; twice && len(d.duplicates) < maxDuplicates {
			d.duplicates = append(d.duplicates, at)
		}
		if fields[key], err = d.value(at, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.dec.Token()
	return fields, err
}

func (d *decoder) array(path string, depth int) (any, error) {
	items := []any{}
	for d.dec.More() {
		item, err := d.value(path+"["+strconv.Itoa(len(items))+"]", depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := d.dec.Token()
	return items, err
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
